/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As test_races.c, of the statement a runner really sends: with one commit job 1 ends, job 2 (claimed before)
 * starts, and job 3 is claimed.
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

/* Job 1 runs at n1: behind it job 2, which n1 has as well, and job 3, which waits. */
#define BESIDE "SELECT jqm.enqueue('Plain'); " A_CLAIM "; SELECT jqm.enqueue('Plain')"
#define STARTED                                                                            \
	"(SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt', attempt, 'ago_ms', 0))" \
	" FROM jqm.job_instance WHERE node_id = 1 AND state = 'ATTRIBUTED')"
#define TURN                                                                               \
	"SELECT * FROM jqm.turn(1, 1, " STARTED ", NULL, '{1}', '{1}', (SELECT array_agg(" \
	"ROW(id, attempt, 'ENDED', 0, NULL, 1, 1, 1, 1, 1)::jqm.plain_end) FROM"           \
	" jqm.job_instance WHERE node_id = 1 AND state = 'RUNNING'))"
/* The same where job 1 has failed, and is to be tried again at once. */
#define TURN_FAILED                                                                            \
	"SELECT * FROM jqm.turn(1, 1, " STARTED ", (SELECT jsonb_agg(jsonb_build_object('id'," \
	" id, 'attempt', attempt, 'state', 'CRASHED', 'reason', 'as it ended')) FROM"          \
	" jqm.job_instance WHERE node_id = 1 AND state = 'RUNNING'), '{1}', '{1}')"
#define AT_ONCE "; UPDATE jqm.job_def SET retry_delay_s = 0"
#define KILL(which) "SELECT jqm.kill((SELECT " which " FROM jqm.job_instance), 'bob')"

static const struct race races[] = {
	/* another node gives n1 up */
	RACE("Plain", "RUNNING", BESIDE "; " LOST, RESCUE, BEFORE_COMMIT, TURN, AT_JOB, ERR_NONE, 1,
	     IS_LOST, "CRASHED n1; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE "; " LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT, TURN,
	     AT_JOB, ERR_NONE, 1, "SUBMITTED", "SUBMITTED; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE "; " LOST, TURN, BEFORE_COMMIT, RESCUE, AT_JOB, ERR_NONE, 1,
	     "ENDED", "CRASHED n1; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE "; " LOST RULE("REQUEUE"), TURN, BEFORE_COMMIT, RESCUE,
	     AT_JOB, ERR_NONE, 1, "ENDED", "SUBMITTED; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE, TURN, LEASE_ENDS, RESCUE, THROUGH, ERR_NONE, 1, "ENDED",
	     "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE, RESCUE, BEFORE_COMMIT, TURN, THROUGH, ERR_NONE, 1, "ENDED",
	     "RUNNING n1; ATTRIBUTED n1"),
	/* n1's next runner, which finds its jobs in the keeper's table, or does not */
	RACE("Plain", "RUNNING", BESIDE, REGISTER, BEFORE_COMMIT, TURN, AT_NODE, ERR_CONFLICT, 1,
	     "RUNNING", "ATTRIBUTED n1; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE, TAKE_BACK, BEFORE_COMMIT, TURN, AT_JOB, ERR_NONE, 1,
	     "RUNNING", "ATTRIBUTED n1; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE, FIND_NOTHING, BEFORE_COMMIT, TURN, AT_JOB, ERR_NONE, 1,
	     NO_TRACE, "SUBMITTED; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE, TURN, BEFORE_COMMIT, REGISTER, AT_NODE, ERR_NONE, 1,
	     "ENDED", "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE, TURN, BEFORE_COMMIT, TAKE_BACK, AT_NODE, ERR_NONE, 1,
	     "ENDED", "RUNNING n1; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE, TURN, BEFORE_COMMIT, FIND_NOTHING, AT_NODE, ERR_NONE, 1,
	     "ENDED", "CRASHED n1; SUBMITTED"),
	/* another machine takes the name, once the lease is over */
	RACE("Plain", "RUNNING", BESIDE "; " LOST, TAKE_OVER, BEFORE_COMMIT, TURN, AT_JOB, ERR_NONE,
	     1, NO_TRACE, "SUBMITTED; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE "; " LOST, TURN, BEFORE_COMMIT, TAKE_OVER, AT_JOB, ERR_NONE,
	     1, "ENDED", "CRASHED n1; SUBMITTED"),
	RACE("Plain", "RUNNING", BESIDE, TURN, LEASE_ENDS, TAKE_OVER, AT_NODE, ERR_NONE, 1, "ENDED",
	     "CRASHED n1; SUBMITTED"),
	/* n2 wants the job that is to be claimed */
	RACE("Plain", "RUNNING", BESIDE, CLAIM_2, BEFORE_COMMIT, TURN, THROUGH, ERR_NONE, 1,
	     "ENDED", "RUNNING n1; ATTRIBUTED n2"),
	RACE("Plain", "RUNNING", BESIDE, TURN, BEFORE_COMMIT, CLAIM_2, THROUGH, ERR_NONE, 1,
	     "ENDED", "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE AT_ONCE, TURN_FAILED, BEFORE_COMMIT, CLAIM_2, THROUGH,
	     ERR_NONE, 1, "SUBMITTED", "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE AT_ONCE, CLAIM_2, BEFORE_COMMIT, TURN_FAILED, THROUGH,
	     ERR_NONE, 2, "ATTRIBUTED", "RUNNING n1; ATTRIBUTED n2"),
	/* somebody kills the job that ends, the one that starts, the one that is claimed */
	RACE("Plain", "RUNNING", BESIDE, KILL("min(id)"), BEFORE_COMMIT, TURN, AT_JOB, ERR_NONE, 1,
	     "ENDED", "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE, TURN, BEFORE_COMMIT, KILL("min(id)"), AT_JOB, ERR_CONFLICT,
	     1, "ENDED", "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE, KILL("min(id) + 1"), BEFORE_COMMIT, TURN, THROUGH,
	     ERR_NONE, 1, "ENDED", "ATTRIBUTED n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE, TURN, BEFORE_COMMIT, KILL("min(id) + 1"), AT_JOB, ERR_NONE,
	     1, "ENDED", "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE, KILL("max(id)"), BEFORE_COMMIT, TURN, THROUGH, ERR_NONE, 1,
	     "ENDED", "RUNNING n1; CANCELLED"),
	RACE("Plain", "RUNNING", BESIDE, TURN, BEFORE_COMMIT, KILL("max(id)"), AT_JOB, ERR_NONE, 1,
	     "ENDED", "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE, KILL("min(id)"), BEFORE_COMMIT, TURN_FAILED, AT_JOB,
	     ERR_NONE, 1, "CRASHED as it ended", "RUNNING n1; ATTRIBUTED n1"),
	/* its answer was lost, and it is said again */
	RACE("Plain", "RUNNING", BESIDE, TURN, BEFORE_COMMIT, TURN, AT_JOB, ERR_NONE, 1, "ENDED",
	     "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE AT_ONCE, TURN_FAILED, BEFORE_COMMIT, TURN_FAILED, AT_JOB,
	     ERR_NONE, 2, "ATTRIBUTED", "RUNNING n1; ATTRIBUTED n1"),
	RACE("Plain", "RUNNING", BESIDE, FINISH("KILLED"), BEFORE_COMMIT, TURN, AT_JOB, ERR_NONE, 1,
	     "KILLED as it ended", "KILLED n1; ATTRIBUTED n1"),
};

static void
whoever_meets_a_turn_each_of_its_jobs_has_one_fate(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++)
		race_run(&races[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whoever_meets_a_turn_each_of_its_jobs_has_one_fate,
						race_set_up, race_tear_down),
	};

	return cmocka_run_group_tests(tests, race_group_set_up, a_job_tear_down);
}
