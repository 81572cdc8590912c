/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/access_log.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "fcgi/exchange.h"

#define TEXT_BYTES_MAX 2048

/* text so that it cannot end the quotes it is logged in. */
static const char *
escape(struct exchange *x, const char *text)
{
	struct buf out = BUF_INIT(TEXT_BYTES_MAX);
	const char *copy;

	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(&out, '\\');
		buf_putc(&out, *text);
	}
	copy = exchange_strdup(x, buf_text(&out));
	buf_free(&out);
	return copy;
}

static enum log_level
level_of(const struct exchange *x, const struct err *err)
{
	if (err->kind == ERR_INTERNAL || x->response.status == 500)
		return LOG_LEVEL_ERROR;
	return err->kind == ERR_BUSY || err->kind == ERR_UNCERTAIN ? LOG_LEVEL_WARN
								   : LOG_LEVEL_INFO;
}

void
access_log_write(struct exchange *x, const struct err *err)
{
	const char *failure = "";

	if (err->kind != ERR_NONE)
		failure = exchange_printf(x, " error=%s text=\"%s\"", err_kind_name(err->kind),
					  escape(x, err->text));
	log_event(level_of(x, err), "request",
		  "req=%s method=%s path=\"%s\" status=%d login=\"%s\" addr=%s ms=%" PRId64
		  " bytes=%zu%s",
		  x->request.request_id, escape(x, x->request.method), escape(x, x->request.path),
		  x->response.status, escape(x, x->identity.login), x->request.remote_addr,
		  clock_mono_ms() - x->started_ms, x->response.body.len, failure);
}
