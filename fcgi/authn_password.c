/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn_password.c: an account and its password. */
#include "fcgi/authn.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "crypto/password_hash.h"
#include "db/db.h"
#include "fcgi/authn_account.h"
#include "fcgi/basic_auth.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"

/* Longest wait for one's turn to compute. */
#define GATE_TIMEOUT_MS 5000

DB_STMT(account_by_login) = {
	.name = "authn_account_by_login",
	.text = "SELECT " AUTHN_ACCOUNT_COLUMNS " FROM jqm.account AS a" AUTHN_ACCOUNT_PERMISSIONS
		" WHERE a.login = $1",
	.n_params = 1,
	.read_only = true,
};

/* Only if nobody has set another password meanwhile. */
DB_STMT(account_rehash) = {
	.name = "authn_account_rehash",
	.text = "UPDATE jqm.account SET password_hash = $2 WHERE id = $1 AND password_hash = $3",
	.n_params = 3,
};

static bool
is_known_right(struct exchange *x, const struct basic_auth *auth, const struct account *account)
{
	return account->hash != NULL &&
	       auth_cache_has(&x->guards->cache, account->id, account->version, auth->password);
}

/*
 * The hash is of another make: store one of today's.  The login counts whether or not this works:
 * the next one tries again.
 */
static void
rehash(struct exchange *x, const struct basic_auth *auth, const struct account *account)
{
	char hash[PASSWORD_HASH_SIZE];
	const char *id = exchange_printf(x, "%" PRId64, account->id);
	struct err ignored = ERR_INIT;

	if (password_hash(auth->password, hash, &ignored) == 0)
		(void)db_exec(x->db, &account_rehash,
			      (const char *const[]){ id, hash, account->hash }, NULL, &ignored);
}

/* No password is right; whoever asks is told what an unknown account is told, the log knows why. */
static int
unreadable(const struct account *account, const struct basic_auth *auth, struct err *err)
{
	log_error("account_unusable", "account=%" PRId64 " text=\"%s\"", account->id, err->text);
	err_clear(err);
	password_verify_nobody(auth->password);
	return 0;
}

/* 1 right, 0 wrong, -1 cannot be told.  Inside the gate. */
static int
compute(struct exchange *x, const struct basic_auth *auth, const struct account *account,
	struct err *err)
{
	int right;

	/* Somebody may have computed it for us while we waited. */
	if (is_known_right(x, auth, account))
		return 1;
	if (account->hash == NULL) {
		password_verify_nobody(auth->password);
		return 0;
	}
	right = password_verify(auth->password, account->hash, err);
	if (right == -1 && err->kind == ERR_INVALID)
		return unreadable(account, auth, err);
	if (right != 1)
		return right;
	if (password_hash_is_old(account->hash))
		rehash(x, auth, account);
	else
		auth_cache_put(&x->guards->cache, account->id, account->version, auth->password);
	return 1;
}

static int
verify(struct exchange *x, const struct basic_auth *auth, const struct account *account,
       struct err *err)
{
	int wait_s, place, right;

	if (is_known_right(x, auth, account))
		return 1;
	wait_s = rate_limit_address_wait_s(&x->guards->limit, x->request.remote_addr);
	if (wait_s > 0)
		return authn_refuse_for(x, wait_s, err);
	place = hash_gate_enter(&x->guards->gate, GATE_TIMEOUT_MS);
	if (place == -1)
		return err_set(err, ERR_BUSY, "too many logins at the same time");
	right = compute(x, auth, account, err);
	hash_gate_leave(&x->guards->gate, place);
	return right;
}

int
authn_password(struct exchange *x, const struct basic_auth *auth, struct err *err)
{
	struct account account;
	int right;

	if (authn_account_read(x, &account_by_login, (const char *const[]){ auth->login }, &account,
			       err) == -1)
		return -1;
	right = verify(x, auth, &account, err);
	if (right == -1)
		return -1;
	if (right == 0 || !account.usable)
		return authn_refuse(x, err);
	authn_account_enter(x, &account);
	return 0;
}
