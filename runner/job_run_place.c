/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_run_place.h"

#include <stddef.h>

#include "base/clock.h"
#include "runner/runner.h"

#define PATIENCE_MS 500

static struct queue_slots *
queue_of(const struct runner *runner, const struct job_run *run)
{
	return slots_find(&runner->slots, run->order.queue_id);
}

/* Of those that wait for a place in the queue the one that was claimed first, or NULL. */
static struct job_run *
first_in_hand(const struct runner *runner, const struct queue_slots *queue)
{
	struct job_run *first = NULL;

	if (queue->in_hand == 0)
		return NULL;
	for (struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		if (run->in_hand_since_ms != 0 && run->order.queue_id == queue->queue_id)
			first = run; /* newest first */
	return first;
}

void
job_run_call_next(struct runner *runner, const struct queue_slots *queue)
{
	struct job_run *next = first_in_hand(runner, queue);

	if (next == NULL || !slots_has_place(queue, next->order.consumption))
		return;
	next->parked_until_ms = 0;
	run_table_push(&runner->runs, next);
}

static void
leave_hand(struct queue_slots *queue, struct job_run *run)
{
	queue->in_hand -= run->in_hand_since_ms != 0;
	run->in_hand_since_ms = 0;
}

void
job_run_has_place(struct runner *runner, struct job_run *run)
{
	run->busy = true;
	run->busy_since_us = clock_mono_us();
	queue_of(runner, run)->busy += run->order.consumption;
}

static enum step_result
wait_for_place(struct runner *runner, struct queue_slots *queue, struct job_run *run)
{
	int64_t now_ms = clock_mono_ms();

	if (run->in_hand_since_ms == 0) {
		run->in_hand_since_ms = now_ms;
		queue->in_hand++;
	} else if (now_ms - run->in_hand_since_ms >= PATIENCE_MS) {
		slots_note_wait(&runner->slots, queue->queue_id);
		leave_hand(queue, run);
		job_run_call_next(runner, queue); /* it may be smaller */
		run->phase = JOB_RUN_RETURNING;
		return STEP_MOVED;
	}
	job_run_park(runner, run, run->in_hand_since_ms + PATIENCE_MS - now_ms);
	return STEP_AGAIN;
}

enum step_result
job_run_take_place(struct runner *runner, struct job_run *run)
{
	struct queue_slots *queue = queue_of(runner, run);
	const struct job_run *first = first_in_hand(runner, queue);

	if (run->busy)
		return STEP_DONE;
	if (!slots_has_place(queue, run->order.consumption) || (first != NULL && first != run))
		return wait_for_place(runner, queue, run);
	leave_hand(queue, run);
	job_run_has_place(runner, run);
	job_run_call_next(runner, queue);
	return STEP_DONE;
}

void
job_run_leave_place(struct runner *runner, struct job_run *run)
{
	struct queue_slots *queue = queue_of(runner, run);

	if (!run->busy && run->in_hand_since_ms == 0)
		return;
	leave_hand(queue, run);
	if (run->busy)
		queue->busy -= run->order.consumption;
	run->busy = false;
	job_run_call_next(runner, queue);
}
