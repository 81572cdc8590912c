/* SPDX-License-Identifier: Apache-2.0 */
#include "store/account_store.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "db/db.h"
#include "store/int_param.h"

DB_STMT(change_password) = {
	.name = "account_change_password",
	.text = "SELECT jqm.account_change_password($1, $2, $3)",
	.n_params = 3,
};

DB_STMT(account_exists) = {
	.name = "account_exists",
	.text = "SELECT EXISTS (SELECT FROM jqm.account WHERE id = $1)",
	.n_params = 1,
	.read_only = true,
};

int
account_store_check(struct db *db, int64_t account_id, struct err *err)
{
	char account[INT_PARAM_SIZE];
	struct db_result *rows = NULL;
	bool exists;

	if (db_exec(db, &account_exists, (const char *const[]){ int_param(account, account_id) },
		    &rows, err) == -1)
		return -1;
	exists = db_bool(rows, 0, 0);
	db_result_free(rows);
	return exists ? 0 : err_set(err, ERR_NOT_FOUND, "there is no account %" PRId64, account_id);
}

int
account_store_change_password(struct db *db, int64_t account_id, const char *old_hash,
			      const char *new_hash, int64_t *version_out, struct err *err)
{
	char account[INT_PARAM_SIZE];
	const char *params[] = { int_param(account, account_id), old_hash, new_hash };
	struct db_result *rows = NULL;

	if (db_exec(db, &change_password, params, &rows, err) == -1)
		return -1;
	*version_out = db_int64(rows, 0, 0);
	db_result_free(rows);
	if (*version_out == 0)
		return err_set(err, ERR_CONFLICT, "the password has changed meanwhile");
	return 0;
}
