/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As test_races.c: attempts that end, and whoever queues the job again, claims it again, or says the same
 * once more; and a lease that ends in between.
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

/* Before the first: a failed attempt is followed by others at once; it was the only one it has. */
#define AT_ONCE \
	"UPDATE jqm.job_def SET retry_delay_s = 0; UPDATE jqm.job_instance SET attempts_max = 9"
#define ONCE "UPDATE jqm.job_instance SET attempts_max = 1"
#define REQUEUES "UPDATE jqm.job_instance SET on_node_loss = 'REQUEUE'"
/* The first attempt failed, and the job waits; runs again there; is due, and was not put back yet. */
#define HAS_FAILED AT_ONCE "; " FINISH("CRASHED")
#define RUNS_AGAIN HAS_FAILED "; " A_CLAIM "; " START
#define IS_DUE FINISH("CRASHED") "; UPDATE jqm.job_instance SET run_after = now() - interval '1 s'"

/* What n1's runner says of the first attempt, whatever has become of it. */
#define FINISH_FIRST(end)                                                                      \
	"SELECT jqm.finish(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt', 1," \
	" 'state', '" end "', 'reason', 'said again')) FROM jqm.job_instance))"
#define PROMOTE "SELECT jqm.promote_due()"

static const struct race races[] = {
	/* an attempt that failed makes the job claimable at once, as its definition says no delay */
	RACE("Plain", "RUNNING", AT_ONCE, FINISH("CRASHED"), BEFORE_COMMIT, CLAIM_2, THROUGH,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", AT_ONCE, CLAIM_2, BEFORE_COMMIT, FINISH("CRASHED"), THROUGH,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", AT_ONCE, FINISH("CRASHED"), BEFORE_COMMIT, A_CLAIM, THROUGH,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", AT_ONCE, OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT,
	     FINISH("CRASHED"), AT_JOB, ERR_NONE, 1, "CRASHED as it ended"),
	RACE("Plain", "RUNNING", AT_ONCE, FINISH("CRASHED"), BEFORE_COMMIT,
	     OF("jqm.kill(id, 'bob')"), AT_JOB, ERR_NONE, 1, "CANCELLED cancelled by bob"),
	/* it was queued again, and is claimed while the first attempt's end is told once more */
	RACE("Plain", "RUNNING", HAS_FAILED, CLAIM_2, BEFORE_COMMIT, FINISH_FIRST("ENDED"), THROUGH,
	     ERR_NONE, 2, "ATTRIBUTED"),
	RACE("Plain", "RUNNING", HAS_FAILED, FINISH_FIRST("ENDED"), BEFORE_COMMIT, CLAIM_2, THROUGH,
	     ERR_NONE, 2, "ATTRIBUTED"),
	RACE("Plain", "RUNNING", HAS_FAILED, A_CLAIM, BEFORE_COMMIT, FINISH_FIRST("CRASHED"),
	     THROUGH, ERR_NONE, 2, "ATTRIBUTED"),
	RACE("Plain", "RUNNING", HAS_FAILED, FINISH_FIRST("CRASHED"), BEFORE_COMMIT, A_CLAIM,
	     THROUGH, ERR_NONE, 2, "ATTRIBUTED"),
	RACE("Plain", "RUNNING", HAS_FAILED, CLAIM_2, BEFORE_COMMIT, A_CLAIM, THROUGH, ERR_NONE, 2,
	     "ATTRIBUTED"),
	RACE("Plain", "RUNNING", RUNS_AGAIN, FINISH("ENDED"), BEFORE_COMMIT,
	     FINISH_FIRST("CRASHED"), THROUGH, ERR_NONE, 2, "ENDED as it ended"),
	RACE("Plain", "RUNNING", RUNS_AGAIN, FINISH_FIRST("CRASHED"), BEFORE_COMMIT,
	     FINISH("ENDED"), THROUGH, ERR_NONE, 2, "ENDED as it ended"),
	/* its delay is over, and it is put back into the queue */
	RACE("Plain", "RUNNING", IS_DUE, PROMOTE, BEFORE_COMMIT, CLAIM_2, THROUGH, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", IS_DUE, CLAIM_2, BEFORE_COMMIT, PROMOTE, THROUGH, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", IS_DUE, PROMOTE, BEFORE_COMMIT, PROMOTE, THROUGH, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", IS_DUE, PROMOTE, BEFORE_COMMIT, FINISH_FIRST("ENDED"), THROUGH,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", IS_DUE, FINISH_FIRST("ENDED"), BEFORE_COMMIT, PROMOTE, THROUGH,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", IS_DUE, PROMOTE, BEFORE_COMMIT, OF("jqm.kill(id, 'bob')"), AT_JOB,
	     ERR_NONE, 1, "CANCELLED cancelled by bob"),
	RACE("Plain", "RUNNING", IS_DUE, OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT, PROMOTE, THROUGH,
	     ERR_NONE, 1, "CANCELLED cancelled by bob"),
	/* the same attempt ends in two sessions: an answer was lost, and the statement is sent again */
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), BEFORE_COMMIT, FINISH("ENDED"), AT_JOB,
	     ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), BEFORE_COMMIT, FINISH("KILLED"), AT_JOB,
	     ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("KILLED"), BEFORE_COMMIT, FINISH("CRASHED"),
	     AT_JOB, ERR_NONE, 1, "KILLED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("CRASHED"), BEFORE_COMMIT, FINISH("ENDED"), AT_JOB,
	     ERR_NONE, 1, "SCHEDULED"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("CRASHED"), BEFORE_COMMIT, FINISH("CRASHED"),
	     AT_JOB, ERR_NONE, 1, "SCHEDULED"),
	RACE("Plain", "RUNNING", AT_ONCE, FINISH("CRASHED"), BEFORE_COMMIT, FINISH("CRASHED"),
	     AT_JOB, ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", ONCE, FINISH("CRASHED"), BEFORE_COMMIT, FINISH("CRASHED"), AT_JOB,
	     ERR_NONE, 1, "CRASHED as it ended"),
	RACE("Plain", "ATTRIBUTED", NOTHING, GIVE_BACK, BEFORE_COMMIT, GIVE_BACK, AT_JOB, ERR_NONE,
	     1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", NOTHING, START, BEFORE_COMMIT, START, THROUGH, ERR_NONE, 1,
	     "RUNNING"),
	RACE("Plain", "ATTRIBUTED", NOTHING, START, BEFORE_COMMIT, FINISH("ENDED"), AT_JOB,
	     ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "ATTRIBUTED", NOTHING, START, BEFORE_COMMIT, GIVE_BACK, AT_JOB, ERR_NONE, 1,
	     "RUNNING"),
	RACE("Plain", "ATTRIBUTED", NOTHING, FINISH("ENDED"), BEFORE_COMMIT, START, THROUGH,
	     ERR_NONE, 1, "ENDED as it ended"),
	/* the lease ends under what the runner or a user has just said, and n2 gives the node up */
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), LEASE_ENDS, RESCUE, AT_JOB, ERR_NONE, 1,
	     "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("CRASHED"), LEASE_ENDS, RESCUE, AT_JOB, ERR_NONE,
	     1, "SCHEDULED"),
	RACE("Plain", "RUNNING", AT_ONCE RULE("REQUEUE"), FINISH("CRASHED"), LEASE_ENDS, RESCUE,
	     AT_JOB, ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", NOTHING, OF("jqm.kill(id, 'bob')"), LEASE_ENDS, RESCUE, AT_JOB,
	     ERR_NONE, 1, IS_LOST),
	RACE("Plain", "RUNNING", REQUEUES, OF("jqm.kill(id, 'bob')"), LEASE_ENDS, RESCUE, AT_JOB,
	     ERR_NONE, 1, IS_LOST),
	RACE("Plain", "ATTRIBUTED", NOTHING, GIVE_BACK, LEASE_ENDS, RESCUE, AT_JOB, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", REQUEUES, GIVE_BACK, LEASE_ENDS, RESCUE, AT_JOB, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", NOTHING, START, LEASE_ENDS, RESCUE, AT_JOB, ERR_NONE, 1,
	     IS_LOST),
	RACE("Plain", "ATTRIBUTED", REQUEUES, START, LEASE_ENDS, RESCUE, AT_JOB, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", REQUEUES, OF("jqm.pause_running(id)"), LEASE_ENDS, RESCUE, AT_JOB,
	     ERR_NONE, 1, "SUBMITTED"),
	/* ... or another machine takes its name */
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), LEASE_ENDS, TAKE_OVER, AT_JOB, ERR_NONE,
	     1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, OF("jqm.kill(id, 'bob')"), LEASE_ENDS, TAKE_OVER, AT_JOB,
	     ERR_NONE, 1, NO_TRACE),
	RACE("Plain", "ATTRIBUTED", NOTHING, GIVE_BACK, LEASE_ENDS, TAKE_OVER, AT_JOB, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, LEASE_ENDS, TAKE_OVER, AT_NODE, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", LOST, TAKE_OVER, BEFORE_COMMIT, FINISH("ENDED"), AT_JOB, ERR_NONE,
	     1, NO_TRACE),
	RACE("Plain", "RUNNING", LOST, TAKE_OVER, BEFORE_COMMIT, OF("jqm.kill(id, 'bob')"), AT_JOB,
	     ERR_CONFLICT, 1, NO_TRACE),
	RACE("Plain", "ATTRIBUTED", LOST, TAKE_OVER, BEFORE_COMMIT, GIVE_BACK, AT_JOB, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", LOST, TAKE_OVER, BEFORE_COMMIT, RESCUE, THROUGH, ERR_NONE, 1,
	     NO_TRACE),
	RACE("Plain", "RUNNING", LOST, RESCUE, BEFORE_COMMIT, TAKE_OVER, AT_KEY, ERR_NONE, 1,
	     IS_LOST),
	RACE("Plain", "RUNNING", LOST, TAKE_OVER, BEFORE_COMMIT, BEAT, AT_NODE, ERR_NONE, 1,
	     NO_TRACE),
};

static void
of_an_attempt_that_ends_and_the_next_one_each_is_counted_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++)
		race_run(&races[i]);
}

/* Before the commit of the end nobody can have the job; behind it whoever comes. */
static void
who_comes_a_moment_later_has_the_next_attempt(void **state)
{
	int64_t id = race_job_in("Plain", "RUNNING");
	struct db *one = db_new(test_db_conninfo(), "test_races_one");
	struct db *two = db_new(test_db_conninfo(), "test_races_two");

	(void)state;
	test_db_sql(AT_ONCE);
	assert_sql(one, "BEGIN; " FINISH("CRASHED"));
	assert_sql(two, CLAIM_2);
	race_assert_job(id, "RUNNING");
	assert_sql(one, "COMMIT");
	assert_sql(two, CLAIM_2);
	race_assert_job(id, "ATTRIBUTED");
	assert_value(
	    "SELECT attempt || ' ' || node_id || ' ' || (SELECT count(*) FROM jqm.job_attempt"
	    " AS a WHERE a.job_instance_id = j.id) FROM jqm.job_instance AS j",
	    "2 2 1");
	assert_sql(one, FINISH_FIRST("ENDED"));
	race_assert_job(id, "ATTRIBUTED");
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(two);
	db_free(one);
}

int
main(void)
{
#define RACE_TEST(test) cmocka_unit_test_setup_teardown(test, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		RACE_TEST(of_an_attempt_that_ends_and_the_next_one_each_is_counted_once),
		RACE_TEST(who_comes_a_moment_later_has_the_next_attempt),
	};

	return cmocka_run_group_tests(tests, race_group_set_up, a_job_tear_down);
}
