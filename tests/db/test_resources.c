/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0015: who starts, who waits, who is told, where jobs need more than a free slot. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define UNITS "com.enioka.jqm.rm.quantity.consumption"
#define ITEMS "com.enioka.jqm.rm.discrete.consumption"
#define MANY 6000 /* more than any claim should have to look at */

static int
set_up(void **state)
{
	if (a_job_set_up(state) == -1)
		return -1;
	test_db_sql("SELECT jqm.node_register('n2', gen_random_uuid(), 3600000, '/j', '/d', '/t',"
		    " 'localhost', 1);"
		    "UPDATE jqm.queue_mapping SET max_jobs = 3");
	return 0;
}

/* No job, no limit, no item. */
static void
empty(void)
{
	test_db_sql("DELETE FROM jqm.job_instance; DELETE FROM jqm.message; DELETE FROM "
		    "jqm.concurrency_limit;"
		    "DELETE FROM jqm.global_parameter WHERE key LIKE 'discreteRm%%';"
		    "DELETE FROM jqm.runner_waiting; UPDATE jqm.queue_mapping SET max_jobs = 3");
}

/* And nobody listens. */
static int
clear(void **state)
{
	empty();
	return async_set_up(state);
}

static void
limit(const char *key, int max_running)
{
	test_db_sql("INSERT INTO jqm.concurrency_limit (key, max_running) VALUES ('%s', %d)", key,
		    max_running);
}

static void
items(const char *list)
{
	test_db_sql("INSERT INTO jqm.global_parameter (key, value) VALUES ('discreteRmList', '%s')"
		    " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		    list);
}

/* n jobs of definition Plain; more: further arguments of jqm.enqueue(). */
static void
enqueue(int n, const char *more)
{
	test_db_sql("SELECT jqm.enqueue('Plain'%s) FROM generate_series(1, %d)", more, n);
}

/* How many jobs node gets with so much room. */
static int64_t
claim(int node, int room)
{
	return a_number_of("SELECT count(*) FROM jqm.claim(%d, 1, " A_QUEUE ", %d)", node, room);
}

static void
end_all(void)
{
	test_db_sql("SELECT jqm.finish(n.id, 1, (SELECT jsonb_agg(jsonb_build_object('id', j.id,"
		    " 'attempt', j.attempt, 'state', 'ENDED')) FROM jqm.job_instance AS j"
		    " WHERE j.node_id = n.id)) FROM jqm.node AS n"
		    " WHERE EXISTS (SELECT FROM jqm.job_instance AS j WHERE j.node_id = n.id)");
}

/* --- who is held up --- */

/*
 * MANY jobs that cannot start are first in the queue, then one that can.  Each case: what makes them wait,
 * the arguments they are enqueued with, and how many of them start all the same.
 */
static void
jobs_that_cannot_start_hide_nobody_behind_them(void **state)
{
	static const struct {
		const char *sql, *more;
		int start;
	} cases[] = {
		{ "INSERT INTO jqm.concurrency_limit (key, max_running) VALUES ('k', 0)",
		  ", concurrency_key => 'k'", 0 },
		{ "INSERT INTO jqm.concurrency_limit (key, max_running) VALUES ('k', 1)",
		  ", concurrency_key => 'k'", 1 },
		{ "INSERT INTO jqm.concurrency_limit (key, rate, rate_period_s) VALUES ('k', 1, "
		  "3600)",
		  ", concurrency_key => 'k'", 1 },
		{ "INSERT INTO jqm.global_parameter (key, value) VALUES ('discreteRmList', 'a')",
		  ", '{\"" ITEMS "\": \"1\"}'", 1 },
		{ "SELECT 1", ", '{\"" UNITS "\": \"4\"}'", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t behind;

		print_message("%s\n", cases[i].sql);
		empty();
		test_db_sql("%s", cases[i].sql);
		enqueue(MANY, cases[i].more);
		behind = a_job_of("Plain");
		assert_int_equal(claim(1, 3), cases[i].start + 1);
		assert_job_state(behind, "ATTRIBUTED");
		assert_int_equal(claim(1, 2), 0);
	}
}

/* Somebody shortened the list: who wants more items than there are waits, and nobody for it. */
static void
a_job_that_wants_more_items_than_there_are_holds_up_no_other(void **state)
{
	(void)state;
	items("a,b");
	enqueue(1, ", '{\"" ITEMS "\": \"2\"}'");
	items("a");
	enqueue(1, ", '{\"" ITEMS "\": \"1\"}'");
	assert_int_equal(claim(1, 3), 1);
	assert_value(
	    "SELECT string_agg(state || items_wanted, ' ' ORDER BY id) FROM jqm.job_instance",
	    "SUBMITTED2 ATTRIBUTED1");
}

static void
a_large_job_keeps_its_place_and_those_before_it_go_first(void **state)
{
	(void)state;
	enqueue(2, "");
	enqueue(1, ", '{\"" UNITS "\": \"2\"}'");
	enqueue(2, "");
	assert_int_equal(claim(1, 3), 2); /* one slot is free: it is kept for the large one */
	assert_int_equal(claim(1, 1), 0);
	assert_int_equal(claim(2, 3), 2); /* on another node there is room for it and one more */
	assert_value("SELECT string_agg(coalesce(node_id::text, '-'), '' ORDER BY id)"
		     " FROM jqm.job_instance",
		     "1122-");
}

/* Where it is enqueued, or moved to. */
static void
a_job_larger_than_any_mapping_of_its_queue_says_so(void **state)
{
	(void)state;
	test_db_sql(
	    "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)"
	    " VALUES (1, 2, 1, 1000)");
	enqueue(1, ", '{\"" UNITS "\": \"3\"}'");
	assert_value("SELECT count(*) FROM jqm.message", "0"); /* 3 is what a mapping has */
	test_db_sql("SELECT jqm.set_queue(id, 2) FROM jqm.job_instance");
	assert_value("SELECT string_agg(text_message, ',') FROM jqm.message",
		     "waits: it takes 3 units of its queue, and no node has more than 1");
	enqueue(1, ", '{\"" UNITS "\": \"4\"}'");
	assert_value("SELECT max(text_message) FROM jqm.message WHERE text_message LIKE '% 4 %'",
		     "waits: it takes 4 units of its queue, and no node has more than 3");
	test_db_sql("DELETE FROM jqm.queue_mapping WHERE queue_id = 2");
}

/* --- who is told --- */

/* From here on a runner sleeps on both queues, and we hear what it is told. */
static void
sleep_and_listen(void)
{
	test_db_sql(
	    "SELECT jqm.runner_wait(2, incarnation, ARRAY[1, 2]) FROM jqm.node WHERE id = 2");
	async_listen("jqm_queue");
}

/* How often it was told since. */
static size_t
told(void)
{
	size_t n;

	(void)async_backend_pid();
	n = async_trace.notified;
	async_trace.notified = 0;
	return n;
}

/* Whoever looks, takes nothing and tells of it would be told itself, look again, and so on for ever. */
static void
a_claim_that_takes_nothing_tells_nobody(void **state)
{
	static const struct {
		const char *what, *more;
	} cases[] = {
		{ "units", ", '{\"" UNITS "\": \"3\"}', concurrency_key => 'k'" },
		{ "items", ", '{\"" ITEMS "\": \"2\"}', concurrency_key => 'k'" },
		{ "its row", ", concurrency_key => 'k'" },
	};
	struct db *other = db_new(test_db_conninfo(), "test_resources");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("a job that waits for %s, under a limit with room\n", cases[i].what);
		assert_int_equal(async_tear_down(state), 0);
		(void)clear(state);
		limit("k", 9);
		items("a,b");
		enqueue(1, ", '{\"" ITEMS "\": \"1\"}'");
		assert_int_equal(claim(1, 3), 1);
		enqueue(1, cases[i].more);
		sleep_and_listen();
		assert_sql(other, "BEGIN; SELECT FROM jqm.job_instance WHERE state = 'SUBMITTED'"
				  " AND consumption + items_wanted = 1 FOR UPDATE");
		assert_int_equal(claim(1, 2), 0);
		assert_int_equal(told(), 0);
		assert_sql(other, "COMMIT");
	}
	db_free(other);
}

static void
room_that_is_left_under_a_limit_is_told(void **state)
{
	(void)state;
	limit("k", 2);
	enqueue(3, ", concurrency_key => 'k'");
	sleep_and_listen();
	assert_int_equal(claim(1, 1), 1); /* another one might have found it taken meanwhile */
	assert_int_equal(told(), 1);
	assert_int_equal(claim(1, 1), 1); /* none is left */
	assert_int_equal(told(), 0);
	assert_int_equal(claim(2, 3), 0);
	end_all();
	assert_true(told() >= 1);
	assert_int_equal(claim(2, 3), 1);
}

/* Each makes room for a job in queue "other", whose runner sleeps. */
static void
whatever_makes_room_wakes_those_that_wait_for_it(void **state)
{
	static const struct {
		const char *what, *more, *then;
	} cases[] = {
		{ "a job with items ends", ", '{\"" ITEMS "\": \"1\"}'",
		  "SELECT jqm.finish(1, 1, jsonb_build_array(jsonb_build_object('id', id, "
		  "'attempt', 1,"
		  " 'state', 'ENDED'))) FROM jqm.job_instance WHERE state = 'ATTRIBUTED'" },
		{ "a job with items is given back", ", '{\"" ITEMS "\": \"1\"}'",
		  "SELECT jqm.give_back(1, 1, jsonb_build_array(jsonb_build_object('id', id, "
		  "'attempt', 1)))"
		  " FROM jqm.job_instance WHERE state = 'ATTRIBUTED'" },
		{ "a job with items is tried again",
		  ", '{\"" ITEMS "\": \"1\"}', max_attempts => 2",
		  "SELECT jqm.finish(1, 1, jsonb_build_array(jsonb_build_object('id', id, "
		  "'attempt', 1,"
		  " 'state', 'CRASHED'))) FROM jqm.job_instance WHERE state = 'ATTRIBUTED'" },
		{ "the list is longer", ", '{\"" ITEMS "\": \"1\"}'",
		  "UPDATE jqm.global_parameter SET value = 'a,b' WHERE key = 'discreteRmList'" },
		{ "a job with the key ends", ", concurrency_key => 'k'",
		  "SELECT jqm.finish(1, 1, jsonb_build_array(jsonb_build_object('id', id, "
		  "'attempt', 1,"
		  " 'state', 'ENDED'))) FROM jqm.job_instance WHERE state = 'ATTRIBUTED'" },
		{ "a job with the key is given back", ", concurrency_key => 'k'",
		  "SELECT jqm.give_back(1, 1, jsonb_build_array(jsonb_build_object('id', id, "
		  "'attempt', 1)))"
		  " FROM jqm.job_instance WHERE state = 'ATTRIBUTED'" },
		{ "the limit is higher", ", concurrency_key => 'k'",
		  "UPDATE jqm.concurrency_limit SET max_running = 2" },
		{ "the limit has another key", ", concurrency_key => 'k'",
		  "UPDATE jqm.concurrency_limit SET key = 'l'" },
		{ "the limit is gone", ", concurrency_key => 'k'",
		  "DELETE FROM jqm.concurrency_limit" },
	};
	char more[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].what);
		assert_int_equal(async_tear_down(state), 0);
		(void)clear(state);
		items("a");
		limit("k", 1);
		enqueue(1, cases[i].more);
		assert_int_equal(claim(1, 3), 1);
		(void)snprintf(more, sizeof(more), "%s, queue_name => 'other'", cases[i].more);
		enqueue(1, more);
		sleep_and_listen();
		test_db_sql("%s", cases[i].then);
		assert_true(told() >= 1);
		assert_int_equal(a_number("SELECT count(*) FROM jqm.claim(1, 1, 2, 3)"), 1);
	}
}

/* Nothing happens but that time passes; whoever keeps house tells. */
static void
room_that_time_makes_under_a_rate_is_told(void **state)
{
	(void)state;
	test_db_sql(
	    "INSERT INTO jqm.concurrency_limit (key, rate, rate_period_s) VALUES ('k', 1, 60)");
	enqueue(2, ", concurrency_key => 'k'");
	assert_int_equal(claim(1, 3), 1);
	sleep_and_listen();
	test_db_sql("SELECT FROM jqm.housekeeping()");
	assert_int_equal(told(), 0);
	assert_int_equal(claim(1, 3), 0);
	test_db_sql("UPDATE jqm.concurrency_limit SET starts = ARRAY[now() - interval '59 s']");
	assert_int_equal(claim(1, 3), 0);
	test_db_sql("UPDATE jqm.concurrency_limit SET starts = ARRAY[now() - interval '61 s']");
	test_db_sql("SELECT FROM jqm.housekeeping()");
	assert_int_equal(told(), 1);
	assert_int_equal(claim(1, 3), 1);
}

/* Of two that were claimed ahead one starts: the other one's start is there for whoever comes next. */
static void
a_job_given_back_has_not_used_up_the_rate(void **state)
{
	struct db *other = db_new(test_db_conninfo(), "administrator");
	struct err err = ERR_INIT;

	(void)state;
	test_db_sql(
	    "INSERT INTO jqm.concurrency_limit (key, rate, rate_period_s) VALUES ('k', 2, 3600)");
	enqueue(3, ", concurrency_key => 'k'");
	assert_int_equal(claim(1, 3), 2);
	test_db_sql("SELECT jqm.give_back(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id,"
		    " 'attempt', attempt)) FROM (SELECT id, attempt FROM jqm.job_instance"
		    " WHERE node_id = 1 ORDER BY id DESC LIMIT 1) AS last))");
	assert_int_equal(claim(2, 3), 1);
	assert_int_equal(claim(2, 3), 0);

	/* a limit somebody has in hand is not waited for: that start is used up */
	assert_int_equal(db_exec_sql(other,
				     "BEGIN; UPDATE jqm.concurrency_limit SET description"
				     " = 'x'",
				     &err),
			 0);
	test_db_sql("SELECT jqm.give_back(2, 1, (SELECT jsonb_agg(jsonb_build_object('id', id,"
		    " 'attempt', attempt)) FROM jqm.job_instance WHERE node_id = 2))");
	assert_int_equal(db_exec_sql(other, "ROLLBACK", &err), 0);
	assert_int_equal(claim(2, 3), 0);
	assert_value("SELECT count(*) FROM jqm.job_instance WHERE state = 'SUBMITTED'", "2");
	db_free(other);
}

/* --- two claimers, one administrator, nobody waits for anybody --- */

#define JOBS 400

static _Noreturn void
be_claimer(int node)
{
	struct db *db = db_new(test_db_conninfo(), "claimer");
	int64_t end_ms = clock_mono_ms() + 60000;
	char *sql = str_printf(
	    "SELECT count(*) FROM jqm.claim(%d, 1, " A_QUEUE ", 3 - (SELECT count(*)::int FROM"
	    " jqm.job_instance WHERE node_id = %d));"
	    "SELECT jqm.finish(%d, 1, (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id,"
	    " 'attempt', attempt, 'state', 'ENDED')), '[]') FROM jqm.job_instance"
	    " WHERE node_id = %d AND random() < 0.6));",
	    node, node, node, node);
	struct err err = ERR_INIT;
	bool more = true;

	while (more) {
		struct db_result *rows = NULL;
		static const struct db_stmt left = {
			.name = "test_left",
			.text = "SELECT count(*) FROM jqm.job_instance",
		};

		if (clock_mono_ms() > end_ms || db_exec_sql(db, sql, &err) == -1 ||
		    db_exec(db, &left, NULL, &rows, &err) == -1) {
			(void)fprintf(stderr, "claimer %d: %s\n", node, err.text);
			_exit(1);
		}
		more = db_int64(rows, 0, 0) > 0;
		db_result_free(rows);
	}
	_exit(0);
}

/* Changes the limit between 2 and 4 as fast as it can, each time in a transaction of its own. */
static _Noreturn void
be_administrator(void)
{
	struct db *db = db_new(test_db_conninfo(), "administrator");
	struct err err = ERR_INIT;

	for (int i = 0;; i++) {
		char sql[120];

		(void)snprintf(sql, sizeof(sql),
			       "UPDATE jqm.concurrency_limit SET max_running = %d WHERE key = 'k'",
			       2 + i % 3);
		if (db_exec_sql(db, sql, &err) == -1) {
			(void)fprintf(stderr, "administrator: %s\n", err.text);
			_exit(1);
		}
	}
}

static pid_t
start(void (*be)(int), int n)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* also when a check fails */
		be(n);
		_exit(1);
	}
	return pid;
}

static void
administrator(int n)
{
	(void)n;
	be_administrator();
}

static void
a_limit_holds_whoever_claims_and_edits(void **state)
{
	pid_t claimers[2], admin;
	int64_t most = 0, now = 0;
	int status, over = 0;

	(void)state;
	limit("k", 3);
	enqueue(JOBS, ", concurrency_key => 'k'");
	enqueue(JOBS / 10, "");
	admin = start(administrator, 0);
	for (int i = 0; i < 2; i++)
		claimers[i] = start(be_claimer, i + 1);
	while (over < 2) {
		now = a_number("SELECT count(*) FROM jqm.job_instance WHERE concurrency_key = 'k'"
			       " AND state = 'ATTRIBUTED'");
		most = now > most ? now : most;
		if (waitpid(claimers[0], &status, WNOHANG) > 0 ||
		    waitpid(claimers[1], &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			over++;
		}
	}
	assert_int_equal(kill(admin, SIGTERM), 0);
	assert_int_equal(waitpid(admin, &status, 0), admin);
	assert_true(WIFSIGNALED(status)); /* and none of its changes failed */
	print_message("%lld at a time\n", (long long)most);
	assert_in_range(most, 2, 4);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.job_instance"), 0);
}

int
main(void)
{
#define RESOURCE_TEST(test) cmocka_unit_test_setup_teardown(test, clear, async_tear_down)
	const struct CMUnitTest tests[] = {
		RESOURCE_TEST(jobs_that_cannot_start_hide_nobody_behind_them),
		RESOURCE_TEST(a_job_that_wants_more_items_than_there_are_holds_up_no_other),
		RESOURCE_TEST(a_large_job_keeps_its_place_and_those_before_it_go_first),
		RESOURCE_TEST(a_job_larger_than_any_mapping_of_its_queue_says_so),
		RESOURCE_TEST(a_claim_that_takes_nothing_tells_nobody),
		RESOURCE_TEST(room_that_is_left_under_a_limit_is_told),
		RESOURCE_TEST(whatever_makes_room_wakes_those_that_wait_for_it),
		RESOURCE_TEST(room_that_time_makes_under_a_rate_is_told),
		RESOURCE_TEST(a_job_given_back_has_not_used_up_the_rate),
		RESOURCE_TEST(a_limit_holds_whoever_claims_and_edits),
	};

	return cmocka_run_group_tests(tests, set_up, a_job_tear_down);
}
