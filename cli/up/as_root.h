/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/as_root.h: what happens before anything else when root types "jqm up": root's rights are
 * used to make an account, to give it the home and the programs, and are then gone for good.
 *
 * Where the account cannot go (a clone under /root), programs are copied to
 * /var/lib/jqm/program-HASH and the home really lies in /var/lib/jqm/home-HASH, with a link at the
 * place that was asked for.
 */
#ifndef UP_AS_ROOT_H
#define UP_AS_ROOT_H

#include "cli/up/account.h"

struct err;
struct home;

struct as_root {
	struct account account;
	char *home; /* where the home really is */
	char *program; /* the jqm the account can run */
};
#define AS_ROOT_INIT                     \
	{                                \
		ACCOUNT_INIT, NULL, NULL \
	}

/*
 * Make account, home and programs ready and become the account.  Prints one line for each thing that
 * was put elsewhere.
 */
int as_root_prepare(const struct home *home, struct as_root *out, struct err *err);
void as_root_free(struct as_root *as_root);

/* For the other verbs: become the owner of an existing home, if we are root. */
int as_root_become_owner(const struct home *home, struct err *err);

#endif
