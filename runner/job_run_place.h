/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_place.h: whose turn it is to start, among the runs of a queue (slots.h says when any may). */
#ifndef RUNNER_JOB_RUN_PLACE_H
#define RUNNER_JOB_RUN_PLACE_H

#include "runner/job_run.h"

struct queue_slots;

/*
 * The step before a start.  STEP_DONE: it has a place; STEP_AGAIN: it waits for one, behind those that
 * were claimed before it; STEP_MOVED: it waited too long and goes back.
 */
enum step_result job_run_take_place(struct runner *runner, struct job_run *run);

/* It is running already, an earlier runner started it. */
void job_run_has_place(struct runner *runner, struct job_run *run);

/* It will not start, or no process of it lives: whoever waits comes next.  Nothing to do: harmless. */
void job_run_leave_place(struct runner *runner, struct job_run *run);

/* There may be more places than before: whoever waits for one comes, if any does. */
void job_run_call_next(struct runner *runner, const struct queue_slots *queue);

#endif
