/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/shared_lock.h: a lock in memory that processes share, which survives the death of its holder. */
#ifndef FCGI_SHARED_LOCK_H
#define FCGI_SHARED_LOCK_H

#include <pthread.h>
#include <stdbool.h>

struct shared_lock {
	pthread_mutex_t mutex;
};

enum shared_lock_result {
	SHARED_LOCK_TAKEN,
	SHARED_LOCK_ORPHANED, /* taken, but its holder died: what it guards may be half written */
	SHARED_LOCK_BUSY /* not taken */
};

/* Once, before the first fork. */
void shared_lock_init(struct shared_lock *lock);

/* Wait as long as it takes; for a few instructions under the lock.  Never BUSY. */
enum shared_lock_result shared_lock_take(struct shared_lock *lock);

/* Wait at most timeout_ms; 0: do not wait. */
enum shared_lock_result shared_lock_try(struct shared_lock *lock, int timeout_ms);

/* Only who has taken it; after ORPHANED what it guards must be whole again by then. */
void shared_lock_release(struct shared_lock *lock);

#endif
