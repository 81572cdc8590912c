/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/doctor_round.h: "jqm doctor --report" looks at this node and tells the database what it found.
 *
 * A process of its own, one at a time: a minute after the start, each runner:doctor_s seconds after the last one ended, and
 * when an administrator asks.  It runs beside the jobs, so it is nice, has an hour before it is killed, and dies with us;
 * what it cannot tell is said in the log and waits for the next round.  A wish that came while it looks needs another look.
 */
#ifndef RUNNER_DOCTOR_ROUND_H
#define RUNNER_DOCTOR_ROUND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/event_loop.h"

struct runner;

struct doctor_round {
	struct runner *runner;
	struct event_timer timer;
	char *program; /* jqm */
	pid_t pid; /* of the one that looks; 0: none does */
	int64_t kill_ms; /* until then it has time */
	bool asking; /* the question whether one is wanted is on its way */
	bool again; /* to be asked once more when that is answered, or the look has ended */
};

void doctor_round_init(struct doctor_round *round, struct runner *runner);

void doctor_round_free(struct doctor_round *round);

/* The node is ours: begin. */
void doctor_round_begin(struct doctor_round *round);

/* A look was asked for, perhaps. */
void doctor_round_poke(struct doctor_round *round);

#endif
