/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runners tell of times: distances from now, measured by a clock of theirs that somebody may set
 * while a job runs; and told again, when an answer was lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define START(incarnation, ago_ms)                                                             \
	"SELECT count(*) FROM jqm.mark_started(1, " incarnation ", (SELECT jsonb_agg("         \
	"jsonb_build_object('id', id, 'attempt', attempt, 'ago_ms', " ago_ms "::float8)) FROM" \
	" jqm.job_instance))"

static int64_t
claimed(void)
{
	int64_t id;

	test_db_sql("DELETE FROM jqm.job_instance; UPDATE jqm.node SET incarnation = 1");
	id = a_job_of("Plain");
	test_db_sql(A_CLAIM);
	return id;
}

/* Else a runner that lost the answer would tell it for ever. */
static void
a_repeated_start_is_confirmed_and_changes_nothing(void **state)
{
	int64_t id = claimed();

	(void)state;
	assert_value(START("1", "1000"), "1");
	assert_value(START("1", "9000"), "1");
	assert_value("SELECT now() - started_at < interval '8 s' FROM jqm.job_instance", "t");
	assert_value(START("0", "0"), "0"); /* another runner's word */
	a_job_ends(id, "ENDED");
	assert_value(START("1", "0"), "0");
}

/* Set back by a day while the job ran, or set right after years. */
static void
a_clock_that_is_set_while_a_job_runs_keeps_no_end_from_being_told(void **state)
{
	static const char *const agos[] = { "-86400000", "0", "1.5e12" };

	(void)state;
	for (size_t i = 0; i < sizeof(agos) / sizeof(agos[0]); i++) {
		int64_t id = claimed();

		test_db_sql("SELECT jqm.finish(1, 1, '[{\"id\": %lld, \"attempt\": 1, \"state\":"
			    " \"ENDED\", \"exit_code\": 0, \"started_ago_ms\": %s,"
			    " \"ended_ago_ms\": %s}]')",
			    (long long)id, agos[i], agos[sizeof(agos) / sizeof(agos[0]) - 1 - i]);
		assert_job_state(id, "ENDED");
	}
}

/*
 * The begin was told to a database that was busy: it counts from when that had heard of it.  The end, a moment later,
 * was told at once.
 */
static void
no_end_is_before_its_begin_however_long_the_begin_was_on_its_way(void **state)
{
	static const char *const ends[] = { "ENDED", "CRASHED" };

	(void)state;
	test_db_sql("DELETE FROM jqm.job_attempt; DELETE FROM jqm.history");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		int64_t id = claimed();

		test_db_sql("UPDATE jqm.job_instance SET attempts_max = 2");
		assert_value(START("1", "0"), "1");
		test_db_sql("SELECT jqm.finish(1, 1, '[{\"id\": %lld, \"attempt\": 1, \"state\":"
			    " \"%s\", \"exit_code\": %zu, \"started_ago_ms\": 60100,"
			    " \"ended_ago_ms\": 60000}]')",
			    (long long)id, ends[i], i);
	}
	assert_value("SELECT count(*) FROM jqm.history WHERE started_at = ended_at", "1");
	assert_value("SELECT count(*) FROM jqm.job_attempt WHERE started_at = ended_at", "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repeated_start_is_confirmed_and_changes_nothing),
		cmocka_unit_test(a_clock_that_is_set_while_a_job_runs_keeps_no_end_from_being_told),
		cmocka_unit_test(no_end_is_before_its_begin_however_long_the_begin_was_on_its_way),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
