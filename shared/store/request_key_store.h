/* SPDX-License-Identifier: Apache-2.0 */
/* store/request_key_store.h: keys of requests that may be sent again, and what the first one was answered. */
#ifndef STORE_REQUEST_KEY_STORE_H
#define STORE_REQUEST_KEY_STORE_H

#include <stdbool.h>
#include <stddef.h>

struct db;
struct err;
struct memory;

struct request_key {
	const char *owner; /* whose key it is: two callers may have the same */
	const char *key;
	const char *digest; /* SHA-256 of all that makes it this request, hexadecimal */
};

enum request_verdict {
	REQUEST_NEW, /* nobody has done it: the transaction's own now */
	REQUEST_SAME, /* it was done and answered: the answer is given */
	REQUEST_OTHER, /* the key was used for another request */
	REQUEST_BUSY /* another transaction is about it, and was waited for */
};

/* Texts and bytes are in the caller's memory. */
struct request_answer {
	int status;
	const char *content_type; /* NULL: none */
	const char *headers; /* "Name: value\n" each */
	bool kept; /* else there is no body, though one was sent */
	const char *body;
	size_t body_len;
};

/* Inside db_tx(), before anything of the request is done.  0, or -1 with err. */
int request_key_begin(struct db *db, const struct request_key *key, struct memory *memory,
		      enum request_verdict *verdict_out, struct request_answer *out,
		      struct err *err);

/* In the same transaction, when all is done. */
int request_key_done(struct db *db, const struct request_key *key,
		     const struct request_answer *answer, struct memory *memory, struct err *err);

#endif
