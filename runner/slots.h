/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/slots.h: how many more jobs of each queue this node may take, in units: a large job takes
 * several of its mapping.
 *
 * Units are taken from the moment a claim asks for it until the end of the run is told.  Limits change
 * while we run; jobs over a lowered limit go on.
 *
 * Where jobs are brief more are claimed than there are places, so that the next one can start when one has
 * ended, not when the database has answered, and so that one statement can tell and ask for many: as many
 * as the places are done with in 80 ms, at least as many again and 100 at most, once as many ends in a row
 * as there are places were of runs under 20 ms.  They are in hand, prepared, and start in the order of their
 * claim; never more units are busy than the mapping allows.  Whoever had to wait for 500 ms is given back
 * (its attempt then has a number, and never was), and nothing is claimed ahead until jobs are brief again.
 * A queue of one place works strictly one after the other: there the next job starts when history has the
 * last one.
 */
#ifndef RUNNER_SLOTS_H
#define RUNNER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a queue's poller stands (claim_poller.c). */
struct queue_poll {
	bool want; /* look for work as soon as there is room, for a reason of our own */
	bool sleepy; /* a "tell me" is to be sent */
	bool waiting; /* it is on its way */
	bool flag_up; /* enqueue will notify us */
	bool claim_saw_flag; /* it was up when the claim was sent */
	bool told; /* look as soon as there is room: a NOTIFY came since the last claim was sent */
	bool claim_was_told; /* before the last claim */
	bool polled; /* since the last heartbeat */
	int flag_tries; /* raising it failed so often in a row */
	int vain; /* so many claims in a row were told of jobs and got none */
	int64_t vain_ms; /* the last of them, or the end of the rest after it */
	int64_t asked_ms; /* the last claim was sent */
	int64_t rest_until_ms; /* what a NOTIFY says is not heard till then */
	int64_t next_ms; /* look then at the latest */
};

struct queue_slots {
	int64_t queue_id;
	int max; /* 0: not mapped, or disabled */
	int max_before; /* slots_unmap_all() was called */
	int interval_ms;
	int used; /* units of runs */
	int asked; /* of a claim under way */
	int busy; /* units of runs whose process may live */
	int in_hand; /* runs that wait for a place among those */
	int brief; /* so many ends in a row were of brief runs */
	int64_t held_us; /* how long those held their places, of late */
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

/* So many runs are in hand that their places need no more for a while. */
bool slots_has_stock(const struct queue_slots *queue);

/* May a run of so many units start, as far as places go?  The largest may when nothing else is busy. */
bool slots_has_place(const struct queue_slots *queue, int units);

/*
 * A run of the queue ended after that time, and held its place so long (it is started and its end is told
 * meanwhile: on a busy machine that is most of it); or one that was claimed ahead waited too long.
 */
void slots_note_end(struct slots *slots, int64_t queue_id, int64_t ran_us, int64_t held_us);
void slots_note_wait(struct slots *slots, int64_t queue_id);

/* A run of the queue came into being (its queue need not be mapped), or is gone. */
void slots_take(struct slots *slots, int64_t queue_id, int units);
void slots_release(struct slots *slots, int64_t queue_id, int units);

void slots_clear(struct slots *slots); /* free what it owns */

#endif
