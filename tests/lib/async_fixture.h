/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/async_fixture.h: an event loop around one struct db_async, and a trace of what it told.
 *
 * Uses table t of lib/db_fixture.h.
 */
#ifndef TESTS_LIB_ASYNC_FIXTURE_H
#define TESTS_LIB_ASYNC_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

#define ASYNC_TRACE_MAX 400

/* What done() and the other callbacks saw, in order. */
extern struct async_trace {
	size_t done_count;
	enum err_kind kinds[ASYNC_TRACE_MAX];
	int64_t values[ASYNC_TRACE_MAX]; /* first column of the first row */
	intptr_t args[ASYNC_TRACE_MAX];
	int calls_of[ASYNC_TRACE_MAX]; /* by arg */
	size_t notified;
	char payload[40];
	size_t connected;
} async_trace;

/* The handle of this test, on the newest database; a test may put another in its place. */
extern struct db_async *dba;

int async_set_up(void **state);
int async_tear_down(void **state);

#define with_dba(test) cmocka_unit_test_setup_teardown(test, async_set_up, async_tear_down)

/* arg is a small number, in the trace and in calls_of. */
void async_note_done(void *arg, const struct db_result *result, const struct err *err);

/* Send, with async_note_done(): a number that comes back; a row of t; a statement without values. */
void async_send_number(int64_t value, intptr_t arg);
void async_send_put(const char *id, const char *note, intptr_t arg);
void async_send_plain(const struct db_stmt *stmt, intptr_t arg);

/* Send a text, one at a time, of which it counts what is told: async_told, when done_count has grown. */
extern enum err_kind async_told;
void async_send_text(const char *text);

/* The first in a transaction of one, which then ends so ("COMMIT"); the second must wait for it.  What the second is told. */
enum err_kind async_second_waits(struct db *one, const char *first, const char *second,
				 const char *end);

/* Reads the server process behind the connection. */
extern const struct db_stmt async_pid;

/* Ends its own server process, and is not marked read_only. */
extern const struct db_stmt async_end_write;

/* One turn of an event loop, at most max_ms long. */
void async_turn(int max_ms);

/* Turn until *counter reaches count, or fail after ten seconds. */
void async_run_until(const size_t *counter, size_t count);

/* Turn until a session of this database waits for a lock of another one, or fail after ten seconds. */
void async_wait_for_lock(void);

/* From here on every notification of that channel is counted in the trace. */
void async_listen(const char *channel);

/* Ask for the server process and wait for the answer. */
int64_t async_backend_pid(void);

/* End a server process and wait until it is gone. */
void async_terminate(int64_t backend);

#endif
