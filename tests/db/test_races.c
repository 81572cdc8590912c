/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sessions want something of one job at the same moment: the first has done it and not committed yet
 * when the second comes.  Others of this kind are in test_verbs.c, test_dependencies_races.c,
 * test_retries.c and test_rescue.c.
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
#include "tests/lib/async_fixture.h"
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

static struct db *one;
static enum err_kind answer;

static int
set_up(void **state)
{
	one = db_new(test_db_conninfo(), "test_races_one");
	return async_set_up(state);
}

static int
tear_down(void **state)
{
	db_free(one);
	return async_tear_down(state);
}

static void
note_answer(void *arg, const struct db_result *rows, const struct err *err)
{
	(void)arg;
	(void)rows;
	answer = err->kind;
	async_trace.done_count++;
}

/* The only live job. */
static int64_t
job_in(const char *definition, const char *state)
{
	int64_t id;

	test_db_sql("DELETE FROM jqm.job_instance;"
		    "UPDATE jqm.node SET incarnation = 1;"
		    "UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 3600");
	id = a_job_of(definition);
	if (strcmp(state, "SUBMITTED") != 0)
		test_db_sql(A_CLAIM);
	if (strcmp(state, "RUNNING") == 0)
		test_db_sql("SELECT jqm.mark_started(1, 1, '[{\"id\": %lld, \"attempt\": 1,"
			    " \"ago_ms\": 0}]')",
			    (long long)id);
	return id;
}

/* As "STATE reason"; "" when nothing is left of it. */
static void
assert_is_now(int64_t id, const char *like)
{
	char *text =
	    test_db_value("SELECT state FROM jqm.job_instance WHERE id = %lld UNION ALL"
			  " SELECT state || ' ' || reason FROM jqm.history WHERE id = %lld",
			  (long long)id, (long long)id);
	char *same = test_db_value("SELECT '%s' LIKE '%s'", text, like);

	if (strcmp(same, "t") != 0)
		fail_msg("it is \"%s\", not \"%s\"", text, like);
	free(same);
	free(text);
}

/* Of the second: */
enum { LOOKS, /* it does not wait for the first */ WAITS };

static const struct race {
	const char *definition, *state;
	const char *first, *second;
	int how;
	enum err_kind second_is_told;
	const char *end; /* pattern of LIKE */
} races[] = {
	/* the end of a job, and whoever wants something of it */
	{ "Plain", "RUNNING", OF("jqm.kill(id, 'bob')"), FINISH("ENDED"), WAITS, ERR_NONE,
	  "ENDED as it ended" },
	{ "Plain", "RUNNING", FINISH("ENDED"), OF("jqm.kill(id, 'bob')"), WAITS, ERR_CONFLICT,
	  "ENDED as it ended" },
	{ "Plain", "RUNNING", OF("jqm.pause_running(id)"), FINISH("ENDED"), WAITS, ERR_NONE,
	  "ENDED as it ended" },
	{ "Plain", "RUNNING", FINISH("ENDED"), OF("jqm.pause_running(id)"), WAITS, ERR_CONFLICT,
	  "ENDED as it ended" },
	{ "Plain", "RUNNING", FINISH("ENDED"), OF("jqm.set_priority(id, 3)"), WAITS, ERR_CONFLICT,
	  "ENDED as it ended" },
	/* a failure that is to be tried again */
	{ "Plain", "RUNNING", OF("jqm.kill(id, 'bob')"), FINISH("CRASHED"), WAITS, ERR_NONE,
	  "CRASHED as it ended" },
	{ "Plain", "RUNNING", FINISH("CRASHED"), OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob" },
	{ "Plain", "RUNNING", FINISH("CRASHED"), OF("jqm.cancel(id, 'bob')"), LOOKS, ERR_CONFLICT,
	  "SCHEDULED" },
	/* a job that goes back to its queue */
	{ "Plain", "ATTRIBUTED", OF("jqm.kill(id, 'bob')"), GIVE_BACK, WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob" },
	{ "Plain", "ATTRIBUTED", GIVE_BACK, OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE,
	  "CANCELLED cancelled by bob" },
	{ "Plain", "ATTRIBUTED", OF("jqm.pause_running(id)"), GIVE_BACK, WAITS, ERR_NONE,
	  "SUBMITTED" },
	{ "Plain", "ATTRIBUTED", GIVE_BACK, CLAIM_2, LOOKS, ERR_NONE, "SUBMITTED" },
	{ "Plain", "ATTRIBUTED", GIVE_BACK, FINISH("ENDED"), WAITS, ERR_NONE, "SUBMITTED" },
	{ "Highlander", "ATTRIBUTED", ENQUEUE_TWIN, GIVE_BACK, WAITS, ERR_NONE,
	  "CANCELLED absorbed by job instance %, which waits already" },
	{ "Highlander", "ATTRIBUTED", GIVE_BACK, ENQUEUE_TWIN, WAITS, ERR_NONE, "SUBMITTED" },
	/* a claim; hold and cancel are in test_verbs.c */
	{ "Plain", "SUBMITTED", A_CLAIM, OF("jqm.delete(id)"), WAITS, ERR_CONFLICT, "ATTRIBUTED" },
	{ "Plain", "SUBMITTED", OF("jqm.delete(id)"), A_CLAIM, LOOKS, ERR_NONE, "" },
	{ "Plain", "SUBMITTED", A_CLAIM, OF("jqm.set_queue(id, 2)"), WAITS, ERR_CONFLICT,
	  "ATTRIBUTED" },
	{ "Plain", "SUBMITTED", OF("jqm.set_queue(id, 2)"), A_CLAIM, LOOKS, ERR_NONE, "SUBMITTED" },
	{ "Plain", "SUBMITTED", A_CLAIM, OF("jqm.set_run_after(id, 'tomorrow')"), WAITS,
	  ERR_CONFLICT, "ATTRIBUTED" },
	{ "Plain", "SUBMITTED", OF("jqm.set_run_after(id, 'tomorrow')"), A_CLAIM, LOOKS, ERR_NONE,
	  "SCHEDULED" },
	{ "Plain", "SUBMITTED", A_CLAIM, OF("jqm.kill(id, 'bob')"), WAITS, ERR_NONE, "ATTRIBUTED" },
	{ "Plain", "SUBMITTED", OF("jqm.kill(id, 'bob')"), A_CLAIM, LOOKS, ERR_NONE,
	  "CANCELLED cancelled by bob" },
	{ "Plain", "SUBMITTED", A_CLAIM, CLAIM_2, LOOKS, ERR_NONE, "ATTRIBUTED" },
	{ "Highlander", "SUBMITTED", A_CLAIM, ENQUEUE_TWIN, LOOKS, ERR_NONE, "ATTRIBUTED" },
	/* a claim, and a runner that takes its node: it would not have taken the job back */
	{ "Plain", "SUBMITTED", TAKE_NODE_1, A_CLAIM, WAITS, ERR_CONFLICT, "SUBMITTED" },
	{ "Plain", "SUBMITTED", A_CLAIM, TAKE_NODE_1, WAITS, ERR_NONE, "ATTRIBUTED" },
};

static void
run(const struct race *race, bool commits)
{
	int64_t id = job_in(race->definition, race->state);
	struct db_stmt second = { .name = "", .text = race->second };
	size_t before = async_trace.done_count;

	assert_sql(one, "BEGIN");
	assert_sql(one, race->first);
	db_async_send(dba, &second, NULL, note_answer, NULL);
	if (race->how == WAITS)
		async_wait_for_lock();
	else
		async_run_until(&async_trace.done_count, before + 1);
	assert_sql(one, commits ? "COMMIT" : "ROLLBACK");
	async_run_until(&async_trace.done_count, before + 1);
	if (!commits)
		return;
	if (answer != race->second_is_told)
		fail_msg("the second is told: %s", err_kind_name(answer));
	assert_is_now(id, race->end);
}

static void
of_two_at_the_same_moment_each_is_told_the_truth_and_the_job_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(races) / sizeof(races[0]); i++) {
		print_message("%s %s: %s, then %s\n", races[i].definition, races[i].state,
			      races[i].first, races[i].second);
		run(&races[i], true);
		/* The first one changes its mind: whatever the second does is as if it were alone. */
		run(&races[i], false);
		assert_value("SELECT count(*) FROM jqm.job_instance AS j WHERE EXISTS"
			     " (SELECT FROM jqm.history AS h WHERE h.id = j.id)",
			     "0");
	}
	test_db_sql("DELETE FROM jqm.job_instance");
}

/* The runner of the next one sleeps in another queue: the end wakes it, and not too early. */
static void
a_highlander_that_waits_starts_when_the_first_has_ended_and_not_before(void **state)
{
	int64_t first = job_in("Highlander", "RUNNING"), second;
	struct db *runner = db_new(test_db_conninfo(), "test_races_two");

	(void)state;
	second = a_number("SELECT jqm.enqueue('Highlander', queue_name => 'other')");
	assert_int_equal(a_number("SELECT jqm.enqueue('Highlander')"), second);
	assert_sql(one, "BEGIN; " FINISH("ENDED"));
	assert_sql(runner, "SET lock_timeout = '1ms'; SELECT jqm.claim(2, 1, 2, 1)");
	assert_is_now(second, "SUBMITTED");
	assert_is_now(first, "RUNNING");
	assert_sql(one, "COMMIT");
	assert_sql(runner, "SELECT jqm.claim(2, 1, 2, 1)");
	assert_is_now(second, "ATTRIBUTED");
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(runner);
}

static int
group_set_up(void **state)
{
	if (a_job_set_up(state) == -1)
		return -1;
	test_db_sql("SELECT jqm.node_register('n2', gen_random_uuid(), 3600000, '/j', '/d', '/t',"
		    " 'localhost', 1)");
	return 0;
}

int
main(void)
{
#define RACE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		RACE_TEST(of_two_at_the_same_moment_each_is_told_the_truth_and_the_job_is_whole),
		RACE_TEST(a_highlander_that_waits_starts_when_the_first_has_ended_and_not_before),
	};

	return cmocka_run_group_tests(tests, group_set_up, a_job_tear_down);
}
