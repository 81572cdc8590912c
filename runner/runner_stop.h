/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/runner_stop.h: how a runner ends.
 *
 * A stop has a reason and goes on from pass to pass of the loop: jobs that have not started go back, those that run are
 * ended or left to the keeper, known ends are archived, the lease is given back.  A timer bounds each of these waits.
 */
#ifndef RUNNER_RUNNER_STOP_H
#define RUNNER_RUNNER_STOP_H

#include <stdbool.h>

struct runner;

enum runner_stop {
	STOP_NONE,
	STOP_KILL, /* TERM, INT: end the jobs, archive them, end */
	STOP_ORDERED, /* the same by an administrator's order: RUNNER_EXIT_ORDERED, not to be restarted */
	STOP_LEAVE, /* USR1: end at once, the jobs live on for the next runner */
	STOP_FENCED /* another runner has the node: end the jobs, write nothing, end in failure */
};

/* Exit code that tells a supervisor to leave it so. */
#define RUNNER_EXIT_ORDERED 10

/* Join in the loop of runner.  Once, before any of the others. */
void runner_stop_init(struct runner *runner);

/* Begin to stop; a stronger reason replaces a weaker one.  why is for the log, and for the history of the
 * jobs that an order ends. */
void runner_stop(struct runner *runner, enum runner_stop stop, const char *why);

/* TERM or INT came: the first one asks the jobs to end, the second one kills them; more change nothing. */
void runner_stop_signalled(struct runner *runner, const char *why);

/* Runs came while we stop, if we do: the same goes for them. */
void runner_stop_more(struct runner *runner);

/* The next step of a stop, if there is one: once in each pass of the loop. */
void runner_stop_go_on(struct runner *runner);

/* Does it end the jobs, and write what became of them? */
bool runner_stop_ends_jobs(enum runner_stop stop);

/* Nothing can be done: say why in one line and end with exit code 1.  Jobs live on under the keeper; one that we
 * started for nothing ends (keeper_link_end_unused()). */
void runner_give_up(struct runner *runner, const char *event, const char *why);

#endif
