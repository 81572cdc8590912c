/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire to the database is cut at a chosen moment: behind the commit, and before the runner hears of
 * it; or before the statement got there.  It cannot know which, and must find out.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/lib/a_cluster.h"
#include "tests/lib/pg_proxy.h"
#include "tests/lib/test_db.h"

#define GATED(gate) "until [ -e ../" gate " ]; do sleep 0.02; done"

static struct pg_proxy *proxy;
static struct home *home; /* the only one of the cluster */
static pid_t stopped; /* a server process; 0: none */

static int
set_up(void **state)
{
	struct cluster *c;

	if (cluster_set_up(state) == -1)
		return -1;
	c = *state;
	home = c->homes[0];
	proxy = pg_proxy_new(home->path);
	home->conninfo = str_dup(pg_proxy_conninfo(proxy));
	home_configure(home, "");
	return 0;
}

static int
tear_down(void **state)
{
	int rc;

	if (stopped != 0)
		(void)kill(stopped, SIGCONT);
	stopped = 0;
	pg_proxy_pass(proxy);
	rc = cluster_tear_down(state);
	pg_proxy_free(proxy);
	return rc;
}

/* It speaks with the database again. */
static void
wait_heartbeat(void)
{
	test_db_sql("update jqm.node set last_seen_alive = null");
	home_wait("t", "select last_seen_alive is not null from jqm.node");
}

static void
the_answer_to_a_claim_is_lost(void **state)
{
	struct cluster *c = *state;

	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 1, 5);
	for (int i = 1; i <= 5; i++) {
		pg_proxy_lose(proxy, "ATTRIBUTED");
		(void)home_enqueue("short", "{}");
		pg_proxy_wait_lost(proxy);
		home_wait("0", "select count(*) from jqm.job_instance");
	}
	cluster_assert_value(
	    "select count(*) from jqm.history where state = 'ENDED' and attempt = 2", "5");
	cluster_assert_starts(c, 5);
}

/* It is not told again and again as long as the job runs. */
static void
the_answer_to_a_start_is_lost(void **state)
{
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "gated", GATED("gate"), NULL);
	cluster_start(c, 1, 5);
	pg_proxy_lose(proxy, "RUNNING");
	job = home_enqueue("gated", "{}");
	pg_proxy_wait_lost(proxy);
	home_wait_state(job, "RUNNING");
	wait_heartbeat();
	home_pause(500);
	pg_proxy_lose_statement(proxy, "job_turn");
	home_pause(1000);
	assert_false(pg_proxy_has_lost(proxy));
	pg_proxy_lose_nothing(proxy);
	home_touch(home, "gate");
	home_wait_state(job, "ENDED");
	home_assert_history(job, "attempt", "1");
	cluster_assert_starts(c, 1);
}

static void
the_answer_to_an_end_is_lost(void **state)
{
	struct cluster *c = *state;
	char *log;

	home_define("fails", "DEFAULTSHELLCOMMAND", "printf x > $JQM_JI_DELIVERY_DIR/f; exit 3");
	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 1, 5);
	for (int i = 0; i < 3; i++) {
		int64_t job;

		pg_proxy_lose(proxy, "ENDED");
		job = home_enqueue(i == 2 ? "fails" : "short", "{}");
		pg_proxy_wait_lost(proxy);
		home_wait_state(job, i == 2 ? "CRASHED" : "ENDED");
		home_assert_history(job, "attempt", "1");
	}
	cluster_assert_value("select count(*) from jqm.history", "3");
	cluster_assert_value("select count(*) from jqm.deliverable", "1");
	cluster_assert_starts(c, 2);
	/* the repeat finds nothing, and the rest is cleared up as ever */
	home_wait("0", "select count(*) from jqm.job_instance");
	assert_int_equal(kill(home->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(home), 0);
	log = home_log(home);
	assert_non_null(strstr(log, "finish_found_nothing"));
	free(log);
}

/* The first end sent it back to its queue; said again, it must not end the second attempt. */
static void
the_answer_to_a_failure_that_is_tried_again_is_lost(void **state)
{
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "again", "[ $JQM_JI_ATTEMPT -ge 2 ] || exit 1",
		       "attempts_max = 5, retry_delay_s = 0");
	cluster_start(c, 1, 5);
	pg_proxy_lose(proxy, "ENDED");
	job = home_enqueue("again", "{}");
	pg_proxy_wait_lost(proxy);
	home_wait_state(job, "ENDED");
	home_assert_history(job, "failures", "1"); /* the second may have been claimed twice */
	cluster_assert_value("select count(*) from jqm.job_attempt", "1");
}

/* Nobody waits for it any more when it comes: its session was told to end before anything was read back. */
static void
a_claim_that_comes_late_takes_nothing(void **state)
{
	struct cluster *c = *state;

	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 1, 5);
	(void)home_enqueue("short", "{}");
	home_wait("0", "select count(*) from jqm.job_instance");
	pg_proxy_delay_statement(proxy, "job_turn");
	(void)home_enqueue("short", "{}");
	pg_proxy_wait_lost(proxy);
	home_wait("0", "select count(*) from jqm.job_instance");
	test_db_sql("update jqm.queue_mapping set max_jobs = 0");
	home_wait_log(home, "max_jobs=0");
	(void)home_enqueue("short", "{}");
	assert_false(pg_proxy_deliver(proxy));
	cluster_assert_value("select state from jqm.job_instance", "SUBMITTED");
	test_db_sql("update jqm.queue_mapping set max_jobs = 5");
	home_wait("0", "select count(*) from jqm.job_instance");
	cluster_assert_starts(c, 3);
}

/* The server process that has an end and a question for more jobs stands, and cannot end: it might go on at any time. */
static void
while_a_lost_session_lives_nothing_is_claimed(void **state)
{
	struct cluster *c = *state;
	int64_t gated, waits;

	cluster_define(c, "gated", GATED("gate"), NULL);
	cluster_start(c, 1, 1);
	gated = home_enqueue("gated", "{}");
	home_wait_state(gated, "RUNNING");
	waits = home_enqueue("gated", "{}");
	stopped = (pid_t)home_number(
	    test_db_value("select pid from pg_stat_activity where application_name = 'jqm-runner'"
			  " and datname = current_database()"));
	assert_int_equal(kill(stopped, SIGSTOP), 0);
	home_touch(home, "gate");
	home_wait_log(home, "lost_session_lives");
	cluster_assert_value("select state from jqm.job_instance order by id desc limit 1",
			     "SUBMITTED");
	assert_int_equal(kill(stopped, SIGCONT), 0);
	home_wait_state(gated, "ENDED");
	home_wait_state(waits, "ENDED");
	home_assert_history(gated, "attempt", "1");
	home_wait("1", "select count(*) from pg_stat_activity where application_name = 'jqm-runner'"
		       " and datname = current_database()");
	cluster_assert_starts(c, 2);
}

/* Of all that a runner says, each: the statement is lost, or its answer. */
static void
whatever_is_lost_each_job_runs_once(void **state)
{
	static const char *const names[] = { "job_turn", "node_heartbeat", "node_mappings",
					     "node_orders", "housekeeping" };
	struct cluster *c = *state;
	int64_t job;
	int jobs = 0;

	cluster_define(c, "short", "true", NULL);
	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 5);
	job = home_enqueue("long", "{}"); /* orders are asked for while there is one */
	home_wait_state(job, "RUNNING");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (int reply = 0; reply < 2; reply++) {
			print_message("%s%s\n", reply ? "the answer to " : "", names[i]);
			if (reply)
				pg_proxy_lose_reply(proxy, names[i]);
			else
				pg_proxy_lose_statement(proxy, names[i]);
			test_db_sql("select jqm.enqueue('short') from generate_series(1, 3)");
			jobs += 3;
			/* mappings are read when they are others */
			test_db_sql("update jqm.queue_mapping set max_jobs = %d", 5 + jobs);
			pg_proxy_wait_lost(proxy);
			home_wait("1", "select count(*) from jqm.job_instance");
		}
	}
	cluster_kill_all();
	cluster_assert_starts(c, jobs + 1);
	cluster_assert_value("select count(*) - sum((state = 'ENDED')::int) from jqm.history", "1");
}

/* Registered and not told; taken back and not told. */
static void
a_runner_that_comes_back_is_cut_off_while_it_does(void **state)
{
	static const char *const names[] = { "node_register", "take_back" };
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "gated", GATED("gate"), NULL);
	cluster_start(c, 1, 5);
	job = home_enqueue("gated", "{}");
	home_wait_state(job, "RUNNING");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (int reply = 0; reply < 2; reply++) {
			char *now = test_db_value("select incarnation from jqm.node");
			char *more = str_printf(
			    "select n.incarnation > %s and bool_and(j.incarnation = n.incarnation)"
			    " from jqm.node as n, jqm.job_instance as j group by n.incarnation",
			    now);

			home_kill_runner(home);
			if (reply)
				pg_proxy_lose_reply(proxy, names[i]);
			else
				pg_proxy_lose_statement(proxy, names[i]);
			home_start(home);
			pg_proxy_wait_lost(proxy);
			home_wait("t", more);
			free(now);
			free(more);
		}
	}
	home_touch(home, "gate");
	home_wait_state(job, "ENDED");
	home_assert_history(job, "attempt", "1");
	cluster_assert_starts(c, 1);
}

/* Told, and not told so: it ends all the same, and the next one need not wait. */
static void
the_answer_to_a_farewell_is_lost(void **state)
{
	struct cluster *c = *state;

	cluster_start(c, 1, 5);
	pg_proxy_lose_reply(proxy, "node_leave");
	assert_int_equal(kill(home->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(home), 0);
	cluster_assert_value("select lease_until is null from jqm.node", "t");
}

/* --- outages --- */

static void
wait_history(int jobs)
{
	char *sql = str_printf("select count(*) >= %d from jqm.history", jobs);

	home_wait("t", sql);
	free(sql);
}

static void
a_thousand_jobs_with_outages_on_the_way_all_end(void **state)
{
	struct cluster *c = *state;
	char *log;

	home->lease_ms = 2000;
	home_configure(home, "");
	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 1, 20);
	test_db_sql("select jqm.enqueue('short') from generate_series(1, 1000)");
	wait_history(250);
	pg_proxy_refuse(proxy);
	home_pause(1000);
	pg_proxy_pass(proxy);
	wait_history(550);
	pg_proxy_refuse(proxy); /* hardly back, it is away once more */
	home_pause(200);
	pg_proxy_pass(proxy);
	wait_history(600);
	pg_proxy_refuse(proxy);
	home_pause(3000); /* longer than the lease */
	pg_proxy_pass(proxy);
	cluster_wait_all_over("1000");
	cluster_assert_value("select count(*) from jqm.history where state = 'ENDED'", "1000");
	cluster_assert_starts(c, 1000);
	log = home_log(home);
	assert_null(strstr(log, "starts_fail")); /* nothing is claimed that may not be started */
	free(log);
}

/* It comes and goes while the runner has nothing to ask; the next job starts as soon as ever. */
static void
an_outage_between_two_polls_goes_unnoticed(void **state)
{
	struct cluster *c = *state;
	int64_t job, since_ms;
	char *warnings;

	home_define("long", "DEFAULTSHELLCOMMAND", "sleep 300");
	cluster_start(c, 1, 5);
	for (int i = 0; i < 3; i++) {
		pg_proxy_refuse(proxy);
		pg_proxy_pass(proxy);
		wait_heartbeat();
		since_ms = home_number(test_db_value("select " CLUSTER_NOW_MS));
		job = home_enqueue("long", "{}");
		cluster_assert_claimed_soon(job, since_ms);
	}
	warnings = home_log(home);
	assert_null(strstr(warnings, " error "));
	free(warnings);
	cluster_kill_all();
}

int
main(void)
{
#define WIRE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WIRE_TEST(the_answer_to_a_claim_is_lost),
		WIRE_TEST(the_answer_to_a_start_is_lost),
		WIRE_TEST(the_answer_to_an_end_is_lost),
		WIRE_TEST(the_answer_to_a_failure_that_is_tried_again_is_lost),
		WIRE_TEST(a_claim_that_comes_late_takes_nothing),
		WIRE_TEST(while_a_lost_session_lives_nothing_is_claimed),
		WIRE_TEST(whatever_is_lost_each_job_runs_once),
		WIRE_TEST(a_runner_that_comes_back_is_cut_off_while_it_does),
		WIRE_TEST(the_answer_to_a_farewell_is_lost),
		WIRE_TEST(a_thousand_jobs_with_outages_on_the_way_all_end),
		WIRE_TEST(an_outage_between_two_polls_goes_unnoticed),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("uncertain");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
