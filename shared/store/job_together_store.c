/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_together_store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "model/job_request.h"
#include "model/value.h"
#include "store/job_enqueue_private.h"
#include "store/json_param.h"

#define WISHES_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* Tags as long as this, all together, are short enough for jqm.enqueue_wishes(). */
#define TAGS_BYTES_MAX 50
#define TAGS_MAX 7

DB_STMT(wishes_stmt) = {
	.name = "job_enqueue_wishes",
	.text = "SELECT jqm.enqueue_wishes($1)",
	.n_params = 1,
};

struct tag {
	const char *name, *value;
};

static bool
is_given(const struct opt_int64 *number)
{
	return number->set && number->value != 0;
}

static bool
is_empty(const char *text)
{
	return text == NULL || text[0] == '\0';
}

/* A text of a row in an array: both have quotes and marks of their own.  NULL where there is none. */
static void
put_text(struct buf *out, const char *text)
{
	if (text == NULL)
		return;
	buf_puts(out, "\\\"");
	for (; *text != '\0'; text++) {
		size_t plain = strcspn(text, "\"\\");

		buf_append(out, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		buf_puts(out, *text == '"' ? "\\\\\\\"" : "\\\\\\\\");
	}
	buf_puts(out, "\\\"");
}

static void
put_parameters(struct buf *out, const struct text_map *parameters)
{
	struct buf json = BUF_INIT(out->cap);

	if (parameters->len == 0) {
		buf_puts(out, "{}");
		return;
	}
	json_param_map(&json, parameters);
	put_text(out, buf_text(&json));
	out->failed = out->failed || json.failed;
	buf_free(&json);
}

/* False: one may be too long.  Nothing when there is none. */
static bool
put_tags(struct buf *out, const struct tag *tags, size_t n)
{
	struct text_pair pairs[TAGS_MAX];
	struct text_map map = { pairs, 0 };
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		if (!is_empty(tags[i].value)) {
			bytes += strlen(tags[i].value);
			pairs[map.len++] = (struct text_pair){ tags[i].name, tags[i].value, false };
		}
	if (map.len > 0)
		put_parameters(out, &map);
	return bytes <= TAGS_BYTES_MAX;
}

bool
job_together_text(struct buf *out, const struct job_request *r, const struct job_asker *asker)
{
	const struct tag tags[TAGS_MAX] = {
		{ "session", r->session_id }, { "application", r->application },
		{ "module", r->module },      { "keyword1", r->keyword1 },
		{ "keyword2", r->keyword2 },  { "keyword3", r->keyword3 },
		{ "trace", r->trace_id },
	};

	if (!job_request_is_ordinary(r) || is_given(&r->priority) || is_given(&r->parent_job_id) ||
	    r->max_attempts.set || r->start_state == JOB_HOLDED || !is_empty(r->queue_name))
		return false;
	buf_printf(out, "\"(%" PRId64 ",%" PRId64 ",", asker->account, asker->stamp);
	put_text(out, r->application_name);
	buf_putc(out, ',');
	put_text(out, is_empty(r->user) ? NULL : r->user);
	buf_putc(out, ',');
	put_text(out, asker->actor);
	buf_putc(out, ',');
	put_parameters(out, &r->parameters);
	buf_putc(out, ',');
	if (!put_tags(out, tags, TAGS_MAX))
		return false;
	buf_puts(out, ")\"");
	return !out->failed;
}

/* "{{1,700},{3,701}}": place, from 1, and id of each that was enqueued. */
static void
read_made(const char *made, int64_t *ids, size_t n)
{
	const char *at = made;

	while (*(at += strspn(at, "{},")) != '\0') {
		char *end;
		long long place = strtoll(at, &end, 10);

		assert(place >= 1 && place <= (long long)n && *end == ',');
		ids[place - 1] = strtoll(end + 1, &end, 10);
		at = end;
	}
}

int
job_together_enqueue(struct db *db, const char *const *texts, size_t n, int64_t *ids,
		     struct err *err)
{
	struct buf all = BUF_INIT(WISHES_BYTES_MAX);
	struct db_result *rows = NULL;
	int rc;

	for (size_t i = 0; i < n; i++) {
		buf_putc(&all, i == 0 ? '{' : ',');
		buf_puts(&all, texts[i]);
	}
	buf_putc(&all, '}');
	rc = buf_check(&all, err);
	if (rc == 0)
		rc = db_exec(db, &wishes_stmt, (const char *const[]){ buf_text(&all) }, &rows, err);
	for (size_t i = 0; i < n; i++)
		ids[i] = 0;
	if (rc == 0 && db_text(rows, 0, 0) != NULL)
		read_made(db_text(rows, 0, 0), ids, n);
	db_result_free(rows);
	buf_free(&all);
	return rc;
}
