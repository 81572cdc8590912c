/* SPDX-License-Identifier: Apache-2.0 */
#include "store/account_store.h"

#include <stddef.h>

#include "base/err.h"
#include "db/db.h"
#include "store/int_param.h"

DB_STMT(change_password) = {
	.name = "account_change_password",
	.text = "SELECT jqm.account_change_password($1, $2, $3)",
	.n_params = 3,
};

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
