/* SPDX-License-Identifier: Apache-2.0 */
#include "store/node_verb_store.h"

#include "db/db.h"
#include "store/order_exec.h"

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

/* Nothing of these two is recorded but in the log of who gave the order. */
int
node_verb_pause(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order_exec(db, &pause_stmt, id, by, NULL, err);
}

int
node_verb_resume(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order_exec(db, &resume_stmt, id, by, NULL, err);
}

int
node_verb_stop(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order_exec(db, &stop_stmt, id, by, NULL, err);
}

int
node_verb_drain(struct db *db, int64_t id, const char *by, struct err *err)
{
	return order_exec(db, &drain_stmt, id, by, NULL, err);
}
