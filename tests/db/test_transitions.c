/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql/schema: what runners and housekeeping say of a job, in every state it can be in.  What clients say is
 * in test_verbs.c, two at the same moment in test_races.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* The job of setting test.job as its runner would name it; more: further members. */
#define THAT_JOB(more)                                                                 \
	"(SELECT jsonb_build_array(jsonb_build_object('id', t.id, 'attempt',"          \
	" coalesce(j.attempt, 1)" more ")) FROM"                                       \
	" (SELECT current_setting('test.job')::bigint AS id) AS t LEFT JOIN"           \
	" (SELECT id, attempt FROM jqm.job_instance UNION ALL SELECT id, attempt FROM" \
	" jqm.history) AS j ON j.id = t.id)"
#define FINISH(end) "SELECT jqm.finish(1, 1, " THAT_JOB(", 'state', '" end "'") ")"
#define LOST(rule)                                               \
	"UPDATE jqm.job_instance SET on_node_loss = '" rule "';" \
	"UPDATE jqm.node SET lease_until = now() - interval '1 ms' WHERE id = 1"

/*
 * What becomes of a job in each of a_job_states, in the letters of a_job_state_after(); = nothing of it has
 * changed.
 */
static const struct {
	const char *before; /* SQL to begin with */
	const char *sql;
	const char *outcomes;
} sayings[] = {
	/* its runner */
	{ "", "SELECT jqm.claim(1, 1, 1, 1)", "A=========" },
	{ "", "SELECT jqm.claim(1, 1, 2, 1)", "==========" }, /* of another queue */
	{ "", "SELECT jqm.claim(1, 1, 1, 0)", "==========" }, /* without room */
	{ "", "SELECT jqm.mark_started(1, 1, " THAT_JOB(", 'ago_ms', 0") ")", "===R======" },
	{ "", FINISH("ENDED"), "===EE=====" },
	{ "", FINISH("CRASHED"), "===FF=====" },
	{ "", FINISH("KILLED"), "===KK=====" },
	{ "", "SELECT jqm.give_back(1, 1, " THAT_JOB("") ")", "===S======" },
	/* a node that is started again: its keeper has no trace of the job, or has it */
	{ "UPDATE jqm.node SET incarnation = 2 WHERE id = 1", "SELECT jqm.take_back(1, 2, '[]')",
	  "===SF=====" },
	{ "", "SELECT jqm.take_back(1, 1, " THAT_JOB("") ")", "==========" },
	/* another node, when this one is lost or is not */
	{ LOST("CRASH"), "SELECT jqm.rescue(2, 1)", "===FF=====" },
	{ LOST("REQUEUE"), "SELECT jqm.rescue(2, 1)", "===SS=====" },
	{ LOST("HOLD"), "SELECT jqm.rescue(2, 1)", "===HH=====" },
	{ "", "SELECT jqm.rescue(2, 1)", "==========" },
	/* housekeeping */
	{ "", "SELECT jqm.promote_due()", "==========" },
	{ "UPDATE jqm.job_instance SET run_after = '2001-01-01Z'", "SELECT jqm.promote_due()",
	  "=S========" },
	/* a queue that is cleared, and another one */
	{ "", "SELECT jqm.queue_clear(1)", "CCC=======" },
	{ "", "SELECT jqm.queue_clear(2)", "==========" },
};

/* A job in that state; its node and another one are alive. */
static int64_t
begin(const char *state)
{
	test_db_sql("UPDATE jqm.node SET incarnation = 1, lease_ms = 10000,"
		    " lease_until = now() + interval '1 h', lease_since = now() - interval '1 h'");
	return a_job_in(state);
}

static void
check(size_t n, const char *before, char outcome)
{
	int64_t id = begin(before);
	char *row, *row_after;

	print_message("%s: %s; %s\n", before, sayings[n].before, sayings[n].sql);
	test_db_sql("%s", sayings[n].before);
	row = a_job_row(id);
	test_db_sql("SET test.job = '%lld'; %s", (long long)id, sayings[n].sql);
	assert_job_state(id, a_job_state_after(outcome, strcmp(before, "unknown") ? before : ""));
	row_after = a_job_row(id);
	if (outcome == '=')
		assert_string_equal(row_after, row);
	assert_value("SELECT count(*) FROM jqm.job_instance JOIN jqm.history USING (id)", "0");
	free(row_after);
	free(row);
}

static void
what_runners_and_housekeeping_say_does_in_every_state_what_the_table_says(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(sayings) / sizeof(sayings[0]); n++) {
		assert_int_equal(strlen(sayings[n].outcomes), A_JOB_STATES);
		for (size_t s = 0; s < A_JOB_STATES; s++)
			check(n, a_job_states[s], sayings[n].outcomes[s]);
	}
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
what_is_no_end_ends_no_job(void **state)
{
	static const char *const ends[] = {
		FINISH("RUNNING"),
		FINISH("SUBMITTED"),
		FINISH("ended"),
		FINISH(""),
		"SELECT jqm.finish(1, 1, " THAT_JOB("") ")",
	};
	struct db *runner = db_new(test_db_conninfo(), "test_transitions");
	int64_t id = begin("RUNNING");
	char *row = a_job_row(id), *row_after;

	(void)state;
	assert_sql(runner,
		   "SELECT set_config('test.job', max(id)::text, false) FROM jqm.job_instance");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		print_message("%s\n", ends[i]);
		assert_sql_fails(runner, ends[i], ERR_INVALID);
		row_after = a_job_row(id);
		assert_string_equal(row_after, row);
		free(row_after);
	}
	free(row);
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(runner);
}

/* A request that says nothing waits, one that is held is HOLDED, one with a date SCHEDULED, also both. */
static void
what_a_request_says_decides_the_first_state(void **state)
{
	static const struct {
		const char *more, *first;
	} cases[] = {
		{ "", "SUBMITTED" },
		{ ", held => true", "HOLDED" },
		{ ", run_after => '2001-01-01Z'", "SCHEDULED" },
		{ ", run_after => now() + interval '1 h', held => true", "SCHEDULED" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_job_state(a_number_of("SELECT jqm.enqueue('Plain'%s)", cases[i].more),
				 cases[i].first);
	test_db_sql("DELETE FROM jqm.job_instance");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_runners_and_housekeeping_say_does_in_every_state_what_the_table_says),
		cmocka_unit_test(what_is_no_end_ends_no_job),
		cmocka_unit_test(what_a_request_says_decides_the_first_state),
	};

	return cmocka_run_group_tests(tests, a_job_set_up_beside_n2, a_job_tear_down);
}
