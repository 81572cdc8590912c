/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/authn_account.h"

#include <stddef.h>
#include <string.h>

#include "db/db.h"
#include "fcgi/audit.h"
#include "fcgi/exchange.h"
#include "store/current_names.h"

enum {
	COL_ID,
	COL_LOGIN,
	COL_HASH,
	COL_VERSION,
	COL_STAMP,
	COL_PLACE,
	COL_USABLE,
	COL_SECOND_FACTOR,
	COL_PERMISSION
};

void
authn_account_take(struct exchange *x, const struct db_result *rows, struct account *out)
{
	const char **permissions;
	size_t count = 0;

	memset(out, 0, sizeof(*out));
	permissions = exchange_alloc(x, ((size_t)db_rows(rows) + 1) * sizeof(*permissions));
	for (int i = 0; i < db_rows(rows); i++)
		if (!db_is_null(rows, i, COL_PERMISSION))
			permissions[count++] = exchange_strdup(x, db_text(rows, i, COL_PERMISSION));
	out->permissions = permissions;
	if (db_rows(rows) == 0 || db_is_null(rows, 0, COL_ID))
		return;
	out->id = db_int64(rows, 0, COL_ID);
	out->login = exchange_strdup(x, db_text(rows, 0, COL_LOGIN));
	if (!db_is_null(rows, 0, COL_HASH))
		out->hash = exchange_strdup(x, db_text(rows, 0, COL_HASH));
	out->version = db_int64(rows, 0, COL_VERSION);
	out->stamp = db_int64(rows, 0, COL_STAMP);
	out->place = exchange_strdup(x, db_text(rows, 0, COL_PLACE));
	out->usable = db_bool(rows, 0, COL_USABLE);
	out->second_factor = db_bool(rows, 0, COL_SECOND_FACTOR);
}

void
authn_account_enter(struct exchange *x, const struct account *account, const char *credential)
{
	x->identity.kind = IDENTITY_ACCOUNT;
	x->identity.login = exchange_strdup(x, account->login); /* which may be forgotten */
	x->identity.account_id = account->id;
	x->identity.account_version = account->version;
	x->identity.account_stamp = account->stamp;
	x->identity.permissions = account->permissions;
	x->identity.credential = credential;
	audit_say_who(x);
	current_names_for(account->id, account->stamp);
}
