/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/doc_example.h: examples of what travels, for the OpenAPI document: of a wire table, and of values that stand alone.
 *
 * What a member is in an example follows from its name (doc_example_words.c), and from its type and limits where that
 * says nothing.  A test compares each example with its schema.
 */
#ifndef CODEC_DOC_EXAMPLE_H
#define CODEC_DOC_EXAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/doc_schema.h"

struct json_out;
struct wire_object;

/*
 * One such object; member as in json_out.h.  An answer has all members; what is sent in has those somebody would send.
 * dates_as_text: how answers have dates.
 */
void doc_example_write(struct json_out *out, const char *member, const struct wire_object *type,
		       enum doc_schema_use use, bool dates_as_text);

/* Values called name. */
void doc_example_text(struct json_out *out, const char *member, const char *name);
void doc_example_number(struct json_out *out, const char *member, const char *name, int64_t min,
			int64_t max);

/* ---- the words, for doc_example.c ---- */

/* An example for that member of the object (NULL: of none): *found says whether there is one, which may be NULL, "nothing". */
const char *doc_example_word(const char *object, const char *name, bool *found);
/* The same of numbers; 1 when there is none. */
int64_t doc_example_figure(const char *object, const char *name, bool *found);
bool doc_example_flag(const char *name);
/* Is it among what somebody would send? */
bool doc_example_is_sent(const char *object, const char *name);

#endif
