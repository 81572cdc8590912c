/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/exchange_limits.c: what a caller with limits may see: a job its subtree, an account its scope. */
#include <inttypes.h>

#include "base/err.h"
#include "db/db.h"
#include "fcgi/exchange.h"
#include "store/array_param.h"
#include "store/int_param.h"

/* One row with one flag. */
static int
ask(struct exchange *x, const struct db_stmt *stmt, const char *const *params, bool *out,
    struct err *err)
{
	struct db_result *result = NULL;

	if (db_exec(x->db, stmt, params, &result, err) == -1)
		return -1;
	*out = db_rows(result) == 1 && db_bool(result, 0, 0);
	db_result_free(result);
	return 0;
}

DB_STMT(in_subtree) = {
	.name = "exchange_in_subtree",
	.text = "SELECT jqm.in_subtree($1, $2)",
	.n_params = 2,
	.read_only = true,
};

DB_STMT(job_in_scope) = {
	.name = "exchange_job_in_scope",
	.text = "SELECT jqm.job_in_scope($1, $2::text[], nullif($3::bigint, 0))",
	.n_params = 3,
	.read_only = true,
};

DB_STMT(queue_in_scope) = {
	.name = "exchange_queue_in_scope",
	.text = "SELECT jqm.queue_in_scope($1, $2::text[])",
	.n_params = 2,
	.read_only = true,
};

int
exchange_may_see_job(struct exchange *x, int64_t job_id, struct err *err)
{
	char root[INT_PARAM_SIZE], id[INT_PARAM_SIZE];
	bool mine = true;
	int rc = 0;

	if (x->identity.kind == IDENTITY_NOBODY)
		return err_set(err, ERR_DENIED, "nobody may see job %" PRId64, job_id);
	if (x->identity.kind == IDENTITY_JOB && x->identity.job_id == job_id)
		return 0;
	if (x->identity.kind == IDENTITY_JOB)
		rc = ask(x, &in_subtree,
			 (const char *const[]){ int_param(root, x->identity.job_id),
						int_param(id, job_id) },
			 &mine, err);
	if (rc == 0 && mine && x->scope != NULL)
		rc = ask(x, &job_in_scope,
			 (const char *const[]){ int_param(id, job_id),
						array_param(exchange_memory(x), x->scope), "0" },
			 &mine, err);
	if (rc == 0 && !mine)
		return err_set(err, ERR_NOT_FOUND, "there is no job instance %" PRId64, job_id);
	return rc;
}

int
exchange_may_see_queue(struct exchange *x, int64_t queue_id, struct err *err)
{
	char id[INT_PARAM_SIZE];
	bool mine = false;

	if (x->scope == NULL)
		return 0;
	if (ask(x, &queue_in_scope,
		(const char *const[]){ int_param(id, queue_id),
				       array_param(exchange_memory(x), x->scope) },
		&mine, err) == -1)
		return -1;
	return mine ? 0 : err_set(err, ERR_NOT_FOUND, "there is no queue %" PRId64, queue_id);
}

int
exchange_may_move_job(struct exchange *x, int64_t job_id, int64_t queue_id, struct err *err)
{
	char id[INT_PARAM_SIZE], queue[INT_PARAM_SIZE];
	bool mine = false;

	if (x->scope == NULL)
		return 0;
	if (exchange_may_see_job(x, job_id, err) == -1 ||
	    ask(x, &job_in_scope,
		(const char *const[]){ int_param(id, job_id),
				       array_param(exchange_memory(x), x->scope),
				       int_param(queue, queue_id) },
		&mine, err) == -1)
		return -1;
	return mine ? 0 : err_set(err, ERR_NOT_FOUND, "there is no queue %" PRId64, queue_id);
}
