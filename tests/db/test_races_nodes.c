/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same as test_races.c where one of the two takes or gives up the node that has the job: another
 * node's rescue, the node's next runner, against all the node's own runner or a user may do meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/a_race.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static const struct race races[] = {
	/* the lease is over and n2 gives the node up: n1's runner comes too late, whatever it says */
	RACE("Plain", "RUNNING", LOST, RESCUE, BEFORE_COMMIT, BEAT, AT_NODE, ERR_NONE, 1, IS_LOST),
	RACE("Plain", "RUNNING", LOST, RESCUE, BEFORE_COMMIT, FINISH("ENDED"), AT_JOB, ERR_NONE, 1,
	     IS_LOST),
	RACE("Plain", "RUNNING", LOST, RESCUE, BEFORE_COMMIT, FINISH("CRASHED"), AT_JOB, ERR_NONE,
	     1, IS_LOST),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT, FINISH("ENDED"),
	     AT_JOB, ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT, FINISH("CRASHED"),
	     AT_JOB, ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT, START, THROUGH,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT, GIVE_BACK, AT_JOB,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", LOST, RESCUE, BEFORE_COMMIT, GIVE_BACK, AT_JOB, ERR_NONE, 1,
	     IS_LOST),
	RACE("Plain", "RUNNING", LOST, RESCUE, BEFORE_COMMIT, LEAVE, AT_NODE, ERR_NONE, 1, IS_LOST),
	RACE("Plain", "RUNNING", LOST, RESCUE, BEFORE_COMMIT, TAKE_BACK, AT_KEY, ERR_NONE, 1,
	     IS_LOST),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT, TAKE_BACK, AT_KEY,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", LOST RULE("HOLD"), RESCUE, BEFORE_COMMIT, FIND_NOTHING, AT_KEY,
	     ERR_NONE, 1, "HOLDED"),
	/* n1's runner was a moment earlier */
	RACE("Plain", "RUNNING", LOST, BEAT, BEFORE_COMMIT, RESCUE, THROUGH, ERR_NONE, 1,
	     "RUNNING"),
	RACE("Plain", "RUNNING", LOST, FINISH("ENDED"), BEFORE_COMMIT, RESCUE, AT_JOB, ERR_NONE, 1,
	     "ENDED as it ended"),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), FINISH("CRASHED"), BEFORE_COMMIT, RESCUE,
	     AT_JOB, ERR_NONE, 1, "SCHEDULED"),
	RACE("Plain", "ATTRIBUTED", LOST RULE("REQUEUE"), START, BEFORE_COMMIT, RESCUE, AT_JOB,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", LOST, GIVE_BACK, BEFORE_COMMIT, RESCUE, AT_JOB, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", LOST, TAKE_BACK, BEFORE_COMMIT, RESCUE, THROUGH, ERR_NONE, 1,
	     "RUNNING"),
	RACE("Plain", "RUNNING", LOST, FIND_NOTHING, BEFORE_COMMIT, RESCUE, THROUGH, ERR_NONE, 1,
	     NO_TRACE),
	RACE("Plain", "RUNNING", LOST, LEAVE, BEFORE_COMMIT, RESCUE, THROUGH, ERR_NONE, 1,
	     "RUNNING"),
	/* the lease ends between a claim and its commit: the node is not given up under it */
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, LEASE_ENDS, RESCUE, THROUGH, ERR_NONE, 1,
	     "ATTRIBUTED"),
	RACE("Plain", "SUBMITTED", LOST, RESCUE, BEFORE_COMMIT, A_CLAIM, THROUGH, ERR_NONE, 0,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT, CLAIM_2, THROUGH,
	     ERR_NONE, 1, "SUBMITTED"),
	/* users */
	RACE("Plain", "RUNNING", LOST, RESCUE, BEFORE_COMMIT, OF("jqm.kill(id, 'bob')"), AT_JOB,
	     ERR_CONFLICT, 1, IS_LOST),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT,
	     OF("jqm.kill(id, 'bob')"), AT_JOB, ERR_NONE, 1, "CANCELLED cancelled by bob"),
	RACE("Plain", "RUNNING", LOST RULE("HOLD"), RESCUE, BEFORE_COMMIT,
	     OF("jqm.kill(id, 'bob')"), AT_JOB, ERR_NONE, 1, "CANCELLED cancelled by bob"),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT,
	     RESCUE, AT_JOB, ERR_NONE, 1, IS_LOST),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT,
	     OF("jqm.pause_running(id)"), AT_JOB, ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), OF("jqm.pause_running(id)"), BEFORE_COMMIT,
	     RESCUE, AT_JOB, ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", LOST RULE("REQUEUE"), RESCUE, BEFORE_COMMIT, OF("jqm.cancel(id)"),
	     THROUGH, ERR_CONFLICT, 1, "SUBMITTED"),
	RACE("Highlander", "RUNNING", LOST, RESCUE, BEFORE_COMMIT,
	     "SELECT jqm.enqueue('Highlander')", THROUGH, ERR_NONE, 1, IS_LOST),
	/* the node's next runner, and what the last one says with its last breath */
	RACE("Plain", "RUNNING", NOTHING, TAKE_BACK, BEFORE_COMMIT, FINISH("ENDED"), AT_JOB,
	     ERR_NONE, 1, "RUNNING"),
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), BEFORE_COMMIT, TAKE_BACK, AT_JOB,
	     ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "RUNNING", NOTHING, FIND_NOTHING, BEFORE_COMMIT, FINISH("ENDED"), AT_JOB,
	     ERR_NONE, 1, NO_TRACE),
	RACE("Plain", "RUNNING", NOTHING, FINISH("ENDED"), BEFORE_COMMIT, FIND_NOTHING, AT_JOB,
	     ERR_NONE, 1, "ENDED as it ended"),
	RACE("Plain", "ATTRIBUTED", NOTHING, TAKE_BACK, BEFORE_COMMIT, START, THROUGH, ERR_NONE, 1,
	     "ATTRIBUTED"),
	RACE("Plain", "ATTRIBUTED", NOTHING, START, BEFORE_COMMIT, TAKE_BACK, AT_JOB, ERR_NONE, 1,
	     "RUNNING"),
	RACE("Plain", "ATTRIBUTED", NOTHING, FIND_NOTHING, BEFORE_COMMIT, START, THROUGH, ERR_NONE,
	     1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", NOTHING, FIND_NOTHING, BEFORE_COMMIT, GIVE_BACK, AT_JOB,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "ATTRIBUTED", NOTHING, GIVE_BACK, BEFORE_COMMIT, FIND_NOTHING, AT_JOB,
	     ERR_NONE, 1, "SUBMITTED"),
	RACE("Plain", "RUNNING", NOTHING, REGISTER, BEFORE_COMMIT, BEAT, AT_NODE, ERR_NONE, 1,
	     "RUNNING"),
	RACE("Plain", "RUNNING", NOTHING, BEAT, BEFORE_COMMIT, TAKE_BACK, AT_KEY, ERR_NONE, 1,
	     "RUNNING"),
	RACE("Plain", "SUBMITTED", NOTHING, TAKE_BACK, BEFORE_COMMIT, A_CLAIM, AT_NODE,
	     ERR_CONFLICT, 0, "SUBMITTED"),
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, BEFORE_COMMIT, TAKE_BACK, AT_NODE, ERR_NONE, 1,
	     "SUBMITTED"),
	RACE("Plain", "RUNNING", NOTHING, FIND_NOTHING, BEFORE_COMMIT, OF("jqm.kill(id, 'bob')"),
	     AT_JOB, ERR_CONFLICT, 1, NO_TRACE),
	RACE("Plain", "RUNNING", NOTHING, OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT, FIND_NOTHING,
	     AT_JOB, ERR_NONE, 1, NO_TRACE),
	RACE("Plain", "ATTRIBUTED", NOTHING, FIND_NOTHING, BEFORE_COMMIT, OF("jqm.kill(id, 'bob')"),
	     AT_JOB, ERR_NONE, 1, "CANCELLED cancelled by bob"),
	RACE("Plain", "ATTRIBUTED", NOTHING, OF("jqm.kill(id, 'bob')"), BEFORE_COMMIT, FIND_NOTHING,
	     AT_JOB, ERR_NONE, 1, "CANCELLED cancelled by bob"),
	/* the node is deleted under a claim, once it may be; the last one, for alone it has its way */
	RACE("Plain", "SUBMITTED", NOTHING, A_CLAIM, LEASE_GIVEN_BACK,
	     "DELETE FROM jqm.node WHERE id = 1", AT_NODE, ERR_CONFLICT, 1, "ATTRIBUTED"),
};

static void
whoever_takes_a_node_at_the_same_moment_each_job_has_one_fate(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++)
		race_run(&races[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    whoever_takes_a_node_at_the_same_moment_each_job_has_one_fate, race_set_up,
		    race_tear_down),
	};

	return cmocka_run_group_tests(tests, race_group_set_up, a_job_tear_down);
}
