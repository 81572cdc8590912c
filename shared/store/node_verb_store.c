/* SPDX-License-Identifier: Apache-2.0 */
#include "store/node_verb_store.h"

#include "db/db.h"
#include "store/int_param.h"

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
