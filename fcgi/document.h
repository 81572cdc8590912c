/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/document.h: model structs in and out of an exchange, in the format negotiated. */
#ifndef FCGI_DOCUMENT_H
#define FCGI_DOCUMENT_H

#include <stddef.h>

struct err;
struct exchange;
struct wire_object;

/* The body into object (the C struct of type).  0, or -1 with ERR_INVALID. */
int document_read(struct exchange *x, const struct wire_object *type, void *object,
		  struct err *err);

/* Answer 200 with an object, or with a list of len objects.  0, or -1 (over the cap). */
int document_answer(struct exchange *x, const struct wire_object *type, const void *object,
		    struct err *err);
int document_answer_list(struct exchange *x, const struct wire_object *type, const void *items,
			 size_t len, struct err *err);

/* Answer 200 with a JSON array of texts; there is no XML form of it. */
struct text_list;
int document_answer_texts(struct exchange *x, const struct text_list *texts, struct err *err);

#endif
