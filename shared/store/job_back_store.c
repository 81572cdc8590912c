/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_back_store.h"

#include <stdlib.h>

#include "store/int_param.h"
#include "store/job_order_row.h"
#include "store/life_send.h"

DB_STMT(job_take_back) = {
	.name = "job_take_back",
	.text = "select " JOB_ORDER_COLUMNS " from jqm.take_back($1, $2, $3)",
	.n_params = 3,
};

DB_STMT(job_give_back) = {
	.name = "job_give_back",
	.text = "select jqm.give_back($1, $2, $3)",
	.n_params = 3,
};

/* By its number alone: whoever has it by now is another runner's, which comes back as ever.  And only what we may end. */
DB_STMT(lost_session_end) = {
	.name = "lost_session_end",
	.text = "select count(pg_terminate_backend(a.pid)) from pg_stat_activity as a"
		" where a.pid = any ($1::int[]) and a.pid <> pg_backend_pid()"
		" and a.datname = current_database() and a.usename = session_user"
		" and pg_has_role(a.usesysid, 'USAGE')"
		" and a.application_name = current_setting('application_name')",
	.n_params = 1,
};

static void
send_jobs(struct db_async *db, const struct db_stmt *stmt, struct node_life life,
	  const struct job_key *jobs, size_t n, db_done_fn *done, void *arg)
{
	char *list = json_param_jobs(jobs, n);

	life_send(db, stmt, life, list, done, arg);
	free(list);
}

void
job_take_back_send(struct db_async *db, struct node_life life, const struct job_key *known,
		   size_t n, db_done_fn *done, void *arg)
{
	send_jobs(db, &job_take_back, life, known, n, done, arg);
}

void
lost_session_end_send(struct db_async *db, const int64_t *pids, size_t n, db_done_fn *done,
		      void *arg)
{
	char *list = int_array_param(pids, n);
	const char *const params[] = { list };

	db_async_send(db, &lost_session_end, params, done, arg);
	free(list);
}

int64_t
lost_session_end_left(const struct db_result *rows)
{
	return db_int64(rows, 0, 0);
}

void
job_give_back_send(struct db_async *db, struct node_life life, const struct job_key *jobs, size_t n,
		   db_done_fn *done, void *arg)
{
	send_jobs(db, &job_give_back, life, jobs, n, done, arg);
}
