/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_attempt_store.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "model/job_instance.h"
#include "model/memory.h"

#define IDS_BYTES_MAX (1024u * 1024)
#define US(column) "(extract(epoch FROM " column ") * 1000000)::bigint"

/* $1: ids of jobs */
DB_STMT(read_stmt) = {
	.name = "job_attempt_read_for",
	.text = "SELECT a.job_instance_id, a.attempt, n.name, " US("a.started_at") ", " US(
	    "a.ended_at") ", a.exit_code, a.signal, a.reason FROM jqm.job_attempt AS a"
			  " JOIN jqm.name_snapshot AS n ON n.id = a.node_name_id"
			  " WHERE a.job_instance_id = ANY ($1::bigint[])"
			  " ORDER BY a.job_instance_id, a.attempt",
	.n_params = 1,
	.read_only = true,
};
enum {
	COL_ID,
	COL_ATTEMPT,
	COL_NODE,
	COL_STARTED,
	COL_ENDED,
	COL_EXIT_CODE,
	COL_SIGNAL,
	COL_REASON
};

static struct opt_int64
number(const struct db_result *rows, int row, int col)
{
	return (struct opt_int64){ !db_is_null(rows, row, col), db_int64(rows, row, col) };
}

static struct opt_time
date(const struct db_result *rows, int row, int col)
{
	return (struct opt_time){ !db_is_null(rows, row, col), db_int64(rows, row, col) };
}

/* The rows of one job. */
static void
take(const struct db_result *rows, struct job_instance *job, struct memory *memory)
{
	size_t n = 0;

	for (int row = 0; row < db_rows(rows); row++)
		n += db_int64(rows, row, COL_ID) == job->id;
	job->attempts.items = memory_alloc_array(memory, n, sizeof(job->attempts.items[0]));
	for (int row = 0; row < db_rows(rows) && job->attempts.len < n; row++) {
		if (db_int64(rows, row, COL_ID) != job->id)
			continue;
		job->attempts.items[job->attempts.len++] = (struct job_attempt){
			.attempt = db_int64(rows, row, COL_ATTEMPT),
			.node_name = memory_dup(memory, db_text(rows, row, COL_NODE)),
			.started_at = date(rows, row, COL_STARTED),
			.ended_at = date(rows, row, COL_ENDED),
			.exit_code = number(rows, row, COL_EXIT_CODE),
			.signal = number(rows, row, COL_SIGNAL),
			.reason = memory_dup(memory, db_text(rows, row, COL_REASON)),
		};
	}
}

static bool
has_attempts(const struct job_instance *job)
{
	return job->failures + job->node_losses > 0;
}

int
job_attempt_read_for(struct db *db, struct job_instance_list *jobs, struct memory *memory,
		     struct err *err)
{
	struct buf ids = BUF_INIT(IDS_BYTES_MAX);
	struct db_result *rows = NULL;
	size_t n = 0;
	int rc = 0;

	buf_putc(&ids, '{');
	for (size_t i = 0; i < jobs->len; i++)
		if (has_attempts(&jobs->items[i]))
			buf_printf(&ids, "%s%" PRId64, n++ == 0 ? "" : ",", jobs->items[i].id);
	buf_putc(&ids, '}');
	if (n > 0) {
		rc = buf_check(&ids, err);
		if (rc == 0)
			rc = db_exec(db, &read_stmt, (const char *const[]){ buf_text(&ids) }, &rows,
				     err);
	}
	for (size_t i = 0; rc == 0 && n > 0 && i < jobs->len; i++)
		if (has_attempts(&jobs->items[i]))
			take(rows, &jobs->items[i], memory);
	db_result_free(rows);
	buf_free(&ids);
	return rc;
}
