/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn_account.h: the account somebody claims to be, and what it may do, in one statement. */
#ifndef FCGI_AUTHN_ACCOUNT_H
#define FCGI_AUTHN_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct db_result;
struct exchange;

struct account {
	int64_t id; /* 0: there is none */
	const char *login;
	const char *hash; /* NULL: none, no password is right */
	int64_t version;
	int64_t stamp; /* another one when anything of this is, but its place alone */
	const char *place; /* where its row lies; another one when the stamp is */
	bool usable; /* neither locked nor expired */
	bool second_factor; /* its password alone opens nothing */
	bool known_here; /* it has logged in from this network lately */
	bool computed; /* its password was computed just now, not remembered */
	const char *const *permissions;
};

/*
 * A statement that finds an account by whatever a method knows of it:
 *	"SELECT " AUTHN_ACCOUNT_COLUMNS ", ... FROM ... jqm.account AS a " AUTHN_ACCOUNT_PERMISSIONS " WHERE ..."
 * One row per permission; one with NULL for an account that has none.  Columns of the method's own come from
 * AUTHN_ACCOUNT_COLUMNS_LEN on.
 */
#define AUTHN_ACCOUNT_COLUMNS                                                                    \
	"a.id, a.login, a.password_hash, a.version, a.stamp, a.ctid,"                            \
	" NOT a.locked AND (a.expiration_date IS NULL OR a.expiration_date > now()),"            \
	" EXISTS (SELECT FROM jqm.account_totp AS t WHERE t.account_id = a.id AND t.confirmed)," \
	" p.permission"
#define AUTHN_ACCOUNT_COLUMNS_LEN 9
#define AUTHN_ACCOUNT_PERMISSIONS                                                  \
	" LEFT JOIN LATERAL (SELECT DISTINCT unnest(r.permissions) AS permission"  \
	"     FROM jqm.account_role AS ar JOIN jqm.role AS r ON r.id = ar.role_id" \
	"    WHERE ar.account_id = a.id) AS p ON true"

/* From the rows of such a statement; without a row, or one without an account, *out is all zero, without permissions. */
void authn_account_take(struct exchange *x, const struct db_result *rows, struct account *out);

/* x->identity becomes this account's; credential: "password", "session", ... */
void authn_account_enter(struct exchange *x, const struct account *account, const char *credential);

#endif
