/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0035: what is summed up of history is told as history tells it, once, and outlives it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define SUMS_OF(hours)                                                                             \
	"SELECT string_agg(concat_ws(' ', slot_start, ended, crashed, killed, cancelled, wait_ms," \
	" wait_max_ms, run_ms, run_max_ms), E'\\n' ORDER BY slot_start) FROM "                     \
	"jqm.history_stats(" hours ")"
#define SUM_UP                                                                                  \
	"DO $$ BEGIN WHILE (SELECT up_to < now() - interval '66 min' FROM jqm.history_summed) " \
	"LOOP"                                                                                  \
	" PERFORM jqm.history_sum_up(); END LOOP; END $$"

/* Jobs of the last 29 days, that waited, ran and ended in all ways; nothing summed up. */
static int
set_up(void **state)
{
	(void)state;
	test_db_wait_away(3600, 60);
	test_db_sql(
	    "DELETE FROM jqm.job_instance; DELETE FROM jqm.history; DELETE FROM jqm.history_slot;"
	    "UPDATE jqm.history_summed SET up_to = '-infinity';"
	    "SELECT jqm.cancel(jqm.enqueue('Plain'), 'me') FROM generate_series(1, 400);"
	    "UPDATE jqm.history SET ended_at = now() - interval '1 min' - i * interval '104 min',"
	    " state = CASE i %% 4 WHEN 0 THEN 'ENDED' WHEN 1 THEN 'CRASHED' WHEN 2 THEN 'KILLED'"
	    " ELSE 'CANCELLED' END"
	    " FROM (SELECT id AS key, row_number() OVER (ORDER BY id) - 1 AS i FROM jqm.history) "
	    "AS n"
	    " WHERE id = key;"
	    "UPDATE jqm.history SET started_at = ended_at - (id %% 7) * interval '3 s',"
	    " enqueued_at = ended_at - interval '99 s', run_after = ended_at - interval '50 s'"
	    " WHERE state <> 'CANCELLED'");
	return 0;
}

static void
sums_tell_what_history_tells_and_outlive_it(void **state)
{
	static const char *const sums[] = { SUMS_OF("24"), SUMS_OF("720") };
	char *before[2];
	(void)state;

	for (int i = 0; i < 2; i++)
		before[i] = test_db_value("%s", sums[i]);
	assert_non_null(strstr(before[1], " 50"));
	test_db_sql("%s", SUM_UP);
	assert_value("SELECT sum(ended + crashed + killed + cancelled) > 390 FROM jqm.history_slot",
		     "t");
	for (int i = 0; i < 2; i++)
		assert_value(sums[i], before[i]);
	test_db_sql(
	    "DELETE FROM jqm.history WHERE ended_at < (SELECT up_to FROM jqm.history_summed)");
	for (int i = 0; i < 2; i++) {
		assert_value(sums[i], before[i]);
		free(before[i]);
	}
}

/* What goes on now is never summed up: an end may be told late. */
static void
the_last_hour_is_asked_of_history(void **state)
{
	(void)state;
	test_db_sql("%s", SUM_UP);
	assert_value("SELECT up_to BETWEEN now() - interval '67 min' AND now() - interval '60 min'"
		     " FROM jqm.history_summed",
		     "t");
	test_db_sql(
	    "UPDATE jqm.history SET state = 'KILLED' WHERE ended_at > now() - interval '50 min'");
	assert_value("SELECT sum(killed) FROM jqm.history_stats(1)", "1");
}

/* After an outage of the database of three hours, say. */
static void
an_end_that_is_told_late_is_counted_once_in_its_slot(void **state)
{
	int64_t summed = a_job_in("RUNNING"), not_yet;
	char *count;
	(void)state;

	test_db_sql("%s", SUM_UP);
	count = test_db_value("SELECT sum(crashed) FROM jqm.history_stats(24)");
	test_db_sql("UPDATE jqm.job_instance SET started_at = now() - interval '3 h 5 s'");
	test_db_sql(
	    "SELECT jqm.finish(1, 1, '[{\"id\": %lld, \"attempt\": 1, \"state\": \"CRASHED\","
	    " \"exit_code\": 1, \"started_ago_ms\": 10805000, \"ended_ago_ms\": 10800000}]')",
	    (long long)summed);
	assert_int_equal(a_number_of("SELECT sum(crashed) FROM jqm.history_stats(24)"),
			 atol(count) + 1);
	assert_value("SELECT sum(crashed) || ' ' || (sum(run_ms) BETWEEN 5000 AND 60000)"
		     " FROM jqm.history_slot WHERE slot BETWEEN now() - interval '3 h 6 min'"
		     " AND now() - interval '3 h' AND run_ms IS NOT NULL AND crashed > 0",
		     "1 true");
	not_yet = a_job_in("RUNNING");
	test_db_sql(
	    "SELECT jqm.finish(1, 1, '[{\"id\": %lld, \"attempt\": 1, \"state\": \"CRASHED\","
	    " \"exit_code\": 1, \"started_ago_ms\": 2405000, \"ended_ago_ms\": 2400000}]')",
	    (long long)not_yet);
	assert_int_equal(a_number_of("SELECT sum(crashed) FROM jqm.history_stats(24)"),
			 atol(count) + 2);
	test_db_sql(
	    "UPDATE jqm.history_summed SET up_to = up_to - interval '5 min';"
	    "DELETE FROM jqm.history_slot WHERE slot >= (SELECT up_to FROM jqm.history_summed);"
	    "%s",
	    SUM_UP);
	assert_int_equal(a_number_of("SELECT sum(crashed) FROM jqm.history_stats(24)"),
			 atol(count) + 2);
	free(count);
}

/* 22,000 jobs that ended within hours: one call takes some of them, and the slots it has begun it has whole. */
static void
much_is_summed_up_a_bit_at_a_time(void **state)
{
	(void)state;
	test_db_sql(
	    "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id,"
	    " queue_name_id, priority, attempt, enqueued_at, ended_at, highlander,"
	    " from_schedule, progress, parameters)"
	    " SELECT -i, 1, 1, 'ENDED', 1, 1, 0, 1, now(), now() - interval '4 h' + i *"
	    " interval '360 ms', false, false, 0, '{}' FROM generate_series(1, 22000) AS i;"
	    "UPDATE jqm.history_summed SET up_to = date_bin('5 min', now() - interval '4 h',"
	    " timestamptz 'epoch'); SELECT jqm.history_sum_up()");
	assert_value("SELECT sum(ended + crashed + killed + cancelled) BETWEEN 19000 AND 20001"
		     " FROM jqm.history_slot",
		     "t");
	test_db_sql("%s", SUM_UP);
	assert_value("SELECT (SELECT sum(ended + crashed + killed + cancelled) FROM"
		     " jqm.history_slot) = (SELECT count(*) FROM jqm.history, jqm.history_summed"
		     " WHERE ended_at < up_to AND ended_at >= (SELECT min(slot) FROM"
		     " jqm.history_slot))",
		     "t");
}

static void
while_one_sums_up_the_others_go_on_and_a_late_end_waits(void **state)
{
	struct db *other = db_new(test_db_conninfo(), "test_history_slots");
	(void)state;

	assert_sql(other, "BEGIN");
	assert_sql(other, "SELECT jqm.history_sum_up()");
	assert_value("SELECT up_to FROM jqm.history_summed", "-infinity");
	test_db_sql("SELECT jqm.history_sum_up()"); /* returns */
	assert_value("SELECT up_to FROM jqm.history_summed", "-infinity");
	assert_sql(other, "ROLLBACK");
	assert_sql(other, "BEGIN");
	assert_sql(other, "SELECT jqm.history_late('{}')");
	test_db_sql("SELECT jqm.history_sum_up()"); /* who tells late is not passed by */
	assert_value("SELECT up_to FROM jqm.history_summed", "-infinity");
	assert_sql(other, "ROLLBACK");
	test_db_sql("SELECT jqm.history_sum_up()");
	assert_value("SELECT up_to > '-infinity' FROM jqm.history_summed", "t");
	db_free(other);
}

/* On each housekeeping of a runner; slots go after two months. */
static void
a_runner_s_housekeeping_sums_up_and_drops_what_is_old(void **state)
{
	(void)state;
	test_db_sql("INSERT INTO jqm.history_slot (slot, ended, crashed, killed, cancelled, ran)"
		    " VALUES (now() - interval '63 d', 1, 0, 0, 0, 0), (now() - interval '61 d', "
		    "1, 0, 0, 0, 0);"
		    "SELECT * FROM jqm.housekeeping()");
	assert_value("SELECT count(*) FROM jqm.history_slot WHERE slot < now() - interval '60 d'",
		     "1");
	assert_value("SELECT up_to > '-infinity' FROM jqm.history_summed", "t");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sums_tell_what_history_tells_and_outlive_it, set_up),
		cmocka_unit_test_setup(the_last_hour_is_asked_of_history, set_up),
		cmocka_unit_test_setup(an_end_that_is_told_late_is_counted_once_in_its_slot,
				       set_up),
		cmocka_unit_test_setup(much_is_summed_up_a_bit_at_a_time, set_up),
		cmocka_unit_test_setup(while_one_sums_up_the_others_go_on_and_a_late_end_waits,
				       set_up),
		cmocka_unit_test_setup(a_runner_s_housekeeping_sums_up_and_drops_what_is_old,
				       set_up),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
