/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/together.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/*
 * What becomes of a place, each step by compare and exchange.  Its owner: FREE, WRITTEN, WAITS, and from DONE (or, taken back, WAITS) to
 * FREE; what it gives up, TAKEN to ABANDONED.  The server: WAITS, TAKEN, DONE, and ABANDONED to FREE.  The master, of a dead owner:
 * TAKEN to ABANDONED, anything else to FREE.
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
move(struct together *together, size_t place, uint64_t from, enum step to)
{
	return atomic_compare_exchange_strong(&together->states[place], &from,
					      to == FREE ? FREE : state_of(owner_of(from), to));
}

int
together_init(struct together *together, int workers)
{
	assert(workers <= TOGETHER_WORKERS);
	atomic_init(&together->served, false);
	for (size_t i = 0; i < TOGETHER_PLACES; i++)
		atomic_init(&together->states[i], FREE);
	for (int i = 0; i < workers; i++)
		if (bell_init(&together->workers[i]) == -1)
			return -1;
	return bell_init(&together->server);
}

struct bell *
together_bell(struct together *together, unsigned worker)
{
	assert(worker < TOGETHER_WORKERS);
	return &together->workers[worker];
}

/* -1: all are taken. */
static int
take_place(struct together *together, pid_t me)
{
	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		size_t place = ((size_t)me + i) % TOGETHER_PLACES;
		uint64_t free_state = FREE;

		if (atomic_compare_exchange_strong(&together->states[place], &free_state,
						   state_of(me, WRITTEN)))
			return (int)place;
	}
	return -1;
}

int
together_put(struct together *together, unsigned worker, const char *text)
{
	size_t len = strlen(text);
	pid_t me = getpid();
	int place;

	if (!atomic_load(&together->served) || len >= TOGETHER_TEXT_SIZE ||
	    (place = take_place(together, me)) == -1)
		return -1;
	together->places[place].worker = worker;
	memcpy(together->places[place].text, text, len + 1);
	(void)move(together, (size_t)place, state_of(me, WRITTEN), WAITS);
	bell_ring(&together->server);
	return place;
}

enum together_outcome
together_ended(struct together *together, int place, int64_t *result_out)
{
	uint64_t state = atomic_load(&together->states[place]);
	enum together_outcome outcome;

	if (step_of(state) != DONE)
		return TOGETHER_WAITS;
	outcome = together->places[place].outcome;
	*result_out = together->places[place].result;
	(void)move(together, (size_t)place, state, FREE);
	return outcome;
}

bool
together_take_back(struct together *together, int place)
{
	return move(together, (size_t)place, state_of(getpid(), WAITS), FREE);
}

bool
together_give_up(struct together *together, int place)
{
	return move(together, (size_t)place, state_of(getpid(), TAKEN), ABANDONED);
}

/* How it ended; whose bell is to be rung then. */
static unsigned
tell(struct together *together, size_t place, enum together_outcome outcome, int64_t result)
{
	struct together_place *told = &together->places[place];
	uint64_t state = atomic_load(&together->states[place]);
	unsigned worker = told->worker;

	told->outcome = outcome;
	told->result = result;
	if (step_of(state) != TAKEN || !move(together, place, state, DONE))
		(void)move(together, place, state_of(owner_of(state), ABANDONED), FREE);
	return worker;
}

void
together_open(struct together *together)
{
	atomic_store(&together->served, true);
}

bool
together_is_wanted(struct together *together)
{
	for (size_t i = 0; i < TOGETHER_PLACES; i++)
		if (step_of(atomic_load(&together->states[i])) == WAITS)
			return true;
	return false;
}

size_t
together_serve(struct together *together, together_do *fn, void *arg)
{
	size_t places[TOGETHER_PLACES], n = 0;
	unsigned workers[TOGETHER_PLACES];
	const char *texts[TOGETHER_PLACES];
	int64_t results[TOGETHER_PLACES] = { 0 };
	struct err err = ERR_INIT;
	int rc;

	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		uint64_t state = atomic_load(&together->states[i]);

		if (step_of(state) != WAITS || !move(together, i, state, TAKEN))
			continue;
		places[n] = i;
		texts[n++] = together->places[i].text;
	}
	if (n == 0)
		return 0;
	rc = fn(arg, texts, n, results, &err);
	for (size_t i = 0; i < n; i++)
		workers[i] = tell(together, places[i],
				  rc == 0 && results[i] != 0  ? TOGETHER_DONE
				  : err.kind == ERR_UNCERTAIN ? TOGETHER_UNKNOWN
							      : TOGETHER_LEFT,
				  results[i]);
	/* Not before all are told: who wakes finds all of his, and need not be woken again. */
	for (size_t i = 0; i < n; i++)
		bell_ring(&together->workers[workers[i]]);
	return n;
}

void
together_close(struct together *together)
{
	atomic_store(&together->served, false);
}

void
together_server_died(struct together *together)
{
	together_close(together);
	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		uint64_t state = atomic_load(&together->states[i]);

		if (step_of(state) == WAITS && move(together, i, state, TAKEN))
			bell_ring(&together->workers[tell(together, i, TOGETHER_LEFT, 0)]);
		else if (step_of(state) == TAKEN || step_of(state) == ABANDONED)
			bell_ring(&together->workers[tell(together, i, TOGETHER_UNKNOWN, 0)]);
	}
}

void
together_forget(struct together *together, pid_t worker)
{
	for (size_t i = 0; i < TOGETHER_PLACES; i++) {
		uint64_t state = atomic_load(&together->states[i]);

		while (state != FREE && owner_of(state) == worker && step_of(state) != ABANDONED &&
		       !move(together, i, state, step_of(state) == TAKEN ? ABANDONED : FREE))
			state = atomic_load(&together->states[i]);
	}
}
