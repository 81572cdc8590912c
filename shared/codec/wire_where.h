/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/wire_where.h: where in a document we are, as links on the stack from the innermost member
 * out; made a text only when something is wrong there.
 */
#ifndef CODEC_WIRE_WHERE_H
#define CODEC_WIRE_WHERE_H

#include <stddef.h>

#include "base/err.h"

struct wire_where {
	const struct wire_where *up; /* NULL at the root */
	const char *name; /* of a member; NULL: the index of an item */
	size_t index;
};

/* Fill err with ERR_INVALID and: field "parameters[2].value": <text>.  Returns -1. */
int wire_refuse(const struct wire_where *where, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* For "%.*s" of a caller's text: at most max bytes, no character split. */
#define WIRE_CUT(text, max) (int)str_utf8_cut((text), (max)), (text)

#endif
