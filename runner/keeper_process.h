/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/keeper_process.h: start the keeper of this node.
 *
 * It leads a session of its own, so that no signal of the runner's terminal or end reaches it; its
 * lines go to LOG_DIR/jqm-keeper.log, which it sets aside itself (base/log_file.h).  It outlives the runner, and takes its table from the file.
 */
#ifndef RUNNER_KEEPER_PROCESS_H
#define RUNNER_KEEPER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct keeper_process {
	const char *program; /* these are borrowed */
	const char *socket_path;
	const char *table_path;
	const char *pid_path;
	const char *log_path;
	const char *accounts_path,
	    *work_dir; /* as whom jobs may run, where; accounts NULL: as it */
	int64_t log_max_bytes; /* as of log_file_open() */
	int log_keep;
	bool is_foreign; /* somebody else starts it (runner:start_keeper = false): we only wait */
	pid_t pid; /* of the one we started and did not reap; 0: none */
	int64_t start_at_ms; /* not before */
	int64_t backoff_ms;
};

/*
 * Start it, unless the last start is too recent or that keeper still lives: 1 started, 0 not now,
 * -1 with err.
 */
int keeper_process_start(struct keeper_process *keeper, struct err *err);

/* Can this program (NULL: none is started) be started with that socket?  0; -1 ERR_INVALID, ERR_NOT_FOUND. */
int keeper_process_verify(const char *program, const char *socket_path, struct err *err);

/*
 * Run program --check on that table and wait for its end, a moment: 0, and out is what it said, a line
 * without its end ("... kill_means=cgroup"); -1 with what is wrong.
 */
int keeper_process_check(const char *program, const char *table_path, char *out, size_t size,
			 struct err *err);

/* Reap the one we started if it ended: true, and *status_out is as of waitpid(). */
bool keeper_process_reap(struct keeper_process *keeper, int *status_out);

/* End the one we started, to which nobody has spoken yet: what its table holds is there for the next. */
void keeper_process_end(struct keeper_process *keeper);

/* It answered and listed its jobs: the next start need not wait. */
void keeper_process_good(struct keeper_process *keeper);

#endif
