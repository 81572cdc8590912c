/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/audit.c: the audit trail: pages, exports, how far it is sealed. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/audit.h"
#include "fcgi/audit_stream.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/audit.h"
#include "store/audit_store.h"

#define LINES "application/x-ndjson"
#define EXPORT_ROWS 100000 /* who says no number */

/* A text to compare with; an empty one is none. */
static int
read_text(struct exchange *x, const char *name, const char **out, struct err *err)
{
	if (exchange_query_value(x, name, out, err) == -1)
		return -1;
	if (*out != NULL && (*out)[0] == '\0')
		*out = NULL;
	return 0;
}

static int
read_time(struct exchange *x, const char *name, struct opt_time *out, struct err *err)
{
	const char *text;

	if (read_text(x, name, &text, err) == -1)
		return -1;
	out->set = text != NULL;
	if (text != NULL && clock_parse(text, &out->us) == -1)
		return err_set(
		    err, ERR_INVALID,
		    "query parameter \"%s\": \"%.40s\" is no date such as 2026-01-31T10:20:30Z",
		    name, text);
	return 0;
}

/* "tx.id", each a number that fits. */
static int
check_before(const char *text, struct err *err)
{
	size_t first = strspn(text, "0123456789");
	size_t second = text[first] == '.' ? strspn(text + first + 1, "0123456789") : 0;

	if (first >= 1 && first <= 18 && second >= 1 && second <= 18 &&
	    text[first + 1 + second] == '\0')
		return 0;
	return err_set(err, ERR_INVALID,
		       "query parameter \"before\": \"%.40s\" is none that an answer gave as next",
		       text);
}

static int
read_filter(struct exchange *x, struct audit_filter *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (read_text(x, "account", &out->account, err) == -1 ||
	    read_text(x, "kind", &out->kind, err) == -1 ||
	    read_text(x, "action", &out->action, err) == -1 ||
	    read_text(x, "request", &out->request, err) == -1 ||
	    read_text(x, "before", &out->before, err) == -1 ||
	    read_time(x, "from", &out->from, err) == -1 ||
	    read_time(x, "until", &out->until, err) == -1 ||
	    exchange_query_int(x, "object", 0, INT64_MAX, 0, &out->object, err) == -1)
		return -1;
	return out->before == NULL ? 0 : check_before(out->before, err);
}

/* GET /ws/admin/audit: the lines are JSON already, as they were sealed. */
int
audit_list(struct exchange *x, struct err *err)
{
	struct buf json = BUF_INIT(SIZE_MAX / 2);
	struct audit_filter filter;
	const char *text, *next;
	int64_t limit;
	int rc;

	if (read_filter(x, &filter, err) == -1 ||
	    exchange_query_int(x, "limit", 1, AUDIT_PAGE_MAX, AUDIT_PAGE, &limit, err) == -1 ||
	    audit_page_read(x->db, exchange_memory(x), &filter, limit, ",", &text, &next, err) ==
		-1)
		return -1;
	buf_printf(&json, "{\"entries\":[%s],\"next\":", text);
	if (next == NULL)
		buf_puts(&json, "null}");
	else
		buf_printf(&json, "\"%s\"}", next);
	rc = buf_check(&json, err);
	if (rc == 0)
		exchange_answer_bytes(x, 200, "application/json", buf_text(&json), json.len);
	buf_free(&json);
	return rc;
}

int
audit_state(struct exchange *x, struct err *err)
{
	struct audit_state state;

	if (audit_state_read(x->db, exchange_memory(x), &state, err) == -1)
		return -1;
	return document_answer(x, &audit_state_doc, &state, err);
}

static void
answer_lines(struct exchange *x, struct body_stream *stream)
{
	exchange_answer_stream(x, stream, "audit.jsonl");
	x->response.content_type = LINES;
}

int
audit_export(struct exchange *x, struct err *err)
{
	struct audit_filter filter;
	int64_t limit;

	if (read_filter(x, &filter, err) == -1 ||
	    exchange_query_int(x, "limit", 1, AUDIT_EXPORT_MAX, EXPORT_ROWS, &limit, err) == -1 ||
	    audit_say(x, "export", "audit", 0, NULL, NULL, err) == -1)
		return -1;
	answer_lines(x, audit_stream_rows(x, &filter, limit));
	return 0;
}

int
audit_chain(struct exchange *x, struct err *err)
{
	int64_t after;

	if (exchange_query_int(x, "after", 0, INT64_MAX, 0, &after, err) == -1 ||
	    audit_say_read(x, "audit", 0, NULL, err) == -1)
		return -1;
	answer_lines(x, audit_stream_chain(x, after));
	return 0;
}
