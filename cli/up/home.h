/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/home.h: the directory of an embedded JQM, and who holds it.
 *
 * Layout: conf/ db/ run/ state/ log/ jobs/ outputfiles/ joblogs/ tmp/ root-password; all of it is
 * closed to other accounts.  state/up.lock is locked as long as a supervisor runs and names it.
 */
#ifndef UP_HOME_H
#define UP_HOME_H

#include <stdbool.h>
#include <sys/types.h>

struct err;

struct home {
	char *path; /* absolute, links resolved */
	char *
	    sockets; /* path/run, or a short directory of our own when that is no path for sockets */
};
#define HOME_INIT          \
	{                  \
		NULL, NULL \
	}

/*
 * Which directory is meant by requested (NULL: $JQM_HOME, else "./var"); touches nothing.
 * -1 with ERR_INVALID when its path cannot stand in our configuration files.
 */
int home_locate(const char *requested, struct home *out, struct err *err);
void home_free(struct home *home);

/* "HOME/name" in fresh memory. */
char *home_file(const struct home *home, const char *name);

/*
 * Make what is missing of the directories, mode 0700.  -1: not writable, belongs to somebody else, or
 * holds other things than a home (ERR_CONFLICT, nothing made).
 */
int home_make(const struct home *home, struct err *err);

/* Does the directory exist and has it ever been a home? */
bool home_exists(const char *path);

/*
 * Become the one supervisor of home and write our pid into its lock.  The descriptor holds it until
 * closed; -1 with ERR_CONFLICT naming the process that has it.
 */
int home_lock(const struct home *home, struct err *err);

/*
 * 1: a supervisor runs, *pid_out is its process (0 while it has not yet said so); 0: none runs.
 * -1: could not look.
 */
int home_supervisor(const struct home *home, pid_t *pid_out, struct err *err);

/* Remove the directory of the sockets if it lies outside of the home: nothing runs any more. */
void home_forget_sockets(const struct home *home);

#endif
