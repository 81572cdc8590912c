/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http_refusal.h"

#include <string.h>

#include "base/err.h"
#include "client/http_client.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/error_report.h"
#include "model/memory.h"

#define JSON "application/json"
#define BYTES "application/octet-stream"

static enum err_kind
kind_of_status(long status, bool is_order)
{
	switch (status) {
	case 400:
		return ERR_INVALID;
	case 401:
	case 403:
		return ERR_DENIED;
	case 404:
		return ERR_NOT_FOUND;
	case 409:
		return ERR_CONFLICT;
	case 412:
		return ERR_STALE;
	case 413:
		return ERR_TOO_LARGE;
	case 429:
	case 503:
		return ERR_BUSY;
	case 502:
	case 504:
		return is_order ? ERR_UNCERTAIN : ERR_BUSY;
	default:
		return ERR_INTERNAL;
	}
}

int
http_refused(const struct http_request *request, const struct http_reply *reply, struct err *err)
{
	enum err_kind kind = kind_of_status(reply->status, http_is_order(request));
	struct error_report report;
	struct err ignored = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	if (strcmp(reply->content_type, JSON) == 0 &&
	    doc_json_read(&error_report_doc, buf_text(&reply->body), reply->body.len, &pool.memory,
			  &report, &ignored) == 0 &&
	    report.user_readable_message != NULL && report.user_readable_message[0] != '\0')
		(void)err_set(err, kind, "%s", report.user_readable_message);
	else
		(void)err_set(err, kind, "the server answered with status %ld", reply->status);
	pool_free(&pool);
	return -1;
}

int
http_check_bytes(const struct http_reply *reply, const char *what, struct err *err)
{
	if (strcmp(reply->content_type, BYTES) == 0)
		return 0;
	return err_set(err, ERR_INTERNAL, "the server sent %s in place of the %s",
		       reply->content_type[0] == '\0' ? "something" : reply->content_type, what);
}
