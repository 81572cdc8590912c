/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_instance_store.c: enqueue and steer through the functions of sql/schema/0006. */
#include "store/job_instance_store.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "model/job_request.h"
#include "model/memory.h"
#include "store/array_param.h"
#include "store/int_param.h"
#include "store/json_param.h"
#include "store/order_exec.h"

/* 1000 parameters of 50 and 1000 characters of 4 bytes, each byte escaped at worst to 6 */
#define PARAMETERS_BYTES_MAX (1000u * 1050 * 6)

DB_STMT(enqueue_stmt) = {
	.name = "job_instance_enqueue",
	.text = "SELECT jqm.enqueue(application_name => $1, parameters => $2::jsonb,"
		" queue_name => nullif($3, ''), priority => $4::int,"
		" run_after => $5::timestamptz, held => $6::boolean, user_name => nullif($7, ''),"
		" session_id => $8, application => $9, module => $10, keyword1 => $11,"
		" keyword2 => $12, keyword3 => $13, email => $14, parent_id => $15::bigint,"
		" trace_id => $16, schedule_id => nullif($17::bigint, 0),"
		" wait_for => $18::text[], max_attempts => $19::int, concurrency_key => $20,"
		" idempotency_key => $21, idempotency_owner => $22, submitter => $23,"
		" scope => $24::text[])",
	.n_params = 24,
	.takes_gate = true,
};

DB_STMT(place_stmt) = {
	.name = "job_instance_place",
	.text = "SELECT state, node_name FROM jqm.live_job WHERE id = $1"
		" UNION ALL SELECT state, node_name FROM jqm.past_job_of($1)",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(cancel_stmt) = {
	.name = "job_instance_cancel",
	.text = "SELECT jqm.cancel($1, $2)",
	.n_params = 2,
};

DB_STMT(kill_stmt) = {
	.name = "job_instance_kill",
	.text = "SELECT jqm.kill($1, $2)",
	.n_params = 2,
};

static const char *
number_param(const struct opt_int64 *number, char text[INT_PARAM_SIZE])
{
	return number->set ? int_param(text, number->value) : NULL;
}

static const char *
date_param(const struct opt_time *date, char text[CLOCK_TEXT_SIZE])
{
	if (!date->set)
		return NULL;
	clock_rfc3339(text, date->us);
	return text;
}

int
job_instance_enqueue(struct db *db, const struct job_request *request, int64_t *id_out,
		     struct err *err)
{
	char priority[INT_PARAM_SIZE], parent[INT_PARAM_SIZE], run_after[CLOCK_TEXT_SIZE];
	char schedule[INT_PARAM_SIZE], attempts[INT_PARAM_SIZE];
	struct buf parameters = BUF_INIT(PARAMETERS_BYTES_MAX);
	struct buf wait_for = BUF_INIT(PARAMETERS_BYTES_MAX);
	struct buf scope = BUF_INIT(PARAMETERS_BYTES_MAX);
	struct db_result *rows = NULL;
	int rc = -1;

	/* jqm.enqueue() refuses a key without a value by name */
	json_param_map(&parameters, &request->parameters);
	array_param_texts(&wait_for, &request->wait_for);
	if (request->scope != NULL)
		array_param_texts(&scope, request->scope);
	if (buf_check(&parameters, err) == 0 && buf_check(&wait_for, err) == 0 &&
	    buf_check(&scope, err) == 0) {
		const char *params[] = {
			request->application_name,
			buf_text(&parameters),
			request->queue_name,
			number_param(&request->priority, priority),
			date_param(&request->run_after, run_after),
			request->start_state == JOB_HOLDED ? "true" : "false",
			request->user,
			request->session_id,
			request->application,
			request->module,
			request->keyword1,
			request->keyword2,
			request->keyword3,
			request->email,
			number_param(&request->parent_job_id, parent),
			request->trace_id,
			number_param(&request->schedule_id, schedule),
			request->wait_for.len > 0 ? buf_text(&wait_for) : NULL,
			number_param(&request->max_attempts, attempts),
			request->concurrency_key,
			request->idempotency_key,
			request->idempotency_owner,
			request->submitter,
			request->scope != NULL ? buf_text(&scope) : NULL,
		};

		rc = db_exec(db, &enqueue_stmt, params, &rows, err);
	}
	if (rc == 0)
		*id_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	buf_free(&parameters);
	buf_free(&wait_for);
	buf_free(&scope);
	return rc;
}

int
job_instance_place(struct db *db, int64_t id, struct memory *memory, struct job_place *out,
		   struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id_text, id) };
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, &place_stmt, params, &rows, err) == -1)
		return -1;
	if (db_rows(rows) == 0) {
		rc = err_set(err, ERR_NOT_FOUND, "there is no job instance %" PRId64, id);
	} else {
		out->state = job_state_from_name(db_text(rows, 0, 0));
		out->node_name = memory_dup(memory, db_text(rows, 0, 1));
	}
	db_result_free(rows);
	return rc;
}

int
job_instance_cancel(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order_exec(db, &cancel_stmt, id, by, NULL, err);
}

int
job_instance_kill(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order_exec(db, &kill_stmt, id, by, NULL, err);
}
