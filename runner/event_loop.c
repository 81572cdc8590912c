/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/event_loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"

#define SOURCES_MAX 8

void
event_loop_add_source(struct event_loop *loop, struct event_source *source)
{
	source->next = loop->sources;
	loop->sources = source;
}

void
event_loop_add_timer(struct event_loop *loop, struct event_timer *timer)
{
	timer->next = loop->timers;
	loop->timers = timer;
}

static int
sooner(int wait_ms, int64_t other_ms)
{
	if (other_ms < 0)
		return wait_ms;
	return other_ms < wait_ms ? (int)other_ms : wait_ms;
}

static int
wait_time(const struct event_loop *loop, int max_wait_ms)
{
	int64_t now_ms = clock_mono_ms();
	int wait_ms = max_wait_ms;

	for (const struct event_timer *t = loop->timers; t != NULL; t = t->next)
		if (t->due_ms != EVENT_NEVER_MS)
			wait_ms = sooner(wait_ms, t->due_ms > now_ms ? t->due_ms - now_ms : 0);
	return wait_ms;
}

static void
run_timers(struct event_loop *loop)
{
	int64_t now_ms = clock_mono_ms();

	for (struct event_timer *t = loop->timers; t != NULL; t = t->next) {
		if (t->due_ms > now_ms)
			continue;
		t->due_ms = EVENT_NEVER_MS;
		if (t->fn != NULL)
			t->fn(t->arg, now_ms);
	}
}

int
event_loop_pass(struct event_loop *loop, int max_wait_ms, struct err *err)
{
	struct pollfd polls[SOURCES_MAX] = { { .fd = -1 } };
	int64_t due_ms[SOURCES_MAX] = { 0 };
	int64_t now_ms = clock_mono_ms();
	int wait_ms = wait_time(loop, max_wait_ms);
	size_t n = 0;

	for (struct event_source *s = loop->sources; s != NULL; s = s->next, n++) {
		int timeout_ms = s->timeout_ms == NULL ? -1 : s->timeout_ms(s->arg);

		assert(n < SOURCES_MAX);
		polls[n].fd = s->fd(s->arg);
		polls[n].events = POLLIN;
		polls[n].revents = 0;
		if (s->wants_write != NULL && s->wants_write(s->arg))
			polls[n].events |= POLLOUT;
		due_ms[n] = timeout_ms < 0 ? EVENT_NEVER_MS : now_ms + timeout_ms;
		wait_ms = sooner(wait_ms, timeout_ms);
	}
	(void)loop_watch_waits(&loop->watch, now_ms);
	if (poll(polls, (nfds_t)n, wait_ms) == -1 && errno != EINTR && errno != EAGAIN)
		return err_errno(err, ERR_INTERNAL, "could not wait for events");

	now_ms = clock_mono_ms();
	loop_watch_wakes(&loop->watch, now_ms);
	n = 0;
	for (struct event_source *s = loop->sources; s != NULL; s = s->next, n++)
		if (polls[n].revents != 0 || due_ms[n] <= now_ms)
			s->ready(s->arg);
	run_timers(loop);
	return 0;
}
