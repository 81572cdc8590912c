/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_json_private.h: what the files of doc_json share. */
#ifndef CODEC_DOC_JSON_PRIVATE_H
#define CODEC_DOC_JSON_PRIVATE_H

#include <jansson.h>

#include "codec/doc_json.h"

/*
 * Whatever JSON it is; json_decref() it.  NULL with err when it is none, or nested too deeply.
 * A JSON_REAL in it is no value but where its number stands in text: doc_json_number_text().
 */
json_t *doc_json_parse(const char *text, size_t len, struct err *err);

/* Bytes of the number that begins at text[at], a digit or a minus; 0: what stands there is none. */
size_t doc_json_number_len(const char *text, size_t len, size_t at);
/* Would the value of that number, written again, be other bytes?  1.50, 1e3, -0, beyond int64. */
bool doc_json_number_is_odd(const char *number, size_t len);
/* Append text with its place in it instead of each number that is odd. */
void doc_json_number_mark(const char *text, size_t len, struct buf *out);
/* A JSON_REAL of doc_json_parse(text) as it was written. */
const char *doc_json_number_text(const char *text, size_t len, const json_t *number,
				 struct memory *memory);
/* 5.0 and 1e3 are whole, too. */
bool doc_json_number_whole(const char *number, int64_t *out);

/*
 * 1: text is an array of nothing but plain numbers, or texts of such, from 1 on; *n_out is how many, of
 * which ids have max at most.  0: it is something else.  -1: and too large to be parsed.
 */
int doc_json_plain_ids(const char *text, size_t len, size_t max, struct memory *memory,
		       int64_t **ids_out, size_t *n_out, struct err *err);

/* One member's value. */
void doc_json_write_member(const struct wire_field *field, const void *object,
			   const struct doc_json_style *style, struct buf *out);

#endif
