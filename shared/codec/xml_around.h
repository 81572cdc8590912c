/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_around.h: lists of elements of one name, and such elements whatever stands around them. */
#ifndef CODEC_XML_AROUND_H
#define CODEC_XML_AROUND_H

#include <stdbool.h>

struct memory;
struct problem_list;
struct xml_element;

/* Is element, as a child of a list, of that name?  Else it is a problem. */
bool xml_item_check(const struct xml_element *element, const char *name, struct memory *memory,
		    struct problem_list *problems);

/* Text between the elements of a list is a problem. */
void xml_list_check(const struct xml_element *list, struct memory *memory,
		    struct problem_list *problems);

/* Is element, or one within it, of that name? */
bool xml_holds(const struct xml_element *element, const char *name);

/* In document order; starts as { NULL, &first }. */
struct xml_found {
	struct xml_element *first, **tail;
};

/*
 * Add copies of what is of that name: element or those within it, at any depth, but not those within each other.  What
 * has none in it is a problem, and so is text around them; attributes around them mean nothing.
 */
void xml_find(const struct xml_element *element, const char *name, struct xml_found *found,
	      struct memory *memory, struct problem_list *problems);

#endif
