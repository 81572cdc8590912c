/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/event_loop.h: descriptors and timers; knows no job.
 *
 * A runner has three descriptors (signals, database, keeper), one of which changes with each
 * reconnection: poll() over what each source says now is all it takes.
 */
#ifndef RUNNER_EVENT_LOOP_H
#define RUNNER_EVENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop_watch.h"

struct err;

#define EVENT_NEVER_MS INT64_MAX

/* Embedded in its owner; fd and the wishes are asked before each wait. */
struct event_source {
	int (*fd)(void *arg); /* -1: nothing to wait for */
	bool (*wants_write)(void *arg); /* NULL: never */
	int (*timeout_ms)(void *arg); /* call ready() then, even without events; -1, NULL: never */
	void (*ready)(void *arg);
	void *arg;
	struct event_source *next;
};

/* due_ms is on the clock of clock_mono_ms(); fn sets it anew, or it never comes again. */
struct event_timer {
	int64_t due_ms;
	void (*fn)(void *arg, int64_t now_ms); /* NULL: the pass is all that is wanted */
	void *arg;
	struct event_timer *next;
};

struct event_loop {
	struct event_source *sources;
	struct event_timer *timers;
	struct loop_watch watch;
};

/* Borrowed for as long as the loop is used. */
void event_loop_add_source(struct event_loop *loop, struct event_source *source);
void event_loop_add_timer(struct event_loop *loop, struct event_timer *timer);

/*
 * One pass: wait until something is ready or due, at most max_wait_ms, then call it.  0, or -1 when
 * poll() itself fails (ERR_INTERNAL).
 */
int event_loop_pass(struct event_loop *loop, int max_wait_ms, struct err *err);

#endif
