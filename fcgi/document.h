/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/document.h: model structs in and out of an exchange, in the format negotiated. */
#ifndef FCGI_DOCUMENT_H
#define FCGI_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct exchange;
struct wire_object;

/* The body into object (the C struct of type).  0, or -1 with ERR_INVALID. */
int document_read(struct exchange *x, const struct wire_object *type, void *object,
		  struct err *err);

/*
 * The same.  *answer_type_out is type under the root name the body had: JQM's two generations call some
 * objects differently and want the answer under the name they know.
 */
int document_read_as(struct exchange *x, const struct wire_object *type, void *object,
		     const struct wire_object **answer_type_out, struct err *err);

/* The body is JSON of objects in an array; of anything else 415. */
struct wire_items;
int document_read_list(struct exchange *x, const struct wire_object *type, struct wire_items *out,
		       struct err *err);

/* The body is a JSON array (or an object: a query, for instance); says nothing of whether it is valid. */
bool document_is_array(const struct exchange *x);

/* Numbers in a JSON array: those of 1 or more, at most max. */
int document_read_ids(struct exchange *x, size_t max, int64_t **ids_out, size_t *n_out,
		      struct err *err);

/* Answer 200 with an object, or with a list of len objects.  0, or -1 (over the cap). */
int document_answer(struct exchange *x, const struct wire_object *type, const void *object,
		    struct err *err);
int document_answer_list(struct exchange *x, const struct wire_object *type, const void *items,
			 size_t len, struct err *err);

/* Answer 200 with a JSON array of texts; there is no XML form of it. */
struct text_list;
int document_answer_texts(struct exchange *x, const struct text_list *texts, struct err *err);

/* Answer 200 with a number, in JSON or, where the route offers that and the caller likes it more, as text. */
int document_answer_number(struct exchange *x, int64_t number, struct err *err);

/* Answer 200 with a JSON array of numbers. */
int document_answer_ids(struct exchange *x, const int64_t *ids, size_t n, struct err *err);

#endif
