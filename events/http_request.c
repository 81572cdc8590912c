/* SPDX-License-Identifier: Apache-2.0 */
#include "events/http_request.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/str.h"
#include "model/event_ticket.h"

#define REQUEST_ID_HEADER "JQM-Request-Id"
#define RETRY_S 10
/* JQM's codes: 10 the caller's fault, 9 ours. */
#define CODE_CALLER 10
#define CODE_OURS 9

const char http_stream_head[] = "HTTP/1.1 200 OK\r\n"
				"Content-Type: text/event-stream\r\n"
				"Connection: close\r\n\r\n";

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 400, "Bad Request" },         { 403, "Forbidden" },
	{ 405, "Method Not Allowed" },  { 431, "Request Header Fields Too Large" },
	{ 503, "Service Unavailable" },
};

/* The line that begins at text ends at its CRLF, which becomes a NUL: where the next one begins. */
static char *
cut_line(char *text)
{
	char *end = strstr(text, "\r\n");

	*end = '\0';
	return end + 2;
}

/* The value of a header line of that name; NULL: it is another one. */
static char *
value_of(char *line, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(line, name, len) == 0 && line[len] == ':' ? str_trim(line + len + 1)
								     : NULL;
}

int
http_request_read(char *text, size_t len, struct http_request *out)
{
	char *line = text, *end = strstr(text, "\r\n\r\n");

	*out = (struct http_request){ NULL, "" };
	if (strlen(text) != len)
		return 400;
	if (end == NULL)
		return len < HTTP_REQUEST_BYTES_MAX ? 0 : 431;
	end += 2;
	*end = '\0';
	for (char *next; *line != '\0'; line = next) {
		char *value;

		next = cut_line(line);
		if (line == text) {
			if (!str_starts(line, "GET "))
				return 405;
			if (!str_ends(line, " HTTP/1.1") && !str_ends(line, " HTTP/1.0"))
				return 400;
		} else if ((value = value_of(line, EVENT_TICKET_HEADER)) != NULL) {
			out->ticket = value;
		} else if ((value = value_of(line, REQUEST_ID_HEADER)) != NULL) {
			out->id = value;
		}
	}
	return out->ticket == NULL ? 400 : 200;
}

/* Between the quotes of a JSON text. */
static void
put_words(struct buf *out, const char *words)
{
	for (; *words != '\0'; words++) {
		if (*words == '"' || *words == '\\')
			buf_putc(out, '\\');
		buf_putc(out, (unsigned char)*words < ' ' ? ' ' : *words);
	}
}

void
http_refusal(struct buf *out, int status, const char *words, const char *id)
{
	struct buf body = BUF_INIT(HTTP_REQUEST_BYTES_MAX);
	const char *reason = "Error";

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			reason = reasons[i].reason;
	buf_puts(&body, "{\"userReadableMessage\":\"");
	put_words(&body, words);
	buf_printf(&body,
		   "\",\"developerMessage\":null,\"stacktrace\":\"\",\"errorCode\":%d,"
		   "\"userMessageKey\":null,\"userMessageParams\":[],\"requestId\":\"",
		   status < 500 ? CODE_CALLER : CODE_OURS);
	put_words(&body, id);
	buf_puts(&body, "\"}");
	buf_printf(out,
		   "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
		   status, reason, body.len);
	if (status == 503)
		buf_printf(out, "Retry-After: %d\r\n", RETRY_S);
	buf_puts(out, "Connection: close\r\n\r\n");
	buf_puts(out, buf_text(&body));
	buf_free(&body);
}
