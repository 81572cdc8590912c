/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/async_fixture.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

struct async_trace async_trace;
struct db_async *dba;
enum err_kind async_told;

static const struct db_stmt number = {
	.name = "test_number",
	.text = "select $1::bigint",
	.n_params = 1,
	.read_only = true,
};

static const struct db_stmt put = {
	.name = "test_async_put",
	.text = "insert into t (id, note) values ($1, $2)",
	.n_params = 2,
};

const struct db_stmt async_pid = {
	.name = "test_async_pid",
	.text = "select pg_backend_pid()",
	.read_only = true,
};

const struct db_stmt async_end_write = {
	.name = "test_async_end_write",
	.text = "select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)",
};

void
async_note_done(void *arg, const struct db_result *result, const struct err *err)
{
	intptr_t id = (intptr_t)arg;

	assert_true(async_trace.done_count < ASYNC_TRACE_MAX);
	assert_true((result == NULL) == (err->kind != ERR_NONE));
	async_trace.kinds[async_trace.done_count] = err->kind;
	async_trace.values[async_trace.done_count] =
	    result != NULL && db_rows(result) > 0 ? db_int64(result, 0, 0) : -1;
	async_trace.args[async_trace.done_count] = id;
	async_trace.calls_of[id]++;
	async_trace.done_count++;
}

void
async_send_number(int64_t value, intptr_t arg)
{
	char text[32];
	const char *params[1] = { text };

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	db_async_send(dba, &number, params, async_note_done, (void *)arg);
}

void
async_send_put(const char *id, const char *note, intptr_t arg)
{
	const char *params[2] = { id, note };

	db_async_send(dba, &put, params, async_note_done, (void *)arg);
}

void
async_send_plain(const struct db_stmt *stmt, intptr_t arg)
{
	db_async_send(dba, stmt, NULL, async_note_done, (void *)arg);
}

static void
note_told(void *arg, const struct db_result *result, const struct err *err)
{
	(void)arg;
	(void)result;
	async_told = err->kind;
	async_trace.done_count++;
}

void
async_send_text(const char *text)
{
	static struct db_stmt stmt = { .name = "" };

	stmt.text = text;
	db_async_send(dba, &stmt, NULL, note_told, NULL);
}

enum err_kind
async_second_waits(struct db *one, const char *first, const char *second, const char *end)
{
	size_t before = async_trace.done_count;

	print_message("%s, then %s: %s\n", first, second, end);
	assert_sql(one, "BEGIN");
	assert_sql(one, first);
	async_send_text(second);
	async_wait_for_lock();
	assert_sql(one, end);
	async_run_until(&async_trace.done_count, before + 1);
	return async_told;
}

/* One turn of an event loop, at most max_ms long. */
void
async_turn(int max_ms)
{
	struct pollfd pfd = { db_async_fd(dba), POLLIN, 0 };
	int wait_ms = db_async_timeout_ms(dba);

	if (db_async_wants_write(dba))
		pfd.events |= POLLOUT;
	if (wait_ms == -1 || wait_ms > max_ms)
		wait_ms = max_ms;
	(void)poll(&pfd, 1, wait_ms);
	db_async_process(dba);
}

/* Turn until *counter reaches count, or fail after a minute. */
void
async_run_until(const size_t *counter, size_t count)
{
	int64_t end_ms = clock_mono_ms() + 60000;

	while (*counter < count) {
		if (clock_mono_ms() > end_ms)
			fail_msg("%zu of %zu after 60 s", *counter, count);
		async_turn(100);
	}
}

void
async_wait_for_lock(void)
{
	int64_t end_ms = clock_mono_ms() + 60000;
	bool waits = false;

	while (!waits) {
		char *text;

		if (clock_mono_ms() > end_ms)
			fail_msg("nobody waits for a lock after 60 s");
		async_turn(20);
		text = test_db_value("select exists (select from pg_stat_activity where datname ="
				     " current_database() and wait_event_type = 'Lock')");
		waits = strcmp(text, "t") == 0;
		free(text);
	}
}

int64_t
async_backend_pid(void)
{
	size_t before = async_trace.done_count;

	async_send_plain(&async_pid, 0);
	async_run_until(&async_trace.done_count, before + 1);
	assert_int_equal(async_trace.kinds[before], ERR_NONE);
	return async_trace.values[before];
}

static void
note_notification(void *arg, const char *channel, const char *payload)
{
	(void)arg;
	(void)channel;
	(void)snprintf(async_trace.payload, sizeof(async_trace.payload), "%s", payload);
	async_trace.notified++;
}

void
async_listen(const char *channel)
{
	db_async_listen(dba, channel, note_notification, NULL);
	(void)async_backend_pid(); /* answered after the LISTEN before it */
}

void
async_terminate(int64_t backend)
{
	test_db_sql("select pg_terminate_backend(%lld, 60000)", (long long)backend);
}

int
async_set_up(void **state)
{
	(void)state;
	db_fixture_table();
	memset(&async_trace, 0, sizeof(async_trace));
	dba = db_async_new(test_db_conninfo(), "test_async");
	return 0;
}

int
async_tear_down(void **state)
{
	(void)state;
	db_async_free(dba);
	dba = NULL;
	return 0;
}
