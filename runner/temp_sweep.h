/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/temp_sweep.h: what runners that died left behind is found and removed: once when the jobs are
 * back after the start, and before an orderly end.
 *
 * A job's directories in TEMP are removed last of all it has here, so one that belongs to no run of ours
 * is the mark of a job that was interrupted.  The database is asked about it: while it is live nothing
 * is touched, and it is looked at again later.  When it is over, files of a collection that never
 * reached the database, halves of logs being cut, and last the directories go; when the database does
 * not know it any more, all it left here.  What is removed from TEMP is first renamed to .gone-*, so that
 * a job that starts meanwhile never meets a removal under way; what is called so goes at the next sweep.
 *
 * In slices of some milliseconds.  Removes only directories of our account with names we give.
 */
#ifndef RUNNER_TEMP_SWEEP_H
#define RUNNER_TEMP_SWEEP_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/event_loop.h"

struct job_remains;
struct runner;
struct tree_remove;

#define SWEEP_BATCH 200

enum sweep_state { SWEEP_IDLE, SWEEP_SCANNING, SWEEP_ASKING, SWEEP_REMOVING };

struct sweep_job {
	int64_t id;
	struct job_remains *remains; /* NULL: of this one only the directories are left to do */
};

struct temp_sweep {
	struct runner *runner;
	enum sweep_state state;
	struct event_timer timer;
	DIR *dir; /* SCANNING to REMOVING */
	bool dir_done;
	int64_t asked[SWEEP_BATCH];
	size_t n_asked;
	struct sweep_job jobs[SWEEP_BATCH]; /* REMOVING: those that may go */
	size_t n_jobs;
	struct tree_remove *tree; /* of a directory out of the way */
	unsigned removed;
	bool again; /* something could not be judged yet */
	bool at_end; /* the last sweep was begun */
	int64_t end_ms; /* then the end of the runner waits for it no longer; 0: it does not end */
};

void temp_sweep_init(struct temp_sweep *sweep, struct runner *runner);
void temp_sweep_free(struct temp_sweep *sweep);

/* The jobs of the keeper are runs of ours: begin, unless one is under way. */
void temp_sweep_begin(struct temp_sweep *sweep);

/* There will be something to sweep in a moment. */
void temp_sweep_want(struct temp_sweep *sweep);

/* The runner is about to end: true when the last sweep is done, or took too long. */
bool temp_sweep_at_end(struct temp_sweep *sweep);

#endif
