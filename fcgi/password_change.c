/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/password_change.h"

#include <string.h>

#include "base/err.h"
#include "conf/settings.h"
#include "crypto/password_hash.h"
#include "fcgi/basic_auth.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "model/password_rules.h"

/* Longest wait for one's turn to compute a hash. */
#define GATE_TIMEOUT_MS 5000

int
password_new_hash(struct exchange *x, const char *login, const char *password,
		  const char **hash_out, struct err *err)
{
	char hash[PASSWORD_HASH_SIZE];
	int place, rc;

	/* "login:password" must fit where it is read. */
	if (strlen(login) + 1 + strlen(password) > BASIC_AUTH_TEXT_MAX)
		return err_set(
		    err, ERR_INVALID,
		    "field \"newPassword\" is too long: with the login more than %d bytes",
		    BASIC_AUTH_TEXT_MAX);
	if (password_rules_check(login, password,
				 settings_int(x->settings, "fcgi:password_min_chars"), err) == -1)
		return err_prefix(err, "field \"newPassword\"");
	place = hash_gate_enter(&x->guards->gate, HASH_GATE_KNOWN, GATE_TIMEOUT_MS);
	if (place == -1)
		return err_set(err, ERR_BUSY, "too many passwords at the same time");
	rc = password_hash(password, hash, err);
	hash_gate_leave(&x->guards->gate, place);
	if (rc == 0)
		*hash_out = exchange_strdup(x, hash);
	return rc;
}
