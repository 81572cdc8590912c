/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/account.h: the unprivileged account that does the work when root starts it. */
#ifndef UP_ACCOUNT_H
#define UP_ACCOUNT_H

#include <sys/types.h>

struct err;

struct account {
	char *name; /* NULL: a uid without a name */
	char *directory; /* its home directory */
	uid_t uid;
	gid_t gid;
};
#define ACCOUNT_INIT             \
	{                        \
		NULL, NULL, 0, 0 \
	}

/* $JQM_ACCOUNT or "jqm", made as a system account when it does not exist.  Never uid 0. */
int account_ensure(struct account *out, struct err *err);

/* $JQM_ACCOUNT or "jqm", if there is one; also uid 0, which callers refuse or tell. */
int account_find(struct account *out, struct err *err);

/* The account of this process's user number. */
void account_of_uid(uid_t uid, struct account *out);

/* The account that owns path.  -1 when that is root, or when path does not exist. */
int account_of_file(const char *path, struct account *out, struct err *err);

void account_free(struct account *account);

/* Become it for good: groups, gid, uid, and proof that root cannot come back. */
int account_become(const struct account *account, struct err *err);

#endif
