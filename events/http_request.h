/* SPDX-License-Identifier: Apache-2.0 */
/* events/http_request.h: what nginx asks (RFC 9112), and refusals.  Nobody else can connect. */
#ifndef EVENTS_HTTP_REQUEST_H
#define EVENTS_HTTP_REQUEST_H

#include <stddef.h>

struct buf;

#define HTTP_REQUEST_BYTES_MAX 16384

struct http_request {
	char *ticket; /* NULL: none */
	const char *id; /* as nginx logs it; "": none */
};

/*
 * text holds len bytes of a request and a NUL.  0: there is more to come.  200: it is a GET with a ticket; *out is in
 * text, which is cut.  400, 405, 431: it is not, or none of ours.
 */
int http_request_read(char *text, size_t len, struct http_request *out);

/* The head of the stream. */
extern const char http_stream_head[];

/* A whole answer with JQM's error object, id that of the request.  Status 503 says when to come again. */
void http_refusal(struct buf *out, int status, const char *words, const char *id);

#endif
