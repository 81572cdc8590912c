/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/shared_lock.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

void
shared_lock_init(struct shared_lock *lock)
{
	pthread_mutexattr_t attr;

	if (pthread_mutexattr_init(&attr) != 0 ||
	    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) != 0 ||
	    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) != 0 ||
	    pthread_mutex_init(&lock->mutex, &attr) != 0)
		abort(); /* Linux has all of these */
	(void)pthread_mutexattr_destroy(&attr);
}

static enum shared_lock_result
judge(struct shared_lock *lock, int rc)
{
	switch (rc) {
	case 0:
		return SHARED_LOCK_TAKEN;
	case EOWNERDEAD:
		(void)pthread_mutex_consistent(&lock->mutex);
		return SHARED_LOCK_ORPHANED;
	case EBUSY:
	case ETIMEDOUT:
		return SHARED_LOCK_BUSY;
	default:
		abort(); /* not initialised, or taken twice */
	}
}

enum shared_lock_result
shared_lock_take(struct shared_lock *lock)
{
	return judge(lock, pthread_mutex_lock(&lock->mutex));
}

enum shared_lock_result
shared_lock_try(struct shared_lock *lock, int timeout_ms)
{
	struct timespec until;

	if (timeout_ms <= 0)
		return judge(lock, pthread_mutex_trylock(&lock->mutex));
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return judge(lock, pthread_mutex_clocklock(&lock->mutex, CLOCK_MONOTONIC, &until));
}

void
shared_lock_release(struct shared_lock *lock)
{
	if (pthread_mutex_unlock(&lock->mutex) != 0)
		abort();
}
