/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/known_account.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "fcgi/authn_account.h"
#include "fcgi/exchange.h"
#include "fcgi/rate_limit.h"
#include "fcgi/route.h"
#include "store/int_param.h"

#define PLACES 64
#define TAIL_BYTES 128 /* of a key: of a certificate that is much of its signature */

/* The planner may look for the row where it lies, past its index.  It is no more there once it has changed. */
#define IS_THE_SAME                                                               \
	" FROM jqm.account AS a WHERE a.id = $1::bigint AND a.stamp = $2::bigint" \
	" AND a.ctid = $3::tid"                                                   \
	" AND NOT a.locked AND (a.expiration_date IS NULL OR a.expiration_date > now())"

DB_STMT(ask_rights) = {
	.name = "authn_ask_rights",
	.text = "SELECT true" IS_THE_SAME,
	.n_params = 3,
	.read_only = true,
};

DB_STMT(demand_rights) = {
	.name = "authn_demand_rights",
	.text = "SELECT CASE WHEN EXISTS (SELECT" IS_THE_SAME ")"
		" THEN set_config('jqm.actor', $4, true) = $4"
		" ELSE jqm.rights_are_others() END",
	.n_params = 4, /* who acts */
	.read_only = true,
};

static struct place {
	char *key; /* NULL: the place is free */
	int64_t until_us;
	struct account account; /* of texts of our own */
	char **permissions; /* the same as the account's */
	unsigned serial; /* of the connection; another one may lead to an older state */
	char network[RATE_LIMIT_NETWORK_SIZE];
} places[PLACES];

static struct place *
place_of(const char *key)
{
	uint32_t hash =
	    2166136261u; /* FNV-1a: who aims at a place makes others be read again, no more */
	size_t len = strlen(key);

	for (key += len > TAIL_BYTES ? len - TAIL_BYTES : 0; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619u;
	return &places[hash % PLACES];
}

static void
clear(struct place *place)
{
	for (char **p = place->permissions; p != NULL && *p != NULL; p++)
		free(*p);
	free(place->permissions);
	free((char *)(uintptr_t)place->account.login);
	free((char *)(uintptr_t)place->account.place);
	free(place->key);
	memset(place, 0, sizeof(*place));
}

const struct account *
known_account_find(const struct exchange *x, const char *key, const char *network)
{
	const struct place *place = place_of(key);

	if (x->read_anew || place->key == NULL || strcmp(place->key, key) != 0 ||
	    place->serial != db_serial(x->db) || strcmp(place->network, network) != 0 ||
	    place->until_us <= clock_wall_us())
		return NULL;
	return &place->account;
}

static char **
copy_list(const char *const *list)
{
	size_t n = 0;
	char **copy;

	while (list[n] != NULL)
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	if (copy == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		copy[i] = str_dup(list[i]);
	return copy;
}

void
known_account_keep(const struct exchange *x, const char *key, const char *network, int64_t until_us,
		   const struct account *account)
{
	struct place *place = place_of(key);

	if (strlen(network) >= sizeof(place->network))
		return;
	clear(place);
	place->key = str_dup(key);
	place->until_us = until_us;
	place->account = *account;
	place->account.login = str_dup(account->login);
	place->account.place = str_dup(account->place);
	place->account.hash = NULL; /* nobody computes a password for what is kept here */
	place->account.computed = false;
	place->account.known_here = true;
	place->permissions = copy_list(account->permissions);
	place->account.permissions = (const char *const *)place->permissions;
	place->serial = db_serial(x->db);
	(void)snprintf(place->network, sizeof(place->network), "%s", network);
}

void
known_account_forget(const char *key)
{
	struct place *place = place_of(key);

	if (place->key != NULL && strcmp(place->key, key) == 0)
		clear(place);
}

int
known_account_gate(struct exchange *x, const char *key, const struct account *account,
		   struct err *err)
{
	char id[INT_PARAM_SIZE], stamp[INT_PARAM_SIZE];

	db_gate_set(x->db, &ask_rights, &demand_rights,
		    (const char *const[]){ int_param(id, account->id),
					   int_param(stamp, account->stamp), account->place },
		    db_serial(x->db));
	x->remembered = exchange_strdup(x, key);
	if (x->route != NULL && (x->route->limits & ROUTE_ONE_STATEMENT) != 0)
		return 1;
	if (db_gate_pass(x->db, err) == 0)
		return 1;
	if (db_gate_state(x->db) != DB_GATE_REFUSED)
		return -1;
	db_gate_clear(x->db);
	known_account_forget(key);
	err_clear(err);
	return 0;
}
