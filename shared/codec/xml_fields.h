/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_fields.h: the children of an element into the members of a struct, by a table. */
#ifndef CODEC_XML_FIELDS_H
#define CODEC_XML_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct memory;
struct model_number;
struct model_text;
struct problem_list;
struct xml_element;

enum xml_field_kind {
	XML_TEXT, /* const char *, as it is */
	XML_TRIMMED, /* const char *, without blanks at both ends */
	XML_BOOL, /* bool: true, false, 1, 0 */
	XML_OPT_BOOL, /* struct opt_bool: the same */
	XML_NUMBER, /* struct opt_int64 */
	XML_SIZE, /* struct opt_int64: bytes, or a number with k, M or G */
	XML_OCTAL, /* struct opt_int64 */
	XML_ELEMENT, /* const struct xml_element *: to be read by the caller */
	XML_MANY, /* any number of times; counted and left to the caller */
	XML_DROPPED /* accepted, whatever it holds */
};

struct xml_field {
	const char *element;
	enum xml_field_kind kind;
	size_t offset; /* of the member */
	bool needed;
};

struct xml_fields {
	const char *what; /* "definition": names the struct in errors, with its child "name" */
	const struct xml_field *fields;
	size_t fields_len; /* at most 32 */
	const struct model_text *texts; /* sizes of texts, by element name; may be NULL */
	size_t texts_len;
	const struct model_number *numbers; /* ranges, by element name: each number has one */
	size_t numbers_len;
};

/*
 * Read the children of element into the struct at out (members of absent or wrong elements stay as they are; any
 * byte will do for a table of nothing but XML_MANY and XML_DROPPED).
 * -1: problems got a text "line N: definition "x": ..." for each unknown, repeated, missing or wrong child, and
 * for text between children.
 */
int xml_fields_read(const struct xml_element *element, const struct xml_fields *table, void *out,
		    struct memory *memory, struct problem_list *problems);

/* -1: problems got a text with line and name for each attribute and namespace of element and what is within it. */
int xml_plain_check(const struct xml_element *element, struct memory *memory,
		    struct problem_list *problems);

/* How many children of that name element (NULL: none) has. */
size_t xml_children_count(const struct xml_element *element, const char *name);

/* The first child of that name, or the next sibling of that name after at; NULL when none is left. */
const struct xml_element *xml_child(const struct xml_element *element, const char *name);
const struct xml_element *xml_sibling(const struct xml_element *at);

/* text, or that of element, without blanks at both ends, in memory. */
const char *xml_trimmed_text(const char *text, struct memory *memory);
const char *xml_trimmed(const struct xml_element *element, struct memory *memory);

#endif
