/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/hash_gate.h"

#include <assert.h>
#include <unistd.h>

void
hash_gate_init(struct hash_gate *gate, int n_places, int n_seats)
{
	assert(n_places >= 1 && n_places <= HASH_GATE_PLACES_MAX);
	assert(n_seats >= 1 && n_seats <= HASH_GATE_PLACES_MAX);
	gate->n_places = n_places;
	gate->n_seats = n_seats;
	for (int i = 0; i < n_places; i++)
		shared_lock_init(&gate->places[i]);
	for (int i = 0; i < n_seats; i++)
		shared_lock_init(&gate->seats[i]);
}

/* One that is free now, the first looked at being mine; -1: none. */
static int
take_free(struct shared_lock *locks, int n, int mine)
{
	for (int i = 0; i < n; i++) {
		int at = (mine + i) % n;

		if (shared_lock_try(&locks[at], 0) != SHARED_LOCK_BUSY)
			return at;
	}
	return -1;
}

int
hash_gate_enter(struct hash_gate *gate, enum hash_gate_who who, int timeout_ms)
{
	int mine = (int)(getpid() % gate->n_places);
	int place = take_free(gate->places, gate->n_places, mine), seat = -1;

	if (place != -1 || who == HASH_GATE_QUEUE)
		return place;
	if (who == HASH_GATE_STRANGER) {
		seat = take_free(gate->seats, gate->n_seats, (int)(getpid() % gate->n_seats));
		if (seat == -1)
			return -1;
	}
	/* All taken: queue at one of them, by process id so that the queues are about as long. */
	if (shared_lock_try(&gate->places[mine], timeout_ms) != SHARED_LOCK_BUSY)
		place = mine;
	if (seat != -1)
		shared_lock_release(&gate->seats[seat]);
	return place;
}

void
hash_gate_leave(struct hash_gate *gate, int place)
{
	shared_lock_release(&gate->places[place]);
}
