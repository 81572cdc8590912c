/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn_session.c: somebody who has logged in, known by a cookie. */
#include "fcgi/authn.h"

#include <stdbool.h>

#include "base/err.h"
#include "db/db.h"
#include "fcgi/authn_account.h"
#include "fcgi/exchange.h"
#include "fcgi/same_origin.h"
#include "fcgi/session.h"
#include "store/session_store.h"

/* That it is used is noted once a minute, or in a tenth of the time it lives unused. */
DB_STMT(account_by_session) = {
	.name = "authn_account_by_session",
	.text = "SELECT " AUTHN_ACCOUNT_COLUMNS ", s.id,"
		"       s.last_seen_at < now() - least(60, s.idle_s / 10.0) * interval '1 s'"
		"  FROM jqm.account_session AS s"
		"  JOIN jqm.account AS a ON a.id = s.account_id" AUTHN_ACCOUNT_PERMISSIONS
		" WHERE s.token_hash = decode($1, 'hex') AND s.tls = $2 AND jqm.session_alive(s)",
	.n_params = 2,
	.read_only = true,
};
enum { COL_SESSION = AUTHN_ACCOUNT_COLUMNS_LEN, COL_TOUCH };

enum authn_verdict
authn_session(struct exchange *x, struct err *err)
{
	char hash[SESSION_HASH_SIZE];
	struct db_result *rows = NULL;
	struct account account;
	struct err ignored = ERR_INIT;
	int64_t session = 0;
	bool touch = false;

	if (!session_presented(x, hash))
		return AUTHN_NOT_MINE;
	if (db_exec(x->db, &account_by_session,
		    (const char *const[]){ hash, x->request.tls ? "true" : "false" }, &rows,
		    err) == -1)
		return AUTHN_REFUSED;
	authn_account_take(x, rows, &account);
	if (account.id != 0) {
		session = db_int64(rows, 0, COL_SESSION);
		touch = db_bool(rows, 0, COL_TOUCH);
	}
	db_result_free(rows);
	/* One that is over is none: browsers keep the cookie. */
	if (session == 0 || !account.usable)
		return AUTHN_NOT_MINE;
	if (!same_origin_proven(&x->request)) {
		(void)err_set(err, ERR_DENIED,
			      "in a session only our own pages may do this: the browser did not "
			      "say that one did");
		return AUTHN_REFUSED;
	}
	/* Whether or not this works: the next request tries again. */
	if (touch)
		(void)session_touch(x->db, session, &ignored);
	authn_account_enter(x, &account, "session");
	x->identity.session_id = session;
	return AUTHN_IS;
}
