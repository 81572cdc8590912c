/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/xml_reader.h: a whole XML document as a tree of elements, from bytes nobody trusts.
 *
 * What it never does: open a file, use the network, read a DTD (a DOCTYPE is refused, so no entity
 * but the five of XML exists), include anything, write to standard error.  Encodings: UTF-8, UTF-16, or
 * declared ISO-8859-1, ISO-8859-15, windows-1252 or US-ASCII; texts come out as UTF-8.
 */
#ifndef CODEC_XML_READER_H
#define CODEC_XML_READER_H

#include <stddef.h>

struct err;
struct memory;

#define XML_BYTES_MAX (8u * 1024 * 1024)
#define XML_DEPTH_MAX 16
#define XML_ELEMENTS_MAX 500000 /* 8 MB of small job definitions have 300000 */
#define XML_ATTRIBUTES_MAX 32

struct xml_attribute {
	const char *name; /* without prefix */
	const char *value; /* white space as XML normalizes it */
	struct xml_attribute *next;
};

/* Borrowed from the memory it was read into. */
struct xml_element {
	const char *name; /* without prefix */
	const char *name_space; /* its URI; NULL when in none */
	struct xml_attribute
	    *attributes; /* in their order, those of xsi: left out; NULL when none */
	int line; /* where it starts, from 1 */
	const char *text; /* its own characters, as they are; never NULL */
	struct xml_element *children; /* in document order; NULL when none */
	struct xml_element *next; /* sibling */
};

/*
 * Read len bytes.  0 and *root_out, all in memory; -1: ERR_TOO_LARGE (bytes) or ERR_INVALID
 * (anything else), the text starting with "line N: " where there is a line.
 */
int xml_read(const char *data, size_t len, struct memory *memory, struct xml_element **root_out,
	     struct err *err);

/* Has the text nothing but white space? */
int xml_is_blank(const char *text);

#endif
