/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/database.h: what must be in the database before the programs start; all repeatable. */
#ifndef UP_DATABASE_H
#define UP_DATABASE_H

#include <stdbool.h>

struct err;
struct home;

/* Create database jqm if it is not there and bring its schema up to date. */
int database_make(const struct home *home, const char *share_dir, struct err *err);

/*
 * Give root a random password on the first start.  The file root-password is complete on disk before
 * the account can use it; a password root already has is never touched.
 */
int database_set_root_password(const struct home *home, struct err *err);

/* The same in its three parts.  Is there no password yet? */
int database_root_is_new(const char *conninfo, bool *out, struct err *err);
/* The first password, out of the file path where an earlier try left it, else made and written there. */
#define FIRST_PASSWORD_SIZE 29
int database_first_password(const char *path, char out[FIRST_PASSWORD_SIZE], struct err *err);
/* Give it to root, unless root has one by now. */
int database_give_first_password(const char *conninfo, const char *password, struct err *err);

/* How often a runner has registered node so far; 0 for an unknown node. */
int database_incarnation(const struct home *home, const char *node, long long *out,
			 struct err *err);

/* Has node a runner that polls (served.h)? */
int database_node_polls(const struct home *home, const char *node, struct err *err);

/* The database of conninfo came out of a backup: see jqm.after_restore() (docs/backup.md). */
struct database_restored {
	long long jobs_lost, next_id;
};
int database_after_restore(const char *conninfo, bool paused, struct database_restored *out,
			   struct err *err);

/* The port in the node's row, 0 when it has none; and say which it is, where there is a row. */
int database_port(const struct home *home, const char *node, int *out, struct err *err);
int database_set_port(const struct home *home, const char *node, int port, struct err *err);

/* Apply the schema in share_dir to the database of conninfo; *applied_out files were new. */
int database_upgrade(const char *conninfo, const char *share_dir, int *applied_out,
		     struct err *err);

/* Every API is turned on again, and authentication. */
int database_open_api(const char *conninfo, struct err *err);

/* Another password for an account: see jqm.account_reset_password(). */
int database_reset_password(const char *conninfo, const char *login, const char *password,
			    bool unlock, bool drop_second_factor, struct err *err);

/* A link that logs in once as that account, on this machine, within a quarter of an hour; the one before is over. */
#define LOGIN_LINK_CHARS 22 /* 131 bits */
int database_login_link(const struct home *home, const char *login,
			char token[LOGIN_LINK_CHARS + 1], struct err *err);

#endif
