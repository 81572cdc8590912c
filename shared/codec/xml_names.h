/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_names.h: names that may stand once in a document. */
#ifndef CODEC_XML_NAMES_H
#define CODEC_XML_NAMES_H

#include <stddef.h>

struct memory;
struct problem_list;

struct xml_name {
	const char *name;
	int line;
};

/* Sorts list; adds a problem for each that is not the first of its name: "line 9: queue "A" is described on line 4 already". */
void xml_names_check(struct xml_name *list, size_t len, const char *what, struct memory *memory,
		     struct problem_list *problems);

#endif
