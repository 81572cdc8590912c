/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/idempotency.h: requests that may be sent again (draft-ietf-httpapi-idempotency-key-header).
 *
 * A route whose row says so heeds Idempotency-Key: what the request does, the key and the answer are one transaction.  The
 * same request with the same key, of the same caller, is answered with the same bytes and Idempotency-Replayed: true, and is
 * not done again; another request with it is 409; while the first is still being done, it is waited for 3 s, then 409 with
 * Retry-After.  What was refused has done nothing, so its key is free.
 */
#ifndef FCGI_IDEMPOTENCY_H
#define FCGI_IDEMPOTENCY_H

#include <stdbool.h>

struct err;
struct exchange;

#define IDEMPOTENCY_KEY_MAX 255

/* Does the request have a key that its route heeds? */
bool idempotency_wanted(const struct exchange *x);

/* Whose keys the caller's are: the same for all its credentials, and of no later account of its name. */
const char *idempotency_owner(struct exchange *x);

/*
 * The key that header holds: "text" (a string of RFC 8941), or the text alone if it is letters, digits and
 * !#$%&'*+-.^_`|~:/=@ only.  0, or -1 with ERR_INVALID.
 */
int idempotency_key_read(struct exchange *x, const char *header, const char **out, struct err *err);

/* Do the request by handler, or answer what it was answered before.  0, or -1 with err. */
int idempotency_run(struct exchange *x, int (*handler)(struct exchange *x, struct err *err),
		    struct err *err);

#endif
