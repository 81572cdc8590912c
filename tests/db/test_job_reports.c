/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema, reports of jobs: progress and messages, and who may no longer say anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* Of the job the node has, which is attempt 1. */
#define END(state)                                                                             \
	"SELECT jqm.finish(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt', 1," \
	" 'state', '" state "', 'exit_code', 1)) FROM jqm.job_instance WHERE node_id = 1))"

static struct db *one; /* another session than the one of the test */

static int
set_up(void **state)
{
	test_db_sql("DELETE FROM jqm.job_instance; DELETE FROM jqm.message;"
		    "UPDATE jqm.job_def SET attempts_max = 1");
	one = db_new(test_db_conninfo(), "test_job_reports_one");
	return async_set_up(state);
}

static int
tear_down(void **state)
{
	db_free(one);
	return async_tear_down(state);
}

#define with_sessions(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* attempt 0: somebody else speaks. */
static char *
say_sql(int64_t id, const char *text, int attempt)
{
	return str_printf("SELECT jqm.say(%lld, '%s', nullif(%d, 0))", (long long)id, text,
			  attempt);
}

static char *
progress_sql(int64_t id, int64_t progress, int attempt)
{
	return str_printf("SELECT jqm.set_progress(%lld, %lld, nullif(%d, 0))", (long long)id,
			  (long long)progress, attempt);
}

/* With the rights of a caller; sql is freed. */
static void
accepted(char *sql)
{
	assert_sql(a_client, sql);
	free(sql);
}

static void
refused(char *sql, enum err_kind kind, const char *words)
{
	struct err err = ERR_INIT;

	print_message("case: %s\n", sql);
	assert_int_equal(db_exec_sql(a_client, sql, &err), -1);
	assert_int_equal(err.kind, kind);
	assert_non_null(strstr(err.text, words));
	free(sql);
}

static void
assert_messages(const char *expected)
{
	assert_value("SELECT coalesce(string_agg(text_message, ',' ORDER BY id), '-')"
		     " FROM jqm.message",
		     expected);
}

static void
assert_progress(int64_t id, const char *expected)
{
	char *sql = str_printf("SELECT progress FROM jqm.live_job WHERE id = %lld UNION ALL"
			       " SELECT progress FROM jqm.past_job WHERE id = %lld",
			       (long long)id, (long long)id);

	assert_value(sql, expected);
	free(sql);
}

static void
history_has_the_last_progress_and_every_message(void **state)
{
	int64_t id = a_job_in("RUNNING");

	(void)state;
	accepted(progress_sql(id, 10, 1));
	accepted(say_sql(id, "  one ", 1));
	accepted(progress_sql(id, 50, 1));
	accepted(say_sql(id, "two", 1));
	accepted(say_sql(id, "three", 0));
	assert_progress(id, "50");
	a_job_ends(id, "ENDED");
	assert_progress(id, "50");
	assert_messages("one,two,three");
}

static void
progress_is_of_a_job_a_node_has(void **state)
{
	static const char *const states[] = { "SUBMITTED", "HOLDED", "SCHEDULED", "ENDED",
					      "CANCELLED" };
	int64_t id;

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		refused(progress_sql(a_job_in(states[i]), 1, 0), ERR_CONFLICT, states[i]);
	refused(progress_sql(A_JOB_UNKNOWN, 1, 0), ERR_NOT_FOUND, "no job instance");
	id = a_job_in("ATTRIBUTED"); /* it may speak before its runner has said that it runs */
	accepted(progress_sql(id, 0, 1));
	accepted(progress_sql(id, INT32_MAX, 0));
	refused(progress_sql(id, INT64_C(2147483648), 1), ERR_INVALID, "field \"progress\"");
	refused(progress_sql(id, -1, 1), ERR_INVALID, "field \"progress\"");
	assert_progress(id, "2147483647");
}

static void
a_job_that_is_over_says_nothing_more(void **state)
{
	int64_t id = a_job_in("RUNNING");

	(void)state;
	a_job_ends(id, "ENDED");
	refused(say_sql(id, "late", 1), ERR_CONFLICT, "attempt 1 of job instance");
	refused(progress_sql(id, 99, 1), ERR_CONFLICT, "attempt 1 of job instance");
	assert_progress(id, "0");
	accepted(say_sql(id, "looked at it", 0)); /* somebody else does */
	assert_messages("looked at it");
}

static void
an_attempt_that_is_followed_by_another_says_nothing_more(void **state)
{
	int64_t id;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 600");
	id = a_job_in("RUNNING");
	accepted(progress_sql(id, 70, 1));
	test_db_sql(END("CRASHED"));
	test_db_sql("DELETE FROM jqm.message");
	assert_job_state(id, "SCHEDULED");
	refused(say_sql(id, "late", 1), ERR_CONFLICT, "attempt 1 of job instance");
	refused(progress_sql(id, 99, 1), ERR_CONFLICT, "attempt 1 of job instance");
	test_db_sql("UPDATE jqm.job_instance SET state = 'SUBMITTED', run_after = NULL");
	test_db_sql(A_CLAIM);
	refused(say_sql(id, "late", 1), ERR_CONFLICT, "attempt 1 of job instance");
	refused(progress_sql(id, 99, 1), ERR_CONFLICT, "attempt 1 of job instance");
	assert_progress(id, "0");
	accepted(say_sql(id, "again", 2));
	accepted(progress_sql(id, 5, 2));
	assert_progress(id, "5");
	assert_messages("again");
}

static const struct db_stmt say_as_first = {
	.name = "test_say",
	.text = "SELECT 1 FROM (SELECT jqm.say($1, 'word', 1)) AS s",
	.n_params = 1,
};
static const struct db_stmt move_as_first = {
	.name = "test_move",
	.text = "SELECT 1 FROM (SELECT jqm.set_progress($1, 42, 1)) AS s",
	.n_params = 1,
};
static const struct db_stmt end_running = { .name = "test_end", .text = END("CRASHED") };

/* Both ends of an attempt: for good, and with another one coming. */
static const char *const attempts[] = { "1", "2" };

static int64_t
a_running_job_of(const char *attempts_max)
{
	test_db_sql("UPDATE jqm.job_def SET attempts_max = %s, retry_delay_s = 600", attempts_max);
	return a_job_in("RUNNING");
}

static void
what_is_said_while_an_attempt_ends_is_said_or_refused(void **state)
{
	static const struct db_stmt *const verbs[] = { &say_as_first, &move_as_first };
	static const struct {
		const char *end;
		enum err_kind kind;
	} cases[] = { { "COMMIT", ERR_CONFLICT }, { "ROLLBACK", ERR_NONE } };
	size_t done = 0;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		size_t how = i % 2, verb = i / 2 % 2;
		int64_t id = a_running_job_of(attempts[i / 4]);
		char text[30];
		const char *params[] = { text };

		print_message("case: %zu\n", i);
		(void)snprintf(text, sizeof(text), "%lld", (long long)id);
		assert_sql(one, "BEGIN; " END("CRASHED"));
		db_async_send(dba, verbs[verb], params, async_note_done, NULL);
		async_wait_for_lock();
		assert_sql(one, cases[how].end);
		async_run_until(&async_trace.done_count, ++done);
		assert_int_equal(async_trace.kinds[done - 1], cases[how].kind);
		if (how == 1)
			assert_progress(id, verb == 0 ? "0" : "42");
	}
	/* after each of the two ends that were taken back */
	assert_value("SELECT count(*) FROM jqm.message WHERE text_message = 'word'", "2");
}

static void
an_attempt_does_not_end_before_what_it_says_is_stored(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int64_t id = a_running_job_of(attempts[i]);
		char *sql =
		    str_printf("BEGIN; SELECT jqm.say(%lld, 'last word', 1)", (long long)id);

		assert_sql(one, sql);
		async_send_plain(&end_running, 0);
		async_wait_for_lock();
		assert_sql(one, "COMMIT");
		async_run_until(&async_trace.done_count, i + 1);
		assert_int_equal(async_trace.values[i], id);
		assert_job_state(id, i == 0 ? "CRASHED" : "SCHEDULED");
		free(sql);
	}
	assert_value("SELECT count(*) FROM jqm.message WHERE text_message = 'last word'", "2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_sessions(history_has_the_last_progress_and_every_message),
		with_sessions(progress_is_of_a_job_a_node_has),
		with_sessions(a_job_that_is_over_says_nothing_more),
		with_sessions(an_attempt_that_is_followed_by_another_says_nothing_more),
		with_sessions(what_is_said_while_an_attempt_ends_is_said_or_refused),
		with_sessions(an_attempt_does_not_end_before_what_it_says_is_stored),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
