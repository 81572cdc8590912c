/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/login_link.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "db/db.h"
#include "fcgi/authn.h"
#include "fcgi/authn_account.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "fcgi/request.h"

#define TOKEN_MAX 100
#define HASH_SIZE (2 * DIGEST_SIZE + 1)
/* No account's: wrong tokens count for the address. */
#define NO_LOGIN ""

DB_STMT(account_by_link) = {
	.name = "login_account_by_link",
	.text = "SELECT " AUTHN_ACCOUNT_COLUMNS
		"  FROM (SELECT jqm.login_link_use(decode($1, 'hex')) AS account_id) AS l"
		"  JOIN jqm.account AS a ON a.id = l.account_id" AUTHN_ACCOUNT_PERMISSIONS,
	.n_params = 1,
};

int
login_link_use(struct exchange *x, const char *token, struct account *out, struct err *err)
{
	unsigned char digest[DIGEST_SIZE];
	char hash[HASH_SIZE];
	struct db_result *rows = NULL;
	int wait_s =
	    rate_limit_wait_s(&x->guards->limit, RATE_LIMIT_PAIR, NO_LOGIN, x->request.remote_addr);

	if (wait_s > 0)
		return authn_refuse_for(x, wait_s, err);
	if (!request_asks_for_loopback(&x->request) || strlen(token) > TOKEN_MAX)
		return authn_refuse(x, err);
	if (digest_sha256(token, strlen(token), digest) == -1)
		return err_set(err, ERR_INTERNAL, "the digest of the link cannot be computed");
	str_hex(hash, digest, sizeof(digest));
	if (db_exec(x->db, &account_by_link, (const char *const[]){ hash }, &rows, err) == -1)
		return -1;
	authn_account_take(x, rows, out);
	db_result_free(rows);
	if (out->id != 0 && out->usable)
		return 0;
	authn_password_failed(x, NO_LOGIN);
	return authn_refuse(x, err);
}
