/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/access_log.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "fcgi/exchange.h"

static enum log_level
level_of(const struct exchange *x, const struct err *err)
{
	if (err->kind == ERR_INTERNAL || x->response.status == 500)
		return LOG_LEVEL_ERROR;
	if (x->response.refusal == REFUSAL_NOT_YET)
		return LOG_LEVEL_INFO;
	return err->kind == ERR_BUSY || err->kind == ERR_UNCERTAIN ? LOG_LEVEL_WARN
								   : LOG_LEVEL_INFO;
}

void
access_log_write(struct exchange *x, const struct err *err)
{
	char text[LOG_VALUE_SIZE], method[LOG_VALUE_SIZE], path[LOG_VALUE_SIZE];
	char login[LOG_VALUE_SIZE];
	const char *failure = "";

	if (err->kind != ERR_NONE)
		failure = exchange_printf(x, " error=%s text=\"%s\"", err_kind_name(err->kind),
					  log_value(text, err->text));
	log_event(level_of(x, err), "request",
		  "req=%s method=%s path=\"%s\" status=%d login=\"%s\" addr=%s ms=%" PRId64
		  " bytes=%zu%s",
		  x->request.request_id, log_value(method, x->request.method),
		  log_value(path, x->request.path), x->response.status,
		  log_value(login, x->identity.login), x->request.remote_addr,
		  clock_mono_ms() - x->started_ms,
		  x->response.body.len + x->response.streamed_bytes, failure);
}
