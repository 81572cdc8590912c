/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_enqueue_all.c: many requests in one transaction.  As long as all are ordinary ones they are one
 * INSERT; else each is enqueued by itself, so that what is wrong is told with its place.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "model/job_request.h"
#include "store/job_enqueue_private.h"
#include "store/job_instance_store.h"
#include "store/json_param.h"

#define REQUESTS_BYTES_MAX ((size_t)64 * 1024 * 1024)

DB_STMT(enqueue_ordinary_stmt) = {
	.name = "job_enqueue_ordinary",
	.text = "SELECT * FROM jqm.enqueue_ordinary($1)",
	.n_params = 1,
};

struct enqueue_all {
	const struct job_request *requests;
	size_t n;
	int64_t *ids;
};

bool
job_request_is_ordinary(const struct job_request *r)
{
	const char *const special[] = { r->email, r->concurrency_key, r->idempotency_key };

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (special[i] != NULL && special[i][0] != '\0')
			return false;
	return r->application_name != NULL && r->scope == NULL && !r->run_after.set &&
	       r->wait_for.len == 0 && !(r->schedule_id.set && r->schedule_id.value != 0);
}

static void
put_text(struct buf *out, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	buf_printf(out, ",\"%s\":", name);
	json_param_text(out, value);
}

static void
put_number(struct buf *out, const char *name, const struct opt_int64 *value)
{
	if (value->set)
		buf_printf(out, ",\"%s\":%" PRId64, name, value->value);
}

void
job_request_put(struct buf *out, const struct job_request *r)
{
	buf_puts(out, r->start_state == JOB_HOLDED ? "{\"held\":true" : "{\"held\":false");
	put_text(out, "name", r->application_name);
	put_text(out, "queue", r->queue_name);
	put_text(out, "user_name", r->user);
	put_text(out, "session", r->session_id);
	put_text(out, "application", r->application);
	put_text(out, "module", r->module);
	put_text(out, "keyword1", r->keyword1);
	put_text(out, "keyword2", r->keyword2);
	put_text(out, "keyword3", r->keyword3);
	put_text(out, "trace", r->trace_id);
	put_text(out, "submitter", r->submitter);
	put_number(out, "priority", &r->priority);
	put_number(out, "parent", &r->parent_job_id);
	put_number(out, "max_attempts", &r->max_attempts);
	buf_puts(out, ",\"parameters\":");
	json_param_map(out, &r->parameters);
	buf_putc(out, '}');
}

/* 1: all are enqueued; 0: none is, they are to be enqueued one by one; -1 with err. */
static int
enqueue_ordinary(struct db *db, const struct enqueue_all *all, struct err *err)
{
	struct buf text = BUF_INIT(REQUESTS_BYTES_MAX);
	struct db_result *rows = NULL;
	int rc = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (!job_request_is_ordinary(&all->requests[i]))
			goto out;
		buf_putc(&text, i == 0 ? '[' : ',');
		job_request_put(&text, &all->requests[i]);
	}
	if (all->n == 0)
		goto out;
	buf_putc(&text, ']');
	rc = -1;
	if (buf_check(&text, err) == -1 ||
	    db_exec(db, &enqueue_ordinary_stmt, (const char *const[]){ buf_text(&text) }, &rows,
		    err) == -1)
		goto out;
	for (int i = 0; i < db_rows(rows); i++)
		all->ids[i] = db_int64(rows, i, 0);
	rc = db_rows(rows) > 0;
out:
	db_result_free(rows);
	buf_free(&text);
	return rc;
}

static int
enqueue_all_in_tx(struct db *db, void *arg, struct err *err)
{
	const struct enqueue_all *all = arg;
	int rc = enqueue_ordinary(db, all, err);

	for (size_t i = 0; rc == 0 && i < all->n; i++)
		if (job_instance_enqueue(db, &all->requests[i], &all->ids[i], err) == -1)
			return err_prefix(err, "request [%zu]", i);
	return rc == -1 ? -1 : 0;
}

int
job_instance_enqueue_all(struct db *db, const struct job_request *requests, size_t n, int64_t *ids,
			 struct err *err)
{
	struct enqueue_all all = { requests, n, ids };

	return db_tx(db, enqueue_all_in_tx, &all, err);
}
