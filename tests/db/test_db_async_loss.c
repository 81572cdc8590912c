/* SPDX-License-Identifier: Apache-2.0 */
/* A connection for an event loop that is lost, or cannot be had: what waits and what fails. */
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
#include "base/fd.h"
#include "base/str.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

DB_STMT(end_read) = {
	.name = "test_async_end_read",
	.text = "select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)",
	.read_only = true,
};

DB_STMT(slow_read) = {
	.name = "test_async_slow",
	.text = "select 1::bigint from pg_sleep(2)",
	.read_only = true,
};

static void
note_connected(void *arg)
{
	(*(size_t *)arg)++;
}

static int
set_up_all(void **state)
{
	(void)state;
	test_db_create("async_loss");
	return 0;
}

static void
waiting_requests_survive_a_lost_connection(void **state)
{
	int64_t before, lost[DB_ASYNC_LOST_MAX];

	(void)state;
	db_async_on_connect(dba, note_connected, &async_trace.connected);
	before = async_backend_pid();
	assert_int_equal(async_trace.connected, 1);
	async_terminate(before);
	/* let it notice; what is sent while it is down must wait */
	while (db_async_connected(dba))
		async_turn(100);
	async_send_put("1", "one", 1);
	async_send_plain(&async_pid, 2);
	assert_int_equal(db_async_pending(dba), 2);
	async_run_until(&async_trace.done_count, 3);
	assert_int_equal(async_trace.connected, 2);
	assert_int_equal(async_trace.kinds[1], ERR_NONE);
	assert_int_equal(async_trace.kinds[2], ERR_NONE);
	assert_true(async_trace.values[2] != before);
	assert_int_equal(db_async_lost(dba, lost), 0); /* nothing that writes was on the wire */
}

static void
on_the_wire_each_fails_once_and_the_rest_waits(void **state)
{
	int64_t lost[DB_ASYNC_LOST_MAX], before;
	size_t uncertain = 0;
	size_t busy = 0;

	(void)state;
	before = async_backend_pid();
	async_send_number(1, 1); /* answered before the end */
	async_send_plain(&async_end_write, 2);
	for (intptr_t i = 3; i < 200; i++) {
		if (i % 2 == 0)
			async_send_number(i, i);
		else
			async_send_put("1", "never", i);
	}
	async_run_until(&async_trace.done_count, 200);
	for (int i = 0; i < 200; i++)
		assert_int_equal(async_trace.calls_of[i], 1);
	assert_int_equal(async_trace.kinds[1], ERR_NONE);
	assert_int_equal(async_trace.args[2], 2);
	assert_int_equal(async_trace.kinds[2], ERR_UNCERTAIN);
	for (int i = 3; i < 200; i++) {
		bool reads = async_trace.args[i] % 2 == 0;

		uncertain += !reads && async_trace.kinds[i] == ERR_UNCERTAIN;
		busy += reads && async_trace.kinds[i] == ERR_BUSY;
		assert_true(reads || async_trace.kinds[i] != ERR_BUSY);
		assert_true(!reads || async_trace.kinds[i] != ERR_UNCERTAIN);
	}
	/* What was on the wire behind it: nothing, when the server was faster than we were. */
	print_message("on the wire: %zu writes, %zu reads\n", uncertain, busy);
	assert_in_range(uncertain, 0, 60);
	assert_in_range(busy, 0, 60);
	assert_int_equal(async_trace.kinds[199], ERR_CONFLICT);
	assert_value("select count(*) from t", "1");
	assert_int_equal(db_async_lost(dba, lost), 1);
	assert_int_equal(lost[0], before);
	db_async_forget_lost(dba);
	assert_int_equal(db_async_lost(dba, lost), 0);
}

static void
send_again_on_failure(void *arg, const struct db_result *result, const struct err *err)
{
	async_note_done(arg, result, err);
	if (err->kind == ERR_BUSY)
		db_async_send(dba, &async_pid, NULL, async_note_done, arg);
}

static void
a_read_that_failed_may_be_sent_again_from_done(void **state)
{
	(void)state;
	db_async_send(dba, &end_read, NULL, send_again_on_failure, (void *)1);
	async_run_until(&async_trace.done_count, 2);
	assert_int_equal(async_trace.kinds[0], ERR_BUSY);
	assert_int_equal(async_trace.kinds[1], ERR_NONE);
}

static void
an_unreachable_server_is_tried_with_growing_pauses(void **state)
{
	static const int bounds_ms[] = { 100, 200, 400, 800, 1600, 3200, 5000, 5000 };

	(void)state;
	db_async_free(dba);
	dba = db_async_new("host=/nonexistent", "test_async");
	async_send_number(1, 1);
	assert_int_equal(db_async_timeout_ms(dba), 0);
	for (size_t i = 0; i < sizeof(bounds_ms) / sizeof(bounds_ms[0]); i++) {
		int64_t begin_ms = clock_mono_ms();
		int wait_ms;

		db_async_process(dba);
		wait_ms = db_async_timeout_ms(dba);
		assert_true(wait_ms <= bounds_ms[i]);
		/* what went by meanwhile is off it already */
		assert_true(wait_ms + clock_mono_ms() - begin_ms >= bounds_ms[i] / 2 - 20);
		assert_int_equal(db_async_fd(dba), -1);
		clock_test_advance_ms(wait_ms);
	}
	assert_int_equal(async_trace.done_count, 0);
	assert_int_equal(db_async_pending(dba), 1);
}

static void
a_silent_host_is_left_for_the_next_when_its_time_is_over(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/jqm-test-silent-XXXXXX";
	char host[100];
	int64_t begin_ms;
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
	begin_ms = clock_mono_ms();
	async_send_number(1, 1);
	for (int i = 0; i < 5; i++)
		async_turn(20);
	assert_false(db_async_connected(dba));
	assert_true(db_async_timeout_ms(dba) <= 7000);
	assert_true(db_async_timeout_ms(dba) + clock_mono_ms() - begin_ms >= 6000);
	clock_test_advance_ms(7000);
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(async_trace.kinds[0], ERR_NONE);
	free(conninfo);
	fd_close(&fd);
	(void)unlink(address.sun_path);
	(void)rmdir(dir);
}

/* Slow or dead cannot be told apart; but one that lives gets the time it needs in the end. */
static void
a_server_that_is_silent_while_an_answer_is_due_is_left_and_the_next_time_waited_for_longer(
    void **state)
{
	(void)state;
	db_async_free(dba);
	dba = db_async_new(test_db_conninfo(), "test_async");
	db_async_set_patience(dba, 30000);
	(void)async_backend_pid();
	assert_int_equal(db_async_timeout_ms(dba), -1); /* nothing is due */
	for (int times = 1; times <= 2; times++) {
		while (!db_async_connected(dba))
			async_turn(100);
		async_send_plain(&slow_read, times);
		assert_in_range(db_async_timeout_ms(dba), times * 30000 - 5000, times * 30000);
		clock_test_advance_ms(times * 30000 - 5000);
		async_turn(1);
		assert_int_equal(db_async_pending(dba), 1);
		clock_test_advance_ms(5000);
		async_run_until(&async_trace.done_count, (size_t)times + 1);
		assert_int_equal(async_trace.kinds[times], ERR_BUSY);
	}
	async_send_plain(&slow_read, 3);
	async_run_until(&async_trace.done_count, 4);
	assert_int_equal(async_trace.kinds[3], ERR_NONE);
	async_send_plain(&slow_read, 4);
	assert_in_range(db_async_timeout_ms(dba), 25000, 30000);
}

static void
a_demoted_server_is_left_without_harm_to_the_others(void **state)
{
	const struct db_stmt demote = { .name = "",
					.text = "set default_transaction_read_only = on" };
	int64_t before = async_backend_pid();

	(void)state;
	async_send_plain(&demote, 1);
	async_send_put("1", "one", 2);
	async_send_number(3, 3);
	async_run_until(&async_trace.done_count, 4);
	assert_int_equal(async_trace.kinds[1], ERR_NONE);
	assert_int_equal(async_trace.kinds[2], ERR_BUSY);
	assert_int_equal(async_trace.kinds[3], ERR_NONE);
	assert_true(async_backend_pid() != before);
	async_send_put("1", "one", 5);
	async_run_until(&async_trace.done_count, 6);
	assert_int_equal(async_trace.kinds[5], ERR_NONE);
}

DB_STMT(put_first) = {
	.name = "test_async_put_first",
	.text = "insert into t (id, note) values (1, 'first')",
};

static void
put_again_on_failure(void *arg, const struct db_result *result, const struct err *err)
{
	async_note_done(arg, result, err);
	if (err->kind == ERR_BUSY)
		async_send_put("2", "second", 4);
}

static void
nothing_more_is_sent_to_a_demoted_server_while_it_still_answers(void **state)
{
	const struct db_stmt demote = { .name = "",
					.text = "set default_transaction_read_only = on" };
	const struct db_stmt slow = { .name = "",
				      .text = "select 0 from pg_sleep(0.3)",
				      .read_only = true };

	(void)state;
	async_send_plain(&demote, 1);
	db_async_send(dba, &put_first, NULL, put_again_on_failure, (void *)2);
	async_send_plain(&slow, 3); /* on its way while the failure is known */
	async_run_until(&async_trace.done_count, 4);
	assert_int_equal(async_trace.kinds[1], ERR_BUSY);
	assert_int_equal(async_trace.args[2], 3);
	assert_int_equal(async_trace.kinds[2], ERR_NONE);
	assert_int_equal(async_trace.args[3], 4);
	assert_int_equal(async_trace.kinds[3], ERR_NONE);
	assert_value("select note from t", "second");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_dba(waiting_requests_survive_a_lost_connection),
		with_dba(on_the_wire_each_fails_once_and_the_rest_waits),
		with_dba(a_read_that_failed_may_be_sent_again_from_done),
		with_dba(an_unreachable_server_is_tried_with_growing_pauses),
		with_dba(a_silent_host_is_left_for_the_next_when_its_time_is_over),
		with_dba(
		    a_server_that_is_silent_while_an_answer_is_due_is_left_and_the_next_time_waited_for_longer),
		with_dba(a_demoted_server_is_left_without_harm_to_the_others),
		with_dba(nothing_more_is_sent_to_a_demoted_server_while_it_still_answers),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
