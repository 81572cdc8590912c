/* SPDX-License-Identifier: Apache-2.0 */
#include "store/webhook_store.h"

#include <stddef.h>

#include "db/db.h"
#include "model/memory.h"
#include "store/int_param.h"

DB_STMT(deliveries_stmt) = {
	.name = "webhook_deliveries",
	.text = "SELECT jqm.webhook_deliveries($1, nullif($2, 0), nullif($3::bigint, 0), $4::int)",
	.n_params = 4,
	.read_only = true,
};

DB_STMT(ping_stmt) = {
	.name = "webhook_ping",
	.text = "SELECT jqm.webhook_ping($1)",
	.n_params = 1,
};

DB_STMT(redeliver_stmt) = {
	.name = "webhook_redeliver",
	.text = "SELECT jqm.webhook_redeliver($1, $2)",
	.n_params = 2,
};

int
webhook_store_deliveries(struct db *db, int64_t hook, int64_t id, int64_t before, int64_t most,
			 struct memory *memory, const char **json_out, struct err *err)
{
	char hook_text[INT_PARAM_SIZE], id_text[INT_PARAM_SIZE], before_text[INT_PARAM_SIZE],
	    most_text[INT_PARAM_SIZE];
	const char *const params[] = { int_param(hook_text, hook), int_param(id_text, id),
				       int_param(before_text, before), int_param(most_text, most) };
	struct db_result *rows = NULL;

	if (db_exec(db, &deliveries_stmt, params, &rows, err) == -1)
		return -1;
	*json_out = memory_dup(memory, db_text(rows, 0, 0));
	db_result_free(rows);
	return 0;
}

int
webhook_store_ping(struct db *db, int64_t hook, int64_t *id_out, struct err *err)
{
	char hook_text[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	if (db_exec(db, &ping_stmt, (const char *const[]){ int_param(hook_text, hook) }, &rows,
		    err) == -1)
		return -1;
	*id_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}

int
webhook_store_redeliver(struct db *db, int64_t hook, int64_t id, struct err *err)
{
	char hook_text[INT_PARAM_SIZE], id_text[INT_PARAM_SIZE];
	const char *const params[] = { int_param(hook_text, hook), int_param(id_text, id) };

	return db_exec(db, &redeliver_stmt, params, NULL, err);
}
