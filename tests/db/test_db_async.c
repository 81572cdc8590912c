/* SPDX-License-Identifier: Apache-2.0 */
/* Requests on an event loop, and notifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

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

DB_STMT(prepared_count) = {
	.name = "test_async_prepared_count",
	.text = "select count(*) from pg_prepared_statements where name = 'test_number'",
	.read_only = true,
};

static void
note_notification(void *arg, const char *channel, const char *payload)
{
	assert_string_equal(channel, arg);
	async_trace.notified++;
	(void)str_copy(async_trace.payload, sizeof(async_trace.payload), payload);
}

static int
set_up_all(void **state)
{
	(void)state;
	test_db_create("async");
	return 0;
}

static void
requests_are_answered_in_order_each_once(void **state)
{
	(void)state;
	for (intptr_t i = 0; i < 300; i++)
		async_send_number(1000 + i, i);
	assert_int_equal(db_async_pending(dba), 300);
	async_run_until(&async_trace.done_count, 300);
	for (intptr_t i = 0; i < 300; i++) {
		assert_int_equal(async_trace.kinds[i], ERR_NONE);
		assert_int_equal(async_trace.args[i], i);
		assert_int_equal(async_trace.values[i], 1000 + i);
	}
	assert_int_equal(db_async_pending(dba), 0);
	async_turn(0);
	assert_int_equal(async_trace.done_count, 300);
}

static void
a_statement_is_prepared_once_per_connection(void **state)
{
	(void)state;
	for (intptr_t i = 0; i < 5; i++)
		async_send_number(i, i);
	async_send_plain(&prepared_count, 5);
	async_run_until(&async_trace.done_count, 6);
	assert_int_equal(async_trace.values[5], 1);
}

static void
a_failing_request_fails_alone(void **state)
{
	static const enum err_kind expected[] = { ERR_NONE,     ERR_CONFLICT, ERR_NONE,
						  ERR_INTERNAL, ERR_INTERNAL, ERR_INVALID,
						  ERR_NONE,     ERR_CONFLICT, ERR_NONE };
	const char *orphan[1] = { "7" };

	(void)state;
	async_send_put("1", "one", 0);
	async_send_put("1", "again", 1);
	async_send_put("2", "two", 2);
	async_send_plain(&wrong, 3); /* fails when it is prepared */
	async_send_plain(&wrong, 4);
	async_send_put("3", NULL, 5);
	async_send_put("4", "four", 6);
	db_async_send(dba, &put_orphan, orphan, async_note_done,
		      (void *)7); /* fails at its commit */
	async_send_put("5", "five", 8);
	async_run_until(&async_trace.done_count, 9);
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(async_trace.args[i], i);
		assert_int_equal(async_trace.kinds[i], expected[i]);
	}
	assert_value("select string_agg(id::text, ' ' order by id) from t", "1 2 4 5");
}

static void
large_values_pass_both_ways(void **state)
{
	size_t len = 3u * 1024 * 1024;
	char *large = malloc(len + 1);

	(void)state;
	memset(large, 'x', len);
	large[len] = '\0';
	for (int i = 0; i < 4; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "%d", i);
		async_send_put(id, large, 0);
		async_send_plain(&async_pid, 0);
	}
	free(large);
	async_run_until(&async_trace.done_count, 8);
	assert_value("select sum(length(note)) from t", "12582912");
}

static int chain_left;

static void
send_next(void *arg, const struct db_result *result, const struct err *err)
{
	async_note_done(arg, result, err);
	if (chain_left-- > 0)
		db_async_send(dba, &async_pid, NULL, send_next, arg);
}

static void
done_may_send_again(void **state)
{
	(void)state;
	chain_left = 20;
	db_async_send(dba, &async_pid, NULL, send_next, NULL);
	async_run_until(&async_trace.done_count, 21);
	assert_int_equal(db_async_pending(dba), 0);
}

static void
freeing_drops_pending_requests_without_a_word(void **state)
{
	(void)state;
	(void)async_backend_pid();
	async_send_number(1, 1);
	async_send_plain(&async_end_write, 2);
	db_async_free(dba);
	dba = db_async_new(test_db_conninfo(), "test_async");
	async_send_number(2, 3); /* never connected */
	assert_int_equal(async_trace.done_count, 1);
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
	before = async_backend_pid();
	test_db_sql("notify \"a channel\", 'one'");
	async_run_until(&async_trace.notified, 1);
	assert_string_equal(async_trace.payload, "one");
	db_async_listen(dba, second_channel, note_notification, second_channel);
	(void)async_backend_pid(); /* answered after the LISTEN before it */
	test_db_sql("notify second, 'two'");
	async_run_until(&async_trace.notified, 2);
	assert_string_equal(async_trace.payload, "two");
	async_terminate(before);
	while (db_async_connected(dba))
		async_turn(100);
	assert_true(async_backend_pid() != before);
	test_db_sql("notify second, 'three'");
	async_run_until(&async_trace.notified, 3);
	assert_string_equal(async_trace.payload, "three");
	test_db_sql("notify \"a channel\", 'four'");
	async_run_until(&async_trace.notified, 4);
	assert_string_equal(async_trace.payload, "four");
}

static void
look_up(void *arg)
{
	(void)arg;
	db_async_send(dba, &async_pid, NULL, async_note_done, NULL);
}

static void
what_on_connect_asks_comes_after_listen(void **state)
{
	(void)state;
	db_async_listen(dba, second_channel, note_notification, second_channel);
	db_async_on_connect(dba, look_up, NULL);
	async_run_until(&async_trace.done_count, 1);
	/* the answer of on_connect's request is here: no notification from now on may be missed */
	test_db_sql("notify second, 'now'");
	async_run_until(&async_trace.notified, 1);
	assert_string_equal(async_trace.payload, "now");
}

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
		with_dba(notifications_arrive_again_after_a_reconnection),
		with_dba(what_on_connect_asks_comes_after_listen),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
