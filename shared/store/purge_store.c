/* SPDX-License-Identifier: Apache-2.0 */
#include "store/purge_store.h"

#include <stdlib.h>

#include "store/int_param.h"

DB_STMT(purge_order_stmt) = {
	.name = "purge_order",
	.text = "select jqm.purge($1 * interval '1 s', $2)",
	.n_params = 2,
};

DB_STMT(purge_count_stmt) = {
	.name = "purge_count",
	.text = "select jqm.purge_count(now() - $1 * interval '1 s')",
	.n_params = 1,
	.read_only = true,
};

int
purge_order(struct db *db, int64_t age_s, bool dry, const char *login, int64_t *jobs_out,
	    struct err *err)
{
	char age[INT_PARAM_SIZE];
	const char *const params[] = { int_param(age, age_s), login };
	struct db_result *rows = NULL;

	if (db_exec(db, dry ? &purge_count_stmt : &purge_order_stmt, params, &rows, err) == -1)
		return -1;
	*jobs_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}

DB_STMT(node_purge) = {
	.name = "node_purge",
	.text = "select more, id, coalesce(definition_name, ''), attempt"
		" from jqm.node_purge($1, $2, $3, $4)",
	.n_params = 4,
};

void
purge_send(struct db_async *db, struct node_life life, const struct purge_told *told,
	   db_done_fn *done_fn, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	char *done = int_array_param(told->done, told->n_done);
	char *stuck = int_array_param(told->stuck, told->n_stuck);
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation), done, stuck };

	db_async_send(db, &node_purge, params, done_fn, arg);
	free(done);
	free(stuck);
}

void
purge_row_read(const struct db_result *rows, int row, struct purge_row *out)
{
	out->more = db_bool(rows, row, 0);
	out->job_id = db_int64(rows, row, 1);
	out->definition_name = db_text(rows, row, 2);
	out->attempt = (int32_t)db_int64(rows, row, 3);
}
