/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/purger.h: old history goes, and this node's logs and files of its jobs.
 *
 * Every 5 s, and when an administrator orders a purge, the database is asked: it takes a small step of
 * the cluster's purge and says which jobs' files this node still has to remove.  These go in slices of
 * 2 ms with 38 ms between them, so that a busy node spends a twentieth of its time so; then the
 * database is told.  A runner that is killed in between removes some of them once more, which does no
 * harm; one that was away finds them all when it is back.  What could not be removed comes again ten minutes
 * later, and holds up nothing.
 */
#ifndef RUNNER_PURGER_H
#define RUNNER_PURGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/event_loop.h"

struct job_remains;
struct runner;

#define PURGE_BATCH 200

struct purge_job {
	int64_t id;
	struct job_remains *remains;
};

struct purger {
	struct runner *runner;
	struct event_timer timer;
	bool asking; /* the statement is on its way */
	bool more; /* the database has more to do */
	bool poked; /* look again at once */
	struct purge_job jobs[PURGE_BATCH]; /* to be removed, from next on */
	size_t n_jobs, next;
	int64_t done[PURGE_BATCH], stuck[PURGE_BATCH]; /* to be told */
	size_t n_done, n_stuck;
	bool complained; /* of this batch: something stays */
};

void purger_init(struct purger *purger, struct runner *runner);
void purger_free(struct purger *purger);

/* The jobs are back: look. */
void purger_begin(struct purger *purger);

/* A purge was ordered, perhaps. */
void purger_poke(struct purger *purger);

#endif
