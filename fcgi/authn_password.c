/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/authn_password.c: an account and its password. */
#include "fcgi/authn.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "crypto/password_hash.h"
#include "db/db.h"
#include "fcgi/authn_account.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "fcgi/known_account.h"
#include "fcgi/verify_aside.h"
#include "store/int_param.h"

/* Longest wait for one's turn to compute. */
#define GATE_TIMEOUT_MS 5000

DB_STMT(account_by_login) = {
	.name = "authn_account_by_login",
	.text = "SELECT " AUTHN_ACCOUNT_COLUMNS ","
		"       EXISTS (SELECT FROM jqm.account_network AS n WHERE n.account_id = a.id"
		"           AND n.network = $2 AND n.last_login > now() - interval '30 days')"
		"  FROM jqm.account AS a" AUTHN_ACCOUNT_PERMISSIONS " WHERE a.login = $1",
	.n_params = 2,
	.read_only = true,
};

/* Only if nobody has set another password meanwhile. */
DB_STMT(account_rehash) = {
	.name = "authn_account_rehash",
	.text = "SELECT jqm.account_rehash($1, $2, $3)",
	.n_params = 3,
};

DB_STMT(account_seen) = {
	.name = "authn_account_seen",
	.text = "SELECT jqm.account_seen($1, $2)",
	.n_params = 2,
};

static int
read_account(struct exchange *x, const char *login, const char *network, struct account *out,
	     struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(x->db, &account_by_login, (const char *const[]){ login, network }, &rows,
		    err) == -1)
		return -1;
	authn_account_take(x, rows, out);
	out->known_here = out->id != 0 && db_bool(rows, 0, AUTHN_ACCOUNT_COLUMNS_LEN);
	db_result_free(rows);
	return 0;
}

static bool
is_known_right(struct exchange *x, const char *password, const struct account *account)
{
	return account->hash != NULL &&
	       auth_cache_has(&x->guards->cache, account->id, account->version, password);
}

/*
 * The hash is of another make: store one of today's.  The login counts whether or not this works:
 * the next one tries again.
 */
static void
rehash(struct exchange *x, const char *password, struct account *account)
{
	char hash[PASSWORD_HASH_SIZE], id[INT_PARAM_SIZE];
	struct db_result *rows = NULL;
	struct err ignored = ERR_INIT;

	if (password_hash(password, hash, &ignored) == -1 ||
	    db_exec(x->db, &account_rehash,
		    (const char *const[]){ int_param(id, account->id), account->hash, hash }, &rows,
		    &ignored) == -1)
		return;
	if (!db_is_null(rows, 0, 0)) {
		account->hash = exchange_strdup(x, hash);
		account->version = db_int64(rows, 0, 0);
	}
	db_result_free(rows);
}

/* No password is right; whoever asks is told what an unknown account is told, the log knows why. */
static int
unreadable(const struct account *account, const char *password, struct err *err)
{
	log_error("account_unusable", "account=%" PRId64 " text=\"%s\"", account->id, err->text);
	err_clear(err);
	return verify_aside(password, NULL, err);
}

/* 1 right, 0 wrong, -1 cannot be told.  Inside the gate. */
static int
compute(struct exchange *x, const char *password, struct account *account, struct err *err)
{
	int right;

	/* Somebody may have computed it for us while we waited. */
	if (is_known_right(x, password, account))
		return 1;
	right = verify_aside(password, account->hash, err);
	if (right == -1 && err->kind == ERR_INVALID)
		return unreadable(account, password, err);
	if (right != 1)
		return right;
	account->computed = true;
	if (password_hash_is_old(account->hash))
		rehash(x, password, account);
	else
		auth_cache_put(&x->guards->cache, account->id, account->version, password);
	return 1;
}

/*
 * So that a flood from elsewhere never keeps out who can reach the server itself.  Narrower than request_is_local():
 * the rest of 127/8 is where proxies and tests come from.
 */
static bool
is_at_the_machine(const char *address)
{
	return strcmp(address, "127.0.0.1") == 0 || strcmp(address, "::ffff:127.0.0.1") == 0 ||
	       strcmp(address, "::1") == 0;
}

/* Seconds a stranger has to wait, because his address failed with many logins, or many addresses with this login. */
static int
stranger_wait_s(struct exchange *x, const char *login)
{
	struct rate_limit *limit = &x->guards->limit;
	const char *address = x->request.remote_addr;
	int by_address = rate_limit_wait_s(limit, RATE_LIMIT_ADDRESS, login, address);
	int by_login = is_at_the_machine(address)
			   ? 0
			   : rate_limit_wait_s(limit, RATE_LIMIT_LOGIN, login, address);

	return by_address > by_login ? by_address : by_login;
}

/*
 * One's turn to compute.  A worker waits with who is known here.  A stranger waits where that costs no worker, in a short
 * queue of nginx, and only when he comes from there with one, if a seat is free.  The place, or -1 + err.
 */
static int
enter_gate(struct exchange *x, const struct account *account, struct err *err)
{
	bool queue_is_open = strcmp(x->request.login_queue, "open") == 0;
	enum hash_gate_who who = account->known_here ? HASH_GATE_KNOWN
				 : queue_is_open     ? HASH_GATE_QUEUE
						     : HASH_GATE_STRANGER;
	int place = hash_gate_enter(&x->guards->gate, who, GATE_TIMEOUT_MS);

	if (place != -1)
		return place;
	if (who == HASH_GATE_QUEUE)
		x->response.refusal = REFUSAL_NOT_YET;
	return err_set(err, ERR_BUSY, "too many logins at the same time");
}

static int
verify(struct exchange *x, const char *login, const char *password, struct account *account,
       struct err *err)
{
	int wait_s, place, right;

	if (is_known_right(x, password, account))
		return 1;
	wait_s = account->known_here ? 0 : stranger_wait_s(x, login);
	if (wait_s > 0)
		return authn_refuse_for(x, wait_s, err);
	place = enter_gate(x, account, err);
	if (place == -1)
		return -1;
	right = compute(x, password, account, err);
	hash_gate_leave(&x->guards->gate, place);
	return right;
}

/* The account as this worker remembers it, if the password is remembered too: as known_account_gate(). */
static int
remembered(struct exchange *x, const char *login, const char *network, const char *password,
	   struct account *out, struct err *err)
{
	const struct account *account = known_account_find(x, login, network);

	if (account == NULL ||
	    !auth_cache_has(&x->guards->cache, account->id, account->version, password))
		return 0;
	*out = *account;
	return known_account_gate(x, login, account, err);
}

static int
read_and_verify(struct exchange *x, const char *login, const char *network, const char *password,
		enum authn_factors factors, struct account *out, struct err *err)
{
	int right;

	if (read_account(x, login, network, out, err) == -1)
		return -1;
	/* No password opens these: each costs what one of an unknown account costs, and is not kept. */
	if (!out->usable || (out->second_factor && factors == AUTHN_PASSWORD_ALONE))
		out->hash = NULL;
	right = verify(x, login, password, out, err);
	if (right == 1 && out->known_here && factors == AUTHN_PASSWORD_ALONE)
		known_account_keep(x, login, network, INT64_MAX, out);
	return right;
}

int
authn_password(struct exchange *x, const char *login, const char *password,
	       enum authn_factors factors, struct account *out, struct err *err)
{
	int wait_s =
	    rate_limit_wait_s(&x->guards->limit, RATE_LIMIT_PAIR, login, x->request.remote_addr);
	char network[RATE_LIMIT_NETWORK_SIZE];
	int right = 0;

	x->tried_login = exchange_strdup(x, login); /* login may be wiped before it is told */
	if (wait_s > 0)
		return authn_refuse_for(x, wait_s, err);
	rate_limit_network(x->request.remote_addr, network);
	if (factors == AUTHN_PASSWORD_ALONE)
		right = remembered(x, login, network, password, out, err);
	if (right == 0)
		right = read_and_verify(x, login, network, password, factors, out, err);
	if (right == 1)
		return 0;
	if (right == -1)
		return -1;
	authn_password_failed(x, login);
	return authn_refuse(x, err);
}

void
authn_password_done(struct exchange *x, const struct account *account)
{
	char network[RATE_LIMIT_NETWORK_SIZE], id[INT_PARAM_SIZE];
	struct err ignored = ERR_INIT;

	rate_limit_succeeded(&x->guards->limit, account->login, x->request.remote_addr);
	if (!account->computed && account->known_here)
		return;
	/* Whether or not this works: the next one tries again. */
	rate_limit_network(x->request.remote_addr, network);
	(void)db_exec(x->db, &account_seen,
		      (const char *const[]){ int_param(id, account->id), network }, NULL, &ignored);
}

void
authn_password_failed(struct exchange *x, const char *login)
{
	rate_limit_failed(&x->guards->limit, login, x->request.remote_addr);
}
