/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/hash_gate.h: at most n password computations at the same time, over all workers.  A worker
 * that dies inside gives its place back by dying.
 */
#ifndef FCGI_HASH_GATE_H
#define FCGI_HASH_GATE_H

#include "fcgi/shared_lock.h"

#define HASH_GATE_PLACES_MAX 64

struct hash_gate {
	int n_places;
	struct shared_lock places[HASH_GATE_PLACES_MAX];
};

/* Once, in shared memory, before the first fork. */
void hash_gate_init(struct hash_gate *gate, int n_places);

/* A place (>= 0) to give back with hash_gate_leave(), or -1 when none got free in timeout_ms. */
int hash_gate_enter(struct hash_gate *gate, int timeout_ms);
void hash_gate_leave(struct hash_gate *gate, int place);

#endif
