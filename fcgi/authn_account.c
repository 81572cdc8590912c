/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/authn_account.h"

#include <stddef.h>
#include <string.h>

#include "db/db.h"
#include "fcgi/exchange.h"

enum { COL_ID, COL_LOGIN, COL_HASH, COL_VERSION, COL_USABLE, COL_PERMISSION };

int
authn_account_read(struct exchange *x, const struct db_stmt *stmt, const char *const *params,
		   struct account *out, struct err *err)
{
	struct db_result *rows = NULL;
	const char **permissions;
	size_t count = 0;

	memset(out, 0, sizeof(*out));
	if (db_exec(x->db, stmt, params, &rows, err) == -1)
		return -1;
	permissions = exchange_alloc(x, ((size_t)db_rows(rows) + 1) * sizeof(*permissions));
	for (int i = 0; i < db_rows(rows); i++)
		if (!db_is_null(rows, i, COL_PERMISSION))
			permissions[count++] = exchange_strdup(x, db_text(rows, i, COL_PERMISSION));
	out->permissions = permissions;
	if (db_rows(rows) > 0) {
		out->id = db_int64(rows, 0, COL_ID);
		out->login = exchange_strdup(x, db_text(rows, 0, COL_LOGIN));
		if (!db_is_null(rows, 0, COL_HASH))
			out->hash = exchange_strdup(x, db_text(rows, 0, COL_HASH));
		out->version = db_int64(rows, 0, COL_VERSION);
		out->usable = db_bool(rows, 0, COL_USABLE);
	}
	db_result_free(rows);
	return 0;
}

void
authn_account_enter(struct exchange *x, const struct account *account)
{
	x->identity.kind = IDENTITY_ACCOUNT;
	x->identity.login = account->login;
	x->identity.account_id = account->id;
	x->identity.permissions = account->permissions;
}
