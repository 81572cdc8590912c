/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0012: jobs that wait for the ends of others; one session. */
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
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static int
clean(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance; DELETE FROM jqm.job_dependency;"
		    "DELETE FROM jqm.job_unsettled");
	return 0;
}

#define clean_test(test) cmocka_unit_test_setup(test, clean)

/* What is said of job id, which waited for job other in vain. */
static void
assert_in_vain(int64_t id, const char *condition, int64_t other, const char *how)
{
	bool deleted = strcmp(how, "DELETED") == 0;
	char want[200];

	(void)snprintf(want, sizeof(want),
		       "not run: it waited for the %s of job instance %lld, which %s%s", condition,
		       (long long)other, deleted ? "was deleted" : "is ", deleted ? "" : how);
	assert_job_state(id, "CANCELLED");
	assert_job_reason(id, want);
}

/* A job of Plain that waits for "<condition>:<of>"; condition "" for the short form. */
static int64_t
waiting_for(const char *condition, int64_t of)
{
	return a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{%s%s%lld}')", condition,
			   condition[0] == '\0' ? "" : ":", (long long)of);
}

/* The same, held. */
static int64_t
held_for(int64_t of)
{
	return a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{%lld}', held => true)",
			   (long long)of);
}

/* End the only job that is SUBMITTED. */
static void
end(int64_t id, const char *how)
{
	if (strcmp(how, "DELETED") == 0) {
		test_db_sql("SELECT jqm.delete(%lld)", (long long)id);
	} else if (strcmp(how, "CANCELLED") == 0) {
		test_db_sql("SELECT jqm.cancel(%lld)", (long long)id);
	} else {
		test_db_sql(A_CLAIM);
		a_job_ends(id, how);
	}
	assert_job_state(id, strcmp(how, "DELETED") == 0 ? "" : how);
}

static void
every_condition_meets_every_end_as_it_says(void **state)
{
	static const struct {
		const char *condition, *how;
		bool met;
	} cases[] = {
		{ "", "ENDED", true },
		{ "", "CRASHED", false },
		{ "", "KILLED", false },
		{ "", "CANCELLED", false },
		{ "", "DELETED", false },
		{ "success", "ENDED", true },
		{ "success", "CRASHED", false },
		{ "success", "KILLED", false },
		{ "success", "CANCELLED", false },
		{ "success", "DELETED", false },
		{ "failure", "ENDED", false },
		{ "failure", "CRASHED", true },
		{ "failure", "KILLED", true },
		{ "failure", "CANCELLED", true },
		{ "failure", "DELETED", true },
		{ "end", "ENDED", true },
		{ "end", "CRASHED", true },
		{ "end", "KILLED", true },
		{ "end", "CANCELLED", true },
		{ "end", "DELETED", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *condition = cases[i].condition, *how = cases[i].how;
		const char *said = condition[0] == '\0' ? "success" : condition;
		int64_t first, second;

		print_message("%s: %s\n", condition, how);
		(void)clean(NULL);
		first = a_job_of("Plain");
		second = waiting_for(condition, first);
		assert_job_state(second, "SCHEDULED");
		end(first, how);
		if (cases[i].met)
			assert_job_state(second, "SUBMITTED");
		else
			assert_in_vain(second, said, first, how);
		if (strcmp(how, "DELETED") == 0)
			continue;
		/* who comes when all is over gets the same */
		second = waiting_for(condition, first);
		if (cases[i].met)
			assert_job_state(second, "SUBMITTED");
		else
			assert_in_vain(second, said, first, how);
	}
	assert_value("SELECT count(*) FROM jqm.job_dependency", "0");
	assert_value("SELECT count(*) FROM jqm.job_unsettled", "0");
}

static void
what_no_job_can_wait_for_is_refused_by_name(void **state)
{
	static const struct {
		const char *wait_for, *says;
	} cases[] = {
		{ "'{\"\"}'", "waitFor \"\" is not the number of a job" },
		{ "'{x}'", "waitFor \"x\" is not the number" },
		{ "'{success:}'", "waitFor \"success:\"" },
		{ "'{SUCCESS:1}'", "waitFor \"SUCCESS:1\"" },
		{ "'{done:1}'", "waitFor \"done:1\"" },
		{ "'{\"end: 1\"}'", "waitFor \"end: 1\"" },
		{ "'{\" 1\"}'", "waitFor \" 1\"" },
		{ "E'{\"1\\n\"}'", "waitFor \"1" },
		{ "'{-1}'", "waitFor \"-1\"" },
		{ "'{1.5}'", "waitFor \"1.5\"" },
		{ "'{1234567890123456789}'", "waitFor \"1234567890123456789\"" },
		{ "'{99999999999999999999}'", "waitFor \"99999999999999999999\"" },
		{ "'{NULL}'", "waitFor \"\"" },
		{ "'{0}'", "there is no job instance 0" },
		{ "'{999999}'", "there is no job instance 999999" },
		{ "'{end:999999999999999999}'", "there is no job instance 999999999999999999" },
		{ "ARRAY[repeat('y', 100)]", "waitFor \"yyyyy" },
		{ "ARRAY(SELECT n::text FROM generate_series(1, 101) AS n)",
		  "waitFor names 101 jobs, at most 100 are allowed" },
	};
	int64_t first = a_job_of("Plain");
	char sql[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		(void)snprintf(sql, sizeof(sql), "SELECT jqm.enqueue('Plain', wait_for => %s)",
			       cases[i].wait_for);
		print_message("%s\n", sql);
		assert_int_equal(db_exec_sql(a_client, sql, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("says \"%s\"", err.text);
	}
	(void)snprintf(sql, sizeof(sql),
		       "SELECT jqm.enqueue('Plain', wait_for => '{%lld,end:0%lld}')",
		       (long long)first, (long long)first);
	assert_sql_fails(a_client, sql, ERR_INVALID);
	assert_value("SELECT count(*) FROM jqm.live_job", "1");
	assert_value("SELECT count(*) FROM jqm.job_dependency", "0");
}

/* The next number is easily guessed. */
static void
nothing_waits_for_itself_or_for_what_comes_after(void **state)
{
	(void)state;
	for (int ahead = 1; ahead <= 2; ahead++) {
		char sql[200];

		(void)snprintf(sql, sizeof(sql),
			       "SELECT jqm.enqueue('Plain', wait_for => ARRAY[(last_value + %d)"
			       "::text]) FROM jqm.job_instance_id_seq",
			       ahead);
		test_db_sql("SELECT jqm.enqueue('Plain')");
		test_db_sql("GRANT SELECT ON SEQUENCE jqm.job_instance_id_seq TO jqm_client");
		assert_sql_fails(a_client, sql, ERR_INVALID);
	}
}

static void
a_job_that_waits_for_several_goes_on_with_the_last_of_them(void **state)
{
	int64_t a = a_job_of("Plain"), b = a_job_of("Highlander");
	int64_t last = a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{end:%lld,%lld}')",
				   (long long)b, (long long)a);
	char want[100];

	(void)state;
	(void)snprintf(want, sizeof(want), "success:%lld end:%lld", (long long)a, (long long)b);
	assert_value("SELECT waited_for FROM jqm.live_job ORDER BY id DESC LIMIT 1", want);
	test_db_sql("SELECT jqm.cancel(%lld)", (long long)b);
	assert_job_state(last, "SCHEDULED");
	(void)a_job_of("Plain"); /* it is behind the first, and before who had to wait */
	end(a, "ENDED");
	assert_job_state(last, "SUBMITTED");
	assert_value("SELECT string_agg((waited_for IS NOT NULL)::text, ' ' ORDER BY position, id)"
		     " FROM jqm.live_job",
		     "false true");
}

static void
a_job_is_cancelled_with_the_first_that_fails_it(void **state)
{
	int64_t a = a_job_of("Plain"), b = a_job_of("Highlander");
	int64_t last =
	    a_number_of("SELECT jqm.enqueue('Plain', wait_for => '{%lld,%lld}', email => 'e@x')",
			(long long)a, (long long)b);

	(void)state;
	test_db_sql("SELECT jqm.kill(%lld)", (long long)b);
	assert_in_vain(last, "success", b, "CANCELLED");
	assert_value("SELECT count(*) FROM jqm.job_dependency", "0");
	assert_value("SELECT occasion FROM jqm.mail ORDER BY id DESC LIMIT 1", "END");
	assert_value("SELECT count(*) FROM jqm.past_job WHERE waited_for IS NOT NULL AND id ="
		     " (SELECT max(id) FROM jqm.past_job)",
		     "1");
	end(a, "ENDED");
	assert_job_state(last, "CANCELLED");
}

static void
a_held_job_goes_on_when_it_is_resumed_and_nothing_is_left(void **state)
{
	int64_t a = a_job_of("Plain"), held = held_for(a);

	(void)state;
	assert_job_state(held, "HOLDED");
	test_db_sql("SELECT jqm.resume(%lld)", (long long)held); /* before */
	assert_job_state(held, "SCHEDULED");
	end(a, "ENDED");
	assert_job_state(held, "SUBMITTED");

	(void)clean(NULL);
	a = a_job_of("Plain");
	held = held_for(a);
	end(a, "ENDED");
	assert_job_state(held, "HOLDED");
	test_db_sql("SELECT jqm.resume(%lld)", (long long)held); /* after */
	assert_job_state(held, "SUBMITTED");

	(void)clean(NULL);
	a = a_job_of("Plain");
	held = held_for(a);
	end(a, "CANCELLED");
	assert_in_vain(held, "success", a, "CANCELLED");
}

static void
a_date_and_a_wait_must_both_be_over(void **state)
{
	int64_t a = a_job_of("Plain");
	int64_t last = a_number_of(
	    "SELECT jqm.enqueue('Plain', wait_for => '{%lld}', run_after => 'yesterday')",
	    (long long)a);

	(void)state;
	test_db_sql("SELECT jqm.promote_due()");
	assert_job_state(last, "SCHEDULED");
	test_db_sql("SELECT jqm.set_run_after(%lld, 'tomorrow')", (long long)last);
	end(a, "ENDED");
	assert_job_state(last, "SCHEDULED");
	test_db_sql("SELECT jqm.set_run_after(%lld, now()); SELECT jqm.promote_due()",
		    (long long)last);
	assert_job_state(last, "SUBMITTED");
}

static void
a_cancelled_job_cancels_who_waits_for_it_and_so_on(void **state)
{
	int64_t a = a_job_of("Plain"), b = waiting_for("success", a), c = waiting_for("end", b);
	int64_t d = waiting_for("success", b), despite = waiting_for("failure", d);
	int64_t after = waiting_for("success", despite);

	(void)state;
	test_db_sql("SELECT jqm.cancel(%lld)", (long long)a);
	assert_in_vain(b, "success", a, "CANCELLED");
	assert_in_vain(d, "success", b, "CANCELLED");
	assert_job_state(c, "SUBMITTED");
	assert_job_state(despite, "SUBMITTED");
	assert_job_state(after, "SCHEDULED");
}

static void
a_cleared_queue_takes_its_dependents_along(void **state)
{
	int64_t a, b;

	(void)state;
	a = a_number("SELECT jqm.enqueue('Plain', queue_name => 'other')");
	b = waiting_for("success", a); /* in another queue */
	test_db_sql("SELECT jqm.queue_clear(2)");
	assert_job_state(b, "CANCELLED");
}

static void
a_chain_of_2000_that_fails_at_its_head_is_cancelled_to_its_end(void **state)
{
	(void)state;
	test_db_sql("DO $$ DECLARE v bigint := jqm.enqueue('Plain'); BEGIN FOR i IN 1 .. 2000 LOOP"
		    " v := jqm.enqueue('Plain', wait_for => ARRAY[v::text]); END LOOP; END $$");
	test_db_sql("SELECT jqm.cancel(min(id)) FROM jqm.live_job");
	assert_value("SELECT count(*) FROM jqm.live_job", "0");
	assert_value("SELECT count(*) FROM (SELECT reason, id FROM jqm.past_job ORDER BY id DESC"
		     " LIMIT 2000) AS p WHERE reason LIKE '% success of job instance ' || id - 1 ||"
		     " ', which is CANCELLED'",
		     "2000");
}

static void
of_10001_dependents_the_last_is_left_to_housekeeping(void **state)
{
	int64_t a = a_job_of("Plain");

	(void)state;
	test_db_sql("SELECT count(jqm.enqueue('Plain', wait_for => '{%lld}')) FROM"
		    " generate_series(1, 10001)",
		    (long long)a);
	end(a, "ENDED");
	assert_value("SELECT string_agg(state || n, ' ' ORDER BY state) FROM (SELECT state,"
		     " count(*) AS n FROM jqm.live_job GROUP BY state) AS s",
		     "SCHEDULED1 SUBMITTED10000");
	test_db_sql("SELECT jqm.housekeeping()");
	assert_value("SELECT count(*) FROM jqm.live_job WHERE state = 'SUBMITTED'", "10001");
	assert_value("SELECT count(*) FROM jqm.job_unsettled", "0");
}

static void
a_highlander_that_waited_comes_after_its_twin(void **state)
{
	int64_t a = a_job_of("Plain"), twin = a_job_of("Highlander");
	int64_t waited =
	    a_number_of("SELECT jqm.enqueue('Highlander', wait_for => '{%lld}')", (long long)a);

	(void)state;
	assert_true(waited != twin);
	end(a, "ENDED");
	assert_job_state(waited, "SCHEDULED");
	test_db_sql(A_CLAIM);
	assert_job_state(twin, "ATTRIBUTED");
	test_db_sql("SELECT jqm.housekeeping()");
	assert_job_state(waited, "SUBMITTED");
}

static void
due_highlanders_keep_no_other_job_from_its_turn(void **state)
{
	(void)state;
	(void)a_job_of("Highlander");
	test_db_sql("SELECT count(jqm.enqueue('Highlander', run_after => 'yesterday')) FROM"
		    " generate_series(1, 1001); SELECT jqm.enqueue('Plain', run_after => now())");
	assert_value("SELECT jqm.promote_due()", "1");
	assert_value("SELECT state FROM jqm.live_job WHERE definition_name = 'Plain'", "SUBMITTED");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		clean_test(every_condition_meets_every_end_as_it_says),
		clean_test(what_no_job_can_wait_for_is_refused_by_name),
		clean_test(nothing_waits_for_itself_or_for_what_comes_after),
		clean_test(a_job_that_waits_for_several_goes_on_with_the_last_of_them),
		clean_test(a_job_is_cancelled_with_the_first_that_fails_it),
		clean_test(a_held_job_goes_on_when_it_is_resumed_and_nothing_is_left),
		clean_test(a_date_and_a_wait_must_both_be_over),
		clean_test(a_cancelled_job_cancels_who_waits_for_it_and_so_on),
		clean_test(a_cleared_queue_takes_its_dependents_along),
		clean_test(a_chain_of_2000_that_fails_at_its_head_is_cancelled_to_its_end),
		clean_test(of_10001_dependents_the_last_is_left_to_housekeeping),
		clean_test(a_highlander_that_waited_comes_after_its_twin),
		clean_test(due_highlanders_keep_no_other_job_from_its_turn),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
