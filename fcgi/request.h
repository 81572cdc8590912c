/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/request.h: from FastCGI parameters and body to x->request. */
#ifndef FCGI_REQUEST_H
#define FCGI_REQUEST_H

struct err;
struct exchange;

/*
 * Step: fill x->request.  On failure too every text is set (perhaps ""), so that an answer and a log
 * line can be made.  ERR_TOO_LARGE: the body is over fcgi:body_max_bytes, and was not read.
 * ERR_INVALID: what request_check() says; a body that ends early.
 */
int request_read(struct exchange *x, struct err *err);

/*
 * request_check.c: x->request holds raw parameters.  Refuse what is too long or no UTF-8, by name;
 * bring the content type to its plain form.
 */
int request_check(struct exchange *x, struct err *err);

/* The number a Content-Length says; 0 when it is absent or none. */
long long request_body_len(const char *content_length);

#endif
