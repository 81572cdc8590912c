/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/error_response.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "fcgi/exchange.h"

#define CODE_INVALID 10 /* JQM's code for the caller's faults */
#define CODE_INTERNAL 9 /* and for ours */
#define RETRY_AFTER_S 2
#define BODY_BYTES_MAX 16384

static int
status_of_kind(enum err_kind kind)
{
	switch (kind) {
	case ERR_INVALID:
		return 400;
	case ERR_DENIED:
		return 403;
	case ERR_NOT_FOUND:
		return 404;
	case ERR_CONFLICT:
		return 409;
	case ERR_TOO_LARGE:
		return 413;
	case ERR_BUSY:
	case ERR_UNCERTAIN:
		return 503;
	case ERR_NONE:
	case ERR_INTERNAL:
		break;
	}
	return 500;
}

static int
status_of(enum refusal refusal, enum err_kind kind)
{
	switch (refusal) {
	case REFUSAL_CREDENTIALS:
		return 401;
	case REFUSAL_METHOD:
		return 405;
	case REFUSAL_ACCEPT:
		return 406;
	case REFUSAL_MEDIA_TYPE:
		return 415;
	case REFUSAL_RATE:
		return 429;
	case REFUSAL_NONE:
		break;
	}
	return status_of_kind(kind);
}

/* What the caller may read of err. */
static const char *
words_for_caller(const struct exchange *x, const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE:
	case ERR_INTERNAL:
		return "the server failed; its log says why, under the id of this request";
	case ERR_UNCERTAIN:
		return "the outcome is unknown: the change may or may not have been made; look "
		       "before "
		       "you repeat it";
	case ERR_BUSY:
		if (x->response.refusal == REFUSAL_NONE && x->response.error_code == 0)
			return "the server cannot answer now; try again in a moment";
		break;
	default:
		break;
	}
	return err->text;
}

/* text as a JSON string; a byte that is no UTF-8 (a text cut in the middle) becomes '?'. */
static void
put_json_text(struct buf *out, const char *text)
{
	size_t left = strlen(text);

	buf_putc(out, '"');
	while (left > 0) {
		size_t step = str_utf8_step(text, left);

		if (step == 0)
			buf_putc(out, '?');
		else if (*text == '"' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			buf_printf(out, "\\u%04x", (unsigned)*text);
		else
			buf_append(out, text, step);
		step = step == 0 ? 1 : step;
		text += step;
		left -= step;
	}
	buf_putc(out, '"');
}

static void
put_headers(struct exchange *x, int status)
{
	int retry_after_s = x->response.retry_after_s;
	char text[16];

	x->response.headers = NULL;
	if (status == 401)
		exchange_header(x, "WWW-Authenticate",
				x->request.ajax ? "BASICXHR realm=\"JQM\"" : "BASIC realm=\"JQM\"");
	if (status == 405 && x->response.allow != NULL)
		exchange_header(x, "Allow", x->response.allow);
	if (status == 429 || status == 503) {
		(void)snprintf(text, sizeof(text), "%d",
			       retry_after_s > 0 ? retry_after_s : RETRY_AFTER_S);
		exchange_header(x, "Retry-After", text);
	}
}

void
error_response_build(struct exchange *x, const struct err *err)
{
	int status = status_of(x->response.refusal, err->kind);
	int code = x->response.error_code;
	struct buf body = BUF_INIT(BODY_BYTES_MAX);

	if (code == 0)
		code = status >= 500 ? CODE_INTERNAL : CODE_INVALID;
	buf_puts(&body, "{\"userReadableMessage\":");
	put_json_text(&body, words_for_caller(x, err));
	buf_puts(&body, ",\"developerMessage\":null,\"stacktrace\":\"\",\"errorCode\":");
	buf_printf(&body, "%d,\"requestId\":", code);
	put_json_text(&body, x->request.request_id);
	buf_putc(&body, '}');
	buf_free(&x->response.body); /* it may be marked as over its cap */
	exchange_answer_bytes(x, status, "application/json", buf_text(&body), body.len);
	buf_free(&body);
	put_headers(x, status);
}
