/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real runners: what clients order of jobs is what runs, in JQM's own scenarios.  Polling intervals are an
 * hour; db/test_verbs.c has every verb in every state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/a_cluster.h"
#include "tests/lib/test_db.h"

static int64_t
enqueue(const char *more)
{
	return home_number(test_db_value("select jqm.enqueue('plain'%s)", more));
}

static void
order(const char *verb, int64_t job)
{
	test_db_sql("select jqm.%s(%lld)", verb, (long long)job);
}

/* How many have begun to run. */
static int
starts(const struct cluster *c)
{
	int n;

	(void)cluster_most_at_a_time(c, &n);
	return n;
}

/* Held before there was a runner, or from the first: the one that was not held runs. */
static void
a_held_job_runs_when_it_is_resumed_and_not_before(void **state)
{
	struct cluster *c = *state;
	int64_t held, held_first;

	cluster_define(c, "plain", "true", NULL);
	held = enqueue("");
	order("hold", held);
	held_first = enqueue(", held => true");
	cluster_start(c, 1, 3);
	home_wait_state(enqueue(""), "ENDED");
	home_wait_state(held, "HOLDED");
	home_wait_state(held_first, "HOLDED");
	assert_int_equal(starts(c), 1);
	order("resume", held);
	order("resume", held_first);
	home_wait_state(held, "ENDED");
	home_wait_state(held_first, "ENDED");
	assert_int_equal(starts(c), 3);
}

/* Cancelled ones are in history, deleted ones nowhere; three are cleared from another queue. */
static void
what_was_cancelled_deleted_or_cleared_never_runs(void **state)
{
	struct cluster *c = *state;
	int64_t cancelled, deleted, other;

	cluster_define(c, "plain", "true", NULL);
	cluster_queue("far");
	cancelled = enqueue("");
	deleted = enqueue("");
	for (int i = 0; i < 3; i++)
		(void)cluster_enqueue_into("far", "plain");
	other = enqueue("");
	order("cancel", cancelled);
	order("delete", deleted);
	cluster_assert_value("select jqm.queue_clear(id) from jqm.queue where name = 'far'", "3");
	cluster_start(c, 1, 3);
	home_wait_state(other, "ENDED");
	home_wait_state(cancelled, "CANCELLED");
	home_wait_state(deleted, "");
	cluster_assert_value("select count(*) from jqm.job_instance", "0");
	cluster_assert_value("select count(*) from jqm.history where state = 'CANCELLED' and"
			     " started_at is null and ended_at is not null",
			     "4");
	assert_int_equal(starts(c), 1);
}

static void
assert_ran_in(int64_t job, const char *queue_name)
{
	char *name;

	home_wait_state(job, "ENDED");
	name = test_db_value("select queue_name from jqm.past_job where id = %lld", (long long)job);
	assert_string_equal(name, queue_name);
	free(name);
}

/* Only the other queue is served: what runs is there. */
static void
a_job_runs_in_the_queue_it_asks_for_or_is_moved_to(void **state)
{
	struct cluster *c = *state;
	int64_t asks, moved, stays;

	cluster_define(c, "plain", "true", NULL);
	cluster_queue("far");
	cluster_start(c, 1, 3);
	(void)cluster_change("update jqm.queue_mapping set queue_id ="
			     " (select id from jqm.queue where name = 'far')");
	/* it sleeps on that queue by now, so it has no other any more */
	home_wait("1", "select count(*) from jqm.runner_waiting as w join jqm.queue as q"
		       " on q.id = w.queue_id where q.name = 'far'");
	stays = enqueue("");
	moved = enqueue("");
	asks = enqueue(", queue_name => 'far'");
	assert_ran_in(asks, "far");
	home_wait_state(moved, "SUBMITTED");
	test_db_sql("select jqm.set_queue(%lld, id) from jqm.queue where name = 'far'",
		    (long long)moved);
	assert_ran_in(moved, "far");
	home_wait_state(stays, "SUBMITTED");
}

/* It runs, and stands still from the first: one that takes longer ends meanwhile.  Each order is a message. */
static void
a_pause_given_in_advance_counts_until_it_is_taken_back(void **state)
{
	struct cluster *c = *state;
	char *messages;
	int64_t job;

	cluster_define(c, "plain", "sleep 0.5", NULL);
	cluster_define(c, "longer", "sleep 1", NULL);
	job = enqueue("");
	order("pause_running", job);
	cluster_start(c, 1, 3);
	home_wait_state(job, "RUNNING");
	home_wait_state(home_enqueue("longer", "{}"), "ENDED");
	home_wait_state(job, "RUNNING");
	messages = str_printf("select count(*) from jqm.message where job_instance_id = %lld",
			      (long long)job);
	cluster_assert_value(messages, "1");
	order("resume_running", job);
	home_wait_state(job, "ENDED");
	cluster_assert_value(messages, "2");
	free(messages);
}

#define OF_THE_QUEUE(what) "select " what " from jqm.queue where default_queue"

/* 40 + 3 + 3 places.  That a paused queue is not served shows by one enqueued later, elsewhere, that is. */
static void
a_queue_of_three_nodes_is_paused_and_resumed(void **state)
{
	struct cluster *c = *state;
	int64_t waits;

	cluster_define(c, "plain", "true", NULL);
	cluster_queue("far");
	cluster_start(c, 3, 3);
	(void)cluster_change("update jqm.queue_mapping set max_jobs = 40 where id ="
			     " (select min(id) from jqm.queue_mapping)");
	test_db_sql("insert into jqm.queue_mapping (node_id, queue_id, max_jobs,"
		    " polling_interval_ms) select n.id, q.id, 1, 3600000 from jqm.node as n,"
		    " jqm.queue as q where q.name = 'far'");
	cluster_assert_value(OF_THE_QUEUE("jqm.queue_status(id) || jqm.queue_capacity(id)"),
			     "RUNNING46");
	test_db_sql(OF_THE_QUEUE("jqm.queue_pause(id)"));
	cluster_assert_value(OF_THE_QUEUE("jqm.queue_status(id) || jqm.queue_capacity(id)"),
			     "PAUSED0");
	waits = enqueue("");
	for (int i = 0; i < 6; i++)
		home_wait_state(cluster_enqueue_into("far", "plain"), "ENDED");
	home_wait_state(waits, "SUBMITTED");
	test_db_sql(OF_THE_QUEUE("jqm.queue_resume(id)"));
	cluster_assert_value(OF_THE_QUEUE("jqm.queue_status(id) || jqm.queue_capacity(id)"),
			     "RUNNING46");
	home_wait_state(waits, "ENDED");
}

/* Of a job that waits and of one that is delayed; the date is kept. */
static void
a_job_delayed_to_a_date_that_is_past_runs(void **state)
{
	struct cluster *c = *state;
	int64_t jobs[2];

	cluster_define(c, "plain", "true", NULL);
	jobs[0] = enqueue("");
	jobs[1] = enqueue(", run_after => now() + interval '1 h'");
	for (int i = 0; i < 2; i++) {
		test_db_sql("select jqm.set_run_after(%lld, '2001-01-01Z')", (long long)jobs[i]);
		home_wait_state(jobs[i], "SCHEDULED");
	}
	cluster_start(c, 1, 3);
	for (int i = 0; i < 2; i++) {
		home_wait_state(jobs[i], "ENDED");
		home_assert_history(jobs[i], "run_after = '2001-01-01Z'", "t");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLUSTER_TEST(a_held_job_runs_when_it_is_resumed_and_not_before),
		CLUSTER_TEST(what_was_cancelled_deleted_or_cleared_never_runs),
		CLUSTER_TEST(a_job_runs_in_the_queue_it_asks_for_or_is_moved_to),
		CLUSTER_TEST(a_pause_given_in_advance_counts_until_it_is_taken_back),
		CLUSTER_TEST(a_queue_of_three_nodes_is_paused_and_resumed),
		CLUSTER_TEST(a_job_delayed_to_a_date_that_is_past_runs),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("client_verbs");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
