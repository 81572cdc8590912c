/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/accounts.h: as whom jobs may run besides the keeper's own account.
 *
 * The list is read once, when the keeper begins, from a file that only root can write: what a runner says, whoever
 * has it, adds nothing to it.  The accounts themselves are looked up at each start, in the files of base/local_account.h.
 */
#ifndef KEEPER_ACCOUNTS_H
#define KEEPER_ACCOUNTS_H

#include <stdbool.h>

#include "base/local_account.h"

struct err;
struct keeper_not_started;

#define ACCOUNTS_MAX 64

struct accounts {
	char names[ACCOUNTS_MAX][LOCAL_ACCOUNT_NAME_SIZE];
	int count;
	const char *passwd, *group; /* files they are looked up in */
	bool listed; /* a file was named */
	bool privileged; /* privileges_take() */
};

#define ACCOUNTS_INIT                                        \
	{                                                    \
		.passwd = LOCAL_PASSWD, .group = LOCAL_GROUP \
	}

/*
 * Read path: a name on each line; empty lines and those that begin with "#" do not count.  No file: nobody.  -1
 * ERR_DENIED: it is not root's, or others may write it; ERR_INVALID names the line.
 */
int accounts_read(struct accounts *accounts, const char *path, struct err *err);

/*
 * May a job run as name, now?  0, and *out is who that is: never root nor the keeper's own account, neither in a
 * group of theirs.  -1, and why has the reason (KEEPER_STEP_ACCOUNT).
 */
int accounts_allow(const struct accounts *accounts, const char *name, struct local_account *out,
		   struct keeper_not_started *why);

#endif
