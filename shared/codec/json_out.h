/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/json_out.h: JSON that follows no wire table, piece by piece; it sees to commas and escapes.
 *
 * name is the member's name within an object and NULL within an array or at the top.  Who opens closes.
 */
#ifndef CODEC_JSON_OUT_H
#define CODEC_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

struct json_out {
	struct buf *buf; /* a full one is marked, see buf_check() */
	bool after_value; /* the next value needs a comma before it */
};

/* name: of a member of an object; NULL in an array. */
void json_open(struct json_out *out, const char *name, char bracket); /* '{' or '[' */
void json_close(struct json_out *out, char bracket); /* '}' or ']' */
void json_text(struct json_out *out, const char *name, const char *text); /* NULL: null */
void json_number(struct json_out *out, const char *name, int64_t number);
void json_bool(struct json_out *out, const char *name, bool value);

#endif
