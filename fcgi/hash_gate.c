/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/hash_gate.h"

#include <assert.h>
#include <unistd.h>

void
hash_gate_init(struct hash_gate *gate, int n_places)
{
	assert(n_places >= 1 && n_places <= HASH_GATE_PLACES_MAX);
	gate->n_places = n_places;
	for (int i = 0; i < n_places; i++)
		shared_lock_init(&gate->places[i]);
}

int
hash_gate_enter(struct hash_gate *gate, int timeout_ms)
{
	int mine = (int)(getpid() % gate->n_places);

	for (int i = 0; i < gate->n_places; i++) {
		int place = (mine + i) % gate->n_places;

		if (shared_lock_try(&gate->places[place], 0) != SHARED_LOCK_BUSY)
			return place;
	}
	/* All taken: queue at one of them, by process id so that the queues are about as long. */
	return shared_lock_try(&gate->places[mine], timeout_ms) == SHARED_LOCK_BUSY ? -1 : mine;
}

void
hash_gate_leave(struct hash_gate *gate, int place)
{
	shared_lock_release(&gate->places[place]);
}
