/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/together.h"

#include <assert.h>
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
 * has a lead: WAITS, TAKEN (by which lead), DONE.  The master, of a dead owner: TAKEN to ABANDONED, anything else to FREE.
 */
enum step { FREE, WRITTEN, WAITS, TAKEN, DONE, ABANDONED };

static uint64_t
state_of(pid_t owner, enum step step)
{
	return (uint64_t)owner << 8 | step;
}

static uint64_t
state_taken(uint64_t waits, unsigned lead)
{
	return (waits & ~(uint64_t)0xff) | lead << 4 | TAKEN;
}

static enum step
step_of(uint64_t state)
{
	return (enum step)(state & 0xf);
}

static unsigned
lead_of(uint64_t state)
{
	return (state >> 4) & 0xf;
}

static pid_t
owner_of(uint64_t state)
{
	return (pid_t)(state >> 8);
}

static bool
exchange(struct together_place *place, uint64_t from, uint64_t to)
{
	return atomic_compare_exchange_strong(&place->state, &from, to);
}

/* False: it was not in that state any more. */
static bool
move(struct together_place *place, uint64_t from, enum step to)
{
	return exchange(place, from, to == FREE ? FREE : (from & ~(uint64_t)0xf) | to);
}

void
together_init(struct together *together, int64_t patience_ms, size_t company)
{
	assert(company > 0);
	together->company = company;
	together->patience_ms = patience_ms;
	for (unsigned i = 0; i < TOGETHER_LEADS; i++)
		shared_lock_init(&together->leads[i]);
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
		(void)move(place, (taken & ~(uint64_t)0xf) | ABANDONED, FREE);
}

/* Whoever had this lead before died with it: what became of those it had taken cannot be told. */
static void
clear_up(struct together *together, unsigned lead)
{
	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		uint64_t state = atomic_load(&together->places[i].state);

		if (lead_of(state) != lead)
			continue;
		if (step_of(state) == TAKEN)
			tell(&together->places[i], state, TOGETHER_UNKNOWN, 0);
		else if (step_of(state) == ABANDONED)
			(void)move(&together->places[i], state, FREE);
	}
}

static void
do_all(struct together *together, unsigned lead, together_do *fn, void *arg)
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

		states[n] = state_taken(state, lead);
		if (step_of(state) != WAITS || !exchange(place, state, states[n]))
			continue;
		taken[n] = place;
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

static size_t
waiting(struct together *together, struct together_place **one_out)
{
	size_t n = 0;

	for (size_t i = 0; i < TOGETHER_PLACES; i++)
		if (step_of(atomic_load(&together->places[i].state)) == WAITS) {
			*one_out = &together->places[i];
			n++;
		}
	return n;
}

/* One of those that came meanwhile goes on, if there are enough for this lead. */
static void
pass_lead(struct together *together, unsigned lead)
{
	struct together_place *one = NULL;

	/* Who did not get the lead had put its text there before. */
	atomic_thread_fence(memory_order_seq_cst);
	if (waiting(together, &one) >= (lead == 0 ? 1 : together->company) && one != NULL)
		(void)sem_post(&one->told);
}

/* False: somebody has it, and lives. */
static bool
try_lead(struct together *together, unsigned lead)
{
	enum shared_lock_result result = shared_lock_try(&together->leads[lead], 0);

	if (result == SHARED_LOCK_ORPHANED)
		clear_up(together, lead);
	return result != SHARED_LOCK_BUSY;
}

/*
 * The first lead is for whoever comes, the others are for many; for one that was taken along the one by which it was, which it gets
 * when that has died.  TOGETHER_LEADS: none.
 */
static unsigned
take_lead(struct together *together, const struct together_place *mine)
{
	uint64_t state = atomic_load(&mine->state);
	struct together_place *one;

	if (step_of(state) == TAKEN)
		return try_lead(together, lead_of(state)) ? lead_of(state) : TOGETHER_LEADS;
	for (unsigned i = 0; i < TOGETHER_LEADS; i++)
		if ((i == 0 || waiting(together, &one) >= together->company) &&
		    try_lead(together, i))
			return i;
	return TOGETHER_LEADS;
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
		unsigned lead = take_lead(together, mine);

		if (lead == TOGETHER_LEADS) {
			if (clock_mono_ms() >= until_ms && move(mine, waits, FREE))
				return false;
			wait_told(mine);
			continue;
		}
		/* Where all processors are busy, who is about to come along does: it saves more than it takes. */
		(void)sched_yield();
		if (step_of(atomic_load(&mine->state)) == WAITS)
			do_all(together, lead, fn, arg);
		shared_lock_release(&together->leads[lead]);
		pass_lead(together, lead);
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
	(void)move(mine, atomic_load(&mine->state), FREE);
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
