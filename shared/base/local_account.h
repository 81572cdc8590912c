/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/local_account.h: accounts of this machine, read from its own files.
 *
 * Not getpwnam(): in a static program that loads whatever nsswitch.conf names, and the keeper may hold
 * privileges.  So accounts of a directory service (LDAP and the like) are not found.
 */
#ifndef BASE_LOCAL_ACCOUNT_H
#define BASE_LOCAL_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#define LOCAL_ACCOUNT_NAME_SIZE 33
#define LOCAL_ACCOUNT_GROUPS_MAX 64
#define LOCAL_PASSWD "/etc/passwd"
#define LOCAL_GROUP "/etc/group"

struct local_account {
	uid_t uid;
	gid_t gid;
	char home[256];
	gid_t groups[LOCAL_ACCOUNT_GROUPS_MAX]; /* all it is in, gid first */
	int n_groups;
};

/* 1 to 32 of letters, digits, "_", ".", "-"; the first one a letter or "_". */
bool local_account_is_name(const char *name);

/*
 * The account of that name in two files of the form of passwd(5) and group(5), of several the first.  0; -1 with errno:
 * ENOENT there is none, ERANGE its home or its groups do not fit, else why a file could not be read.
 */
int local_account_find(const char *passwd_path, const char *group_path, const char *name,
		       struct local_account *out);

#endif
