/* SPDX-License-Identifier: Apache-2.0 */
/* store/queue_verb_store.c: one statement for each function of sql/schema/0011. */
#include "store/queue_verb_store.h"

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/order_exec.h"

DB_STMT(pause_stmt) = {
	.name = "queue_verb_pause",
	.text = "SELECT jqm.queue_pause($1)",
	.n_params = 1,
};

DB_STMT(resume_stmt) = {
	.name = "queue_verb_resume",
	.text = "SELECT jqm.queue_resume($1)",
	.n_params = 1,
};

DB_STMT(clear_stmt) = {
	.name = "queue_verb_clear",
	.text = "SELECT jqm.queue_clear($1, $2)",
	.n_params = 2,
};

DB_STMT(status_stmt) = {
	.name = "queue_verb_status",
	.text = "SELECT jqm.queue_status($1)",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(capacity_stmt) = {
	.name = "queue_verb_capacity",
	.text = "SELECT jqm.queue_capacity($1)",
	.n_params = 1,
	.read_only = true,
};

/* One row with one number. */
static int
number(struct db *db, const struct db_stmt *stmt, int64_t id, const char *by, int64_t *out,
       struct err *err)
{
	struct db_result *rows = NULL;

	if (order_exec(db, stmt, id, by, &rows, err) == -1)
		return -1;
	*out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}

int
queue_verb_pause(struct db *db, int64_t id, struct err *err)
{
	return order_exec(db, &pause_stmt, id, NULL, NULL, err);
}

int
queue_verb_resume(struct db *db, int64_t id, struct err *err)
{
	return order_exec(db, &resume_stmt, id, NULL, NULL, err);
}

int
queue_verb_clear(struct db *db, int64_t id, const char *by, int64_t *count_out, struct err *err)
{
	return number(db, &clear_stmt, id, by, count_out, err);
}

int
queue_verb_status(struct db *db, int64_t id, struct memory *memory, const char **out,
		  struct err *err)
{
	struct db_result *rows = NULL;

	if (order_exec(db, &status_stmt, id, NULL, &rows, err) == -1)
		return -1;
	*out = memory_dup(memory, db_text(rows, 0, 0));
	db_result_free(rows);
	return 0;
}

int
queue_verb_capacity(struct db *db, int64_t id, int64_t *out, struct err *err)
{
	return number(db, &capacity_stmt, id, NULL, out, err);
}
