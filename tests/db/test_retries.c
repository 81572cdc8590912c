/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0013: attempts that failed, what follows them, and what is kept of them. */
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

/* What the definition says unless a test says otherwise. */
#define DEFINED                                                                                 \
	"UPDATE jqm.job_def SET attempts_max = 1, retry_backoff = 'FIXED', retry_delay_s = 60," \
	" retry_delay_max_s = 3600, retry_exit_codes = NULL, on_node_loss = 'CRASH',"           \
	" node_losses_max = 2"

static int
clean(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance; DELETE FROM jqm.job_dependency;" DEFINED);
	return 0;
}

#define clean_test(test) cmocka_unit_test_setup(test, clean)

/* The node takes the first job of its queue and starts it. */
static void
start(void)
{
	test_db_sql(A_CLAIM);
	test_db_sql("SELECT jqm.mark_started(1, incarnation, jsonb_build_array(jsonb_build_object("
		    "'id', id, 'attempt', attempt, 'ago_ms', 500))) FROM jqm.job_instance"
		    " WHERE state = 'ATTRIBUTED'");
}

/* Its newest attempt is over: more has the members of finish() but id and attempt. */
static void
finish(int64_t id, const char *more)
{
	test_db_sql(
	    "SELECT jqm.finish(1, incarnation, jsonb_build_array(jsonb_build_object("
	    "'id', id, 'attempt', attempt) || '{%s}')) FROM jqm.job_instance WHERE id = %lld",
	    more, (long long)id);
}

#define CRASHED_WITH(code) "\"state\": \"CRASHED\", \"exit_code\": " #code
#define CRASHED CRASHED_WITH(3)
#define LOST "\"state\": \"CRASHED\", \"lost\": true, \"reason\": \"lost\""

static void
assert_number(const char *what, int64_t id, int64_t want)
{
	assert_int_equal(a_number_of("SELECT %s FROM jqm.live_job WHERE id = %lld UNION ALL"
				     " SELECT %s FROM jqm.past_job WHERE id = %lld",
				     what, (long long)id, what, (long long)id),
			 want);
}

static void
which_ends_are_worth_another_attempt_is_what_the_definition_says(void **state)
{
	static const struct {
		const char *codes, *end, *becomes;
	} cases[] = {
		{ "NULL", CRASHED_WITH(1), "SCHEDULED" },
		{ "NULL", "\"state\": \"CRASHED\", \"signal\": 9", "SCHEDULED" },
		{ "NULL", "\"state\": \"CRASHED\"", "SCHEDULED" }, /* could not start */
		{ "NULL", "\"state\": \"ENDED\", \"exit_code\": 0", "ENDED" },
		{ "NULL", "\"state\": \"KILLED\", \"signal\": 15", "KILLED" },
		{ "'{75}'", CRASHED_WITH(75), "SCHEDULED" },
		{ "'{75}'", CRASHED_WITH(1), "CRASHED" },
		{ "'{1,2,75}'", CRASHED_WITH(2), "SCHEDULED" },
		{ "'{1,2,75}'", CRASHED_WITH(3), "CRASHED" },
		{ "'{9}'", "\"state\": \"CRASHED\", \"signal\": 9", "CRASHED" },
		{ "'{9}'", "\"state\": \"CRASHED\"", "CRASHED" },
		{ "'{75}'", "\"state\": \"KILLED\", \"exit_code\": 75", "KILLED" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t id;

		print_message("%s: %s\n", cases[i].codes, cases[i].end);
		test_db_sql("UPDATE jqm.job_def SET attempts_max = 2, retry_exit_codes = %s",
			    cases[i].codes);
		id = a_job_of("Plain");
		start();
		finish(id, cases[i].end);
		assert_job_state(id, cases[i].becomes);
		assert_number("failures", id, strcmp(cases[i].becomes, "SCHEDULED") == 0);
		test_db_sql("DELETE FROM jqm.job_instance");
	}
}

static void
a_job_is_tried_as_often_as_its_definition_says_and_each_attempt_is_kept(void **state)
{
	int64_t id;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 3, retry_delay_s = 0");
	id = a_number("SELECT jqm.enqueue('Plain', email => 'e@x')");
	for (int attempt = 1; attempt <= 3; attempt++) {
		start();
		assert_number("attempt", id, attempt);
		finish(id, CRASHED_WITH(3) ", \"messages\": [\"it said so\"], \"started_ago_ms\":"
					   " 400, \"ended_ago_ms\": 100");
		assert_job_state(id, attempt < 3 ? "SUBMITTED" : "CRASHED");
	}
	assert_number("failures", id, 2);
	assert_number("attempts_max", id, 3);
	assert_number("exit_code", id, 3);
	assert_value("SELECT string_agg(concat_ws(' ', attempt, n.name, exit_code, started_at <"
		     " ended_at, attributed_at <= now()), ', ' ORDER BY attempt) FROM"
		     " jqm.job_attempt AS a JOIN jqm.name_snapshot AS n ON n.id = node_name_id"
		     " WHERE job_instance_id = (SELECT max(id) FROM jqm.history)",
		     "1 n1 3 t t, 2 n1 3 t t");
	assert_value("SELECT string_agg(text_message, '|' ORDER BY id) FROM jqm.message WHERE"
		     " job_instance_id = (SELECT max(id) FROM jqm.history)",
		     "it said so|attempt 1: exit code 3; another one in 0 s|it said so|"
		     "attempt 2: exit code 3; another one in 0 s|it said so");
	assert_value("SELECT count(*) FROM jqm.mail WHERE job_instance_id ="
		     " (SELECT max(id) FROM jqm.history)",
		     "1");
}

static void
a_request_says_how_often_it_is_tried(void **state)
{
	int64_t id;

	(void)state;
	id = a_number("SELECT jqm.enqueue('Plain', max_attempts => 2)");
	start();
	finish(id, CRASHED);
	assert_job_state(id, "SCHEDULED");
	test_db_sql("DELETE FROM jqm.job_instance;"
		    "UPDATE jqm.job_def SET attempts_max = 5");
	id = a_number("SELECT jqm.enqueue('Plain', max_attempts => 1)");
	start();
	finish(id, CRASHED);
	assert_job_state(id, "CRASHED");
	assert_sql_fails(a_client, "SELECT jqm.enqueue('Plain', max_attempts => 0)", ERR_INVALID);
	assert_sql_fails(a_client, "SELECT jqm.enqueue('Plain', max_attempts => 101)", ERR_INVALID);
	assert_sql_fails(a_client, "SELECT jqm.enqueue('Plain', max_attempts => -1)", ERR_INVALID);
}

static void
delays_are_fixed_or_doubled_up_to_their_cap_with_half_of_it_by_chance(void **state)
{
	static const struct {
		const char *backoff;
		int first, most, failures;
		double least, top; /* seconds */
	} cases[] = {
		{ "FIXED", 60, 3600, 0, 60, 60 },
		{ "FIXED", 60, 10, 7, 60, 60 },
		{ "FIXED", 0, 3600, 3, 0, 0 },
		{ "EXPONENTIAL", 10, 3600, 0, 5, 10 },
		{ "EXPONENTIAL", 10, 3600, 1, 10, 20 },
		{ "EXPONENTIAL", 10, 3600, 5, 160, 320 },
		{ "EXPONENTIAL", 10, 3600, 9, 1800, 3600 },
		{ "EXPONENTIAL", 10, 3600, 99, 1800, 3600 },
		{ "EXPONENTIAL", 604800, 604800, 99, 302400, 604800 },
		{ "EXPONENTIAL", 0, 3600, 99, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *drawn = test_db_value(
		    "SELECT (min(d) >= %f AND max(d) <= %f)::text || ' ' || (max(d) - min(d) >= %f)"
		    " FROM (SELECT jqm.retry_delay('%s', %d, %d, %d) AS d FROM"
		    " generate_series(1, 1000)) AS draws",
		    cases[i].least, cases[i].top, (cases[i].top - cases[i].least) * 0.9,
		    cases[i].backoff, cases[i].first, cases[i].most, cases[i].failures);

		print_message("%s %d %d after %d\n", cases[i].backoff, cases[i].first,
			      cases[i].most, cases[i].failures);
		assert_string_equal(drawn, "true true");
		free(drawn);
	}
}

static void
a_retry_is_due_after_its_delay_and_then_behind_those_that_queue(void **state)
{
	int64_t id, second;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 3, retry_delay_s = 60");
	id = a_job_of("Plain");
	start();
	finish(id, CRASHED);
	assert_value("SELECT run_after - now() BETWEEN interval '50 s' AND interval '60 s'"
		     " FROM jqm.live_job",
		     "t");
	test_db_sql("SELECT jqm.housekeeping()");
	assert_job_state(id, "SCHEDULED");
	second = a_job_of("Plain");
	test_db_sql("UPDATE jqm.job_instance SET run_after = clock_timestamp() WHERE id = %lld",
		    (long long)id);
	test_db_sql("SELECT jqm.housekeeping()");
	assert_job_state(id, "SUBMITTED");
	start();
	assert_job_state(second, "RUNNING");
	assert_job_state(id, "SUBMITTED");
}

static void
a_retry_that_waits_can_be_cancelled_and_not_deleted(void **state)
{
	static const char *const verbs[] = { "cancel", "kill" };
	char sql[60];

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 3");
	for (size_t i = 0; i < 2; i++) {
		int64_t id = a_job_of("Plain");

		start();
		finish(id, CRASHED);
		(void)snprintf(sql, sizeof(sql), "SELECT jqm.delete(%lld)", (long long)id);
		assert_sql_fails(a_client, sql, ERR_CONFLICT);
		test_db_sql("SELECT jqm.%s(%lld, 'alice')", verbs[i], (long long)id);
		assert_job_state(id, "CANCELLED");
		assert_job_reason(id, "cancelled by alice");
		assert_number("failures", id, 1);
		assert_number("attempt", id, 1);
	}
	assert_value("SELECT count(*) FROM jqm.job_attempt WHERE job_instance_id ="
		     " (SELECT max(id) FROM jqm.history)",
		     "1");
}

static void
a_job_that_shall_die_is_not_tried_again(void **state)
{
	int64_t id;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 3, on_node_loss = 'REQUEUE'");
	for (int lost = 0; lost < 2; lost++) {
		id = a_job_of("Plain");
		start();
		test_db_sql("SELECT jqm.kill(%lld)", (long long)id);
		finish(id, lost ? LOST : CRASHED); /* before the kill reached it */
		assert_job_state(id, "CRASHED");
	}
}

/* How it is told: by the runner, or by the next one that finds no trace of it. */
static void
lose(int64_t id, bool at_restart)
{
	if (!at_restart) {
		finish(id, LOST);
		return;
	}
	test_db_sql(
	    "SELECT jqm.node_register('n1', (SELECT instance_id FROM jqm.node WHERE id = 1),"
	    " 3600000, '/j', '/d', '/t', 'localhost', 1)");
	test_db_sql(
	    "SELECT jqm.take_back(1, (SELECT incarnation FROM jqm.node WHERE id = 1), '[]')");
	/* the tests of this file are incarnation 1 */
	test_db_sql("UPDATE jqm.node SET incarnation = 1 WHERE id = 1");
}

static void
a_lost_node_is_followed_by_what_the_definition_says(void **state)
{
	static const struct {
		const char *rule;
		int most;
		const char *after[3]; /* state after the first loss, the second, the third */
	} cases[] = {
		{ "CRASH", 2, { "CRASHED" } },
		{ "REQUEUE", 0, { "CRASHED" } },
		{ "REQUEUE", 1, { "SUBMITTED", "CRASHED" } },
		{ "REQUEUE", 2, { "SUBMITTED", "SUBMITTED", "CRASHED" } },
		{ "HOLD", 0, { "CRASHED" } },
		{ "HOLD", 2, { "HOLDED", "HOLDED", "CRASHED" } },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		bool at_restart = i % 2 == 1;
		int64_t id;

		print_message("%s %d, at_restart %d\n", cases[i / 2].rule, cases[i / 2].most,
			      at_restart);
		/* attempts that failed are counted apart */
		test_db_sql("UPDATE jqm.job_def SET attempts_max = 100, on_node_loss = '%s',"
			    " node_losses_max = %d",
			    cases[i / 2].rule, cases[i / 2].most);
		id = a_job_of("Plain");
		for (int n = 0; n < 3 && cases[i / 2].after[n] != NULL; n++) {
			start();
			assert_job_state(id, "RUNNING");
			lose(id, at_restart);
			assert_job_state(id, cases[i / 2].after[n]);
			if (strcmp(cases[i / 2].after[n], "HOLDED") == 0)
				test_db_sql("SELECT jqm.resume(%lld)", (long long)id);
			assert_number("failures", id, 0);
		}
		assert_number("node_losses", id,
			      cases[i / 2].most == 2 && strcmp(cases[i / 2].rule, "CRASH") == 0
				  ? 0
				  : cases[i / 2].most);
		test_db_sql("DELETE FROM jqm.job_instance");
	}
	assert_value("SELECT string_agg(text_message, '|' ORDER BY id) FROM (SELECT * FROM"
		     " jqm.message ORDER BY id DESC LIMIT 4) AS m",
		     "attempt 1: lost: its node has no trace of its process; "
		     "held: resume it when you"
		     " know that it does not run on there any more|"
		     "resumed|"
		     "attempt 2: lost: its node has no trace of its process; "
		     "held: resume it when you"
		     " know that it does not run on there any more|"
		     "resumed");
}

static void
a_job_whose_node_was_lost_keeps_its_place(void **state)
{
	int64_t id, second;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET on_node_loss = 'REQUEUE'");
	id = a_job_of("Plain");
	second = a_job_of("Plain");
	start();
	finish(id, LOST);
	assert_value("SELECT run_after IS NULL FROM jqm.live_job ORDER BY id LIMIT 1", "t");
	start();
	assert_job_state(id, "RUNNING");
	assert_job_state(second, "SUBMITTED");
}

static void
a_highlander_s_retry_comes_after_its_twin(void **state)
{
	int64_t id, twin;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 0,"
		    " on_node_loss = 'REQUEUE'");
	for (int lost = 0; lost < 2; lost++) {
		id = a_job_of("Highlander");
		start();
		twin = a_job_of("Highlander");
		assert_true(id != twin);
		finish(id, lost ? LOST : CRASHED);
		assert_job_state(id, "SCHEDULED");
		start();
		assert_job_state(twin, "RUNNING");
		test_db_sql("SELECT jqm.housekeeping()");
		assert_job_state(id, "SUBMITTED");
		assert_int_equal(a_job_of("Highlander"), id); /* is absorbed by the retry */
		test_db_sql(A_CLAIM);
		assert_job_state(id, "SUBMITTED"); /* one at a time */
		finish(twin, "\"state\": \"ENDED\", \"exit_code\": 0");
		start();
		assert_job_state(id, "RUNNING");
		finish(id, "\"state\": \"ENDED\", \"exit_code\": 0");
		assert_job_state(id, "ENDED");
	}
}

#define A_FILE                                                                                \
	"\"files\": [{\"guid\": \"%s\", \"path\": \"p/1\", \"name\": \"x.csv\", \"size\": 3," \
	" \"sha256\": \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}]"

static void
files_of_a_failed_attempt_are_kept(void **state)
{
	char more[400];
	int64_t id;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 0");
	id = a_job_of("Plain");
	for (int i = 0; i < 2; i++) {
		start();
		(void)snprintf(more, sizeof(more), CRASHED ", " A_FILE,
			       i == 0 ? "0b2f5c1e-7d3a-4f61-9c55-1d2e3f405162"
				      : "0b2f5c1e-7d3a-4f61-9c55-1d2e3f405163");
		finish(id, more);
	}
	assert_job_state(id, "CRASHED");
	assert_value("SELECT count(*) || max(file_family) FROM jqm.deliverable WHERE"
		     " job_instance_id = (SELECT max(id) FROM jqm.history)",
		     "2x.csv");
}

static void
a_repeated_finish_changes_nothing(void **state)
{
	int64_t id;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 3, retry_delay_s = 0");
	id = a_job_of("Plain");
	start();
#define FIRST_ATTEMPT                                                                             \
	"SELECT jqm.finish(1, 1, jsonb_build_array(jsonb_build_object('id', max(id), 'attempt', " \
	"1,"                                                                                      \
	" 'state', 'CRASHED', 'exit_code', 3))) FROM jqm.job_instance"
	assert_int_equal(a_number(FIRST_ATTEMPT), id);
	assert_int_equal(a_number(FIRST_ATTEMPT), 0);
	start(); /* the second attempt runs: the end of the first is not its own */
	assert_int_equal(a_number(FIRST_ATTEMPT), 0);
	assert_job_state(id, "RUNNING");
	assert_number("failures", id, 1);
	assert_value("SELECT count(*) FROM jqm.job_attempt WHERE job_instance_id ="
		     " (SELECT max(id) FROM jqm.job_instance)",
		     "1");
}

static void
who_waits_for_a_job_waits_for_its_last_attempt(void **state)
{
	int64_t id, after, despite;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 0");
	id = a_job_of("Plain");
	start();
	after = a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{%lld}')", (long long)id);
	despite =
	    a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{failure:%lld}')", (long long)id);
	finish(id, CRASHED);
	assert_job_state(after, "SCHEDULED");
	assert_job_state(despite, "SCHEDULED");
	start();
	finish(id, CRASHED);
	assert_job_state(after, "CANCELLED");
	assert_job_state(despite, "SUBMITTED");
}

static void
a_retry_of_several_ends_at_once_leaves_the_others_alone(void **state)
{
	int64_t good, bad;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2");
	good = a_job_of("Plain");
	bad = a_job_of("Plain");
	start();
	start();
	assert_value(
	    "SELECT string_agg(f::text, ',' ORDER BY f) FROM (SELECT jqm.finish(1, 1,"
	    " jsonb_agg(jsonb_build_object('id', id, 'attempt', 1, 'exit_code', 0,"
	    " 'state', CASE WHEN id = (SELECT min(id) FROM jqm.job_instance) THEN 'ENDED'"
	    " ELSE 'CRASHED' END)) || '{\"id\": 1, \"attempt\": 1, \"state\": \"CRASHED\"}')"
	    " - (SELECT min(id) FROM jqm.job_instance) AS f FROM jqm.job_instance) AS x",
	    "0,1");
	assert_job_state(good, "ENDED");
	assert_job_state(bad, "SCHEDULED");
}

/* It saw a job that runs and waits for its row; meanwhile the job goes back to its queue. */
static void
a_kill_that_meets_a_retry_finds_it(void **state)
{
	static const struct db_stmt kill = {
		.name = "test_kill",
		.text = "SELECT length(jqm.kill(max(id))::text) FROM jqm.job_instance",
	};
	struct db *runner = db_new(test_db_conninfo(), "test_retries_runner");
	int64_t id;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2");
	id = a_job_of("Plain");
	start();
	assert_sql(runner, "BEGIN; " FIRST_ATTEMPT);
	async_send_plain(&kill, 0);
	async_wait_for_lock();
	assert_sql(runner, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(async_trace.kinds[0], ERR_NONE);
	assert_job_state(id, "CANCELLED");
	db_free(runner);
}

static void
a_failed_attempt_does_not_wait_for_who_wants_to_wait_for_the_job(void **state)
{
	struct db *caller = db_new(test_db_conninfo(), "test_retries_caller");
	int64_t id;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2");
	id = a_job_of("Plain");
	start();
	assert_sql(caller, "BEGIN; SELECT jqm.enqueue('Plain', wait_for => ARRAY[max(id)::text])"
			   " FROM jqm.job_instance");
	test_db_sql("SET lock_timeout = '1ms'; " FIRST_ATTEMPT);
	assert_job_state(id, "SCHEDULED");
	assert_sql(caller, "COMMIT");
	db_free(caller);
}

static int
clean_and_listen(void **state)
{
	(void)clean(state);
	return async_set_up(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		clean_test(which_ends_are_worth_another_attempt_is_what_the_definition_says),
		clean_test(a_job_is_tried_as_often_as_its_definition_says_and_each_attempt_is_kept),
		clean_test(a_request_says_how_often_it_is_tried),
		clean_test(delays_are_fixed_or_doubled_up_to_their_cap_with_half_of_it_by_chance),
		clean_test(a_retry_is_due_after_its_delay_and_then_behind_those_that_queue),
		clean_test(a_retry_that_waits_can_be_cancelled_and_not_deleted),
		clean_test(a_job_that_shall_die_is_not_tried_again),
		clean_test(a_lost_node_is_followed_by_what_the_definition_says),
		clean_test(a_job_whose_node_was_lost_keeps_its_place),
		clean_test(a_highlander_s_retry_comes_after_its_twin),
		clean_test(files_of_a_failed_attempt_are_kept),
		clean_test(a_repeated_finish_changes_nothing),
		clean_test(who_waits_for_a_job_waits_for_its_last_attempt),
		clean_test(a_retry_of_several_ends_at_once_leaves_the_others_alone),
		cmocka_unit_test_setup_teardown(a_kill_that_meets_a_retry_finds_it,
						clean_and_listen, async_tear_down),
		clean_test(a_failed_attempt_does_not_wait_for_who_wants_to_wait_for_the_job),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
