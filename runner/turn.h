/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/turn.h: what the runs have to tell the database and what the queues are asked, gathered
 * into one statement, one at a time.
 *
 * While a turn is on its way ends, starts and free slots gather for the next one; so a runner with
 * nothing else to do says everything at once, and a busy one pays one commit for many jobs.  The
 * slot of a job that ended is asked for in the turn that says so.
 *
 * A start waits MARK_AFTER_MS for company: a shorter job is never RUNNING in the database.  An end waits some
 * milliseconds where its place is not missed (claim_poller_end_wait_ms()): then a job that was just enqueued is
 * asked for without it, and a node with many brief jobs tells many ends at once.
 */
#ifndef RUNNER_TURN_H
#define RUNNER_TURN_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/event_loop.h"
#include "store/job_turn_store.h"

struct runner;

#define TURN_JOBS_MAX 200
#define TURN_QUEUES_MAX 64

struct turn {
	struct runner *runner;
	struct event_timer timer; /* the next start or end to be told */
	bool under_way;
	bool was_alone; /* the last one held one end that goes alone, and nothing else */
	struct job_key started[TURN_JOBS_MAX], ended[TURN_JOBS_MAX];
	struct job_wanted wanted[TURN_QUEUES_MAX];
	size_t n_started, n_ended, n_wanted;
};

void turn_init(struct turn *turn, struct runner *runner);

/*
 * The next one can be sent.  Not while there is no connection: it says how long ago things happened,
 * and that is written down when it is sent.
 */
bool turn_is_open(const struct turn *turn);

/* Send the next one if it is possible and there is anything in it. */
void turn_pass(struct turn *turn);

#endif
