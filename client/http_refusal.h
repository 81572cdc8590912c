/* SPDX-License-Identifier: Apache-2.0 */
/* client/http_refusal.h: what a web server's refusal means. */
#ifndef CLIENT_HTTP_REFUSAL_H
#define CLIENT_HTTP_REFUSAL_H

struct err;
struct http_reply;

/*
 * The reply, whose status is no success, as err; always -1.  The words are the server's own when it is one of ours.  Kinds:
 * 400 ERR_INVALID, 401 and 403 ERR_DENIED, 404 ERR_NOT_FOUND, 409 ERR_CONFLICT, 412 ERR_STALE, 413 ERR_TOO_LARGE, 429,
 * 502, 503 and 504 ERR_BUSY, any other ERR_INTERNAL.
 */
int http_refused(const struct http_reply *reply, struct err *err);

#endif
