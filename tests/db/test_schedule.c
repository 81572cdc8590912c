/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0014: a slot becomes one job, whoever says it and however often; overlap, misfire, mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* A schedule of Plain, number 1 of a fresh table, due since ago ("10 s"); more: further columns set. */
static void
begin(const char *ago, const char *more)
{
	test_db_sql(
	    "DELETE FROM jqm.job_instance; TRUNCATE jqm.schedule RESTART IDENTITY CASCADE;"
	    "SELECT jqm.schedule_create('Plain', '* * * * *', parameters => '{\"b\": \"2\"}')");
	test_db_sql("UPDATE jqm.schedule SET %s", more);
	test_db_sql(
	    "UPDATE jqm.schedule SET next_fire_at = date_trunc('second', now()) - interval '%s'",
	    ago);
}

/* What a runner would say: the slot at next_fire_at has come, the next one is in a minute. */
#define FIRE                                                                      \
	"SELECT jqm.schedule_fire(1, version, next_fire_at, ARRAY[next_fire_at]," \
	" now() + interval '1 min', NULL) FROM jqm.schedule"
#define SLOTS "SELECT string_agg(outcome, ',' ORDER BY slot) FROM jqm.schedule_slot"

static void
a_slot_becomes_a_job_with_the_schedule_s_parameters(void **state)
{
	(void)state;
	begin("1 s", "priority = 7, queue_id = 2");
	assert_value(FIRE, "1");
	assert_value(
	    "SELECT definition_name || user_name || priority || queue_name || from_schedule ||"
	    " schedule_id || parameters FROM jqm.live_job",
	    "Plaincron7othertrue1{\"a\": \"1\", \"b\": \"2\"}");
	assert_value(SLOTS, "FIRED");
	assert_value(
	    "SELECT s.job_instance_id = j.id FROM jqm.schedule_slot AS s, jqm.job_instance AS j",
	    "t");
}

static void
a_slot_that_was_told_before_makes_no_second_job(void **state)
{
	(void)state;
	begin("1 s", "misfire = 'ONCE'");
	assert_value(FIRE, "1");
	/* the same words again: next_fire_at has moved on */
	assert_value(
	    "SELECT jqm.schedule_fire(1, 1, s.slot, ARRAY[s.slot], now() + interval '1 min', NULL)"
	    " FROM jqm.schedule_slot AS s",
	    "");
	/* and if it had not: (schedule, slot) is unique */
	test_db_sql("UPDATE jqm.schedule SET next_fire_at = (SELECT slot FROM jqm.schedule_slot)");
	assert_value(FIRE, "0");
	assert_value("SELECT count(*) FROM jqm.job_instance", "1");
}

static void
of_two_runners_one_is_heard_and_none_waits(void **state)
{
	struct db *one = db_new(test_db_conninfo_as("jqm_runner"), "test_schedule");

	(void)state;
	begin("1 s", "misfire = 'ONCE'");
	test_db_sql("GRANT SELECT ON jqm.schedule TO jqm_runner");
	assert_sql(one, "BEGIN");
	assert_sql(one, FIRE);
	assert_value(FIRE, ""); /* at once, though the first has not committed */
	assert_sql(one, "COMMIT");
	assert_value(FIRE, "1"); /* the next slot, said a minute early */
	assert_value("SELECT count(*) FROM jqm.job_instance", "2");
	test_db_sql("REVOKE SELECT ON jqm.schedule FROM jqm_runner");
	db_free(one);
}

static void
a_schedule_that_was_changed_or_disabled_meanwhile_does_not_fire(void **state)
{
	(void)state;
	begin("1 s", "misfire = 'ONCE'");
	assert_value("SELECT jqm.schedule_fire(1, version + 1, next_fire_at, ARRAY[next_fire_at],"
		     " now(), NULL) FROM jqm.schedule",
		     "");
	test_db_sql("SELECT jqm.schedule_set_enabled(1, false)");
	assert_value("SELECT version || coalesce(next_fire_at::text, '-') FROM jqm.schedule", "2-");
	assert_value(FIRE, "");
	test_db_sql(
	    "SELECT jqm.schedule_set_enabled(1, true), jqm.schedule_set_cron(1, '5 * * * *')");
	assert_value("SELECT version || ':' || cron_expression FROM jqm.schedule", "4:5 * * * *");
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
}

static void
the_overlap_rule_decides_while_the_last_job_lives(void **state)
{
	(void)state;
	begin("1 s", "overlap = 'ALLOW'");
	assert_value(FIRE, "1");
	assert_value(FIRE, "1");
	assert_value("SELECT count(*) FROM jqm.job_instance", "2");

	begin("1 s", "overlap = 'SKIP'");
	assert_value(FIRE, "1");
	assert_value(FIRE, "0");
	assert_value(SLOTS, "FIRED,OVERLAPPED");
	test_db_sql("SELECT jqm.cancel(id) FROM jqm.job_instance");
	assert_value(FIRE, "1");

	/* the one that waits is cancelled; the one that runs is killed, and the new one waits for its end */
	begin("1 s", "overlap = 'REPLACE'");
	assert_value(FIRE, "1");
	assert_value(FIRE, "1");
	assert_value("SELECT count(*) || min(state) FROM jqm.job_instance", "1SUBMITTED");
	test_db_sql(A_CLAIM);
	assert_value(FIRE, "1");
	assert_value(
	    "SELECT string_agg(state || instruction, ',' ORDER BY id) FROM jqm.job_instance",
	    "ATTRIBUTEDKILL,SCHEDULEDRUN");
	test_db_sql(
	    "SELECT jqm.finish(1, 1, jsonb_build_array(jsonb_build_object('id', id, 'attempt',"
	    " 1, 'state', 'KILLED'))) FROM jqm.job_instance WHERE state = 'ATTRIBUTED'");
	assert_value("SELECT string_agg(state, ',') FROM jqm.job_instance", "SUBMITTED");
	assert_value(SLOTS, "FIRED,REPLACED,REPLACED");
}

/* Five slots came while nobody was there: two of them 2 h ago, three 5 to 3 min ago; and one just now. */
static void
assert_missed(const char *misfire, const char *slots, const char *jobs)
{
	char more[100];

	(void)snprintf(more, sizeof(more), "misfire = '%s', misfire_window_s = 3600", misfire);
	begin("2 h", more);
	assert_value(
	    "SELECT jqm.schedule_fire(1, version, next_fire_at, ARRAY[next_fire_at,"
	    " next_fire_at + interval '1 min', now() - interval '5 min', now() - interval '4 min',"
	    " now() - interval '3 min', now() - interval '1 s'], now() + interval '1 min', NULL)"
	    " FROM jqm.schedule",
	    jobs);
	assert_value(SLOTS, slots);
}

static void
the_misfire_rule_decides_what_becomes_of_missed_slots(void **state)
{
	(void)state;
	assert_missed("SKIP", "MISSED,MISSED,MISSED,MISSED,MISSED,FIRED", "1");
	assert_missed("ONCE", "MISSED,MISSED,MISSED,MISSED,FIRED,FIRED", "2");
	assert_missed("ALL", "MISSED,MISSED,FIRED,FIRED,FIRED,FIRED", "4");
}

/* As many as can be told at a time have come, and more are to be told: the one job is for the newest. */
static void
once_means_the_newest_of_all_that_were_missed(void **state)
{
	(void)state;
	begin("10 min", "misfire = 'ONCE'");
	assert_value("SELECT jqm.schedule_fire(1, version, next_fire_at, ARRAY[next_fire_at,"
		     " next_fire_at + interval '1 min'], next_fire_at + interval '2 min', NULL)"
		     " FROM jqm.schedule",
		     "0");
	assert_value("SELECT jqm.schedule_fire(1, version, next_fire_at, ARRAY[next_fire_at,"
		     " next_fire_at + interval '1 min'], now() + interval '1 min', NULL)"
		     " FROM jqm.schedule",
		     "1");
	assert_value(SLOTS, "MISSED,MISSED,MISSED,FIRED");
}

static void
one_bad_schedule_never_disturbs_another(void **state)
{
	(void)state;
	begin("1 s", "parameters = '{\"com.enioka.jqm.rm.discrete.consumption\": \"3\"}'");
	assert_value(FIRE, "0"); /* there are no items: the enqueue is refused */
	assert_value(SLOTS, "REFUSED");
	assert_value(
	    "SELECT problem LIKE '%wants 3 items%' AND next_fire_at > now() FROM jqm.schedule",
	    "t");
	test_db_sql("UPDATE jqm.schedule SET parameters = '{}'");
	assert_value(FIRE, "1");
	assert_value("SELECT coalesce(problem, '-') FROM jqm.schedule", "-");

	/* one that cannot be computed is noted and not asked for again until it is changed */
	begin("1 s", "cron_expression = 'nonsense'");
	assert_value("SELECT jqm.schedule_fire(1, version, next_fire_at, '{}', NULL, 'no fields')"
		     " FROM jqm.schedule",
		     "0");
	assert_value("SELECT count(schedule_id) FROM jqm.housekeeping()", "0");
	test_db_sql("UPDATE jqm.schedule SET cron_expression = '* * * * *'");
	assert_value("SELECT count(schedule_id) FROM jqm.housekeeping()", "1");
}

static void
each_wrong_value_of_a_schedule_is_refused_by_name(void **state)
{
	static const struct {
		const char *sql, *words;
		enum err_kind kind;
	} cases[] = {
		{ "SELECT jqm.schedule_create('', '* * * * *')", "applicationName", ERR_INVALID },
		{ "SELECT jqm.schedule_create('Nobody', '* * * * *')", "\"Nobody\"", ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', queue_name => 'no')",
		  "queue \"no\"", ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', priority => 11)", "priority",
		  ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', priority => -1)", "priority",
		  ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', day_rule => 'XOR')", "dayRule",
		  ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', overlap => 'wait')", "overlap",
		  ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', misfire => 'TWICE')", "misfire",
		  ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', misfire_window_s => 59)",
		  "misfireWindowSeconds", ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', misfire_window_s => 31536001)",
		  "misfireWindowSeconds", ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', repeat('*', 256))", "recurrence",
		  ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', time_zone => repeat('z', 65))",
		  "timeZone", ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', parameters => '{\"k\": \"\"}')",
		  "\"k\"", ERR_INVALID },
		{ "SELECT jqm.schedule_create('Plain', '* * * * *', parameters => "
		  "'{\"com.enioka.jqm.rm.quantity.consumption\": \"x\"}')",
		  "quantity.consumption", ERR_INVALID },
		{ "SELECT jqm.schedule_set_priority(1, 11)", "priority", ERR_INVALID },
		{ "SELECT jqm.schedule_set_queue(1, 999)", "queue 999", ERR_NOT_FOUND },
		{ "SELECT jqm.schedule_set_cron(99, '* * * * *')", "schedule 99", ERR_NOT_FOUND },
		{ "SELECT jqm.schedule_set_enabled(99, true)", "schedule 99", ERR_NOT_FOUND },
		{ "SELECT jqm.schedule_delete(99)", "schedule 99", ERR_NOT_FOUND },
		{ "SELECT jqm.enqueue(NULL, schedule_id => 99)", "schedule 99", ERR_INVALID },
	};
	struct db *api = db_new(test_db_conninfo_as("jqm_api"), "test_schedule");

	(void)state;
	begin("1 s", "misfire = 'ONCE'");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		print_message("%s\n", cases[i].sql);
		assert_int_equal(db_exec_sql(api, cases[i].sql, &err), -1);
		assert_int_equal(err.kind, cases[i].kind);
		assert_non_null(strstr(err.text, cases[i].words));
	}
	assert_value("SELECT count(*) FROM jqm.schedule", "1");
	assert_sql_fails(a_client, "SELECT jqm.schedule_create('Plain', '* * * * *')", ERR_DENIED);
	db_free(api);
}

/* Somebody has the row of a job that is to be replaced: nothing is lost, it fires when that is over. */
static void
a_slot_that_waits_for_a_lock_is_due_again(void **state)
{
	struct db *other = db_new(test_db_conninfo(), "test_schedule");
	struct db *one = db_new(test_db_conninfo(), "test_schedule");
	int64_t before_ms;

	(void)state;
	begin("1 s", "overlap = 'REPLACE'");
	assert_value(FIRE, "1");
	assert_sql(other, "BEGIN; SELECT FROM jqm.job_instance FOR UPDATE");
	before_ms = clock_mono_ms();
	assert_sql_fails(one, FIRE, ERR_BUSY);
	assert_true(clock_mono_ms() - before_ms < 60000); /* not as long as that one likes */
	assert_value(SLOTS, "FIRED");
	assert_sql(other, "COMMIT");
	assert_value(FIRE, "1");
	assert_value(SLOTS, "FIRED,REPLACED");
	db_free(one);
	db_free(other);
}

/* More than a job can wait for: they are killed, and the next slot replaces them. */
static void
of_too_many_to_be_replaced_all_are_killed_first(void **state)
{
	(void)state;
	begin("1 s", "overlap = 'ALLOW'");
	test_db_sql("UPDATE jqm.queue_mapping SET max_jobs = 1000;"
		    "SELECT jqm.enqueue(NULL, schedule_id => 1) FROM generate_series(1, 101);"
		    "SELECT jqm.claim(1, 1, " A_QUEUE ", 1000);"
		    "UPDATE jqm.schedule SET overlap = 'REPLACE'");
	assert_value(FIRE, "0");
	assert_value(SLOTS, "OVERLAPPED");
	assert_value("SELECT string_agg(DISTINCT instruction, ',') FROM jqm.job_instance", "KILL");
	test_db_sql("DELETE FROM jqm.job_instance WHERE id IN (SELECT id FROM jqm.job_instance"
		    " LIMIT 1)");
	assert_value(FIRE, "1");
	assert_value("SELECT count(*) FROM jqm.job_dependency", "100");
	test_db_sql("DELETE FROM jqm.job_dependency; DELETE FROM jqm.job_instance;"
		    "UPDATE jqm.queue_mapping SET max_jobs = 5");
}

static void
a_slot_whose_highlander_waits_already_is_absorbed(void **state)
{
	(void)state;
	begin("1 s", "misfire = 'ALL'");
	test_db_sql("UPDATE jqm.schedule SET job_def_id = (SELECT id FROM jqm.job_def"
		    " WHERE name = 'Highlander')");
	test_db_sql("UPDATE jqm.schedule SET next_fire_at = date_trunc('second', now())");
	/* two slots in one word, then a third */
	assert_value("SELECT jqm.schedule_fire(1, version, next_fire_at, ARRAY[next_fire_at"
		     " - interval '1 s', next_fire_at], now() + interval '1 min', NULL)"
		     " FROM jqm.schedule",
		     "1");
	assert_value(FIRE, "0");
	assert_value(SLOTS, "FIRED,ABSORBED,ABSORBED");
	assert_value("SELECT count(DISTINCT job_instance_id) FROM jqm.schedule_slot", "1");
	assert_value("SELECT count(*) FROM jqm.job_instance", "1");
	test_db_sql("DELETE FROM jqm.job_instance");
}

/* JQM's rule for saving: what has not changed keeps its date. */
static void
an_unchanged_save_changes_no_date_and_a_parameter_does(void **state)
{
#define LONG_AGO "UPDATE jqm.schedule SET last_updated = '2001-01-01'"
#define CHANGED "SELECT count(*) FROM jqm.schedule WHERE last_updated > '2001-01-02'"
	(void)state;
	begin("1 s", "misfire = 'ONCE'");
	test_db_sql(LONG_AGO);
	test_db_sql(
	    "UPDATE jqm.schedule SET cron_expression = cron_expression, queue_id = queue_id,"
	    " parameters = parameters, enabled = enabled, priority = priority;"
	    "SELECT jqm.schedule_set_cron(1, '* * * * *'), jqm.schedule_set_enabled(1, true),"
	    " jqm.schedule_set_priority(1, 0), jqm.schedule_set_queue(1, NULL)");
	assert_value(CHANGED, "0");
	assert_value("SELECT next_fire_at IS NOT NULL FROM jqm.schedule", "t");
	assert_value(FIRE, "1"); /* firing is no change either */
	assert_value(CHANGED, "0");
	test_db_sql("UPDATE jqm.schedule SET parameters = parameters || '{\"c\": \"3\"}'");
	assert_value(CHANGED, "1");
	assert_value("SELECT next_fire_at IS NOT NULL FROM jqm.schedule",
		     "t"); /* when: as before */
	test_db_sql(LONG_AGO);
	test_db_sql("UPDATE jqm.schedule SET parameters = parameters - 'c'");
	assert_value(CHANGED, "1");
	test_db_sql("SELECT jqm.schedule_create('Plain', '1 * * * *'),"
		    " jqm.schedule_create('Plain', '2 * * * *'), jqm.schedule_delete(1)");
	assert_value("SELECT string_agg(cron_expression, ',' ORDER BY id) FROM jqm.schedule",
		     "1 * * * *,2 * * * *");
	test_db_sql("SELECT jqm.schedule_delete(id) FROM jqm.schedule");
	assert_value("SELECT count(*) FROM jqm.schedule", "0");
	assert_value("SELECT count(*) FROM jqm.schedule_slot", "0");
}

/* What a runner is told and tells back is the same moment, whoever wrote it. */
static void
moments_travel_to_the_microsecond(void **state)
{
	(void)state;
	begin("1 s", "misfire = 'ONCE'");
	test_db_sql("UPDATE jqm.schedule SET next_fire_at = now() - interval '0.123457 s'");
	assert_value(
	    "SELECT jqm.schedule_fire(h.schedule_id, h.version, jqm.moment(h.next_fire_us),"
	    " jqm.moments(ARRAY[h.next_fire_us]), jqm.moment(h.now_us + 60000000), NULL)"
	    " FROM jqm.housekeeping() AS h",
	    "1");
	assert_value(
	    "SELECT count(*) FROM generate_series(1, 20000) AS i,"
	    " LATERAL (SELECT timestamptz '1999-12-31' + i * interval '13 h 7 min 1.000003 s'"
	    " AS t) AS m WHERE jqm.moment(jqm.microseconds(m.t)) <> m.t",
	    "0");
	assert_value("SELECT jqm.moments('{}'), jqm.moments('{2,1}') ="
		     " ARRAY[jqm.moment(2), jqm.moment(1)]",
		     "{}");
	assert_sql_fails(a_client, "SELECT jqm.housekeeping()", ERR_DENIED);
}

static void
a_schedule_is_looked_at_when_it_is_new_due_or_was_corrected(void **state)
{
#define ASKED "SELECT count(schedule_id) FROM jqm.housekeeping()"
	struct db *root = db_new(test_db_conninfo(), "test_schedule");

	(void)state;
	begin("1 s", "misfire = 'ONCE'");
	assert_value(ASKED, "1");
	test_db_sql("UPDATE jqm.schedule SET next_fire_at = now() + interval '1 h'");
	assert_value(ASKED, "0");
	test_db_sql("SELECT jqm.schedule_set_enabled(1, false)");
	assert_value(ASKED, "0");
	test_db_sql("SELECT jqm.schedule_set_enabled(1, true)");
	assert_value(ASKED, "1");
	assert_value("SELECT next_fire_us IS NULL AND since_us <= now_us FROM jqm.housekeeping()",
		     "t");
	/* it cannot be computed: no more until somebody does something about it */
	test_db_sql("SELECT jqm.schedule_fire(1, version, NULL, '{}', NULL, 'no such zone')"
		    " FROM jqm.schedule");
	assert_value(ASKED, "0");
	test_db_sql("SELECT jqm.schedule_set_enabled(1, true)");
	assert_value(ASKED, "1");
	assert_sql_fails(root, "UPDATE jqm.schedule SET next_fire_at = 'infinity'", ERR_INVALID);
	test_db_sql("INSERT INTO jqm.schedule (job_def_id, cron_expression)"
		    " SELECT job_def_id, cron_expression FROM jqm.schedule,"
		    " generate_series(1, 150)");
	assert_value(ASKED, "100"); /* so many at a time */
	test_db_sql("DELETE FROM jqm.schedule");
	assert_value("SELECT count(*) || ':' || count(schedule_id) FROM jqm.housekeeping()", "1:0");
	db_free(root);
}

/* Request before schedule before definition, for parameters, queue and priority alike. */
static void
an_occurrence_now_takes_what_the_request_says_first(void **state)
{
	(void)state;
	begin("1 s", "priority = 7, queue_id = 2");
	test_db_sql("UPDATE jqm.job_def SET priority = 3 WHERE name = 'Plain'");
	test_db_sql("SELECT jqm.enqueue('ignored', schedule_id => 1)");
	assert_value(
	    "SELECT definition_name || queue_name || priority || parameters FROM jqm.live_job",
	    "Plainother7{\"a\": \"1\", \"b\": \"2\"}");
	test_db_sql("DELETE FROM jqm.job_instance;"
		    "SELECT jqm.enqueue(NULL, '{\"b\": \"9\"}', schedule_id => 1, priority => 5,"
		    " queue_name => (SELECT name FROM jqm.queue WHERE default_queue))");
	assert_value("SELECT queue_id::text || priority || parameters FROM jqm.live_job",
		     "15{\"a\": \"1\", \"b\": \"9\"}");
	test_db_sql("DELETE FROM jqm.job_instance; SELECT jqm.enqueue('Plain')");
	assert_value("SELECT priority FROM jqm.live_job", "3");
}

/* Due jobs queue by the moment they became due, not by when they were enqueued. */
static void
due_jobs_queue_by_the_moment_they_became_due(void **state)
{
	(void)state;
	test_db_sql(
	    "DELETE FROM jqm.job_instance;"
	    "SELECT jqm.enqueue('Plain', run_after => now() + interval '1 h', keyword1 => 'late');"
	    "SELECT jqm.enqueue('Plain', run_after => now() + interval '1 h', keyword1 => 'early');"
	    "SELECT jqm.enqueue('Plain', keyword1 => 'plain')");
	/* what is due now became so after all of them had been enqueued */
	test_db_sql("UPDATE jqm.job_instance SET run_after = now() WHERE keyword1 = 'early'");
	test_db_sql("UPDATE jqm.job_instance SET run_after = now() WHERE keyword1 = 'late'");
	test_db_sql("SELECT jqm.promote_due()");
	assert_value("SELECT string_agg(keyword1, ',' ORDER BY position) FROM jqm.job_instance"
		     " WHERE state = 'SUBMITTED'",
		     "plain,early,late");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_becomes_a_job_with_the_schedule_s_parameters),
		cmocka_unit_test(a_slot_that_was_told_before_makes_no_second_job),
		cmocka_unit_test(of_two_runners_one_is_heard_and_none_waits),
		cmocka_unit_test(a_schedule_that_was_changed_or_disabled_meanwhile_does_not_fire),
		cmocka_unit_test(the_overlap_rule_decides_while_the_last_job_lives),
		cmocka_unit_test(the_misfire_rule_decides_what_becomes_of_missed_slots),
		cmocka_unit_test(once_means_the_newest_of_all_that_were_missed),
		cmocka_unit_test(one_bad_schedule_never_disturbs_another),
		cmocka_unit_test(a_slot_that_waits_for_a_lock_is_due_again),
		cmocka_unit_test(of_too_many_to_be_replaced_all_are_killed_first),
		cmocka_unit_test(a_slot_whose_highlander_waits_already_is_absorbed),
		cmocka_unit_test(an_unchanged_save_changes_no_date_and_a_parameter_does),
		cmocka_unit_test(moments_travel_to_the_microsecond),
		cmocka_unit_test(a_schedule_is_looked_at_when_it_is_new_due_or_was_corrected),
		cmocka_unit_test(each_wrong_value_of_a_schedule_is_refused_by_name),
		cmocka_unit_test(an_occurrence_now_takes_what_the_request_says_first),
		cmocka_unit_test(due_jobs_queue_by_the_moment_they_became_due),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
