/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/slots.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define BRIEF_US 20000
#define AHEAD_US 80000
#define AHEAD_MAX 100
#define BRIEF_WEIGHT 8 /* of what was measured before against the newest */

void
slots_unmap_all(struct slots *slots)
{
	for (size_t i = 0; i < slots->len; i++) {
		slots->queues[i].max_before = slots->queues[i].max;
		slots->queues[i].max = 0;
	}
}

struct queue_slots *
slots_find(const struct slots *slots, int64_t queue_id)
{
	for (size_t i = 0; i < slots->len; i++)
		if (slots->queues[i].queue_id == queue_id)
			return &slots->queues[i];
	return NULL;
}

static struct queue_slots *
find_or_add(struct slots *slots, int64_t queue_id)
{
	struct queue_slots *queue = slots_find(slots, queue_id);

	if (queue != NULL)
		return queue;
	if (slots->len == slots->size) {
		slots->size = slots->size * 2 + 8;
		slots->queues = reallocarray(slots->queues, slots->size, sizeof(slots->queues[0]));
		if (slots->queues == NULL)
			abort();
	}
	queue = &slots->queues[slots->len++];
	memset(queue, 0, sizeof(*queue));
	queue->queue_id = queue_id;
	return queue;
}

struct queue_slots *
slots_map(struct slots *slots, int64_t queue_id, int max, int interval_ms)
{
	struct queue_slots *queue = find_or_add(slots, queue_id);

	queue->max = max;
	queue->interval_ms = interval_ms;
	return queue;
}

/* Units that may be claimed beyond the places there are. */
static int
ahead(const struct queue_slots *queue)
{
	int64_t units;

	if (queue->max < 2 || queue->brief < queue->max)
		return 0;
	units = queue->max * (int64_t)AHEAD_US / (queue->held_us > 0 ? queue->held_us : 1);
	if (units < queue->max)
		units = queue->max;
	return units < AHEAD_MAX ? (int)units : AHEAD_MAX;
}

bool
slots_has_stock(const struct queue_slots *queue)
{
	return queue->in_hand * 2 > ahead(queue);
}

int
slots_free(const struct queue_slots *queue)
{
	int room = queue->max + ahead(queue) - queue->used - queue->asked;

	return room > 0 ? room : 0;
}

bool
slots_has_place(const struct queue_slots *queue, int units)
{
	return queue->busy == 0 || queue->busy + units <= queue->max;
}

void
slots_note_end(struct slots *slots, int64_t queue_id, int64_t ran_us, int64_t held_us)
{
	struct queue_slots *queue = slots_find(slots, queue_id);

	if (queue == NULL)
		return;
	if (ran_us >= BRIEF_US) {
		queue->brief = 0;
		return;
	}
	if (queue->brief == 0)
		queue->held_us = held_us;
	queue->held_us = (queue->held_us * BRIEF_WEIGHT + held_us) / (BRIEF_WEIGHT + 1);
	queue->brief += queue->brief < INT_MAX;
}

void
slots_note_wait(struct slots *slots, int64_t queue_id)
{
	struct queue_slots *queue = slots_find(slots, queue_id);

	if (queue != NULL)
		queue->brief = 0;
}

void
slots_take(struct slots *slots, int64_t queue_id, int units)
{
	find_or_add(slots, queue_id)->used += units;
}

void
slots_release(struct slots *slots, int64_t queue_id, int units)
{
	struct queue_slots *queue = slots_find(slots, queue_id);

	assert(queue != NULL && queue->used >= units);
	queue->used -= units;
}

void
slots_clear(struct slots *slots)
{
	free(slots->queues);
	memset(slots, 0, sizeof(*slots));
}
