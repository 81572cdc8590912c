/* SPDX-License-Identifier: Apache-2.0 */
#include "events/event_ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct event *
get_event(size_t bytes)
{
	struct event *event = calloc(1, sizeof(*event) + bytes);

	if (event == NULL)
		abort();
	event->bytes = sizeof(*event) + bytes;
	return event;
}

struct event *
event_new(uint64_t xid, const struct event_facts *facts, const char *data)
{
	static const char before[] = "event: ", between[] = "\ndata: ";
	const char *kind = facts->texts[EVENT_KIND];
	size_t bytes = sizeof(before) + strlen(kind) + sizeof(between) + strlen(data) + 2;
	struct event *event;
	char *at;

	for (size_t i = 0; i < EVENT_FIELDS; i++)
		if (facts->texts[i] != NULL)
			bytes += strlen(facts->texts[i]) + 1;
	event = get_event(bytes);
	event->xid = xid;
	at = (char *)(event + 1);
	for (size_t i = 0; i < EVENT_FIELDS; i++)
		if (facts->texts[i] != NULL) {
			event->facts.texts[i] = at;
			at = stpcpy(at, facts->texts[i]) + 1;
		}
	event->text = at;
	at = stpcpy(stpcpy(stpcpy(stpcpy(stpcpy(at, before), kind), between), data), "\n");
	event->text_len = (size_t)(at - event->text);
	return event;
}

struct event *
event_new_mark(const char *id)
{
	struct event *event = get_event(sizeof("id: \n") + strlen(id));
	char *at = (char *)(event + 1);

	event->is_mark = true;
	event->text = at;
	at = stpcpy(stpcpy(stpcpy(at, "id: "), id), "\n");
	event->text_len = (size_t)(at - event->text);
	return event;
}

void
event_ring_init(struct event_ring *ring, size_t bytes_max)
{
	memset(ring, 0, sizeof(*ring));
	ring->bytes_max = bytes_max;
}

static void
drop_first(struct event_ring *ring)
{
	struct event **slot = &ring->slots[ring->first % EVENT_RING_SLOTS];

	if (!(*slot)->is_mark && (*slot)->xid > ring->forgotten)
		ring->forgotten = (*slot)->xid;
	ring->bytes -= (*slot)->bytes;
	free(*slot);
	*slot = NULL;
	ring->first++;
}

void
event_ring_add(struct event_ring *ring, struct event *event)
{
	ring->bytes += event->bytes;
	while (ring->first < ring->end &&
	       (ring->bytes > ring->bytes_max || ring->end - ring->first == EVENT_RING_SLOTS))
		drop_first(ring);
	ring->slots[ring->end++ % EVENT_RING_SLOTS] = event;
}

const struct event *
event_ring_at(const struct event_ring *ring, uint64_t position)
{
	assert(position >= ring->first && position < ring->end);
	return ring->slots[position % EVENT_RING_SLOTS];
}

void
event_ring_clear(struct event_ring *ring, uint64_t forgotten)
{
	while (ring->first < ring->end)
		drop_first(ring);
	ring->forgotten = forgotten;
}
