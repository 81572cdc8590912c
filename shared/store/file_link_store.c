/* SPDX-License-Identifier: Apache-2.0 */
#include "store/file_link_store.h"

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/int_param.h"
#include "store/opt_value.h"

DB_STMT(make_stmt) = {
	.name = "file_link_make",
	.text = "SELECT token, " DB_US("expires_at") " FROM jqm.file_link_make($1, $2, $3::bigint)",
	.n_params = 3,
};

DB_STMT(open_stmt) = {
	.name = "file_link_open",
	.text = "SELECT deliverable_id, account_id, login, permission FROM jqm.file_link_open($1)",
	.n_params = 1,
	.read_only = true,
};
enum { COL_FILE, COL_ACCOUNT, COL_LOGIN, COL_PERMISSION };

DB_STMT(revoke_stmt) = {
	.name = "file_link_revoke",
	.text = "SELECT jqm.file_link_revoke($1, nullif($2::bigint, 0))",
	.n_params = 2,
};

int
file_link_make(struct db *db, int64_t file_id, int64_t account_id, int64_t seconds,
	       struct memory *memory, const char **token_out, struct opt_time *expires_out,
	       struct err *err)
{
	char file[INT_PARAM_SIZE], account[INT_PARAM_SIZE], time[INT_PARAM_SIZE];
	const char *params[] = { int_param(file, file_id), int_param(account, account_id),
				 int_param(time, seconds) };
	struct db_result *rows = NULL;

	if (db_exec(db, &make_stmt, params, &rows, err) == -1)
		return -1;
	*token_out = memory_dup(memory, db_text(rows, 0, 0));
	*expires_out = opt_time_of(rows, 0, 1);
	db_result_free(rows);
	return 0;
}

int
file_link_open(struct db *db, const char *token, struct memory *memory,
	       struct file_link_opened *out, struct err *err)
{
	struct db_result *rows = NULL;
	const char **permissions;
	size_t n = 0;

	if (db_exec(db, &open_stmt, (const char *const[]){ token }, &rows, err) == -1)
		return -1;
	if (db_rows(rows) == 0) {
		db_result_free(rows);
		return err_set(err, ERR_NOT_FOUND, "this link opens nothing (any more)");
	}
	permissions = memory_alloc_array(memory, (size_t)db_rows(rows) + 1, sizeof(permissions[0]));
	for (int row = 0; row < db_rows(rows); row++)
		if (!db_is_null(rows, row, COL_PERMISSION))
			permissions[n++] = memory_dup(memory, db_text(rows, row, COL_PERMISSION));
	out->file_id = db_int64(rows, 0, COL_FILE);
	out->account_id = db_int64(rows, 0, COL_ACCOUNT);
	out->login = memory_dup(memory, db_text(rows, 0, COL_LOGIN));
	out->permissions = permissions;
	db_result_free(rows);
	return 0;
}

int
file_link_revoke(struct db *db, int64_t file_id, int64_t account_id, int64_t *count_out,
		 struct err *err)
{
	char file[INT_PARAM_SIZE], account[INT_PARAM_SIZE];
	const char *params[] = { int_param(file, file_id), int_param(account, account_id) };
	struct db_result *rows = NULL;

	if (db_exec(db, &revoke_stmt, params, &rows, err) == -1)
		return -1;
	*count_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	return 0;
}
