/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events/event_ring.h: the newest events, once, for all listeners.  Each listener has a position in it; the oldest go
 * whether or not everybody has heard of them, so that nobody's slowness costs memory.
 */
#ifndef EVENTS_EVENT_RING_H
#define EVENTS_EVENT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event_filter.h"

struct event {
	uint64_t xid; /* of the transaction that made it */
	bool
	    is_mark; /* the end of what was read together: text is an id that stands for all before it */
	struct event_facts facts; /* of a mark: none */
	const char *text; /* as a listener gets it, without the empty line behind it */
	size_t text_len;
	size_t bytes; /* of memory */
};

/* The facts' texts, kind ("state") and data (JSON) are copied. */
struct event *event_new(uint64_t xid, const struct event_facts *facts, const char *data);
struct event *event_new_mark(const char *id);

#define EVENT_RING_SLOTS 16384u

struct event_ring {
	struct event *slots[EVENT_RING_SLOTS];
	uint64_t first, end; /* positions of the oldest event, and of the next one to come */
	size_t bytes, bytes_max;
	/* Events of this transaction and older ones need not be here any more; of younger ones all are. */
	uint64_t forgotten;
};

/* Empty; of bytes_max the oldest events go when more come. */
void event_ring_init(struct event_ring *ring, size_t bytes_max);
void event_ring_add(struct event_ring *ring, struct event *event); /* it is the ring's */
/* position is in it: first to end - 1 (asserts). */
const struct event *event_ring_at(const struct event_ring *ring, uint64_t position);
/* All go; so does what forgotten says. */
void event_ring_clear(struct event_ring *ring, uint64_t forgotten);

#endif
