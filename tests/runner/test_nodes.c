/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real runners: several nodes share the work, and obey who steers them.  Numbers are those of JQM's own
 * integration tests where it has one.  Polling intervals are an hour unless a test says otherwise.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/a_cluster.h"
#include "tests/lib/test_db.h"

#define EXIT_ORDERED 10 /* runner/README.md */

/* Node serves that queue too, with max_jobs. */
static void
serve(const struct home *node, const char *queue_name, int max_jobs)
{
	test_db_sql("insert into jqm.queue_mapping (node_id, queue_id, max_jobs,"
		    " polling_interval_ms) select n.id, q.id, %d, 3600000 from jqm.node as n,"
		    " jqm.queue as q where n.name = '%s' and q.name = '%s'",
		    max_jobs, node->node, queue_name);
}

#define RUNNING "select count(*) from jqm.job_instance where state = 'RUNNING'"
#define WAITING "select count(*) from jqm.job_instance where state = 'SUBMITTED'"

/* --- sharing --- */

static void
assert_each_ran_once(const struct cluster *c, int requests, int nodes)
{
	char number[12];
	int starts;

	(void)snprintf(number, sizeof(number), "%d", requests);
	cluster_wait_all_over(number);
	(void)cluster_most_at_a_time(c, &starts);
	assert_int_equal(starts, requests);
	cluster_assert_value(
	    "select count(*) from jqm.history where state = 'ENDED' and failures = 0", number);
	(void)snprintf(number, sizeof(number), "%d", nodes);
	cluster_assert_value("select count(distinct node_name_id) from jqm.history", number);
}

/* Jobs of it end when the gate is open. */
static void
define_gated(const struct cluster *c, const char *name)
{
	char *command =
	    str_printf("while [ ! -e %s/open ]; do sleep 0.05; done", c->homes[0]->path);

	cluster_define(c, name, command, NULL);
	free(command);
}

static void
set_gate(const struct cluster *c, bool is_open)
{
	char *command = str_printf("%s %s/open", is_open ? "touch" : "rm -f", c->homes[0]->path);

	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
	free(command);
}

/* All places of the nodes are taken at one moment, so each of them takes part; then jobs go on. */
static void
share(const struct cluster *c, const char *places, int requests)
{
	set_gate(c, false);
	test_db_sql("select jqm.enqueue('gated') from generate_series(1, %d)", requests);
	home_wait(places, RUNNING);
	set_gate(c, true);
}

static void
two_then_three_nodes_share_a_queue(void **state)
{
	struct cluster *c = *state;

	define_gated(c, "gated");
	cluster_start(c, 2, 3);
	share(c, "6", 40);
	assert_each_ran_once(c, 40, 2);
	test_db_sql("delete from jqm.history");
	assert_int_equal(unlink(c->record), 0);
	cluster_start(c, 3, 3);
	share(c, "9", 40);
	assert_each_ran_once(c, 40, 3);
}

static void
nodes_with_queues_of_their_own_run_their_own(void **state)
{
	static const char *const names[] = { "q0", "q1", "q2" };
	struct cluster *c = *state;

	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 3, 0);
	for (int i = 0; i < 3; i++) {
		cluster_queue(names[i]);
		serve(c->homes[i], names[i], 2);
	}
	for (int i = 0; i < 30; i++)
		(void)cluster_enqueue_into(names[i % 3], "short");
	assert_each_ran_once(c, 30, 3);
	cluster_assert_value(
	    "select count(distinct (queue_name_id, node_name_id)) from jqm.history", "3");
}

static void
ten_nodes_run_2000_requests_once_each(void **state)
{
	struct cluster *c = *state;

	define_gated(c, "gated");
	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 10, 5);
	share(c, "50", 50);
	test_db_sql("select jqm.enqueue('short') from generate_series(51, 2000)");
	assert_each_ran_once(c, 2000, 10);
}

/* --- a node that is stopped, paused, drained --- */

static void
of_two_nodes_one_is_stopped_through_the_database(void **state)
{
	struct cluster *c = *state;
	int64_t own;
	int status;

	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 2, 3);
	cluster_queue("own");
	serve(c->homes[1], "own", 3);
	own = cluster_enqueue_into("own", "short");
	home_wait_state(own, "ENDED");
	test_db_sql("update jqm.node set stop = true where name = '%s'", c->homes[1]->node);
	status = home_wait_runner(c->homes[1]);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_ORDERED);
	test_db_sql("delete from jqm.history");
	test_db_sql("select jqm.enqueue('short') from generate_series(1, 10)");
	own = cluster_enqueue_into("own", "short");
	home_wait("10", "select count(*) from jqm.history where state = 'ENDED'");
	cluster_assert_value("select count(distinct node_name_id) from jqm.history", "1");
	home_wait_state(own, "SUBMITTED");
	home_start(c->homes[1]); /* the order was for the runner that is gone */
	home_wait_state(own, "ENDED");
}

static void
a_disabled_node_runs_nothing_until_it_is_resumed_once(void **state)
{
	struct cluster *c = *state;
	int64_t job, since_ms;
	int status;

	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 3);
	test_db_sql("update jqm.node set enabled = false");
	assert_int_equal(kill(c->homes[0]->runner, SIGTERM), 0);
	status = home_wait_runner(c->homes[0]);
	assert_int_equal(status, 0);
	home_start(c->homes[0]);
	home_wait("t", "select lease_until > now() from jqm.node");
	job = home_enqueue("long", "{}");
	home_wait("t", "select count(*) > 0 from jqm.node_mappings((select id from jqm.node))"
		       " where max_jobs = 0");
	since_ms = cluster_change("perform jqm.node_resume(id) from jqm.node");
	cluster_assert_claimed_soon(job, since_ms);
	/* paused again, what runs goes on and nothing comes after it */
	(void)cluster_change("perform jqm.node_pause(id) from jqm.node");
	cluster_settle(c);
	test_db_sql("select jqm.enqueue('long')");
	since_ms =
	    cluster_change("perform jqm.kill(id) from jqm.job_instance where state = 'RUNNING'");
	home_wait_state(job, "KILLED");
	cluster_assert_value(WAITING, "1");
	cluster_assert_value(RUNNING, "0");
}
CLUSTER_SOON(a_disabled_node_runs_nothing_until_it_is_resumed,
	     a_disabled_node_runs_nothing_until_it_is_resumed_once)

static void
a_drain_lets_jobs_end_and_can_be_taken_back_until_then(void **state)
{
	struct cluster *c = *state;
	char *gate = str_printf("while [ ! -e %s/go ]; do sleep 0.05; done", c->homes[0]->path);
	char *go = str_printf("touch %s/go", c->homes[0]->path);
	int64_t first, second;
	char *log;
	int status;

	cluster_define(c, "gate", gate, NULL);
	cluster_start(c, 1, 1);
	first = home_enqueue("gate", "{}");
	home_wait_state(first, "RUNNING");
	test_db_sql("select jqm.node_drain(id, 'alice') from jqm.node");
	second = home_enqueue("gate", "{}");
	test_db_sql("select jqm.node_resume(id) from jqm.node");
	assert_int_equal(system(go), 0);
	home_wait_state(first, "ENDED");
	home_wait_state(second, "ENDED"); /* the runner is still there */
	assert_int_equal(unlink(strstr(go, "/")), 0);
	first = home_enqueue("gate", "{}");
	home_wait_state(first, "RUNNING");
	test_db_sql("select jqm.node_drain(id, 'bob') from jqm.node");
	cluster_settle(c);
	second = home_enqueue("gate", "{}");
	assert_int_equal(system(go), 0);
	status = home_wait_runner(c->homes[0]);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_ORDERED);
	home_wait_state(first, "ENDED");
	home_wait_state(second, "SUBMITTED");
	cluster_assert_value("select lease_until from jqm.node", "");
	log = home_log(c->homes[0]);
	assert_non_null(strstr(log, "node drained by bob"));
	assert_null(strstr(log, "by alice"));
	free(log);
	free(gate);
	free(go);
}

/* Another installation with the same node name.  It waits as long as a lease may last, then gives up. */
static void
a_second_start_of_a_node_s_name_is_refused(void **state)
{
	struct cluster *c = *state;
	struct home *twin = home_new();
	char *log;
	int64_t job;
	int status;

	assert_non_null(twin);
	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 1, 3);
	free(twin->node);
	twin->node = str_dup(c->homes[0]->node);
	twin->lease_ms = 2000; /* it waits for a lease as long as its own would be */
	home_configure(twin, "");
	home_start(twin);
	status = home_wait_runner(twin);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	log = home_log(twin);
	assert_non_null(strstr(log, "is served by another runner"));
	free(log);
	job = home_enqueue("short", "{}"); /* the first one has not noticed anything */
	home_wait_state(job, "ENDED");
	assert_int_equal(kill(c->homes[0]->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(c->homes[0]), 0);
	home_start(twin); /* a clean stop leaves the name free at once */
	home_wait("2", "select incarnation from jqm.node");
	job = home_enqueue("short", "{}");
	home_wait_state(job, "ENDED");
	home_end(twin);
}

static void
a_disabled_definition_ends_without_running(void **state)
{
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "off", "true", "enabled = false");
	cluster_start(c, 1, 3);
	job = home_enqueue("off", "{}");
	home_wait_state(job, "ENDED");
	home_assert_history(job, "progress", "-1");
	assert_int_equal(cluster_most_at_a_time(c, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLUSTER_TEST(two_then_three_nodes_share_a_queue),
		CLUSTER_TEST(nodes_with_queues_of_their_own_run_their_own),
		CLUSTER_TEST(ten_nodes_run_2000_requests_once_each),
		CLUSTER_TEST(of_two_nodes_one_is_stopped_through_the_database),
		CLUSTER_TEST(a_disabled_node_runs_nothing_until_it_is_resumed),
		CLUSTER_TEST(a_drain_lets_jobs_end_and_can_be_taken_back_until_then),
		CLUSTER_TEST(a_second_start_of_a_node_s_name_is_refused),
		CLUSTER_TEST(a_disabled_definition_ends_without_running),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("nodes");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
