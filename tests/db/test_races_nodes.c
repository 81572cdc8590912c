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

/* What n1's runner does, in its incarnation 1. */
#define FINISH(end)                                                                         \
	"SELECT jqm.finish(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt'," \
	" attempt, 'state', '" end "', 'reason', 'as it ended')) FROM jqm.job_instance"     \
	" WHERE node_id = 1))"
#define JOBS                                                                       \
	"(SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt', attempt)) FROM" \
	" jqm.job_instance WHERE node_id = 1)"
#define GIVE_BACK "SELECT jqm.give_back(1, 1, " JOBS ")"
#define START                                                                          \
	"SELECT jqm.mark_started(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id," \
	" 'attempt', attempt, 'ago_ms', 0)) FROM jqm.job_instance WHERE node_id = 1))"
#define BEAT "SELECT count(*) FROM jqm.node_heartbeat(1, 1, 3600000, '{}')"
#define LEAVE "SELECT jqm.node_leave(1, 1)"
/* Its next runner registers; that one finds its jobs in the keeper's table, or does not. */
#define REGISTERED                                                                                \
	"jqm.node_register('n1', (SELECT instance_id FROM jqm.node WHERE id = 1), 3600000, '/j'," \
	" '/d', '/t', 'localhost', 1)"
#define REGISTER "SELECT * FROM " REGISTERED
#define TAKE_BACK                                                                                  \
	"SELECT (SELECT count(*) FROM jqm.take_back(1, r.incarnation, " JOBS ")) FROM " REGISTERED \
	" AS r"
#define FIND_NOTHING                                                                           \
	"SELECT (SELECT count(*) FROM jqm.take_back(1, r.incarnation, '[]')) FROM " REGISTERED \
	" AS r"
/* The other node. */
#define RESCUE "SELECT * FROM jqm.rescue(2, 1)"
#define CLAIM_2 "SELECT jqm.claim(2, 1, " A_QUEUE ", 1)"
#define OF(verb) "SELECT " verb " FROM jqm.job_instance"

#define LOST \
	"UPDATE jqm.node SET lease_until = now() - interval '1 ms', lease_ms = 1000 WHERE id = 1"
#define RULE(rule) "; UPDATE jqm.job_instance SET on_node_loss = '" rule "'"

#define IS_LOST "CRASHED its node \"n1\" was lost"
#define NO_TRACE "CRASHED lost: its node restarted and no trace of its process was left"

static const struct race races[] = {
	/* the lease is over and n2 gives the node up: n1's runner comes too late, whatever it says */
	{ "Plain", "RUNNING", RESCUE, BEAT, WAITS, ERR_NONE, IS_LOST, LOST, NULL },
	{ "Plain", "RUNNING", RESCUE, FINISH("ENDED"), WAITS, ERR_NONE, IS_LOST, LOST, NULL },
	{ "Plain", "RUNNING", RESCUE, FINISH("CRASHED"), WAITS, ERR_NONE, IS_LOST, LOST, NULL },
	{ "Plain", "RUNNING", RESCUE, FINISH("ENDED"), WAITS, ERR_NONE, "SUBMITTED",
	  LOST RULE("REQUEUE"), NULL },
	{ "Plain", "RUNNING", RESCUE, FINISH("CRASHED"), WAITS, ERR_NONE, "SUBMITTED",
	  LOST RULE("REQUEUE"), NULL },
	{ "Plain", "ATTRIBUTED", RESCUE, START, LOOKS, ERR_NONE, "SUBMITTED", LOST RULE("REQUEUE"),
	  NULL },
	{ "Plain", "ATTRIBUTED", RESCUE, GIVE_BACK, WAITS, ERR_NONE, "SUBMITTED",
	  LOST RULE("REQUEUE"), NULL },
	{ "Plain", "ATTRIBUTED", RESCUE, GIVE_BACK, WAITS, ERR_NONE, IS_LOST, LOST, NULL },
	{ "Plain", "RUNNING", RESCUE, LEAVE, WAITS, ERR_NONE, IS_LOST, LOST, NULL },
	{ "Plain", "RUNNING", RESCUE, TAKE_BACK, WAITS, ERR_NONE, IS_LOST, LOST, NULL },
	{ "Plain", "RUNNING", RESCUE, TAKE_BACK, WAITS, ERR_NONE, "SUBMITTED", LOST RULE("REQUEUE"),
	  NULL },
	{ "Plain", "RUNNING", RESCUE, FIND_NOTHING, WAITS, ERR_NONE, "HOLDED", LOST RULE("HOLD"),
	  NULL },
	/* n1's runner was a moment earlier */
	{ "Plain", "RUNNING", BEAT, RESCUE, LOOKS, ERR_NONE, "RUNNING", LOST, NULL },
	{ "Plain", "RUNNING", FINISH("ENDED"), RESCUE, WAITS, ERR_NONE, "ENDED as it ended", LOST,
	  NULL },
	{ "Plain", "RUNNING", FINISH("CRASHED"), RESCUE, WAITS, ERR_NONE, "SCHEDULED",
	  LOST RULE("REQUEUE"), NULL },
	{ "Plain", "ATTRIBUTED", START, RESCUE, WAITS, ERR_NONE, "SUBMITTED", LOST RULE("REQUEUE"),
	  NULL },
	{ "Plain", "ATTRIBUTED", GIVE_BACK, RESCUE, WAITS, ERR_NONE, "SUBMITTED", LOST, NULL },
	{ "Plain", "RUNNING", TAKE_BACK, RESCUE, LOOKS, ERR_NONE, "RUNNING", LOST, NULL },
	{ "Plain", "RUNNING", FIND_NOTHING, RESCUE, LOOKS, ERR_NONE, NO_TRACE, LOST, NULL },
	{ "Plain", "RUNNING", LEAVE, RESCUE, LOOKS, ERR_NONE, "RUNNING", LOST, NULL },
	/* the lease ends between a claim and its commit: the node is not given up under it */
	{ "Plain", "SUBMITTED", A_CLAIM, RESCUE, LOOKS, ERR_NONE, "ATTRIBUTED", NULL, LOST },
	{ "Plain", "SUBMITTED", RESCUE, A_CLAIM, LOOKS, ERR_NONE, "SUBMITTED", LOST, NULL },
	{ "Plain", "RUNNING", RESCUE, CLAIM_2, LOOKS, ERR_NONE, "SUBMITTED", LOST RULE("REQUEUE"),
	  NULL },
	/* users */
	{ "Plain", "RUNNING", RESCUE, OF("jqm.kill(id, 'bob')"), WAITS, ERR_CONFLICT, IS_LOST, LOST,
	  NULL },
	{ "Plain", "RUNNING", RESCUE, OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob", LOST RULE("REQUEUE"), NULL },
	{ "Plain", "RUNNING", RESCUE, OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob", LOST RULE("HOLD"), NULL },
	{ "Plain", "RUNNING", OF("jqm.kill(id, 'bob')"), RESCUE, WAITS, ERR_NONE, IS_LOST,
	  LOST RULE("REQUEUE"), NULL },
	{ "Plain", "RUNNING", RESCUE, OF("jqm.pause_running(id)"), WAITS, ERR_NONE, "SUBMITTED",
	  LOST RULE("REQUEUE"), NULL },
	{ "Plain", "RUNNING", OF("jqm.pause_running(id)"), RESCUE, WAITS, ERR_NONE, "SUBMITTED",
	  LOST RULE("REQUEUE"), NULL },
	{ "Plain", "RUNNING", RESCUE, OF("jqm.cancel(id)"), LOOKS, ERR_CONFLICT, "SUBMITTED",
	  LOST RULE("REQUEUE"), NULL },
	{ "Highlander", "RUNNING", RESCUE, "SELECT jqm.enqueue('Highlander')", LOOKS, ERR_NONE,
	  IS_LOST, LOST, NULL },
	/* the node's next runner, and what the last one says with its last breath */
	{ "Plain", "RUNNING", TAKE_BACK, FINISH("ENDED"), WAITS, ERR_NONE, "RUNNING", NULL, NULL },
	{ "Plain", "RUNNING", FINISH("ENDED"), TAKE_BACK, WAITS, ERR_NONE, "ENDED as it ended",
	  NULL, NULL },
	{ "Plain", "RUNNING", FIND_NOTHING, FINISH("ENDED"), WAITS, ERR_NONE, NO_TRACE, NULL,
	  NULL },
	{ "Plain", "RUNNING", FINISH("ENDED"), FIND_NOTHING, WAITS, ERR_NONE, "ENDED as it ended",
	  NULL, NULL },
	{ "Plain", "ATTRIBUTED", TAKE_BACK, START, LOOKS, ERR_NONE, "ATTRIBUTED", NULL, NULL },
	{ "Plain", "ATTRIBUTED", START, TAKE_BACK, WAITS, ERR_NONE, "RUNNING", NULL, NULL },
	{ "Plain", "ATTRIBUTED", FIND_NOTHING, START, LOOKS, ERR_NONE, "SUBMITTED", NULL, NULL },
	{ "Plain", "ATTRIBUTED", FIND_NOTHING, GIVE_BACK, WAITS, ERR_NONE, "SUBMITTED", NULL,
	  NULL },
	{ "Plain", "ATTRIBUTED", GIVE_BACK, FIND_NOTHING, WAITS, ERR_NONE, "SUBMITTED", NULL,
	  NULL },
	{ "Plain", "RUNNING", REGISTER, BEAT, WAITS, ERR_NONE, "RUNNING", NULL, NULL },
	{ "Plain", "RUNNING", BEAT, TAKE_BACK, WAITS, ERR_NONE, "RUNNING", NULL, NULL },
	{ "Plain", "SUBMITTED", TAKE_BACK, A_CLAIM, WAITS, ERR_CONFLICT, "SUBMITTED", NULL, NULL },
	{ "Plain", "SUBMITTED", A_CLAIM, TAKE_BACK, WAITS, ERR_NONE, "SUBMITTED", NULL, NULL },
	{ "Plain", "RUNNING", FIND_NOTHING, OF("jqm.kill(id, 'bob')"), WAITS, ERR_CONFLICT,
	  NO_TRACE, NULL, NULL },
	{ "Plain", "RUNNING", OF("jqm.kill(id, 'bob')"), FIND_NOTHING, WAITS, ERR_NONE, NO_TRACE,
	  NULL, NULL },
	{ "Plain", "ATTRIBUTED", FIND_NOTHING, OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob", NULL, NULL },
	{ "Plain", "ATTRIBUTED", OF("jqm.kill(id, 'bob')"), FIND_NOTHING, WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob", NULL, NULL },
	/* the node is deleted under a claim, once it may be; the last one, for alone it has its way */
	{ "Plain", "SUBMITTED", A_CLAIM, "DELETE FROM jqm.node WHERE id = 1", WAITS, ERR_CONFLICT,
	  "ATTRIBUTED", NULL,
	  "UPDATE jqm.node SET lease_until = NULL, last_seen_alive = NULL WHERE id = 1" },
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
