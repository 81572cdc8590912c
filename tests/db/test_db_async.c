/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/test_db.h"

#define TRACE_MAX 400

/* What done() and notify() saw, in order. */
static struct {
	size_t done_count;
	enum err_kind kinds[TRACE_MAX];
	int64_t values[TRACE_MAX]; /* first column of the first row */
	intptr_t args[TRACE_MAX];
	int calls_of[TRACE_MAX]; /* by arg */
	size_t notified;
	char payload[40];
	size_t connected;
} trace;

static struct db_async *dba;

DB_STMT(number) = {
	.name = "test_number",
	.text = "select $1::bigint",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(put) = {
	.name = "test_async_put",
	.text = "insert into t (id, note) values ($1, $2)",
	.n_params = 2,
};

DB_STMT(put_orphan) = {
	.name = "test_async_put_orphan",
	.text = "insert into t (id, note, parent) values ($1, 'orphan', -1)",
	.n_params = 1,
};

DB_STMT(wrong) = {
	.name = "test_async_wrong",
	.text = "select * from no_such_table",
	.read_only = true,
};

DB_STMT(pid) = {
	.name = "test_async_pid",
	.text = "select pg_backend_pid()",
	.read_only = true,
};

DB_STMT(prepared_count) = {
	.name = "test_async_prepared_count",
	.text = "select count(*) from pg_prepared_statements where name = 'test_number'",
	.read_only = true,
};

DB_STMT(end_read) = {
	.name = "test_async_end_read",
	.text = "select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)",
	.read_only = true,
};

DB_STMT(end_write) = {
	.name = "test_async_end_write",
	.text = "select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)",
};

static void
note_done(void *arg, const struct db_result *result, const struct err *err)
{
	intptr_t id = (intptr_t)arg;

	assert_true(trace.done_count < TRACE_MAX);
	assert_true((result == NULL) == (err->kind != ERR_NONE));
	trace.kinds[trace.done_count] = err->kind;
	trace.values[trace.done_count] =
	    result != NULL && db_rows(result) > 0 ? db_int64(result, 0, 0) : -1;
	trace.args[trace.done_count] = id;
	trace.calls_of[id]++;
	trace.done_count++;
}

static void
note_notification(void *arg, const char *channel, const char *payload)
{
	assert_string_equal(channel, arg);
	trace.notified++;
	(void)str_copy(trace.payload, sizeof(trace.payload), payload);
}

static void
note_connected(void *arg)
{
	(*(size_t *)arg)++;
}

static void
send_number(int64_t value, intptr_t arg)
{
	char text[32];
	const char *params[1] = { text };

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	db_async_send(dba, &number, params, note_done, (void *)arg);
}

static void
send_put(const char *id, const char *note, intptr_t arg)
{
	const char *params[2] = { id, note };

	db_async_send(dba, &put, params, note_done, (void *)arg);
}

static void
send_plain(const struct db_stmt *stmt, intptr_t arg)
{
	db_async_send(dba, stmt, NULL, note_done, (void *)arg);
}

/* One turn of an event loop, at most max_ms long. */
static void
turn(int max_ms)
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

/* Turn until *counter reaches count, or fail after ten seconds. */
static void
run_until(const size_t *counter, size_t count)
{
	int64_t end_ms = clock_mono_ms() + 10000;

	while (*counter < count) {
		if (clock_mono_ms() > end_ms)
			fail_msg("%zu of %zu after 10 s", *counter, count);
		turn(100);
	}
}

static void
assert_value(const char *sql, const char *expected)
{
	char *value = test_db_value("%s", sql);

	assert_string_equal(value, expected);
	free(value);
}

static int64_t
backend_pid(void)
{
	size_t before = trace.done_count;

	send_plain(&pid, 0);
	run_until(&trace.done_count, before + 1);
	assert_int_equal(trace.kinds[before], ERR_NONE);
	return trace.values[before];
}

static void
terminate(int64_t backend)
{
	test_db_sql("select pg_terminate_backend(%lld, 5000)", (long long)backend);
}

static int
set_up_all(void **state)
{
	(void)state;
	test_db_create("async");
	return 0;
}

static int
set_up(void **state)
{
	(void)state;
	test_db_sql(
	    "drop table if exists t; create table t (id int primary key, note text not null,"
	    " parent int references t deferrable initially deferred)");
	memset(&trace, 0, sizeof(trace));
	dba = db_async_new(test_db_conninfo(), "test_async");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_async_free(dba);
	dba = NULL;
	return 0;
}

/* ---- requests ---- */

static void
requests_are_answered_in_order_each_once(void **state)
{
	(void)state;
	for (intptr_t i = 0; i < 300; i++)
		send_number(1000 + i, i);
	assert_int_equal(db_async_pending(dba), 300);
	run_until(&trace.done_count, 300);
	for (intptr_t i = 0; i < 300; i++) {
		assert_int_equal(trace.kinds[i], ERR_NONE);
		assert_int_equal(trace.args[i], i);
		assert_int_equal(trace.values[i], 1000 + i);
	}
	assert_int_equal(db_async_pending(dba), 0);
	turn(0);
	assert_int_equal(trace.done_count, 300);
}

static void
a_statement_is_prepared_once_per_connection(void **state)
{
	(void)state;
	for (intptr_t i = 0; i < 5; i++)
		send_number(i, i);
	send_plain(&prepared_count, 5);
	run_until(&trace.done_count, 6);
	assert_int_equal(trace.values[5], 1);
}

static void
a_failing_request_fails_alone(void **state)
{
	static const enum err_kind expected[] = { ERR_NONE,     ERR_CONFLICT, ERR_NONE,
						  ERR_INTERNAL, ERR_INTERNAL, ERR_INVALID,
						  ERR_NONE,     ERR_CONFLICT, ERR_NONE };
	const char *orphan[1] = { "7" };

	(void)state;
	send_put("1", "one", 0);
	send_put("1", "again", 1);
	send_put("2", "two", 2);
	send_plain(&wrong, 3); /* fails when it is prepared */
	send_plain(&wrong, 4);
	send_put("3", NULL, 5);
	send_put("4", "four", 6);
	db_async_send(dba, &put_orphan, orphan, note_done, (void *)7); /* fails at its commit */
	send_put("5", "five", 8);
	run_until(&trace.done_count, 9);
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(trace.args[i], i);
		assert_int_equal(trace.kinds[i], expected[i]);
	}
	assert_value("select string_agg(id::text, ' ' order by id) from t", "1 2 4 5");
}

static void
large_values_pass_both_ways(void **state)
{
	size_t len = 3u * 1024 * 1024;
	char *large = malloc(len + 1);
	const char *params[2] = { "1", large };

	(void)state;
	memset(large, 'x', len);
	large[len] = '\0';
	for (int i = 0; i < 4; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%d", i);
		params[0] = id;
		db_async_send(dba, &put, params, note_done, NULL);
		send_plain(&pid, 0);
	}
	free(large);
	run_until(&trace.done_count, 8);
	assert_value("select sum(length(note)) from t", "12582912");
}

static int chain_left;

static void
send_next(void *arg, const struct db_result *result, const struct err *err)
{
	note_done(arg, result, err);
	if (chain_left-- > 0)
		db_async_send(dba, &pid, NULL, send_next, arg);
}

static void
done_may_send_again(void **state)
{
	(void)state;
	chain_left = 20;
	db_async_send(dba, &pid, NULL, send_next, NULL);
	run_until(&trace.done_count, 21);
	assert_int_equal(db_async_pending(dba), 0);
}

static void
freeing_drops_pending_requests_without_a_word(void **state)
{
	(void)state;
	(void)backend_pid();
	send_number(1, 1);
	send_plain(&end_write, 2);
	db_async_free(dba);
	dba = db_async_new(test_db_conninfo(), "test_async");
	send_number(2, 3); /* never connected */
	assert_int_equal(trace.done_count, 1);
}

/* ---- loss and return ---- */

static void
waiting_requests_survive_a_lost_connection(void **state)
{
	int64_t before;

	(void)state;
	db_async_on_connect(dba, note_connected, &trace.connected);
	before = backend_pid();
	assert_int_equal(trace.connected, 1);
	terminate(before);
	/* let it notice; what is sent while it is down must wait */
	while (db_async_connected(dba))
		turn(100);
	send_put("1", "one", 1);
	send_plain(&pid, 2);
	assert_int_equal(db_async_pending(dba), 2);
	run_until(&trace.done_count, 3);
	assert_int_equal(trace.connected, 2);
	assert_int_equal(trace.kinds[1], ERR_NONE);
	assert_int_equal(trace.kinds[2], ERR_NONE);
	assert_true(trace.values[2] != before);
}

static void
on_the_wire_each_fails_once_and_the_rest_waits(void **state)
{
	size_t uncertain = 0;
	size_t busy = 0;

	(void)state;
	(void)backend_pid();
	send_number(1, 1); /* answered before the end */
	send_plain(&end_write, 2);
	for (intptr_t i = 3; i < 200; i++) {
		if (i % 2 == 0)
			send_number(i, i);
		else
			send_put("1", "never", i);
	}
	run_until(&trace.done_count, 200);
	for (int i = 0; i < 200; i++)
		assert_int_equal(trace.calls_of[i], 1);
	assert_int_equal(trace.kinds[1], ERR_NONE);
	assert_int_equal(trace.args[2], 2);
	assert_int_equal(trace.kinds[2], ERR_UNCERTAIN);
	for (int i = 3; i < 200; i++) {
		bool reads = trace.args[i] % 2 == 0;

		uncertain += !reads && trace.kinds[i] == ERR_UNCERTAIN;
		busy += reads && trace.kinds[i] == ERR_BUSY;
		assert_true(reads || trace.kinds[i] != ERR_BUSY);
		assert_true(!reads || trace.kinds[i] != ERR_UNCERTAIN);
	}
	/* something was on the wire behind it, and something was not */
	assert_in_range(uncertain, 1, 60);
	assert_in_range(busy, 1, 60);
	assert_int_equal(trace.kinds[199], ERR_CONFLICT);
	assert_value("select count(*) from t", "1");
}

static void
send_again_on_failure(void *arg, const struct db_result *result, const struct err *err)
{
	note_done(arg, result, err);
	if (err->kind == ERR_BUSY)
		db_async_send(dba, &pid, NULL, note_done, arg);
}

static void
a_read_that_failed_may_be_sent_again_from_done(void **state)
{
	(void)state;
	db_async_send(dba, &end_read, NULL, send_again_on_failure, (void *)1);
	run_until(&trace.done_count, 2);
	assert_int_equal(trace.kinds[0], ERR_BUSY);
	assert_int_equal(trace.kinds[1], ERR_NONE);
}

static void
an_unreachable_server_is_tried_with_growing_pauses(void **state)
{
	static const int bounds_ms[] = { 100, 200, 400, 800, 1600, 3200, 5000, 5000 };

	(void)state;
	db_async_free(dba);
	dba = db_async_new("host=/nonexistent", "test_async");
	send_number(1, 1);
	assert_int_equal(db_async_timeout_ms(dba), 0);
	for (size_t i = 0; i < sizeof(bounds_ms) / sizeof(bounds_ms[0]); i++) {
		int wait_ms;

		db_async_process(dba);
		wait_ms = db_async_timeout_ms(dba);
		assert_in_range(wait_ms, bounds_ms[i] / 2 - 20, bounds_ms[i]);
		assert_int_equal(db_async_fd(dba), -1);
		clock_test_advance_ms(wait_ms);
	}
	assert_int_equal(trace.done_count, 0);
	assert_int_equal(db_async_pending(dba), 1);
}

static void
a_silent_host_is_left_for_the_next_when_its_time_is_over(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/jqm-test-silent-XXXXXX";
	char host[100];
	char *conninfo;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", dir);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(sscanf(test_db_conninfo(), "host=%99s", host), 1);
	conninfo = str_printf("%s connect_timeout=7 host=%s,%s", test_db_conninfo(), dir, host);
	db_async_free(dba);
	dba = db_async_new(conninfo, "test_async");
	send_number(1, 1);
	for (int i = 0; i < 5; i++)
		turn(20);
	assert_false(db_async_connected(dba));
	assert_in_range(db_async_timeout_ms(dba), 5000, 7000);
	clock_test_advance_ms(7000);
	run_until(&trace.done_count, 1);
	assert_int_equal(trace.kinds[0], ERR_NONE);
	free(conninfo);
	fd_close(&fd);
	(void)unlink(address.sun_path);
	(void)rmdir(dir);
}

static void
a_demoted_server_is_left_without_harm_to_the_others(void **state)
{
	const struct db_stmt demote = { .name = "",
					.text = "set default_transaction_read_only = on" };
	int64_t before = backend_pid();

	(void)state;
	send_plain(&demote, 1);
	send_put("1", "one", 2);
	send_number(3, 3);
	run_until(&trace.done_count, 4);
	assert_int_equal(trace.kinds[1], ERR_NONE);
	assert_int_equal(trace.kinds[2], ERR_BUSY);
	assert_int_equal(trace.kinds[3], ERR_NONE);
	assert_true(backend_pid() != before);
	send_put("1", "one", 5);
	run_until(&trace.done_count, 6);
	assert_int_equal(trace.kinds[5], ERR_NONE);
}

/* ---- notifications ---- */

static char first_channel[] = "a channel";
static char second_channel[] = "second";

static void
notifications_arrive_again_after_a_reconnection(void **state)
{
	int64_t before;

	(void)state;
	db_async_listen(dba, first_channel, note_notification, first_channel);
	before = backend_pid();
	test_db_sql("notify \"a channel\", 'one'");
	run_until(&trace.notified, 1);
	assert_string_equal(trace.payload, "one");
	db_async_listen(dba, second_channel, note_notification, second_channel);
	(void)backend_pid(); /* answered after the LISTEN before it */
	test_db_sql("notify second, 'two'");
	run_until(&trace.notified, 2);
	assert_string_equal(trace.payload, "two");
	terminate(before);
	while (db_async_connected(dba))
		turn(100);
	assert_true(backend_pid() != before);
	test_db_sql("notify second, 'three'");
	run_until(&trace.notified, 3);
	assert_string_equal(trace.payload, "three");
	test_db_sql("notify \"a channel\", 'four'");
	run_until(&trace.notified, 4);
	assert_string_equal(trace.payload, "four");
}

static void
look_up(void *arg)
{
	(void)arg;
	db_async_send(dba, &pid, NULL, note_done, NULL);
}

static void
what_on_connect_asks_comes_after_listen(void **state)
{
	(void)state;
	db_async_listen(dba, second_channel, note_notification, second_channel);
	db_async_on_connect(dba, look_up, NULL);
	run_until(&trace.done_count, 1);
	/* the answer of on_connect's request is here: no notification from now on may be missed */
	test_db_sql("notify second, 'now'");
	run_until(&trace.notified, 1);
	assert_string_equal(trace.payload, "now");
}

#define with_dba(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_dba(requests_are_answered_in_order_each_once),
		with_dba(a_statement_is_prepared_once_per_connection),
		with_dba(a_failing_request_fails_alone),
		with_dba(large_values_pass_both_ways),
		with_dba(done_may_send_again),
		with_dba(freeing_drops_pending_requests_without_a_word),
		with_dba(waiting_requests_survive_a_lost_connection),
		with_dba(on_the_wire_each_fails_once_and_the_rest_waits),
		with_dba(a_read_that_failed_may_be_sent_again_from_done),
		with_dba(an_unreachable_server_is_tried_with_growing_pauses),
		with_dba(a_silent_host_is_left_for_the_next_when_its_time_is_over),
		with_dba(a_demoted_server_is_left_without_harm_to_the_others),
		with_dba(notifications_arrive_again_after_a_reconnection),
		with_dba(what_on_connect_asks_comes_after_listen),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
