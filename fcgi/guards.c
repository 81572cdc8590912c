/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/guards.h"

#include <sys/mman.h>

#include "base/err.h"
#include "conf/settings.h"

/* Strangers may keep a quarter of the workers waiting. */
static int
seats_for(int workers)
{
	int seats = workers / 4;

	return seats < 1 ? 1 : seats > HASH_GATE_PLACES_MAX ? HASH_GATE_PLACES_MAX : seats;
}

struct guards *
guards_new(const struct settings *settings, struct err *err)
{
	struct guards *guards =
	    mmap(NULL, sizeof(*guards), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (guards == MAP_FAILED) {
		(void)err_errno(err, ERR_INTERNAL, "could not map memory for the workers");
		return NULL;
	}
	/* Keyed hashes of passwords belong in no core file. */
	(void)madvise(guards, sizeof(*guards), MADV_DONTDUMP);
	audit_brake_init(&guards->brake);
	if (together_init(&guards->enqueues, (int)settings_int(settings, "fcgi:workers")) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not make a descriptor for each worker");
		(void)munmap(guards, sizeof(*guards));
		return NULL;
	}
	guards->figures.workers = (uint64_t)settings_int(settings, "fcgi:workers");
	hash_gate_init(&guards->gate, (int)settings_int(settings, "fcgi:scrypt_parallel"),
		       seats_for((int)settings_int(settings, "fcgi:workers")));
	if (auth_cache_init(&guards->cache, settings_int(settings, "fcgi:auth_cache_s") * 1000) ==
		-1 ||
	    rate_limit_init(&guards->limit) == -1) {
		(void)munmap(guards, sizeof(*guards));
		(void)err_set(err, ERR_INTERNAL, "the system gives no random bytes");
		return NULL;
	}
	return guards;
}
