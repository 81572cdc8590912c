/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/request.h: from FastCGI parameters and body to x->request. */
#ifndef FCGI_REQUEST_H
#define FCGI_REQUEST_H

#include <stdbool.h>

struct err;
struct exchange;
struct request;

/*
 * Step: fill x->request, all but the body.  On failure too every text is set (perhaps ""), so that an
 * answer and a log line can be made.  ERR_INVALID: what request_check() says.
 */
int request_read(struct exchange *x, struct err *err);

/*
 * Step, once it is known that the caller may use x->route: its body.  ERR_TOO_LARGE: over
 * fcgi:body_max_bytes and the route's own limit, and not read.  ERR_INVALID: it ends early, or what
 * request_body_check() says.
 */
int request_read_body(struct exchange *x, struct err *err);

/*
 * Has all been read that nginx sends?  Who closes a connection before leaves nginx with an error in place of the answer.  Waits for the
 * last bytes only if all of the body was read before.
 */
bool request_is_read(const struct exchange *x);

/*
 * request_check.c: x->request holds raw parameters.  Refuse what is too long or no UTF-8, by name;
 * bring the content type to its plain form.
 */
int request_check(struct exchange *x, struct err *err);

/* The body must be UTF-8, unless x->route takes any bytes; XML says itself how it is encoded: that is its
 * reader's to check. */
int request_body_check(const struct exchange *x, struct err *err);

/* Does the caller sit on this machine? */
bool request_is_local(const struct request *request);

/* From this machine, and under a name of it. */
bool request_asks_for_loopback(const struct request *request);

/* The number a Content-Length says; 0 when it is absent or none. */
long long request_body_len(const char *content_length);

#endif
