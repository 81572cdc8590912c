/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/child_exec.h: what happens between vfork and exec, and nothing else. */
#ifndef KEEPER_CHILD_EXEC_H
#define KEEPER_CHILD_EXEC_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct local_account;

/* What can fail in the child. */
enum child_step {
	CHILD_SESSION,
	CHILD_DEATH,
	CHILD_CGROUP,
	CHILD_DESCRIPTORS,
	CHILD_NICENESS,
	CHILD_PRIVILEGES,
	CHILD_ACCOUNT,
	CHILD_TEMP,
	CHILD_DIRECTORY,
	CHILD_LIMIT,
	CHILD_SIGNALS,
	CHILD_EXECUTE,
	CHILD_STEPS
};

/* In words: "could not execute". */
const char *child_step_text(enum child_step step);

/* What a child that does not share our memory writes into report_fd. */
struct child_report {
	int error; /* errno */
	enum child_step step;
};

/* Everything the child needs, made before vfork; the child writes nothing but the last two. */
struct child_plan {
	const char *program;
	char *const *argv;
	char *const *envp;
	const char *cwd;
	int null_fd, out_fd, err_fd; /* all above 2 and close-on-exec */
	int cgroup_fd; /* cgroup.procs of the job's group, or -1 */
	int priority; /* as for setpriority() */
	mode_t umask;
	uint64_t mark; /* RLIMIT_LOCKS, 0: leave it */
	int64_t file_max_bytes; /* RLIMIT_FSIZE, 0: leave it */
	int64_t memory_max_bytes; /* RLIMIT_AS, 0: leave it */
	int64_t cpu_max_s; /* RLIMIT_CPU, 0: leave it */
	struct rlimit nofile; /* as the keeper found it */
	sigset_t ignored; /* signals that are ignored: back to their defaults */
	pid_t keeper_pid;
	bool unprivileged; /* there are no privileges to give up */
	const struct local_account *account; /* to become; NULL: stay as we are */
	const char *temp_dir; /* the account's, with account */
	int report_fd; /* where to tell what failed; -1: our memory is the keeper's */

	volatile int error; /* 0: the program runs */
	const char *volatile step; /* else: what failed, in words */
};

/*
 * Become the job: own session, stdin from null, outputs, limits, account, directory, clean signals, exec.
 * Runs in the keeper's memory (vfork) or in a copy of it: only system calls, no allocation, never returns.
 */
void child_exec(struct child_plan *plan) __attribute__((noreturn));

#endif
