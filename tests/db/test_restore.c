/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0016: a database that came out of a backup, before the first program starts on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* As in a backup of a busy moment: node 1 alive, no job yet. */
static void
begin(const char *on_node_loss)
{
	test_db_sql("DELETE FROM jqm.job_instance; UPDATE jqm.node SET enabled = true,"
		    " incarnation = 1, lease_until = now() + interval '1 h';"
		    "UPDATE jqm.job_def SET on_node_loss = '%s'",
		    on_node_loss);
}

static int64_t
claimed(void)
{
	int64_t id = a_job_of("Plain");

	test_db_sql(A_CLAIM);
	assert_job_state(id, "ATTRIBUTED");
	return id;
}

static int64_t
running(void)
{
	int64_t id = claimed();

	a_job_starts(id);
	assert_job_state(id, "RUNNING");
	return id;
}

static int64_t
restore(void)
{
	return a_number("SELECT jobs_lost FROM jqm.after_restore()");
}

static void
what_ran_follows_the_rule_of_its_definition(void **state)
{
	static const struct {
		const char *on_node_loss, *then;
	} cases[] = { { "CRASH", "CRASHED" }, { "REQUEUE", "SUBMITTED" }, { "HOLD", "HOLDED" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ran, taken;

		print_message("case: %s\n", cases[i].on_node_loss);
		begin(cases[i].on_node_loss);
		ran = running();
		taken = claimed(); /* it may have been started a moment later */
		assert_int_equal(restore(), 2);
		assert_job_state(ran, cases[i].then);
		assert_job_state(taken, cases[i].then);
	}
}

static void
why_it_ended_is_told(void **state)
{
	int64_t id;

	(void)state;
	begin("CRASH");
	id = running();
	assert_int_equal(restore(), 1);
	assert_job_reason(
	    id, "was running when the backup was made from which the database was restored");
}

static void
what_waits_waits_and_what_is_over_stays(void **state)
{
	int64_t waiting, held, over;

	(void)state;
	begin("CRASH");
	over = running();
	a_job_ends(over, "ENDED");
	waiting = a_job_of("Plain");
	held = a_number("SELECT jqm.enqueue('Plain', held => true)");
	assert_int_equal(restore(), 0);
	assert_job_state(waiting, "SUBMITTED");
	assert_job_state(held, "HOLDED");
	assert_job_state(over, "ENDED");
}

static void
who_still_runs_on_it_is_fenced_and_another_may_come_at_once(void **state)
{
	int64_t id;

	(void)state;
	begin("REQUEUE");
	id = running();
	assert_int_equal(restore(), 1);
	assert_int_equal(a_number_of("SELECT count(*) FROM jqm.finish(1, 1, '[{\"id\": %lld,"
				     " \"attempt\": 1, \"state\": \"ENDED\", \"exit_code\": 0,"
				     " \"ended_ago_ms\": 0}]')",
				     (long long)id),
			 0);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.node_heartbeat(1, 1, 1000, '{}')"), 0);
	assert_job_state(id, "SUBMITTED");
	assert_int_equal(a_number("SELECT incarnation FROM jqm.node_register('n1',"
				  " gen_random_uuid(), 3600000, '/j', '/d', '/t', 'h', 1)"),
			 3);
}

static void
new_jobs_are_far_beyond_those_of_the_lost_time(void **state)
{
	int64_t last, next, first;

	(void)state;
	begin("CRASH");
	last = a_job_of("Plain");
	next = a_number("SELECT next_id FROM jqm.after_restore()");
	assert_int_equal(next, last + 1000001);
	/* repeated, they go on from there, although no job had a number meanwhile */
	assert_int_equal(a_number("SELECT next_id FROM jqm.after_restore()"), next + 1000000);
	first = a_job_of("Plain");
	assert_int_equal(first, next + 1000000);
	/* there is room for it in history, and for a repetition */
	test_db_sql("DELETE FROM jqm.job_instance WHERE id <> %lld", (long long)first);
	test_db_sql(
	    "SELECT jqm.claim(1, incarnation, " A_QUEUE ", 1) FROM jqm.node_register('n1',"
	    " gen_random_uuid(), 3600000, '/j', '/d', '/t', 'h', 1) AS n (id, incarnation)");
	assert_job_state(first, "ATTRIBUTED");
	assert_int_equal(restore(), 1);
	assert_job_state(first, "CRASHED");
	assert_int_equal(restore(), 0);
	assert_true(a_job_of("Plain") > first + 1500000);
}

/* Over such a gap history is as before: for jobs on both sides, for partitions to come, and for a purge. */
static void
the_farthest_jump_allowed_leaves_a_gap_in_history(void **state)
{
	int64_t before, lost, far;

	(void)state;
	begin("CRASH");
	lost = running();
	before = a_job_of("Plain");
	far = a_number("SELECT next_id FROM jqm.after_restore(p_ids_ahead => 1000000000)");
	assert_true(far > 1000000000);
	assert_job_state(lost, "CRASHED");
	assert_in_range(a_number("SELECT count(*) FROM jqm.history_partition"), 21, 100);
	assert_int_equal(
	    a_number_of("SELECT (lower_id %% 250000 = 0 AND upper_id = lower_id + 250000)::int"
			" FROM jqm.history_partition WHERE %lld BETWEEN lower_id AND upper_id - 1",
			(long long)far),
	    1);
	assert_true(a_number_of("SELECT max(upper_id) - %lld FROM jqm.history_partition",
				(long long)far) > 4000000);
	assert_int_equal(a_number("SELECT jqm.history_extend()"), 0);
	assert_int_equal(a_job_of("Plain"), far);
	test_db_sql("UPDATE jqm.node SET enabled = true, incarnation = 1,"
		    " lease_until = now() + interval '1 h'; " A_CLAIM "; " A_CLAIM);
	a_job_starts(before);
	a_job_ends(before, "ENDED");
	a_job_starts(far);
	a_job_ends(far, "ENDED");
	assert_job_state(before, "ENDED");
	assert_job_state(far, "ENDED");
	/* ids of before all go, those of after stay */
	test_db_sql("UPDATE jqm.history SET ended_at = now() - interval '1 day' WHERE id < %lld;"
		    "SELECT jqm.purge('1 hour')",
		    (long long)far);
	while (a_number("SELECT jqm.purge_step()::int") == 1)
		;
	assert_int_equal(a_number("SELECT min(id) FROM jqm.history"), far);
	assert_int_equal(a_number_of("SELECT (min(lower_id) = %lld / 250000 * 250000)::int"
				     " FROM jqm.history_partition",
				     (long long)far),
			 1);
}

static void
paused_no_node_takes_a_job_until_it_is_resumed(void **state)
{
	(void)state;
	begin("CRASH");
	(void)a_job_of("Plain");
	test_db_sql("SELECT jqm.after_restore(p_paused => true)");
	assert_int_equal(a_number("SELECT count(*) FROM jqm.node WHERE enabled"), 0);
	assert_int_equal(a_number("SELECT sum(max_jobs) FROM jqm.node_mappings(1)"), 0);
	test_db_sql("SELECT jqm.node_resume(1)");
	assert_true(a_number("SELECT sum(max_jobs) FROM jqm.node_mappings(1)") > 0);
}

static void
it_is_refused_while_a_runner_is_connected(void **state)
{
	struct db *runner = db_new(test_db_conninfo_as("jqm_runner"), "jqm-runner");
	struct db *owner = db_new(test_db_conninfo_as("jqm_owner"), "test_restore");
	struct err err = ERR_INIT;
	int64_t id;

	(void)state;
	begin("CRASH");
	id = running();
	assert_int_equal(db_connect(runner, &err), 0);
	assert_int_equal(db_exec_sql(owner, "SELECT jqm.after_restore()", &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_non_null(strstr(err.text, "a runner is connected"));
	assert_job_state(id, "RUNNING");
	db_free(runner);
	/* the server notices the end of a connection by itself */
	for (int64_t until_ms = clock_mono_ms() + 60000; clock_mono_ms() < until_ms;)
		if (a_number("SELECT count(*) FROM pg_stat_activity"
			     " WHERE application_name = 'jqm-runner'") == 0)
			break;
	assert_int_equal(restore(), 1);
	db_free(owner);
}

static void
it_is_for_the_owner_and_within_bounds(void **state)
{
	static const char *const roles[] = { "jqm_api", "jqm_runner", "jqm_client", "jqm_backup" };

	(void)state;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct db *db = db_new(test_db_conninfo_as(roles[i]), "test_restore");
		struct err err = ERR_INIT;

		assert_int_equal(db_exec_sql(db, "SELECT jqm.after_restore()", &err), -1);
		assert_int_equal(err.kind, ERR_DENIED);
		db_free(db);
	}
	for (int i = 0; i < 2; i++) {
		struct db *db = db_new(test_db_conninfo_as("jqm_owner"), "test_restore");
		struct err err = ERR_INIT;

		assert_int_equal(db_exec_sql(db,
					     i == 0 ? "SELECT jqm.after_restore(false, -1)"
						    : "SELECT jqm.after_restore(false, 1000000001)",
					     &err),
				 -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, "ids ahead"));
		err_clear(&err);
		assert_int_equal(db_exec_sql(db, "SELECT jqm.after_restore()", &err), 0);
		db_free(db);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ran_follows_the_rule_of_its_definition),
		cmocka_unit_test(why_it_ended_is_told),
		cmocka_unit_test(what_waits_waits_and_what_is_over_stays),
		cmocka_unit_test(who_still_runs_on_it_is_fenced_and_another_may_come_at_once),
		cmocka_unit_test(new_jobs_are_far_beyond_those_of_the_lost_time),
		cmocka_unit_test(the_farthest_jump_allowed_leaves_a_gap_in_history),
		cmocka_unit_test(paused_no_node_takes_a_job_until_it_is_resumed),
		cmocka_unit_test(it_is_refused_while_a_runner_is_connected),
		cmocka_unit_test(it_is_for_the_owner_and_within_bounds),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
