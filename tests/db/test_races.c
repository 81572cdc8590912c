/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sessions want something of one job at the same moment: the first has done it and not committed yet
 * when the second comes.  Others of this kind are in test_verbs.c, test_dependencies_races.c,
 * test_retries.c and test_rescue.c; races over nodes in test_races_nodes.c.
 */
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
#include "tests/lib/a_race.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define ENQUEUE_TWIN "SELECT jqm.enqueue('Highlander')"

static const struct race races[] = {
	/* the end of a job, and whoever wants something of it */
	RACE("Plain", "RUNNING", NOTHING, OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT, FINISH("ENDED"),
	     AT_JOB, ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), BEFORE_COMMIT, OF("jqm.kill(id, 'bob')"),
	     AT_JOB, ERR_CONFLICT, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, OF("jqm.pause_running(id)"), BEFORE_COMMIT,
	     FINISH("ENDED"), AT_JOB, ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), BEFORE_COMMIT,
	     OF("jqm.pause_running(id)"), AT_JOB, ERR_CONFLICT, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), BEFORE_COMMIT,
	     OF("jqm.set_priority(id, 3)"), AT_JOB, ERR_CONFLICT, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), BEFORE_COMMIT,
	     OF("jqm.add_message(id, 'x')"), AT_JOB, ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, OF("jqm.add_message(id, 'x')"), BEFORE_COMMIT,
	     FINISH("ENDED"), AT_JOB, ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "SUBMITTED", NOTHING, OF("jqm.cancel(id, 'bob')"), BEFORE_COMMIT,
	     OF("jqm.add_message(id, 'x')"), AT_JOB, ERR_NONE, 0, "CANCELLED cancelled by bob"),
	/* a failure that is to be tried again */
	RACE("Plain", "RUNNING", NOTHING, OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT,
	     FINISH("CRASHED"), AT_JOB, ERR_NONE, 1, "CRASHED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("CRASHED"), BEFORE_COMMIT,
	     OF("jqm.kill(id, 'bob')"), AT_JOB, ERR_NONE, 1, "CANCELLED cancelled by bob"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("CRASHED"), BEFORE_COMMIT,
	     OF("jqm.cancel(id, 'bob')"), THROUGH, ERR_CONFLICT, 1, "SCHEDULED"),
	/* a job that goes back to its queue */
	RACE("Plain", "ATTRIBUTED", NOTHING, OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT, GIVE_BACK,
	     AT_JOB, ERR_NONE, 1, "CANCELLED cancelled by bob"),
	RACE("Plain", "ATTRIBUTED", NOTHING, GIVE_BACK, BEFORE_COMMIT, OF("jqm.kill(id, 'bob')"),
	     AT_JOB, ERR_NONE, 1, "CANCELLED cancelled by bob"),
	RACE("Plain", "ATTRIBUTED", NOTHING, OF("jqm.pause_running(id)"), BEFORE_COMMIT, GIVE_BACK,
	     AT_JOB, ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", NOTHING, GIVE_BACK, BEFORE_COMMIT, CLAIM_2, THROUGH, ERR_NONE,
	     1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", NOTHING, GIVE_BACK, BEFORE_COMMIT, FINISH("ENDED"), AT_JOB,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Highlander", "ATTRIBUTED", NOTHING, ENQUEUE_TWIN, BEFORE_COMMIT, GIVE_BACK, AT_KEY,
	     ERR_NONE, 1, "CANCELLED absorbed by job instance %, which waits already"),
	RACE("Highlander", "ATTRIBUTED", NOTHING, GIVE_BACK, BEFORE_COMMIT, ENQUEUE_TWIN, AT_KEY,
	     ERR_NONE, 1, "SUBMITTED"),
	/* a claim; hold and cancel are in test_verbs.c */
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, BEFORE_COMMIT, OF("jqm.delete(id)"), AT_JOB,
	     ERR_CONFLICT, 1, "ATTRIBUTED"),
	RACE("Plain", "SUBMITTED", NOTHING, OF("jqm.delete(id)"), BEFORE_COMMIT, A_CLAIM, THROUGH,
	     ERR_NONE, 0, ""),
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, BEFORE_COMMIT, OF("jqm.set_queue(id, 2)"),
	     AT_JOB, ERR_CONFLICT, 1, "ATTRIBUTED"),
	RACE("Plain", "SUBMITTED", NOTHING, OF("jqm.set_queue(id, 2)"), BEFORE_COMMIT, A_CLAIM,
	     THROUGH, ERR_NONE, 0, "SUBMITTED"),
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, BEFORE_COMMIT,
	     OF("jqm.set_run_after(id, 'tomorrow')"), AT_JOB, ERR_CONFLICT, 1, "ATTRIBUTED"),
	RACE("Plain", "SUBMITTED", NOTHING, OF("jqm.set_run_after(id, 'tomorrow')"), BEFORE_COMMIT,
	     A_CLAIM, THROUGH, ERR_NONE, 0, "SCHEDULED"),
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, BEFORE_COMMIT, OF("jqm.kill(id, 'bob')"),
	     AT_JOB, ERR_NONE, 1, "ATTRIBUTED"),
	RACE("Plain", "SUBMITTED", NOTHING, OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT, A_CLAIM,
	     THROUGH, ERR_NONE, 0, "CANCELLED cancelled by bob"),
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, BEFORE_COMMIT, CLAIM_2, THROUGH, ERR_NONE, 1,
	     "ATTRIBUTED"),
	RACE("Highlander", "SUBMITTED", NOTHING, A_CLAIM, BEFORE_COMMIT, ENQUEUE_TWIN, THROUGH,
	     ERR_NONE, 1, "ATTRIBUTED"),
	/* a claim, and a runner that takes its node: it would not have taken the job back */
	RACE("Plain", "SUBMITTED", NOTHING, REGISTER, BEFORE_COMMIT, A_CLAIM, AT_NODE, ERR_CONFLICT,
	     0, "SUBMITTED"),
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, BEFORE_COMMIT, REGISTER, AT_NODE, ERR_NONE, 1,
	     "ATTRIBUTED"),
};

static void
of_two_at_the_same_moment_each_is_told_the_truth_and_the_job_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++)
		race_run(&races[i]);
	/* whoever said something about a job has marked its row, wherever that was by then */
	assert_value("SELECT count(*) > 0 FROM jqm.message AS m JOIN jqm.history AS h"
		     " ON h.id = m.job_instance_id AND m.text_message = 'x'",
		     "t");
	assert_value("SELECT count(*) FROM jqm.message AS m JOIN jqm.history AS h"
		     " ON h.id = m.job_instance_id WHERE NOT h.has_messages",
		     "0");
}

/* The runner of the next one sleeps in another queue: the end wakes it, and not too early. */
static void
a_highlander_that_waits_starts_when_the_first_has_ended_and_not_before(void **state)
{
	int64_t first = race_job_in("Highlander", "RUNNING"), second;
	struct db *one = db_new(test_db_conninfo(), "test_races_one");
	struct db *runner = db_new(test_db_conninfo(), "test_races_two");

	(void)state;
	second = a_number("SELECT jqm.enqueue('Highlander', queue_name => 'other')");
	assert_int_equal(a_number("SELECT jqm.enqueue('Highlander')"), second);
	assert_sql(one, "BEGIN; " FINISH("ENDED"));
	assert_sql(runner, "SET lock_timeout = '1ms'; SELECT jqm.claim(2, 1, 2, 1)");
	race_assert_job(second, "SUBMITTED");
	race_assert_job(first, "RUNNING");
	assert_sql(one, "COMMIT");
	assert_sql(runner, "SELECT jqm.claim(2, 1, 2, 1)");
	race_assert_job(second, "ATTRIBUTED");
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(runner);
	db_free(one);
}

int
main(void)
{
#define RACE_TEST(test) cmocka_unit_test_setup_teardown(test, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		RACE_TEST(of_two_at_the_same_moment_each_is_told_the_truth_and_the_job_is_whole),
		RACE_TEST(a_highlander_that_waits_starts_when_the_first_has_ended_and_not_before),
	};

	return cmocka_run_group_tests(tests, race_group_set_up, a_job_tear_down);
}
