/* SPDX-License-Identifier: Apache-2.0 */
/* codec/xml_names.h: names that may stand once in a document. */
#ifndef CODEC_XML_NAMES_H
#define CODEC_XML_NAMES_H

#include <stddef.h>

struct err;

struct xml_name {
	const char *name;
	int line;
};

/* Sorts list.  -1 with ERR_INVALID: "line 9: queue "A" is described on line 4 already". */
int xml_names_check(struct xml_name *list, size_t len, const char *what, struct err *err);

#endif
