/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn_account.h: the account somebody claims to be, and what it may do, in one statement. */
#ifndef FCGI_AUTHN_ACCOUNT_H
#define FCGI_AUTHN_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct db_stmt;
struct err;
struct exchange;

struct account {
	int64_t id; /* 0: there is none */
	const char *login;
	const char *hash; /* NULL: none, no password is right */
	int64_t version;
	bool usable; /* neither locked nor expired */
	const char *const *permissions;
};

/*
 * A statement that finds an account by whatever a method knows of it:
 *	"SELECT " AUTHN_ACCOUNT_COLUMNS " FROM ... AS a " AUTHN_ACCOUNT_PERMISSIONS " WHERE ..."
 * where a is the row of jqm.account.  One row per permission; one with NULL for an account that has none.
 */
#define AUTHN_ACCOUNT_COLUMNS                                                         \
	"a.id, a.login, a.password_hash, a.version,"                                  \
	" NOT a.locked AND (a.expiration_date IS NULL OR a.expiration_date > now())," \
	" p.permission"
#define AUTHN_ACCOUNT_PERMISSIONS                                                  \
	" LEFT JOIN LATERAL (SELECT DISTINCT unnest(r.permissions) AS permission"  \
	"     FROM jqm.account_role AS ar JOIN jqm.role AS r ON r.id = ar.role_id" \
	"    WHERE ar.account_id = a.id) AS p ON true"

/* Run stmt; no row: *out is all zero, without permissions.  0, or -1: what the database says. */
int authn_account_read(struct exchange *x, const struct db_stmt *stmt, const char *const *params,
		       struct account *out, struct err *err);

/* x->identity becomes this account's. */
void authn_account_enter(struct exchange *x, const struct account *account);

#endif
