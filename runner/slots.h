/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/slots.h: how many more jobs of each queue this node may take, in units: a large job takes
 * several of its mapping.
 *
 * Units are taken from the moment a claim asks for it until the run is cleared away.  Limits change
 * while we run; jobs over a lowered limit go on.
 */
#ifndef RUNNER_SLOTS_H
#define RUNNER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a queue's poller stands (claim_poller.c). */
struct queue_poll {
	bool want; /* look for work as soon as there is room */
	bool sleepy; /* a "tell me" is to be sent */
	bool waiting; /* it is on its way */
	bool flag_up; /* enqueue will notify us */
	bool claim_saw_flag; /* it was up when the claim was sent */
	bool polled; /* since the last heartbeat */
	int flag_tries; /* raising it failed so often in a row */
	int64_t next_ms; /* look then at the latest */
};

struct queue_slots {
	int64_t queue_id;
	int max; /* 0: not mapped, or disabled */
	int max_before; /* slots_unmap_all() was called */
	int interval_ms;
	int used; /* units of runs */
	int asked; /* of a claim under way */
	struct queue_poll poll;
};

struct slots {
	struct queue_slots *queues;
	size_t len, size;
};

/* Begin and end of a new list of mappings: what is not set in between has max 0. */
void slots_unmap_all(struct slots *slots);
/* Returns the queue's entry; valid until the next call of this or of slots_take(). */
struct queue_slots *slots_map(struct slots *slots, int64_t queue_id, int max, int interval_ms);
struct queue_slots *slots_find(const struct slots *slots, int64_t queue_id); /* or NULL */

/* Units of the queue that may still be asked for; never negative. */
int slots_free(const struct queue_slots *queue);

/* A run of the queue came into being (its queue need not be mapped), or is gone. */
void slots_take(struct slots *slots, int64_t queue_id, int units);
void slots_release(struct slots *slots, int64_t queue_id, int units);

void slots_clear(struct slots *slots); /* free what it owns */

#endif
