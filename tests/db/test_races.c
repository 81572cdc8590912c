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

#define FINISH(end)                                                                         \
	"SELECT jqm.finish(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt'," \
	" attempt, 'state', '" end "', 'reason', 'as it ended')) FROM jqm.job_instance"     \
	" WHERE node_id = 1))"
#define GIVE_BACK                                                                              \
	"SELECT jqm.give_back(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt'," \
	" attempt)) FROM jqm.job_instance WHERE node_id = 1))"
#define OF(verb) "SELECT " verb " FROM jqm.job_instance"
#define ENQUEUE_TWIN "SELECT jqm.enqueue('Highlander')"
#define CLAIM_2 "SELECT jqm.claim(2, 1, " A_QUEUE ", 1)"
#define TAKE_NODE_1                                                                              \
	"SELECT jqm.node_register('n1', instance_id, 3600000, '/j', '/d', '/t', 'localhost', 1)" \
	" FROM jqm.node WHERE name = 'n1'"

static const struct race races[] = {
	/* the end of a job, and whoever wants something of it */
	{ "Plain", "RUNNING", OF("jqm.kill(id, 'bob')"), FINISH("ENDED"), WAITS, ERR_NONE,
	  "ENDED as it ended", NULL, NULL },
	{ "Plain", "RUNNING", FINISH("ENDED"), OF("jqm.kill(id, 'bob')"), WAITS, ERR_CONFLICT,
	  "ENDED as it ended", NULL, NULL },
	{ "Plain", "RUNNING", OF("jqm.pause_running(id)"), FINISH("ENDED"), WAITS, ERR_NONE,
	  "ENDED as it ended", NULL, NULL },
	{ "Plain", "RUNNING", FINISH("ENDED"), OF("jqm.pause_running(id)"), WAITS, ERR_CONFLICT,
	  "ENDED as it ended", NULL, NULL },
	{ "Plain", "RUNNING", FINISH("ENDED"), OF("jqm.set_priority(id, 3)"), WAITS, ERR_CONFLICT,
	  "ENDED as it ended", NULL, NULL },
	{ "Plain", "RUNNING", FINISH("ENDED"), OF("jqm.add_message(id, 'x')"), WAITS, ERR_NONE,
	  "ENDED as it ended", NULL, NULL },
	{ "Plain", "RUNNING", OF("jqm.add_message(id, 'x')"), FINISH("ENDED"), WAITS, ERR_NONE,
	  "ENDED as it ended", NULL, NULL },
	{ "Plain", "SUBMITTED", OF("jqm.cancel(id, 'bob')"), OF("jqm.add_message(id, 'x')"), WAITS,
	  ERR_NONE, "CANCELLED cancelled by bob", NULL, NULL },
	/* a failure that is to be tried again */
	{ "Plain", "RUNNING", OF("jqm.kill(id, 'bob')"), FINISH("CRASHED"), WAITS, ERR_NONE,
	  "CRASHED as it ended", NULL, NULL },
	{ "Plain", "RUNNING", FINISH("CRASHED"), OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob", NULL, NULL },
	{ "Plain", "RUNNING", FINISH("CRASHED"), OF("jqm.cancel(id, 'bob')"), LOOKS, ERR_CONFLICT,
	  "SCHEDULED", NULL, NULL },
	/* a job that goes back to its queue */
	{ "Plain", "ATTRIBUTED", OF("jqm.kill(id, 'bob')"), GIVE_BACK, WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob", NULL, NULL },
	{ "Plain", "ATTRIBUTED", GIVE_BACK, OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob", NULL, NULL },
	{ "Plain", "ATTRIBUTED", OF("jqm.pause_running(id)"), GIVE_BACK, WAITS, ERR_NONE,
	  "SUBMITTED", NULL, NULL },
	{ "Plain", "ATTRIBUTED", GIVE_BACK, CLAIM_2, LOOKS, ERR_NONE, "SUBMITTED", NULL, NULL },
	{ "Plain", "ATTRIBUTED", GIVE_BACK, FINISH("ENDED"), WAITS, ERR_NONE, "SUBMITTED", NULL,
	  NULL },
	{ "Highlander", "ATTRIBUTED", ENQUEUE_TWIN, GIVE_BACK, WAITS, ERR_NONE,
	  "CANCELLED absorbed by job instance %, which waits already", NULL, NULL },
	{ "Highlander", "ATTRIBUTED", GIVE_BACK, ENQUEUE_TWIN, WAITS, ERR_NONE, "SUBMITTED", NULL,
	  NULL },
	/* a claim; hold and cancel are in test_verbs.c */
	{ "Plain", "SUBMITTED", A_CLAIM, OF("jqm.delete(id)"), WAITS, ERR_CONFLICT, "ATTRIBUTED",
	  NULL, NULL },
	{ "Plain", "SUBMITTED", OF("jqm.delete(id)"), A_CLAIM, LOOKS, ERR_NONE, "", NULL, NULL },
	{ "Plain", "SUBMITTED", A_CLAIM, OF("jqm.set_queue(id, 2)"), WAITS, ERR_CONFLICT,
	  "ATTRIBUTED", NULL, NULL },
	{ "Plain", "SUBMITTED", OF("jqm.set_queue(id, 2)"), A_CLAIM, LOOKS, ERR_NONE, "SUBMITTED",
	  NULL, NULL },
	{ "Plain", "SUBMITTED", A_CLAIM, OF("jqm.set_run_after(id, 'tomorrow')"), WAITS,
	  ERR_CONFLICT, "ATTRIBUTED", NULL, NULL },
	{ "Plain", "SUBMITTED", OF("jqm.set_run_after(id, 'tomorrow')"), A_CLAIM, LOOKS, ERR_NONE,
	  "SCHEDULED", NULL, NULL },
	{ "Plain", "SUBMITTED", A_CLAIM, OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE, "ATTRIBUTED",
	  NULL, NULL },
	{ "Plain", "SUBMITTED", OF("jqm.kill(id, 'bob')"), A_CLAIM, LOOKS, ERR_NONE,
	  "CANCELLED cancelled by bob", NULL, NULL },
	{ "Plain", "SUBMITTED", A_CLAIM, CLAIM_2, LOOKS, ERR_NONE, "ATTRIBUTED", NULL, NULL },
	{ "Highlander", "SUBMITTED", A_CLAIM, ENQUEUE_TWIN, LOOKS, ERR_NONE, "ATTRIBUTED", NULL,
	  NULL },
	/* a claim, and a runner that takes its node: it would not have taken the job back */
	{ "Plain", "SUBMITTED", TAKE_NODE_1, A_CLAIM, WAITS, ERR_CONFLICT, "SUBMITTED", NULL,
	  NULL },
	{ "Plain", "SUBMITTED", A_CLAIM, TAKE_NODE_1, WAITS, ERR_NONE, "ATTRIBUTED", NULL, NULL },
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
