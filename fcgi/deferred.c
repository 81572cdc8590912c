/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/deferred.h"

#include "base/clock.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"

#define PATIENCE_MS 500 /* much longer than a busy database takes */
/* Longer than the patience of the enqueuer, so it hangs itself; shorter than that of nginx. */
#define GIVE_UP_MS 45000

/* What it may do is with what the worker remembers of the account, which may be forgotten until the answer is made. */
static void
forget_permissions(struct exchange *x)
{
	static const char *const none[] = { NULL };

	x->identity.permissions = none;
	x->scope = NULL;
}

bool
deferred_start(struct exchange *x, const char *text, deferred_answer *answer, void *arg)
{
	int place = together_put(&x->guards->enqueues, x->worker, text);

	if (place == -1)
		return false;
	forget_permissions(x);
	x->deferred = (struct deferred){ place, clock_mono_ms(), TOGETHER_WAITS, 0, answer, arg };
	return true;
}

bool
deferred_is_late(const struct exchange *x)
{
	return clock_mono_ms() - x->deferred.since_ms >= PATIENCE_MS;
}

enum together_outcome
deferred_look(struct exchange *x)
{
	struct together *enqueues = &x->guards->enqueues;
	struct deferred *d = &x->deferred;

	if (d->outcome != TOGETHER_WAITS)
		return d->outcome;
	d->outcome = together_ended(enqueues, d->place, &d->result);
	if (d->outcome != TOGETHER_WAITS || !deferred_is_late(x))
		return d->outcome;
	if (together_take_back(enqueues, d->place))
		d->outcome = TOGETHER_LEFT;
	else if (clock_mono_ms() - d->since_ms >= GIVE_UP_MS &&
		 together_give_up(enqueues, d->place))
		d->outcome = TOGETHER_UNKNOWN;
	return d->outcome;
}
