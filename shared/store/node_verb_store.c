/* SPDX-License-Identifier: Apache-2.0 */
#include "store/node_verb_store.h"

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "model/node.h"
#include "store/int_param.h"
#include "store/opt_value.h"

DB_STMT(list_stmt) = {
	.name = "node_list",
	.text =
	    "SELECT n.id, n.name, n.dns, n.port, n.repo_deliverable, n.repo_tmp, n.repo_job_def,"
	    " n.root_log_level, " DB_US(
		"n.last_seen_alive") ","
				     " n.enabled, n.stop, n.draining, n.load_api_simple, "
				     "n.load_api_client,"
				     " n.load_api_admin, coalesce(n.lease_until > now(), false),"
				     " (SELECT count(*) FROM jqm.live_job AS j WHERE j.node_name = "
				     "n.name)"
				     " FROM jqm.node AS n ORDER BY n.name",
	.read_only = true,
};

DB_STMT(pause_stmt) = {
	.name = "node_verb_pause",
	.text = "SELECT jqm.node_pause($1)",
	.n_params = 1,
};

DB_STMT(resume_stmt) = {
	.name = "node_verb_resume",
	.text = "SELECT jqm.node_resume($1)",
	.n_params = 1,
};

DB_STMT(stop_stmt) = {
	.name = "node_verb_stop",
	.text = "SELECT jqm.node_stop($1, $2)",
	.n_params = 2,
};

DB_STMT(drain_stmt) = {
	.name = "node_verb_drain",
	.text = "SELECT jqm.node_drain($1, $2)",
	.n_params = 2,
};

static void
node_of_row(const struct db_result *rows, int row, struct memory *memory, struct node *out)
{
	*out = (struct node){
		.id = db_int64(rows, row, 0),
		.name = memory_dup(memory, db_text(rows, row, 1)),
		.dns = memory_dup(memory, db_text(rows, row, 2)),
		.port = db_int64(rows, row, 3),
		.output_directory = memory_dup(memory, db_text(rows, row, 4)),
		.tmp_directory = memory_dup(memory, db_text(rows, row, 5)),
		.job_repository = memory_dup(memory, db_text(rows, row, 6)),
		.log_level = memory_dup(memory, db_text(rows, row, 7)),
		.last_seen_alive = opt_time_of(rows, row, 8),
		.enabled = db_bool(rows, row, 9),
		.stop = db_bool(rows, row, 10),
		.draining = db_bool(rows, row, 11),
		.load_api_simple = db_bool(rows, row, 12),
		.load_api_client = db_bool(rows, row, 13),
		.load_api_admin = db_bool(rows, row, 14),
		.alive = db_bool(rows, row, 15),
		.running_jobs = db_int64(rows, row, 16),
	};
}

int
node_list_read(struct db *db, struct memory *memory, struct node_list *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &list_stmt, NULL, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (size_t i = 0; i < out->len; i++)
		node_of_row(rows, (int)i, memory, &out->items[i]);
	db_result_free(rows);
	return 0;
}

static int
order(struct db *db, const struct db_stmt *stmt, int64_t id, const char *by, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id_text, id), by };

	return db_exec(db, stmt, params, NULL, err);
}

/* Nothing of these two is recorded but in the log of who gave the order. */
int
node_verb_pause(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order(db, &pause_stmt, id, by, err);
}

int
node_verb_resume(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order(db, &resume_stmt, id, by, err);
}

int
node_verb_stop(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order(db, &stop_stmt, id, by, err);
}

int
node_verb_drain(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order(db, &drain_stmt, id, by, err);
}
