/* SPDX-License-Identifier: Apache-2.0 */
#include "store/doctor_store.h"

#include <stddef.h>

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/int_param.h"

DB_STMT(report_stmt) = {
	.name = "doctor_report",
	.text = "SELECT jqm.doctor_report($1, $2, $3, $4)",
	.n_params = 4,
};

DB_STMT(asked_stmt) = {
	.name = "doctor_asked",
	.text = "SELECT jqm.doctor_asked($1, $2)",
	.n_params = 2,
	.read_only = true,
};

DB_STMT(reports_stmt) = {
	.name = "doctor_reports",
	.text = "SELECT jqm.doctor_reports(nullif($1::bigint, 0))",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(ask_stmt) = {
	.name = "doctor_ask",
	.text = "SELECT jqm.doctor_ask($1)",
	.n_params = 1,
};

int
doctor_report_store(struct db *db, const char *node, int64_t began_ago_ms, int64_t every_s,
		    const char *json, struct err *err)
{
	char ago[INT_PARAM_SIZE], every[INT_PARAM_SIZE];
	const char *const params[] = { node, int_param(ago, began_ago_ms),
				       int_param(every, every_s), json };
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, &report_stmt, params, &rows, err) == -1)
		return -1;
	if (!db_bool(rows, 0, 0))
		rc = err_set(err, ERR_NOT_FOUND,
			     "no node \"%.100s\" has registered in this database", node);
	db_result_free(rows);
	return rc;
}

void
doctor_asked_send(struct db_async *db, struct node_life life, db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation) };

	db_async_send(db, &asked_stmt, params, done, arg);
}

int
doctor_reports_read(struct db *db, int64_t node, struct memory *memory, const char **json_out,
		    struct err *err)
{
	char node_text[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &reports_stmt, (const char *const[]){ int_param(node_text, node) }, &rows,
		    err) == -1)
		return -1;
	*json_out = memory_dup(memory, db_text(rows, 0, 0));
	db_result_free(rows);
	return 0;
}

int
doctor_ask(struct db *db, int64_t node, struct err *err)
{
	char node_text[INT_PARAM_SIZE];

	return db_exec(db, &ask_stmt, (const char *const[]){ int_param(node_text, node) }, NULL,
		       err);
}
