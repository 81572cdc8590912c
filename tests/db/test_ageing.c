/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0006, age_waiting(): whoever waits long overtakes whoever is important, where a queue wants so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* No job anywhere; the default queue ages its jobs by one each minute, the other queue does not. */
static int
set_up(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance;"
		    "UPDATE jqm.queue SET aged_at = NULL,"
		    " ageing_s = CASE WHEN default_queue THEN 60 END");
	return 0;
}

/* A job of that priority which has waited for so long ("10 min"). */
static int64_t
waiting(int priority, const char *wait)
{
	int64_t id = a_number_of("SELECT jqm.enqueue('Plain', priority => %d)", priority);

	test_db_sql(
	    "UPDATE jqm.job_instance SET enqueued_at = now() - interval '%s' WHERE id = %lld", wait,
	    (long long)id);
	return id;
}

static int64_t
effective_priority(int64_t id)
{
	return a_number_of("SELECT effective_priority FROM jqm.job_instance WHERE id = %lld",
			   (long long)id);
}

#define AGE "SELECT jqm.age_waiting()"

static void
each_interval_of_waiting_is_worth_one_up_to_ten(void **state)
{
	int64_t fresh = waiting(5, "59 s"), old = waiting(2, "3 min 30 s"),
		oldest = waiting(1, "2 h");

	(void)state;
	assert_value(AGE, "2");
	assert_int_equal(effective_priority(fresh), 5);
	assert_int_equal(effective_priority(old), 5);
	assert_int_equal(effective_priority(oldest), 10);
	assert_value("SELECT string_agg(priority::text, ',' ORDER BY id) FROM jqm.job_instance",
		     "5,2,1"); /* what callers asked for stays */
}

static void
the_one_that_waited_long_is_claimed_first(void **state)
{
	int64_t important = waiting(9, "0 s"), patient = waiting(1, "2 h");

	(void)state;
	assert_value(AGE, "1");
	test_db_sql(A_CLAIM);
	assert_job_state(patient, "ATTRIBUTED");
	assert_job_state(important, "SUBMITTED");
}

static void
a_queue_is_aged_at_its_pace_and_by_one_runner(void **state)
{
	(void)state;
	waiting(1, "2 h");
	assert_value(AGE, "1");
	waiting(1, "2 h");
	assert_value(AGE, "0"); /* not again within 10 s */
	test_db_sql("UPDATE jqm.queue SET aged_at = now() - interval '11 s'");
	assert_value(AGE, "1");
}

static void
only_who_could_run_grows_old_and_only_where_the_queue_says_so(void **state)
{
	int64_t held = waiting(1, "2 h"), due = waiting(1, "2 h"), elsewhere = waiting(1, "2 h");

	(void)state;
	test_db_sql("SELECT jqm.hold(%lld, 'tester')", (long long)held);
	test_db_sql(
	    "UPDATE jqm.job_instance SET run_after = now() - interval '90 s' WHERE id = %lld",
	    (long long)due);
	test_db_sql("UPDATE jqm.job_instance SET queue_id = 2 WHERE id = %lld",
		    (long long)elsewhere);
	assert_value(AGE, "1");
	assert_int_equal(effective_priority(held), 1);
	assert_int_equal(effective_priority(due), 2); /* it waits since it became due */
	assert_int_equal(effective_priority(elsewhere), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_interval_of_waiting_is_worth_one_up_to_ten, set_up),
		cmocka_unit_test_setup(the_one_that_waited_long_is_claimed_first, set_up),
		cmocka_unit_test_setup(a_queue_is_aged_at_its_pace_and_by_one_runner, set_up),
		cmocka_unit_test_setup(
		    only_who_could_run_grows_old_and_only_where_the_queue_says_so, set_up),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
