/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/doc_json_given.h: documents of which it matters what they do not say.
 *
 * Reading makes structs, and remembers which members stood in the text; writing them again leaves out
 * what did not.  A change of an object then keeps what the caller does not know of it.
 */
#ifndef CODEC_DOC_JSON_GIVEN_H
#define CODEC_DOC_JSON_GIVEN_H

#include <stdbool.h>
#include <stddef.h>

#include "codec/wire_object.h"

struct buf;
struct err;
struct memory;

struct doc_given_member {
	bool there;
	bool null;
	struct doc_given *items; /* of an OBJECT_LIST with a value: one for each item */
};
/* Of one object; members in the order of its fields. */
struct doc_given {
	struct doc_given_member *members;
};

/* Is the text an array, if it is JSON at all? */
bool doc_json_is_array(const char *text, size_t len);

/*
 * The objects in text[len]: one, or an array of them, as doc_json_read() and its list read them.
 * *given_out has one for each item.  0, or -1.
 */
int doc_json_given_read(const struct wire_object *type, const char *text, size_t len, bool is_list,
			struct memory *memory, struct wire_items *out, struct doc_given **given_out,
			struct err *err);

/* Append an object, or an array of them, with the members given says; dates as milliseconds. */
void doc_json_given_write(const struct wire_object *type, const struct wire_items *items,
			  const struct doc_given *given, bool is_list, struct buf *out);

#endif
