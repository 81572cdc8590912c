/* SPDX-License-Identifier: Apache-2.0 */
/* client/handle.h: what the calls of jqm.h have in common: a handle that is open, a question, an error for the caller. */
#ifndef CLIENT_HANDLE_H
#define CLIENT_HANDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "client/backend.h"
#include "client/include/jqm.h"

struct err;

/* Most bytes of an answer that is no file. */
#define ANSWER_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* The way to the server, for a call that begins: the answer to the last one goes.  NULL with ERR_INVALID when the handle is none, or closed. */
struct backend *handle_backend(struct jqm *client, struct err *err);

/* err to the caller; always -1. */
int handle_fail(struct jqm_error *error, const struct err *err);

/* ERR_INVALID, "NAME is NULL"; always -1. */
int handle_null(const char *name, struct err *err);

/* Ask: 0 and the text (buf_free() it), or -1 with err and answer empty. */
int handle_ask(struct jqm *client, const struct call *call, struct buf *answer, struct err *err);

/* The answer that jqm_answer() gives, when this library put it together itself. */
void handle_answer(struct jqm *client, const struct buf *answer);

/* Ask with up to two numbers for arguments. */
int handle_ask_numbers(struct jqm *client, enum verb verb, const int64_t *numbers, size_t n,
		       struct buf *answer, struct err *err);

/* Order something of which no answer matters, with numbers for arguments: as a call of jqm.h. */
int handle_order(struct jqm *client, enum verb verb, const int64_t *numbers, size_t n,
		 struct jqm_error *error);

/* A number in digits, or the id of a document: 0, or -1 with ERR_INTERNAL. */
int answer_number(const struct buf *answer, int64_t *out, struct err *err);

/* The answer is none that makes sense: err gets ERR_INTERNAL and says so before its words; always -1. */
int answer_wrong(struct err *err);

/* rc; but when the answer to an order that was sent made no sense (-1), ERR_UNCERTAIN: it may have been done. */
int answer_to_order(int rc, struct err *err);

#endif
