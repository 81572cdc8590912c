/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database forgets: a standby took over that had not got the last commits.  Played by changing rows back, past the
 * triggers, and ending the runner's session.  Nothing hangs, and what the database knows of again is not started again.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/a_cluster.h"
#include "tests/lib/test_db.h"

#define GATED(gate) "until [ -e ../" gate " ]; do sleep 0.02; done"
#define PAST_TRIGGERS "set local session_replication_role = replica; "
#define BACK_TO_WAITING                                                                 \
	"update jqm.job_instance set state = 'SUBMITTED', attempt = 0, node_id = null," \
	" incarnation = null, attributed_at = null, started_at = null"

static struct home *home; /* the only one of the cluster */

static int
set_up(void **state)
{
	if (cluster_set_up(state) == -1)
		return -1;
	home = ((struct cluster *)*state)->homes[0];
	test_db_sql("drop table if exists saved");
	return 0;
}

/* Once that is committed: another server answers the runner. */
static void
take_over(void)
{
	test_db_sql("select pg_terminate_backend(pid) from pg_stat_activity"
		    " where application_name = 'jqm-runner' and datname = current_database()");
}

static void
assert_logged(const char *text, bool expected)
{
	char *log = home_log(home);

	assert_int_equal(strstr(log, text) != NULL, expected);
	free(log);
}

static int64_t
running(const char *definition)
{
	int64_t job = home_enqueue(definition, "{}");

	home_wait_state(job, "RUNNING");
	return job;
}

/* Told, and cleared away. */
static void
ended(int64_t job)
{
	home_wait_state(job, "ENDED");
	home_wait("0", "select count(*) from jqm.job_instance");
}

/* What was saved of live jobs is there again, and their ends are not. */
static void
forget_ends(void)
{
	test_db_sql(PAST_TRIGGERS
		    "insert into jqm.job_instance overriding system value select * from saved; "
		    "delete from jqm.history where id in (select id from saved)");
}

static void
an_end_it_has_forgotten_is_one_of_a_lost_node(void **state)
{
	struct cluster *c = *state;
	int64_t crash, again;

	cluster_define(c, "crash", GATED("gate"), NULL);
	cluster_define(c, "again", GATED("gate"), "on_node_loss = 'REQUEUE'");
	cluster_start(c, 1, 5);
	crash = running("crash");
	again = running("again");
	test_db_sql("create table saved as select * from jqm.job_instance");
	home_touch(home, "gate");
	ended(crash);
	ended(again);
	forget_ends();
	take_over();
	home_wait_state(crash, "CRASHED");
	home_assert_history(crash, "reason", "lost: its node has no trace of its process");
	ended(again);
	home_assert_history(again, "attempt", "2");
	cluster_assert_starts(c, 3);
}

/* Nobody told the runner, until somebody asks for the job's end. */
static void
an_order_for_a_job_that_is_not_there_ends_it(void **state)
{
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "crash", GATED("gate"), NULL);
	cluster_define(c, "long", GATED("never"), NULL);
	cluster_start(c, 1, 5);
	(void)running("long"); /* orders are asked for while there is one */
	job = running("crash");
	test_db_sql("create table saved as select * from jqm.job_instance where id = %lld",
		    (long long)job);
	home_touch(home, "gate");
	home_wait_state(job, "ENDED");
	forget_ends();
	test_db_sql("select jqm.kill(%lld, 'me')", (long long)job);
	home_wait_state(job, "CRASHED");
}

static void
a_claim_it_has_forgotten_is_made_again_and_the_job_goes_on(void **state)
{
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "gated", GATED("gate") "; exit 7", NULL);
	cluster_start(c, 1, 5);
	job = running("gated");
	test_db_sql(PAST_TRIGGERS BACK_TO_WAITING);
	take_over();
	home_wait_log(home, "job_claimed_again");
	home_wait_state(job, "RUNNING");
	home_touch(home, "gate");
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "exit_code", "7");
	home_assert_history(job, "attempt", "1");
	cluster_assert_starts(c, 1);
}

/* Its end finds nothing before the claim is made again. */
static void
one_whose_end_came_too_early_runs_again(void **state)
{
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "gated", GATED("gate") "; exit 7", NULL);
	cluster_start(c, 1, 5);
	job = running("gated");
	test_db_sql(PAST_TRIGGERS BACK_TO_WAITING "; update jqm.queue_mapping set enabled = false");
	take_over();
	home_wait_log(home, "job_unknown");
	home_touch(home, "gate");
	home_wait_log(home, "finish_found_nothing");
	test_db_sql("update jqm.queue_mapping set enabled = true");
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "exit_code", "7");
	cluster_assert_starts(c, 2);
}

/* Its number was given to a job that has nothing to do with it. */
static void
another_job_of_the_same_number_runs_by_itself(void **state)
{
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "old", GATED("never"), NULL);
	cluster_define(c, "new", "true", NULL);
	cluster_start(c, 1, 5);
	job = running("old");
	test_db_sql(PAST_TRIGGERS BACK_TO_WAITING
		    ", job_def_id = d.id, snapshot_id = d.snapshot_id from jqm.job_def as d where "
		    "d.name = 'new'");
	take_over();
	home_wait_log(home, "goes_on=0");
	ended(job);
	home_assert_history(job, "attempt", "2");
	home_wait("1", "select count(*) from jqm.history");
	cluster_assert_starts(c, 2);
}

/* Enqueued, claimed and started, of which it knows nothing: another may run in the place of one that nothing may run beside. */
static void
a_job_it_has_forgotten_is_killed_only_if_nothing_may_run_beside_it(void **state)
{
	struct cluster *c = *state;

	cluster_define(c, "free", GATED("gate"), NULL);
	cluster_define(c, "bound", GATED("never"), "highlander = true");
	cluster_start(c, 1, 5);
	(void)running("free");
	(void)running("bound");
	test_db_sql(PAST_TRIGGERS "delete from jqm.job_instance");
	take_over();
	home_wait_log(home, "reason=\"not known to the database\"");
	home_wait_log(home, "finish_found_nothing");
	home_touch(home, "gate");
	(void)home_enqueue("bound", "{}"); /* its place is free */
	home_wait("RUNNING", "select state from jqm.job_instance");
	cluster_kill_all();
	home_wait("1", "select count(*) from jqm.history");
	cluster_assert_value("select state from jqm.history", "KILLED");
}

/* What it has not forgotten is not touched by the question. */
static void
after_each_connection_nothing_is_lost(void **state)
{
	struct cluster *c = *state;
	int64_t job;

	cluster_define(c, "gated", GATED("gate"), NULL);
	cluster_define(c, "short", "true", NULL);
	cluster_start(c, 1, 5);
	job = running("gated");
	for (int i = 0; i < 10; i++) {
		test_db_sql("select jqm.enqueue('short') from generate_series(1, 20)");
		take_over();
		home_wait("1", "select count(*) from jqm.job_instance");
	}
	home_touch(home, "gate");
	ended(job);
	cluster_assert_value("select count(*) - sum((state = 'ENDED')::int) from jqm.history", "0");
	cluster_assert_starts(c, 201);
	assert_logged("job_unknown", false);
	assert_logged("goes_on=", false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_end_it_has_forgotten_is_one_of_a_lost_node,
						set_up, cluster_tear_down),
		cmocka_unit_test_setup_teardown(an_order_for_a_job_that_is_not_there_ends_it,
						set_up, cluster_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_claim_it_has_forgotten_is_made_again_and_the_job_goes_on, set_up,
		    cluster_tear_down),
		cmocka_unit_test_setup_teardown(one_whose_end_came_too_early_runs_again, set_up,
						cluster_tear_down),
		cmocka_unit_test_setup_teardown(another_job_of_the_same_number_runs_by_itself,
						set_up, cluster_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_job_it_has_forgotten_is_killed_only_if_nothing_may_run_beside_it, set_up,
		    cluster_tear_down),
		cmocka_unit_test_setup_teardown(after_each_connection_nothing_is_lost, set_up,
						cluster_tear_down),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("forgotten");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
