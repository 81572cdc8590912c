/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_verb_store.c: one statement for each function of sql/schema/0011. */
#include "store/job_verb_store.h"

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "store/array_param.h"
#include "store/int_param.h"

#define SCOPE_BYTES_MAX (1024u * 1024)

DB_STMT(hold_stmt) = {
	.name = "job_verb_hold",
	.text = "SELECT jqm.hold($1, $2)",
	.n_params = 2,
};

DB_STMT(resume_stmt) = {
	.name = "job_verb_resume",
	.text = "SELECT jqm.resume($1, $2)",
	.n_params = 2,
};

DB_STMT(delete_stmt) = {
	.name = "job_verb_delete",
	.text = "SELECT jqm.delete($1)",
	.n_params = 1,
};

DB_STMT(pause_running_stmt) = {
	.name = "job_verb_pause_running",
	.text = "SELECT jqm.pause_running($1, $2)",
	.n_params = 2,
};

DB_STMT(resume_running_stmt) = {
	.name = "job_verb_resume_running",
	.text = "SELECT jqm.resume_running($1, $2)",
	.n_params = 2,
};

DB_STMT(set_queue_stmt) = {
	.name = "job_verb_set_queue",
	.text = "SELECT jqm.set_queue($1, $2)",
	.n_params = 2,
};

DB_STMT(set_priority_stmt) = {
	.name = "job_verb_set_priority",
	.text = "SELECT jqm.set_priority($1, $2)",
	.n_params = 2,
};

DB_STMT(set_progress_stmt) = {
	.name = "job_verb_set_progress",
	.text = "SELECT jqm.set_progress($1, $2, nullif($3::int, 0))",
	.n_params = 3,
};

DB_STMT(set_position_stmt) = {
	.name = "job_verb_set_position",
	.text = "SELECT jqm.set_position($1, $2)",
	.n_params = 2,
};

DB_STMT(set_run_after_stmt) = {
	.name = "job_verb_set_run_after",
	/* Beyond what a date can be it is still beyond what jqm.set_run_after() takes, which says so. */
	.text = "SELECT jqm.set_run_after($1, to_timestamp("
		"least(greatest($2::bigint, -100000000000000), 400000000000000) / 1000.0))",
	.n_params = 2,
};

DB_STMT(enqueue_again_stmt) = {
	.name = "job_verb_enqueue_again",
	.text = "SELECT jqm.enqueue_again($1, $2, $3::text[])",
	.n_params = 3,
};

DB_STMT(restart_stmt) = {
	.name = "job_verb_restart",
	.text = "SELECT jqm.restart_crashed($1, $2, $3::text[])",
	.n_params = 3,
};

static int
tell(struct db *db, const struct db_stmt *stmt, int64_t id, const char *what, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id_text, id), what };

	return db_exec(db, stmt, params, NULL, err);
}

static int
set_number(struct db *db, const struct db_stmt *stmt, int64_t id, int64_t number, struct err *err)
{
	char text[INT_PARAM_SIZE];

	return tell(db, stmt, id, int_param(text, number), err);
}

/* The number of the job that came of it. */
static int
make(struct db *db, const struct db_stmt *stmt, int64_t id, const char *by,
     const struct text_list *scope, int64_t *new_id_out, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	struct buf limits = BUF_INIT(SCOPE_BYTES_MAX);
	struct db_result *rows = NULL;
	int rc;

	if (scope != NULL)
		array_param_texts(&limits, scope);
	rc = buf_check(&limits, err);
	if (rc == 0) {
		const char *params[] = { int_param(id_text, id), by,
					 scope != NULL ? buf_text(&limits) : NULL };

		rc = db_exec(db, stmt, params, &rows, err);
	}
	if (rc == 0)
		*new_id_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	buf_free(&limits);
	return rc;
}

int
job_verb_hold(struct db *db, int64_t id, const char *by, struct err *err)
{
	return tell(db, &hold_stmt, id, by, err);
}

int
job_verb_resume(struct db *db, int64_t id, const char *by, struct err *err)
{
	return tell(db, &resume_stmt, id, by, err);
}

int
job_verb_delete(struct db *db, int64_t id, struct err *err)
{
	return tell(db, &delete_stmt, id, NULL, err);
}

int
job_verb_pause_running(struct db *db, int64_t id, const char *by, struct err *err)
{
	return tell(db, &pause_running_stmt, id, by, err);
}

int
job_verb_resume_running(struct db *db, int64_t id, const char *by, struct err *err)
{
	return tell(db, &resume_running_stmt, id, by, err);
}

int
job_verb_set_queue(struct db *db, int64_t id, int64_t queue_id, struct err *err)
{
	return set_number(db, &set_queue_stmt, id, queue_id, err);
}

int
job_verb_set_priority(struct db *db, int64_t id, int64_t priority, struct err *err)
{
	return set_number(db, &set_priority_stmt, id, priority, err);
}

int
job_verb_set_progress(struct db *db, int64_t id, int64_t attempt, int64_t progress, struct err *err)
{
	char id_text[INT_PARAM_SIZE], attempt_text[INT_PARAM_SIZE], progress_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id_text, id), int_param(progress_text, progress),
				 int_param(attempt_text, attempt) };

	return db_exec(db, &set_progress_stmt, params, NULL, err);
}

int
job_verb_set_position(struct db *db, int64_t id, int64_t place, struct err *err)
{
	return set_number(db, &set_position_stmt, id, place, err);
}

int
job_verb_set_run_after(struct db *db, int64_t id, int64_t ms, struct err *err)
{
	return set_number(db, &set_run_after_stmt, id, ms, err);
}

int
job_verb_enqueue_again(struct db *db, int64_t id, const char *by, const struct text_list *scope,
		       int64_t *new_id_out, struct err *err)
{
	return make(db, &enqueue_again_stmt, id, by, scope, new_id_out, err);
}

int
job_verb_restart(struct db *db, int64_t id, const char *by, const struct text_list *scope,
		 int64_t *new_id_out, struct err *err)
{
	return make(db, &restart_stmt, id, by, scope, new_id_out, err);
}
