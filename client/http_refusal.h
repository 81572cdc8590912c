/* SPDX-License-Identifier: Apache-2.0 */
/* client/http_refusal.h: what a web server's refusal means. */
#ifndef CLIENT_HTTP_REFUSAL_H
#define CLIENT_HTTP_REFUSAL_H

struct err;
struct http_reply;
struct http_request;

/*
 * The reply to request, whose status is no success, as err; always -1.  The words are the server's own when it is one of
 * ours.  Kinds: 400 ERR_INVALID, 401 and 403 ERR_DENIED, 404 ERR_NOT_FOUND, 409 ERR_CONFLICT, 412 ERR_STALE, 413
 * ERR_TOO_LARGE, 429 and 503 ERR_BUSY, 502 and 504 (a server behind the server gave no answer) ERR_BUSY of a question and
 * ERR_UNCERTAIN of an order, any other ERR_INTERNAL.
 */
int http_refused(const struct http_request *request, const struct http_reply *reply,
		 struct err *err);

/* Is it a file's or a log's bytes that come (what: "file")?  0, or -1 with ERR_INTERNAL: a page of somebody's is none. */
int http_check_bytes(const struct http_reply *reply, const char *what, struct err *err);

#endif
