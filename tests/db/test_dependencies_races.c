/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0012: jobs that wait for others, two sessions at once: nobody is stuck, nobody waits long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define FINISH_RUNNING                                                                         \
	"SELECT jqm.finish(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt', 1," \
	" 'state', 'ENDED')) FROM jqm.job_instance WHERE node_id = 1))"

static struct db *one, *other; /* two sessions; the second never waits for a lock */

static int
set_up(void **state)
{
	test_db_sql("DELETE FROM jqm.job_instance; DELETE FROM jqm.job_dependency;"
		    "DELETE FROM jqm.job_unsettled");
	one = db_new(test_db_conninfo(), "test_dependencies_one");
	other = db_new(test_db_conninfo(), "test_dependencies_other");
	assert_sql(other, "SET lock_timeout = '1ms'");
	return async_set_up(state);
}

static int
tear_down(void **state)
{
	db_free(one);
	db_free(other);
	return async_tear_down(state);
}

#define with_sessions(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* A job of Plain the node has. */
static int64_t
a_running_job(void)
{
	int64_t id = a_job_of("Plain");

	test_db_sql(A_CLAIM);
	return id;
}

static int64_t
waiting_for(int64_t of)
{
	return a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{%lld}')", (long long)of);
}

static const struct db_stmt finish_running = { .name = "test_finish", .text = FINISH_RUNNING };
static const struct db_stmt enqueue_waiting = {
	.name = "test_enqueue",
	.text = "SELECT jqm.enqueue('Plain', wait_for => ARRAY[$1])",
	.n_params = 1,
};

static void
an_end_waits_for_who_just_wants_to_wait_for_it(void **state)
{
	int64_t first = a_running_job();

	(void)state;
	assert_sql(one, "BEGIN; SELECT jqm.enqueue('Plain', wait_for => ARRAY[max(id)::text])"
			" FROM jqm.job_instance");
	async_send_plain(&finish_running, 0);
	async_wait_for_lock();
	assert_sql(one, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(async_trace.values[0], first);
	assert_value("SELECT string_agg(state, ' ') FROM jqm.live_job", "SUBMITTED");
}

static void
who_wants_to_wait_for_a_job_that_ends_learns_how(void **state)
{
	static const struct {
		const char *end, *want;
	} cases[] = { { "COMMIT", "SUBMITTED" }, { "ROLLBACK", "SCHEDULED" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int64_t first = a_running_job();
		char text[30];
		const char *params[] = { text };

		(void)snprintf(text, sizeof(text), "%lld", (long long)first);
		assert_sql(one, "BEGIN; " FINISH_RUNNING);
		db_async_send(dba, &enqueue_waiting, params, async_note_done, NULL);
		async_wait_for_lock();
		assert_sql(one, cases[i].end);
		async_run_until(&async_trace.done_count, i + 1);
		assert_int_equal(async_trace.kinds[i], ERR_NONE);
		assert_job_state(async_trace.values[i], cases[i].want);
		test_db_sql("DELETE FROM jqm.job_instance");
	}
}

static void
a_dependent_in_a_transaction_holds_up_no_end_and_is_settled_later(void **state)
{
	int64_t first = a_running_job(), held = waiting_for(first), free_one = waiting_for(first);

	(void)state;
	assert_sql(one, "BEGIN; SELECT jqm.set_priority(min(id), 5) FROM jqm.live_job"
			" WHERE state = 'SCHEDULED'");
	assert_sql(other, FINISH_RUNNING);
	assert_job_state(first, "ENDED");
	assert_job_state(free_one, "SUBMITTED");
	assert_sql(other, "SELECT jqm.housekeeping()"); /* still held */
	assert_job_state(held, "SCHEDULED");
	assert_sql(one, "COMMIT");
	assert_sql(other, "SELECT jqm.housekeeping()");
	assert_job_state(held, "SUBMITTED");
	assert_value("SELECT count(*) FROM jqm.job_unsettled", "0");
}

/*
 * first and second are cancelled at once; x waits for first, y for x and second, z for first and y: each
 * session has in hand what the other one comes to.
 */
static void
two_ends_whose_followers_cross_do_not_wait_for_each_other(void **state)
{
	int64_t first = a_job_of("Plain"), second = a_job_of("Plain"), x = waiting_for(first);
	int64_t y = a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{%lld,%lld}')",
				(long long)x, (long long)second);
	int64_t z = a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{%lld,%lld}')",
				(long long)first, (long long)y);

	(void)state;
	assert_sql(one, "BEGIN; SELECT jqm.cancel(min(id)) FROM jqm.live_job"
			" WHERE state = 'SUBMITTED'");
	assert_sql(other, "SELECT jqm.cancel(max(id)) FROM jqm.live_job WHERE state = 'SUBMITTED'");
	assert_sql(one, "COMMIT");
	assert_sql(other, "SELECT jqm.housekeeping()");
	assert_job_state(x, "CANCELLED");
	assert_job_state(y, "CANCELLED");
	assert_job_state(z, "CANCELLED");
	assert_value("SELECT count(*) FROM jqm.live_job", "0");
	assert_value("SELECT count(*) FROM jqm.job_dependency", "0");
}

static void
a_dependent_that_a_caller_with_an_old_snapshot_does_not_see_is_found(void **state)
{
	int64_t first = a_job_of("Plain"), later;

	(void)state;
	assert_sql(one, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM jqm.job_instance");
	later = waiting_for(first);
	assert_sql(one, "SELECT jqm.cancel(min(id)) FROM jqm.job_instance; COMMIT");
	assert_job_state(later, "SCHEDULED");
	assert_sql(other, "SELECT jqm.find_unsettled()"); /* housekeeping does, now and then */
	assert_sql(other, "SELECT jqm.housekeeping()");
	assert_job_state(later, "CANCELLED");
}

static void
an_enqueue_in_a_transaction_holds_no_other_job(void **state)
{
	int64_t first = a_running_job(), due;

	(void)state;
	test_db_sql(FINISH_RUNNING);
	due = a_number("SELECT jqm.enqueue('Plain', run_after => now())");
	assert_job_state(first, "ENDED");
	assert_sql(one, "BEGIN; SELECT jqm.enqueue('Plain', wait_for => ARRAY[max(id)::text])"
			" FROM jqm.past_job");
	assert_sql(other, "SELECT jqm.promote_due()");
	assert_job_state(due, "SUBMITTED");
	assert_sql(one, "COMMIT");
}

static void
a_twin_in_a_transaction_keeps_no_due_job_from_its_turn(void **state)
{
	int64_t first = a_running_job(), due, plain, waited;

	(void)state;
	due = a_number("SELECT jqm.enqueue('Highlander', run_after => now())");
	plain = a_number("SELECT jqm.enqueue('Plain', run_after => now())");
	waited =
	    a_number_of("SELECT jqm.enqueue('Highlander', wait_for => '{%lld}')", (long long)first);
	assert_sql(one, "BEGIN; SELECT jqm.enqueue('Highlander')");
	test_db_sql("SELECT jqm.promote_due()");
	assert_job_state(due, "SCHEDULED");
	assert_job_state(plain, "SUBMITTED");
	test_db_sql("SET lock_timeout = '1s'; " FINISH_RUNNING);
	assert_job_state(first, "ENDED");
	assert_job_state(waited, "SCHEDULED");
	assert_sql(one, "ROLLBACK");
	test_db_sql("SELECT jqm.promote_due()");
	assert_job_state(due, "SUBMITTED");
	assert_job_state(waited, "SCHEDULED");
}

static void
a_job_somebody_is_about_to_wait_for_can_be_killed(void **state)
{
	(void)state;
	(void)a_running_job();
	assert_sql(one, "BEGIN; SELECT jqm.enqueue('Plain', wait_for => ARRAY[max(id)::text])"
			" FROM jqm.job_instance");
	assert_sql(other, "SELECT jqm.kill(max(id)) FROM jqm.job_instance");
	assert_value("SELECT instruction FROM jqm.job_instance WHERE node_id = 1", "KILL");
	assert_sql(one, "ROLLBACK");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_sessions(an_end_waits_for_who_just_wants_to_wait_for_it),
		with_sessions(who_wants_to_wait_for_a_job_that_ends_learns_how),
		with_sessions(a_dependent_in_a_transaction_holds_up_no_end_and_is_settled_later),
		with_sessions(two_ends_whose_followers_cross_do_not_wait_for_each_other),
		with_sessions(a_dependent_that_a_caller_with_an_old_snapshot_does_not_see_is_found),
		with_sessions(an_enqueue_in_a_transaction_holds_no_other_job),
		with_sessions(a_twin_in_a_transaction_keeps_no_due_job_from_its_turn),
		with_sessions(a_job_somebody_is_about_to_wait_for_can_be_killed),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
