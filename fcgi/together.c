/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/together.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"

/* Whoever is told nothing looks by himself after so long: who should tell him may have died. */
#define LOOK_MS 20

/*
 * What becomes of a place, each step by compare and exchange.  Its owner: FREE, WRITTEN, WAITS, and from DONE to FREE.  Who
 * has the lead: WAITS, TAKEN, DONE.  The master, of a dead owner: TAKEN to ABANDONED, anything else to FREE.
 */
enum step { FREE, WRITTEN, WAITS, TAKEN, DONE, ABANDONED };

static uint64_t
state_of(pid_t owner, enum step step)
{
	return (uint64_t)owner << 8 | step;
}

static enum step
step_of(uint64_t state)
{
	return (enum step)(state & 0xff);
}

static pid_t
owner_of(uint64_t state)
{
	return (pid_t)(state >> 8);
}

/* False: it was not in that state any more. */
static bool
move(struct together_place *place, uint64_t from, enum step to)
{
	return atomic_compare_exchange_strong(&place->state, &from,
					      to == FREE ? FREE : state_of(owner_of(from), to));
}

void
together_init(struct together *together, int64_t patience_ms)
{
	together->patience_ms = patience_ms;
	shared_lock_init(&together->lead);
	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		atomic_init(&together->places[i].state, FREE);
		if (sem_init(&together->places[i].told, 1, 0) == -1)
			abort(); /* Linux has these */
	}
}

/* NULL: all are taken. */
static struct together_place *
take_place(struct together *together, pid_t me)
{
	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		struct together_place *place =
		    &together->places[((size_t)me + i) % TOGETHER_PLACES];
		uint64_t free_state = FREE;

		if (atomic_compare_exchange_strong(&place->state, &free_state,
						   state_of(me, WRITTEN)))
			return place;
	}
	return NULL;
}

static void
tell(struct together_place *place, uint64_t taken, enum together_outcome outcome, int64_t result)
{
	place->outcome = outcome;
	place->result = result;
	if (move(place, taken, DONE))
		(void)sem_post(&place->told);
	else
		(void)move(place, state_of(owner_of(taken), ABANDONED), FREE);
}

/* Whoever had the lead before died with it: what became of those it had taken cannot be told. */
static void
clear_up(struct together *together)
{
	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		uint64_t state = atomic_load(&together->places[i].state);

		if (step_of(state) == TAKEN)
			tell(&together->places[i], state, TOGETHER_UNKNOWN, 0);
		else if (step_of(state) == ABANDONED)
			(void)move(&together->places[i], state, FREE);
	}
}

static void
do_all(struct together *together, together_do *fn, void *arg)
{
	struct together_place *taken[TOGETHER_PLACES];
	uint64_t states[TOGETHER_PLACES];
	const char *texts[TOGETHER_PLACES];
	int64_t results[TOGETHER_PLACES] = { 0 };
	struct err err = ERR_INIT;
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		struct together_place *place = &together->places[i];
		uint64_t state = atomic_load(&place->state);

		if (step_of(state) != WAITS || !move(place, state, TAKEN))
			continue;
		taken[n] = place;
		states[n] = state_of(owner_of(state), TAKEN);
		texts[n++] = place->text;
	}
	rc = fn(arg, texts, n, results, &err);
	for (size_t i = 0; i < n; i++)
		tell(taken[i], states[i],
		     rc == 0 && results[i] != 0  ? TOGETHER_DONE
		     : err.kind == ERR_UNCERTAIN ? TOGETHER_UNKNOWN
						 : TOGETHER_LEFT,
		     results[i]);
}

/* One of those that came meanwhile goes on. */
static void
pass_lead(struct together *together)
{
	/* Who did not get the lead had put its text there before. */
	atomic_thread_fence(memory_order_seq_cst);
	for (size_t i = 0; i < TOGETHER_PLACES; i++)
		if (step_of(atomic_load(&together->places[i].state)) == WAITS) {
			(void)sem_post(&together->places[i].told);
			return;
		}
}

static void
wait_told(struct together_place *place)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_MS * 1000000L;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)sem_clockwait(&place->told, CLOCK_MONOTONIC, &until);
}

/* False: whoever has the lead stands still, and has not taken this one along; the place is given back. */
static bool
run_until_done(struct together *together, struct together_place *mine, together_do *fn, void *arg)
{
	int64_t until_ms = clock_mono_ms() + together->patience_ms;
	uint64_t waits = state_of(getpid(), WAITS);

	while (step_of(atomic_load(&mine->state)) != DONE) {
		enum shared_lock_result lead = shared_lock_try(&together->lead, 0);

		if (lead == SHARED_LOCK_BUSY) {
			if (clock_mono_ms() >= until_ms && move(mine, waits, FREE))
				return false;
			wait_told(mine);
			continue;
		}
		if (lead == SHARED_LOCK_ORPHANED)
			clear_up(together);
		/* Where all processors are busy, who is about to come along does: it saves more than it takes. */
		(void)sched_yield();
		if (step_of(atomic_load(&mine->state)) == WAITS)
			do_all(together, fn, arg);
		shared_lock_release(&together->lead);
		pass_lead(together);
	}
	return true;
}

enum together_outcome
together_run(struct together *together, const char *text, together_do *fn, void *arg,
	     int64_t *result_out)
{
	size_t len = strlen(text);
	pid_t me = getpid();
	struct together_place *mine;
	enum together_outcome outcome;

	if (len >= TOGETHER_TEXT_SIZE || (mine = take_place(together, me)) == NULL)
		return TOGETHER_LEFT;
	memcpy(mine->text, text, len + 1);
	while (sem_trywait(&mine->told) == 0)
		continue; /* of who had the place before */
	(void)move(mine, state_of(me, WRITTEN), WAITS);
	if (!run_until_done(together, mine, fn, arg))
		return TOGETHER_LEFT;
	outcome = mine->outcome;
	*result_out = mine->result;
	(void)move(mine, state_of(me, DONE), FREE);
	return outcome;
}

void
together_forget(struct together *together, pid_t worker)
{
	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		struct together_place *place = &together->places[i];
		uint64_t state = atomic_load(&place->state);

		while (state != FREE && owner_of(state) == worker && step_of(state) != ABANDONED &&
		       !move(place, state, step_of(state) == TAKEN ? ABANDONED : FREE))
			state = atomic_load(&place->state);
	}
}
