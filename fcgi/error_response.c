/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/error_response.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "fcgi/exchange.h"
#include "model/error_report.h"

#define RETRY_AFTER_S 2
/* Where nginx lets those wait who came when too many passwords were being computed (nginx/jqm.conf.in). */
#define LOGIN_QUEUE "@login_queue"

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
	case ERR_STALE:
		return 412;
	case ERR_TOO_LARGE:
		return 413;
	case ERR_BUSY:
		return 503;
	case ERR_UNCERTAIN:
		return 504; /* as nginx says of a worker that gave no answer: no Retry-After, look first */
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
	case REFUSAL_RANGE:
		return 416;
	case REFUSAL_RATE:
		return 429;
	case REFUSAL_NOT_YET:
		return 503;
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

/* text with '?' in the place of bytes that are no UTF-8 (a text cut in the middle of a character). */
static const char *
clean(struct exchange *x, const char *text)
{
	char *copy = exchange_strdup(x, text);
	size_t left = strlen(copy);

	for (char *c = copy; left > 0;) {
		size_t step = str_utf8_step(c, left);

		if (step == 0) {
			*c = '?';
			step = 1;
		}
		c += step;
		left -= step;
	}
	return copy;
}

/* "roleHasActiveUsers count=3": the key in the consoles' translations, and what is put into them. */
static void
put_key(struct exchange *x, const char *key, struct error_report *report)
{
	size_t key_len = strcspn(key, " ");
	const char *name = key + key_len + (key[key_len] == ' ');
	size_t name_len = strcspn(name, "=");

	if (key[0] == '\0')
		return;
	report->user_message_key = exchange_printf(x, "%.*s", (int)key_len, key);
	if (name[name_len] == '=') {
		text_map_room(&report->user_message_params, exchange_memory(x), 1);
		text_map_put(&report->user_message_params,
			     exchange_printf(x, "%.*s", (int)name_len, name),
			     exchange_strdup(x, name + name_len + 1));
	}
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
	if (x->response.refusal == REFUSAL_NOT_YET)
		exchange_header(x, "X-Accel-Redirect", LOGIN_QUEUE);
	if (status == 429 || status == 503 || (status == 409 && retry_after_s > 0)) {
		(void)snprintf(text, sizeof(text), "%d",
			       retry_after_s > 0 ? retry_after_s : RETRY_AFTER_S);
		exchange_header(x, "Retry-After", text);
	}
}

void
error_response_build(struct exchange *x, const struct err *err)
{
	static const struct doc_json_style style = { .dates_as_text = false };
	int status = status_of(x->response.refusal, err->kind);
	struct error_report report = {
		.user_readable_message = clean(x, words_for_caller(x, err)),
		.request_id = clean(x, x->request.request_id),
		.stacktrace = "",
		.error_code = x->response.error_code,
	};

	put_key(x, err->key, &report);
	if (status == 400)
		report.problems = x->response.problems;
	if (report.error_code == 0)
		report.error_code = status >= 500 ? ERROR_CODE_INTERNAL : ERROR_CODE_INVALID;
	buf_free(&x->response.body); /* it may be marked as over its cap */
	x->response.status = status;
	x->response.content_type = "application/json";
	doc_json_write(report.problems.len == 0 ? &error_report_doc : &import_error_report_doc,
		       &report, &style, &x->response.body);
	put_headers(x, status);
}
