/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real runners: mappings that change while they run, and whose turn it is.  Numbers are those of JQM's own
 * integration tests where it has one.  Polling intervals are an hour unless a test says otherwise.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/lib/a_cluster.h"
#include "tests/lib/test_db.h"

#define RUNNING "select count(*) from jqm.job_instance where state = 'RUNNING'"
#define WAITING "select count(*) from jqm.job_instance where state = 'SUBMITTED'"

/* --- mappings, while the runner runs --- */

static void
each_change_of_a_mapping_counts_within_a_second_once(void **state)
{
	struct cluster *c = *state;
	int64_t jobs[4], since_ms;

	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 1);
	for (int i = 0; i < 4; i++)
		jobs[i] = home_enqueue("long", "{}");
	home_wait_state(jobs[0], "RUNNING");
	since_ms = cluster_change("update jqm.queue_mapping set max_jobs = 2");
	cluster_assert_claimed_soon(jobs[1], since_ms);
	(void)cluster_change("update jqm.queue_mapping set enabled = false, max_jobs = 3");
	since_ms = cluster_change("update jqm.queue_mapping set enabled = true");
	cluster_assert_claimed_soon(jobs[2], since_ms);
	/* less room kills nothing, and what ends is not followed */
	(void)cluster_change("update jqm.queue_mapping set max_jobs = 1");
	cluster_settle(c);
	test_db_sql("select jqm.kill(%lld), jqm.kill(%lld)", (long long)jobs[0],
		    (long long)jobs[1]);
	home_wait_state(jobs[0], "KILLED");
	home_wait_state(jobs[1], "KILLED");
	cluster_assert_value(RUNNING, "1");
	cluster_assert_value(WAITING, "1");
	(void)cluster_change("delete from jqm.queue_mapping");
	cluster_settle(c);
	test_db_sql("select jqm.kill(%lld)", (long long)jobs[2]);
	home_wait_state(jobs[2], "KILLED");
	home_wait_state(jobs[3], "SUBMITTED");
	since_ms =
	    cluster_change("insert into jqm.queue_mapping (node_id, queue_id, max_jobs,"
			   " polling_interval_ms) select n.id, q.id, 1, 3600000 from jqm.node as n,"
			   " jqm.queue as q where q.default_queue");
	cluster_assert_claimed_soon(jobs[3], since_ms);
	cluster_kill_all();
}
CLUSTER_SOON(each_change_of_a_mapping_counts_within_a_second,
	     each_change_of_a_mapping_counts_within_a_second_once)

/* A job comes in a way that tells nobody: only who looks finds it. */
static int64_t
enqueue_silently(void)
{
	int64_t job = home_number(test_db_value("select jqm.enqueue('long', held => true)"));

	test_db_sql("update jqm.job_instance set state = 'SUBMITTED' where id = %lld",
		    (long long)job);
	return job;
}

static void
a_shorter_interval_counts_within_a_second_once(void **state)
{
	struct cluster *c = *state;
	int64_t first, second, since_ms;

	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 5);
	home_wait("1", "select count(*) from jqm.runner_waiting"); /* it sleeps, for an hour */
	since_ms = home_number(test_db_value("select " CLUSTER_NOW_MS)); /* it may look by chance */
	first = enqueue_silently();
	(void)cluster_change("update jqm.queue_mapping set polling_interval_ms = 100");
	cluster_assert_claimed_soon(first, since_ms);
	since_ms = home_number(test_db_value("select " CLUSTER_NOW_MS));
	second = enqueue_silently();
	cluster_assert_claimed_soon(second, since_ms);
	cluster_kill_all();
}
CLUSTER_SOON(a_shorter_interval_counts_within_a_second,
	     a_shorter_interval_counts_within_a_second_once)

/* Housekeeping sees it, so no interval is longer than that. */
static void
a_job_nobody_tells_of_is_found_long_before_an_interval_of_an_hour_is_over(void **state)
{
	struct cluster *c = *state;

	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 5);
	home_wait("1", "select count(*) from jqm.runner_waiting");
	home_wait_state(enqueue_silently(), "RUNNING");
	cluster_kill_all();
}

#define FLAGS "select count(*) from jqm.runner_waiting"

/* Of the jobs that come none may start: who enqueues them does not pay for it for ever, nor is anything missed. */
static void
who_is_told_in_vain_again_and_again_rests_for_a_while(void **state)
{
	struct cluster *c = *state;
	int enqueued = 0, resting = 0;

	cluster_define(c, "keyed", "true", "concurrency_key = 'k'");
	cluster_define(c, "plain", "true", NULL);
	test_db_sql("insert into jqm.concurrency_limit (key, max_running) values ('k', 0)");
	cluster_start(c, 1, 5);
	home_wait("1", FLAGS);
	for (int64_t until = clock_mono_ms() + 20000; resting < 3 && clock_mono_ms() < until;
	     enqueued++) {
		char *flags;

		(void)home_enqueue("keyed", "{}");
		flags = test_db_value(FLAGS);
		resting += flags[0] == '0';
		free(flags);
	}
	assert_true(enqueued >= 3);
	assert_int_equal(resting, 3);
	home_wait("1", FLAGS); /* without any other reason */
	test_db_sql("update jqm.concurrency_limit set max_running = 5");
	home_wait_state(home_enqueue("plain", "{}"), "ENDED");
	home_wait("0", WAITING);
	home_wait("0", RUNNING);
}

/* Else it would be notified for nothing as long as the runner lives. */
static void
a_queue_that_is_nobody_s_any_more_tells_nobody(void **state)
{
	struct cluster *c = *state;

	cluster_start(c, 1, 5);
	home_wait("1", FLAGS);
	(void)cluster_change("delete from jqm.queue_mapping");
	home_wait("0", FLAGS);
}

/* The wake-up is a hint: without it the mappings are read each second all the same. */
static void
a_change_nobody_tells_of_is_seen_a_second_later_once(void **state)
{
	struct cluster *c = *state;
	int64_t job, since_ms, ms;

	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 0);
	job = home_enqueue("long", "{}");
	test_db_sql("alter table jqm.queue_mapping disable trigger user");
	since_ms = cluster_change("update jqm.queue_mapping set max_jobs = 1");
	test_db_sql("alter table jqm.queue_mapping enable trigger user");
	home_wait_state(job, "RUNNING");
	ms = home_number(test_db_value("select (extract(epoch from attributed_at) * 1000)::bigint -"
				       " %lld from jqm.job_instance",
				       (long long)since_ms));
	print_message("claimed after %lld ms\n", (long long)ms);
	assert_true(ms >= 0);
	cluster_assert_soon(ms / 3); /* the change was up to a second before a look, and so on */
	cluster_kill_all();
}
CLUSTER_SOON(a_change_nobody_tells_of_is_seen_a_second_later,
	     a_change_nobody_tells_of_is_seen_a_second_later_once)

static void
a_runner_without_any_mapping_stays_and_waits_for_one_once(void **state)
{
	struct cluster *c = *state;
	int64_t job, since_ms;

	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 5);
	assert_int_equal(kill(c->homes[0]->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(c->homes[0]), 0);
	test_db_sql("delete from jqm.queue_mapping");
	home_start(c->homes[0]);
	home_wait("2", "select incarnation from jqm.node");
	cluster_assert_value("select count(*) from jqm.queue_mapping", "0"); /* and it made none */
	job = home_enqueue("long", "{}");
	cluster_queue("far");
	since_ms =
	    cluster_change("insert into jqm.queue_mapping (node_id, queue_id, max_jobs,"
			   " polling_interval_ms) select n.id, q.id, 1, 3600000 from jqm.node as n,"
			   " jqm.queue as q where q.name = 'far'");
	cluster_assert_claimed_soon(cluster_enqueue_into("far", "long"), since_ms);
	home_wait_state(job, "SUBMITTED");
	since_ms = cluster_change("update jqm.queue_mapping set max_jobs = 2, queue_id ="
				  " (select id from jqm.queue where default_queue)"); /* moved */
	cluster_assert_claimed_soon(job, since_ms);
	cluster_kill_all();
}
CLUSTER_SOON(a_runner_without_any_mapping_stays_and_waits_for_one,
	     a_runner_without_any_mapping_stays_and_waits_for_one_once)

/* --- order --- */

static void
exactly_as_many_run_as_there_are_slots_and_the_next_starts_when_one_ends_once(void **state)
{
	struct cluster *c = *state;
	int64_t first, since_ms;

	cluster_define(c, "endless", "sleep 300", NULL);
	cluster_start(c, 1, 0);
	test_db_sql("select jqm.enqueue('endless') from generate_series(1, 5)");
	(void)cluster_change("update jqm.queue_mapping set max_jobs = 3");
	home_wait("3", RUNNING);
	cluster_assert_value(WAITING, "2");
	for (int i = 0; i < 2; i++) {
		first = home_number(test_db_value("select min(id) from jqm.job_instance"));
		test_db_sql("select jqm.kill(%lld)", (long long)first);
		home_wait_state(first, "KILLED"); /* and not CANCELLED */
		since_ms = home_number(test_db_value(
		    "select (extract(epoch from ended_at) * 1000)::bigint from jqm.history"
		    " where id = %lld",
		    (long long)first));
		cluster_assert_claimed_soon(first + 3, since_ms);
	}
	home_wait("3", RUNNING);
	cluster_assert_value(WAITING, "0");
	cluster_kill_all();
}
CLUSTER_SOON(exactly_as_many_run_as_there_are_slots_and_the_next_starts_when_one_ends,
	     exactly_as_many_run_as_there_are_slots_and_the_next_starts_when_one_ends_once)

/* One slot.  Priorities: of the request, else of the definition; equal ones by age. */
static void
the_most_important_runs_first_then_the_oldest(void **state)
{
	struct cluster *c = *state;

	cluster_define(c, "plain", "true", NULL);
	cluster_define(c, "important", "true", "priority = 5");
	cluster_start(c, 1, 0);
	test_db_sql("select jqm.enqueue('plain'); select jqm.enqueue('plain', priority => 1);"
		    "select jqm.enqueue('plain', priority => 6); select jqm.enqueue('plain');"
		    "select jqm.enqueue('important');"
		    "select jqm.enqueue('important', priority => 2)");
	(void)cluster_change("update jqm.queue_mapping set max_jobs = 1");
	cluster_wait_all_over("6");
	cluster_assert_value(
	    "select string_agg(priority::text, ' ' order by started_at) from jqm.history",
	    "6 5 2 1 0 0");
	cluster_assert_value("select (array_agg(id order by started_at))[5] <"
			     " (array_agg(id order by started_at))[6] from jqm.history",
			     "t");
}

/* The first is a highlander whose twin runs on the other node: it is passed over, not waited for. */
static void
a_highlander_that_must_wait_holds_up_no_other(void **state)
{
	struct cluster *c = *state;
	int64_t running, waiting, plain;

	cluster_define(c, "alone", "sleep 300", "highlander = true");
	cluster_define(c, "plain", "true", NULL);
	cluster_start(c, 1, 1);
	running = home_enqueue("alone", "{}");
	home_wait_state(running, "RUNNING");
	waiting = home_enqueue("alone", "{}");
	plain = home_enqueue("plain", "{}");
	cluster_start(c, 2, 1);
	home_wait_state(plain, "ENDED");
	home_wait_state(waiting, "SUBMITTED");
	cluster_kill_all();
}

/* --- everything at once --- */

/*
 * Three nodes that look once an hour, jobs that need anything in any mixture, and an administrator who
 * changes every limit meanwhile: nobody is forgotten.
 */
static void
whatever_jobs_need_and_whoever_edits_all_come_to_their_end(void **state)
{
	struct cluster *c = *state;
	char *left;
	int most;

	cluster_define(c, "short", "sleep 0.02", NULL);
	cluster_define(c, "keyed", "sleep 0.02", "concurrency_key = 'k'");
	cluster_define(c, "alone", "sleep 0.02", "highlander = true");
	test_db_sql(
	    "insert into jqm.global_parameter (key, value) values ('discreteRmList', 'a,b,c');"
	    "insert into jqm.concurrency_limit (key, max_running) values ('k', 2);"
	    "insert into jqm.concurrency_limit (key, rate, rate_period_s) values ('r', 20, 1)");
	cluster_start(c, 3, 4);
	for (int round = 0; round < 10; round++) {
		test_db_sql("select jqm.enqueue((array['short', 'keyed', 'alone'])[1 + i %% 3],"
			    " case i %% 5"
			    "  when 1 then '{\"com.enioka.jqm.rm.quantity.consumption\": \"3\"}'"
			    "  when 2 then '{\"com.enioka.jqm.rm.discrete.consumption\": \"1\"}'"
			    "  when 3 then '{\"com.enioka.jqm.rm.discrete.consumption\": \"2\"}'"
			    "  else '{}' end::jsonb, priority => 1 + i %% 7,"
			    " concurrency_key => case when i %% 6 = 0 then 'r' end)"
			    " from generate_series(%d, %d) as i",
			    round * 20, round * 20 + 19);
		test_db_sql("update jqm.concurrency_limit set max_running = %d where key = 'k'",
			    1 + round % 3);
		test_db_sql("update jqm.queue_mapping set max_jobs = 3 + (id + %d) %% 3", round);
		test_db_sql("update jqm.global_parameter set value = '%s' where key ="
			    " 'discreteRmList'",
			    round % 2 == 0 ? "a,b" : "a,b,c");
	}
	for (int left_before = 1 << 20, now; left_before > 0; left_before = now) {
		char *sql = str_printf("select count(*) < %d from jqm.job_instance", left_before);

		home_wait("t", sql); /* some more are over */
		now = (int)home_number(test_db_value("select count(*) from jqm.job_instance"));
		free(sql);
	}
	left = test_db_value("select count(*) from jqm.history where state <> 'ENDED'");
	assert_string_equal(left, "0");
	free(left);
	most = cluster_most_at_a_time(c, NULL);
	print_message("%d at a time\n", most);
	assert_in_range(most, 1, 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLUSTER_TEST(each_change_of_a_mapping_counts_within_a_second),
		CLUSTER_TEST(a_shorter_interval_counts_within_a_second),
		CLUSTER_TEST(
		    a_job_nobody_tells_of_is_found_long_before_an_interval_of_an_hour_is_over),
		CLUSTER_TEST(who_is_told_in_vain_again_and_again_rests_for_a_while),
		CLUSTER_TEST(a_queue_that_is_nobody_s_any_more_tells_nobody),
		CLUSTER_TEST(a_change_nobody_tells_of_is_seen_a_second_later),
		CLUSTER_TEST(a_runner_without_any_mapping_stays_and_waits_for_one),
		CLUSTER_TEST(
		    exactly_as_many_run_as_there_are_slots_and_the_next_starts_when_one_ends),
		CLUSTER_TEST(the_most_important_runs_first_then_the_oldest),
		CLUSTER_TEST(a_highlander_that_must_wait_holds_up_no_other),
		CLUSTER_TEST(whatever_jobs_need_and_whoever_edits_all_come_to_their_end),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("queues");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
