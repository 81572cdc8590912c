/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/keeper_loop.h: from the command line's wishes to the last job's end. */
#ifndef KEEPER_KEEPER_LOOP_H
#define KEEPER_KEEPER_LOOP_H

#include <stdint.h>
#include <sys/types.h>

struct accounts;
struct err;

struct keeper_options {
	const char *socket_path;
	const char *table_path;
	const char *pid_path; /* NULL: none */
	const char *log_path; /* NULL: standard error, as it is; else base/log_file.h */
	int64_t log_max_bytes;
	int log_keep;
	const char
	    *work_dir; /* where directories of jobs are; NULL: none runs as another account */
	const struct accounts *accounts;
	uint32_t slots;
	pid_t guard; /* guard.h; 0: none */
	int64_t idle_exit_ms; /* without runner and jobs for so long: end; 0: never */
};

/*
 * Be the keeper of that table until told to end.  0 after TERM, INT, DRAIN or the idle time;
 * -1 with err when it could not begin (nothing was started, the table is as it was but for jobs an
 * earlier keeper left, see recovery.h).
 */
int keeper_loop_run(const struct keeper_options *options, struct err *err);

/* For --check: which means to kill are usable here ("cgroup", "subreaper", "session"). */
const char *keeper_loop_means(void);

#endif
