/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/response.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <fcgiapp.h>

#include "base/buf.h"
#include "fcgi/exchange.h"

#define STREAM_PIECE 65536
#define HEAD_BYTES_MAX (1024u * 1024)

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 302, "Found" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 409, "Conflict" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Answer";
}

/* False: the caller has gone. */
static bool
put(FCGX_Stream *out, const char *data, size_t len)
{
	while (len > 0) {
		int part = len > INT_MAX ? INT_MAX : (int)len;

		if (FCGX_PutStr(data, part, out) != part)
			return false;
		data += part;
		len -= (size_t)part;
	}
	return true;
}

static void
put_stream(struct exchange *x)
{
	static char data[STREAM_PIECE];
	struct body_stream *stream = x->response.stream;
	ssize_t n;

	while ((n = stream->read(stream, data, sizeof(data))) > 0) {
		if (!put(x->connection->out, data, (size_t)n))
			return;
		x->response.streamed_bytes += (size_t)n;
	}
	/* Without an end nginx, and the caller, see that this was not all. */
	if (n == -1)
		(void)shutdown(x->connection->ipcFd, SHUT_RDWR);
}

static void
put_header(struct buf *head, const char *name, const char *value)
{
	buf_puts(head, name);
	buf_puts(head, ": ");
	buf_puts(head, value);
	buf_puts(head, "\r\n");
}

void
response_send(struct exchange *x)
{
	const struct response *r = &x->response;
	struct buf head = BUF_INIT(HEAD_BYTES_MAX);
	FCGX_Stream *out = x->connection->out;
	bool cache_control = false;
	/* nginx puts the file's own length in the place of an X-Accel-Redirect's. */
	bool has_length = r->status != 204 && r->status != 304 && r->stream == NULL;

	buf_printf(&head, "Status: %d %s\r\n", r->status, reason(r->status));
	if (r->content_type != NULL)
		put_header(&head, "Content-Type", r->content_type);
	for (const struct header *h = r->headers; h != NULL; h = h->next) {
		put_header(&head, h->name, h->value);
		cache_control = cache_control || strcasecmp(h->name, "Cache-Control") == 0;
		has_length = has_length && strcasecmp(h->name, "X-Accel-Redirect") != 0;
	}
	if (!cache_control)
		put_header(&head, "Cache-Control", "no-store");
	if (has_length)
		buf_printf(&head, "Content-Length: %zu\r\n", r->body.len);
	buf_puts(&head, "\r\n");
	if (head.failed)
		abort(); /* our own headers are short; half of one would be another one */
	(void)put(out, buf_text(&head), head.len);
	buf_free(&head);
	if (strcmp(x->request.method, "HEAD") == 0)
		return;
	if (r->stream != NULL)
		put_stream(x);
	else
		(void)put(out, buf_text(&r->body), r->body.len);
}
