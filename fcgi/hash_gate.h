/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/hash_gate.h: at most n password computations at the same time, over all workers, and few workers that wait for
 * their turn: who floods us with passwords leaves workers to those who need none computed.  A worker that dies inside
 * gives its place back by dying.
 */
#ifndef FCGI_HASH_GATE_H
#define FCGI_HASH_GATE_H

#include "fcgi/shared_lock.h"

#define HASH_GATE_PLACES_MAX 64

struct hash_gate {
	int n_places, n_seats;
	struct shared_lock places[HASH_GATE_PLACES_MAX];
	struct shared_lock seats[HASH_GATE_PLACES_MAX]; /* of the waiting room */
};

/* Once, in shared memory, before the first fork.  n_seats: how many may wait at a time. */
void hash_gate_init(struct hash_gate *gate, int n_places, int n_seats);

/* A place (>= 0) to give back with hash_gate_leave(), or -1 when none got free in timeout_ms, or at once when a stranger
 * finds no seat to wait, or who can wait elsewhere (QUEUE) no free place. */
enum hash_gate_who { HASH_GATE_STRANGER, HASH_GATE_KNOWN, HASH_GATE_QUEUE };
int hash_gate_enter(struct hash_gate *gate, enum hash_gate_who who, int timeout_ms);
void hash_gate_leave(struct hash_gate *gate, int place);

#endif
