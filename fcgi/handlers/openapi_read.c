/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/openapi_read.c: what this server answers to, told to whoever may ask it anything. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/settings.h"
#include "fcgi/conditional.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/openapi.h"
#include "fcgi/route.h"

#define DOCUMENT_BYTES_MAX (8u * 1024 * 1024)

int
openapi_read(struct exchange *x, struct err *err)
{
	const char *dates = settings_text(x->settings, "fcgi:json_dates");
	struct buf json = BUF_INIT(DOCUMENT_BYTES_MAX);
	int rc;

	openapi_write(routes, routes_len, strcmp(dates, "text") == 0, &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		exchange_answer_bytes(x, 200, "application/json", json.data, json.len);
	buf_free(&json);
	if (rc == -1)
		return -1;
	exchange_header(x, "Cache-Control", "no-cache");
	return conditional_put_etag(x, "", err);
}
