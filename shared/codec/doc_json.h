/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/doc_json.h: model structs as JSON, both ways, after their wire tables.
 *
 * Written: every member, null when absent; dates as milliseconds since 1970 or, asked so, as RFC
 * 3339 text; maps as arrays of {"key","value"}.  No blank, no line break.
 *
 * Read leniently, as JQM's consoles and clients need it: unknown members are ignored; numbers and
 * booleans stand for texts (a number as it was written: 1.50, 1E400), numeric texts for numbers, "true"/1 for booleans, a scalar for a list of
 * one text; dates may be numbers or texts; maps also {"a":"b"} and {"entry":[{"key","value"}]}.
 * null means absent.  Refused with ERR_INVALID that says where ("parameters[2].value", or line and
 * column when it is no JSON): wrong types, names that are not in an enum, values out of range, a
 * member given twice, NUL, bytes that are no UTF-8, nesting deeper than WIRE_DEPTH_MAX.
 */
#ifndef CODEC_DOC_JSON_H
#define CODEC_DOC_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "codec/wire_object.h"

struct buf;
struct err;
struct memory;

/* One object from text[len] into object (the C struct of type), checked with wire_check().  All it
 * points to is in memory.  0, or -1 with object unspecified. */
int doc_json_read(const struct wire_object *type, const char *text, size_t len,
		  struct memory *memory, void *object, struct err *err);

/* An array of them. */
int doc_json_read_list(const struct wire_object *type, const char *text, size_t len,
		       struct memory *memory, struct wire_items *out, struct err *err);

/* An array of numbers from 1 on, at most max; numeric texts will do. */
int doc_json_read_ids(const char *text, size_t len, size_t max, struct memory *memory,
		      int64_t **ids_out, size_t *n_out, struct err *err);

struct doc_json_style {
	bool dates_as_text;
};

/* Append to out; a full out is marked, see buf_check(). */
void doc_json_write(const struct wire_object *type, const void *object,
		    const struct doc_json_style *style, struct buf *out);
void doc_json_write_list(const struct wire_object *type, const void *items, size_t len,
			 const struct doc_json_style *style, struct buf *out);

/* A text with its quotes, escaped, U+FFFD for what is no UTF-8 (a file's name); "null" for NULL. */
void doc_json_write_text(const char *text, struct buf *out);
void doc_json_write_texts(const struct text_list *list, struct buf *out); /* an array */
void doc_json_write_ids(const int64_t *ids, size_t n, struct buf *out); /* an array */

#endif
