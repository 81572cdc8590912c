/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client/document.h: an answer that is a document, as the struct a caller gets.
 *
 * What is given to callers lies in a pool of its own, which stands in front of it: given_new() makes the two, and
 * given_free() frees them by the address the caller has.
 */
#ifndef CLIENT_DOCUMENT_H
#define CLIENT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "codec/wire_object.h"

struct buf;
struct call;
struct err;
struct jqm;
struct jqm_error;
struct memory;

/* Zeroed bytes for the caller's struct; aborts when out of memory. */
void *given_new(size_t size);
struct memory *given_memory(void *given);
void given_free(void *given); /* NULL: nothing */

/* The document of an answer: 0, or -1 with ERR_INTERNAL.  An object whose id is not positive makes no sense. */
int document_read(const struct wire_object *type, const struct buf *answer, struct memory *memory,
		  void *out, struct err *err);

/* An array of texts, the same. */
int document_read_texts(const struct buf *answer, struct memory *memory, struct text_list *out,
			struct err *err);

/* How the objects of a kind become what callers get. */
struct document_kind {
	const struct wire_object *type;
	size_t size; /* of the struct callers get */
	void (*output)(struct memory *memory, const void *in, void *out);
	size_t
	    list_size; /* of their list, when it has more than a length and items; 0: it has not */
};

/* One object: *given_out is the struct.  As a call of jqm.h. */
int document_one(struct jqm *client, const struct call *call, const struct document_kind *kind,
		 void **given_out, struct jqm_error *error);

/* A list: *given_out is a struct that begins as all lists of jqm.h do, with a length and its items. */
int document_list(struct jqm *client, const struct call *call, const struct document_kind *kind,
		  void **given_out, struct jqm_error *error);

/* The items of a list, made of len objects that were read. */
const void *const *document_items(const struct document_kind *kind, const struct wire_items *read,
				  struct memory *memory);

#endif
