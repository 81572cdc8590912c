/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/deferred.h"

#include "base/clock.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"

#define PATIENCE_MS 500 /* much longer than a busy database takes */

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

enum together_outcome
deferred_look(struct exchange *x)
{
	struct deferred *d = &x->deferred;

	if (d->outcome != TOGETHER_WAITS)
		return d->outcome;
	d->outcome = together_ended(&x->guards->enqueues, d->place, &d->result);
	if (d->outcome == TOGETHER_WAITS && clock_mono_ms() - d->since_ms >= PATIENCE_MS &&
	    together_take_back(&x->guards->enqueues, d->place))
		d->outcome = TOGETHER_LEFT;
	return d->outcome;
}
