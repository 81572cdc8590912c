/* SPDX-License-Identifier: Apache-2.0 */
#include "store/session_store.h"

#include "db/db.h"
#include "model/memory.h"
#include "model/session.h"
#include "store/int_param.h"
#include "store/opt_value.h"

DB_STMT(start_stmt) = {
	.name = "session_start",
	.text = "SELECT jqm.session_start($1, $2, decode($3, 'hex'), $4, $5, $6, $7)",
	.n_params = 7,
};

DB_STMT(touch_stmt) = {
	.name = "session_touch",
	.text = "UPDATE jqm.account_session SET last_seen_at = now() WHERE id = $1",
	.n_params = 1,
};

DB_STMT(list_stmt) = {
	.name = "session_list",
	.text = "SELECT id, id = $2, address, " DB_US("created_at") ", " DB_US(
	    "last_seen_at") ","
			    "       " DB_US("ends_at") "  FROM jqm.account_session AS s"
						       " WHERE account_id = $1 AND "
						       "jqm.session_alive(s) ORDER BY id DESC",
	.n_params = 2,
	.read_only = true,
};
enum { COL_ID, COL_CURRENT, COL_ADDRESS, COL_CREATED, COL_LAST_SEEN, COL_ENDS };

/* $2 NULL: all of them */
DB_STMT(end_stmt) = {
	.name = "session_end",
	.text = "WITH gone AS (DELETE FROM jqm.account_session"
		" WHERE account_id = $1 AND id = coalesce($2, id) RETURNING 1)"
		" SELECT count(*) FROM gone",
	.n_params = 2,
};

DB_STMT(end_by_token_stmt) = {
	.name = "session_end_by_token",
	.text = "DELETE FROM jqm.account_session WHERE token_hash = decode($1, 'hex')",
	.n_params = 1,
};

int
session_start(struct db *db, int64_t account_id, int64_t version, const char *token_hash,
	      const struct session_life *life, const struct session_line *line, int64_t *id_out,
	      struct err *err)
{
	char account[INT_PARAM_SIZE], state[INT_PARAM_SIZE], idle[INT_PARAM_SIZE],
	    max[INT_PARAM_SIZE];
	const char *params[] = {
		int_param(account, account_id), int_param(state, version),   token_hash,
		int_param(idle, life->idle_s),  int_param(max, life->max_s), line->address,
		line->tls ? "true" : "false",
	};
	struct db_result *rows = NULL;

	if (db_exec(db, &start_stmt, params, &rows, err) == -1)
		return -1;
	*id_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}

int
session_touch(struct db *db, int64_t id, struct err *err)
{
	char text[INT_PARAM_SIZE];

	return db_exec(db, &touch_stmt, (const char *const[]){ int_param(text, id) }, NULL, err);
}

int
session_list(struct db *db, int64_t account_id, int64_t current_id, struct memory *memory,
	     struct session_list *out, struct err *err)
{
	char account[INT_PARAM_SIZE], current[INT_PARAM_SIZE];
	const char *params[] = { int_param(account, account_id), int_param(current, current_id) };
	struct db_result *rows = NULL;

	if (db_exec(db, &list_stmt, params, &rows, err) == -1)
		return -1;
	out->len = (size_t)db_rows(rows);
	out->items = memory_alloc_array(memory, out->len, sizeof(out->items[0]));
	for (int i = 0; i < db_rows(rows); i++)
		out->items[i] = (struct session){
			.id = db_int64(rows, i, COL_ID),
			.current = db_bool(rows, i, COL_CURRENT),
			.address = memory_dup(memory, db_text(rows, i, COL_ADDRESS)),
			.created = opt_time_of(rows, i, COL_CREATED),
			.last_seen = opt_time_of(rows, i, COL_LAST_SEEN),
			.ends = opt_time_of(rows, i, COL_ENDS),
		};
	db_result_free(rows);
	return 0;
}

static int
end(struct db *db, const char *account, const char *id, int64_t *count_out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &end_stmt, (const char *const[]){ account, id }, &rows, err) == -1)
		return -1;
	*count_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}

int
session_end(struct db *db, int64_t account_id, int64_t id, int64_t *count_out, struct err *err)
{
	char account[INT_PARAM_SIZE], number[INT_PARAM_SIZE];

	return end(db, int_param(account, account_id), int_param(number, id), count_out, err);
}

int
session_end_all(struct db *db, int64_t account_id, int64_t *count_out, struct err *err)
{
	char account[INT_PARAM_SIZE];

	return end(db, int_param(account, account_id), NULL, count_out, err);
}

int
session_end_by_token(struct db *db, const char *token_hash, struct err *err)
{
	return db_exec(db, &end_by_token_stmt, (const char *const[]){ token_hash }, NULL, err);
}
