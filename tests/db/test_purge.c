/* SPDX-License-Identifier: Apache-2.0 */
/* Old history goes: which rows, with what belongs to them, by partitions or by rows. */
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
#include "tests/lib/test_db.h"

#define STEP "SELECT jqm.purge_step()::int"
#define PAST "SELECT count(*) FROM jqm.history"

static void
assert_value(const char *expected, const char *sql)
{
	char *value = test_db_value("%s", sql);

	if (strcmp(value, expected) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", sql, value, expected);
	free(value);
}

/* Until there is nothing to do any more. */
static void
purge_all(void)
{
	for (int n = 0; n < 1000; n++)
		if (a_number(STEP) == 0)
			return;
	fail_msg("a purge has no end");
}

/* The only job that waits is claimed and ends so. */
static void
ends(int64_t id, const char *end)
{
	test_db_sql(A_CLAIM);
	a_job_ends(id, end);
}

/* A job that ended so many days ago. */
static int64_t
a_past_job(int days)
{
	int64_t id = a_job_of("Plain");

	ends(id, "ENDED");
	test_db_sql("UPDATE jqm.history SET ended_at = now() - interval '%d days' WHERE id = %lld",
		    days, (long long)id);
	return id;
}

static void
clean(void)
{
	test_db_sql(
	    "DELETE FROM jqm.history; DELETE FROM jqm.job_instance; DELETE FROM jqm.purge_order;"
	    " DELETE FROM jqm.purged_job; DELETE FROM jqm.message; DELETE FROM jqm.deliverable;"
	    " DELETE FROM jqm.global_parameter WHERE key = 'historyRetentionInDays'");
}

static void
what_is_older_goes_with_all_that_belongs_to_it_and_nothing_else(void **state)
{
	int64_t old, young, again;

	(void)state;
	clean();
	old = a_past_job(91);
	young = a_past_job(89);
	test_db_sql("SELECT jqm.add_message(%lld, 'old'), jqm.add_message(%lld, 'young')",
		    (long long)old, (long long)young);
	test_db_sql("INSERT INTO jqm.deliverable (job_instance_id, node_name_id, random_id, path, "
		    "original_file_name,"
		    " size_bytes, sha256) SELECT h.id, h.node_name_id, gen_random_uuid(), "
		    "'Plain/1/x', 'x', 1,"
		    " repeat('0', 64) FROM jqm.history AS h");
	test_db_sql("INSERT INTO jqm.input_file (job_instance_id, name, content)"
		    " SELECT id, 'f', 'x' FROM jqm.history");
	again = a_job_of("Plain");
	test_db_sql("INSERT INTO jqm.job_waited_for VALUES (%lld, %lld, 'end')", (long long)young,
		    (long long)old);
	assert_int_equal(a_number("SELECT jqm.purge_count(now() - interval '90 days')"), 1);
	assert_int_equal(a_number(PAST), 2); /* counting removes nothing */
	assert_int_equal(a_number("SELECT jqm.purge(interval '90 days', 'bob')"), 1);
	purge_all();
	assert_int_equal(a_number("SELECT id FROM jqm.history"), young);
	assert_value("young", "SELECT string_agg(text_message, ',') FROM jqm.message");
	assert_int_equal(a_number("SELECT job_instance_id FROM jqm.deliverable"), young);
	assert_int_equal(a_number("SELECT job_instance_id FROM jqm.input_file"), young);
	assert_int_equal(a_number("SELECT waits_for FROM jqm.job_waited_for"), old);
	assert_int_equal(a_number("SELECT job_instance_id FROM jqm.purged_job"), old);
	assert_int_equal(a_number("SELECT id FROM jqm.job_instance"), again);
	assert_value("0", "SELECT count(*) FROM jqm.purge_order");
	ends(again, "ENDED");
}

static void
an_age_that_is_not_positive_is_refused_and_a_caller_may_not_purge(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	clean();
	(void)a_past_job(1000);
	assert_int_equal(db_exec_sql(a_client, "SELECT jqm.purge(interval '1 day')", &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	test_db_sql("DO $$ BEGIN PERFORM jqm.purge(interval '0'); RAISE 'taken';"
		    " EXCEPTION WHEN SQLSTATE 'JQ400' THEN NULL; END $$");
	assert_value("0", "SELECT count(*) FROM jqm.purge_order");
	purge_all();
	assert_int_equal(a_number(PAST), 1);
}

static void
retention_is_off_unless_a_whole_number_of_days_is_given(void **state)
{
	static const char *const off[] = { "", "0", "-1", "abc", "1.5", "999999" };

	(void)state;
	clean();
	(void)a_past_job(100);
	(void)a_past_job(10);
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		test_db_sql("INSERT INTO jqm.global_parameter (key, value) VALUES "
			    "('historyRetentionInDays', '%s')"
			    " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
			    off[i]);
		purge_all();
		assert_int_equal(a_number(PAST), 2);
	}
	test_db_sql(
	    "UPDATE jqm.global_parameter SET value = '30' WHERE key = 'historyRetentionInDays'");
	purge_all();
	assert_int_equal(a_number(PAST), 1);
}

/* The sequence stands behind three partitions, with jobs in each. */
static void
three_partitions(int rows)
{
	clean();
	test_db_sql(
	    "SELECT setval('jqm.job_instance_id_seq', min(lower_id) + 750001), jqm.history_extend()"
	    " FROM jqm.history_partition");
	(void)a_past_job(1);
	for (int part = 0; part < 3; part++)
		test_db_sql(
		    "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id, "
		    "queue_name_id,"
		    " node_name_id, priority, attempt, enqueued_at, ended_at, highlander, "
		    "from_schedule,"
		    " progress, parameters)"
		    " SELECT p.lower_id + n, h.job_def_id, h.queue_id, 'ENDED', h.snapshot_id, "
		    "h.queue_name_id,"
		    " h.node_name_id, 0, 1, now() - interval '200 days', now() - interval '100 "
		    "days', false,"
		    " false, 0, '{}' FROM (SELECT lower_id FROM jqm.history_partition WHERE "
		    "purged_to IS NULL"
		    " ORDER BY lower_id OFFSET %d LIMIT 1) AS p, generate_series(1, %d) AS n,"
		    " (SELECT * FROM jqm.history ORDER BY id DESC LIMIT 1) AS h",
		    part, rows);
}

static void
old_partitions_are_dropped_whole_and_stragglers_are_kept(void **state)
{
	int64_t lower, straggler;

	(void)state;
	three_partitions(450);
	lower = a_number("SELECT min(lower_id) FROM jqm.history_partition");
	/* One of the oldest partition ended yesterday only. */
	straggler = lower + 7;
	test_db_sql("UPDATE jqm.history SET ended_at = now() - interval '1 day' WHERE id = %lld",
		    (long long)straggler);
	assert_int_equal(a_number("SELECT jqm.purge(interval '90 days')"), 3 * 450 - 1);
	/* One step: readers do not see them any more, though nothing is cleared up yet. */
	(void)a_number(STEP);
	assert_int_equal(a_number_of("SELECT count(*) FROM jqm.history WHERE id < %lld + 250000",
				     (long long)lower),
			 1);
	purge_all();
	assert_int_equal(a_number(PAST), 2);
	assert_int_equal(a_number_of("SELECT count(*) FROM jqm.history_old WHERE id = %lld",
				     (long long)straggler),
			 1);
	assert_int_equal(
	    a_number("SELECT count(*) FROM jqm.history_partition WHERE purged_to IS NOT NULL"), 0);
	assert_int_equal(a_number("SELECT min(lower_id) FROM jqm.history_partition"),
			 lower + 750000);
	assert_int_equal(
	    a_number_of(
		"SELECT count(*) FROM pg_class WHERE relname IN ('history_%lld', 'history_%lld',"
		" 'history_%lld') AND relkind = 'r'",
		(long long)lower, (long long)lower + 250000, (long long)lower + 500000),
	    0);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.purged_job"), 3 * 450 - 1);
	/* A job that lives since then ends after its partition is gone. */
	test_db_sql("INSERT INTO jqm.job_instance (id, job_def_id, queue_id, state, position, "
		    "highlander, snapshot_id)"
		    " OVERRIDING SYSTEM VALUE SELECT %lld, d.id, d.queue_id, 'SUBMITTED', 1, "
		    "false, d.snapshot_id"
		    " FROM jqm.job_def AS d WHERE d.name = 'Plain'",
		    (long long)lower + 9);
	ends(lower + 9, "ENDED");
	assert_job_state(lower + 9, "ENDED");
	/* And is purged like any other. */
	test_db_sql("UPDATE jqm.history SET ended_at = now() - interval '100 days' WHERE id = %lld",
		    (long long)lower + 9);
	assert_int_equal(a_number("SELECT jqm.purge(interval '90 days')"), 1);
	purge_all();
	assert_int_equal(a_number(PAST), 2);
}

static void
a_reader_of_history_holds_up_partitions_but_not_the_purge(void **state)
{
	struct db *reader = db_new(test_db_conninfo(), "reader");
	struct err err = ERR_INIT;
	int64_t lower;

	(void)state;
	three_partitions(50);
	lower = a_number("SELECT min(lower_id) FROM jqm.history_partition");
	assert_int_equal(db_exec_sql(reader, "BEGIN; SELECT count(*) FROM jqm.history", &err), 0);
	assert_int_equal(a_number("SELECT jqm.purge(interval '90 days')"), 150);
	purge_all();
	assert_int_equal(a_number(PAST), 1);
	assert_int_equal(a_number("SELECT min(lower_id) FROM jqm.history_partition"), lower);
	assert_int_equal(db_exec_sql(reader, "COMMIT", &err), 0);
	db_free(reader);
	assert_int_equal(a_number("SELECT jqm.purge(interval '90 days')"), 0);
	purge_all();
	assert_true(a_number("SELECT min(lower_id) FROM jqm.history_partition") > lower);
}

static void
a_purge_interrupted_at_any_step_goes_on_where_it_was(void **state)
{
	(void)state;
	three_partitions(450);
	assert_int_equal(a_number("SELECT jqm.purge(interval '90 days')"), 3 * 450);
	for (int n = 0; n < 30; n++) {
		/* Every other step is rolled back, as by a crash. */
		test_db_sql("BEGIN; " STEP "; ROLLBACK");
		(void)a_number(STEP);
	}
	purge_all();
	assert_int_equal(a_number(PAST), 1);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.purged_job"), 3 * 450);
}

static void
a_node_is_told_until_it_has_said_that_it_is_done_and_no_longer(void **state)
{
	int64_t old;

	(void)state;
	clean();
	old = a_past_job(100);
	(void)a_number("SELECT jqm.purge(interval '90 days')");
	purge_all();
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    a_number("SELECT id FROM jqm.node_purge(1, (SELECT incarnation FROM jqm.node"
			     " WHERE id = 1), '{}')"),
		    old);
	assert_value(
	    "Plain 1",
	    "SELECT definition_name || ' ' || attempt FROM jqm.node_purge(1, (SELECT incarnation"
	    " FROM jqm.node WHERE id = 1), '{}')");
	/* Who was replaced is told nothing, and changes nothing. */
	assert_int_equal(
	    a_number_of("SELECT count(*) FROM jqm.node_purge(1, -1, '{%lld}')", (long long)old), 0);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.purged_job"), 1);
	assert_int_equal(
	    a_number_of("SELECT count(id) FROM jqm.node_purge(1, (SELECT incarnation FROM jqm.node"
			" WHERE id = 1), '{%lld}')",
			(long long)old),
	    0);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.purged_job"), 0);
}

static void
no_more_is_purged_than_a_node_clears_up(void **state)
{
	(void)state;
	clean();
	test_db_sql("INSERT INTO jqm.purged_job SELECT n.name_id, i, 1, 1 FROM jqm.node AS n, "
		    "generate_series(1, 200) AS i"
		    " WHERE n.id = 1");
	(void)a_past_job(100);
	(void)a_number("SELECT jqm.purge(interval '90 days')");
	assert_int_equal(a_number("SELECT count(*) FROM jqm.node_purge(1, 1, '{}')"), 200);
	assert_int_equal(a_number(PAST), 1);
	assert_int_equal(a_number("SELECT count(id) FROM jqm.node_purge(1, 1, '{1}')"), 200);
	assert_int_equal(a_number(PAST), 0);
}

/* Whose files cannot be removed makes room for others, and is named again later. */
static void
jobs_of_which_something_stays_hold_up_no_other(void **state)
{
	(void)state;
	clean();
	test_db_sql("INSERT INTO jqm.purged_job SELECT n.name_id, i, 1, 1 FROM jqm.node AS n, "
		    "generate_series(1, 300) AS i WHERE n.id = 1");
	(void)a_past_job(100);
	(void)a_number("SELECT jqm.purge(interval '90 days')");
	assert_int_equal(a_number("SELECT max(id) FROM jqm.node_purge(1, 1, '{}')"), 200);
	assert_int_equal(a_number("SELECT min(id) FROM jqm.node_purge(1, 1, '{}', ARRAY (SELECT"
				  " generate_series(1, 250)))"),
			 251);
	assert_int_equal(a_number(PAST), 0);
	test_db_sql("UPDATE jqm.purged_job SET try_at = try_at - interval '10 min'"
		    " WHERE try_at > now()");
	assert_int_equal(a_number("SELECT count(id) FROM jqm.node_purge(1, 1, ARRAY (SELECT"
				  " generate_series(251, 300)))"),
			 200);
}

static void
all_nodes_of_a_job_s_attempts_are_told_and_removed_ones_are_not_waited_for(void **state)
{
	int64_t old;

	(void)state;
	clean();
	test_db_sql(
	    "INSERT INTO jqm.node (name, dns, port, repo_job_def, repo_deliverable, repo_tmp)"
	    " SELECT n, 'h', 0, '/a', '/b', '/c' FROM unnest(ARRAY['second', 'third']) AS n");
	old = a_past_job(100);
	test_db_sql(
	    "INSERT INTO jqm.job_attempt (job_instance_id, attempt, node_name_id, attributed_at, "
	    "ended_at)"
	    " SELECT %lld, row_number() OVER (), name_id, now(), now() FROM jqm.node WHERE id <> 1",
	    (long long)old);
	test_db_sql("DELETE FROM jqm.node WHERE name = 'third'");
	(void)a_number("SELECT jqm.purge(interval '90 days')");
	purge_all();
	assert_int_equal(a_number("SELECT count(*) FROM jqm.purged_job"), 2);
	test_db_sql("DELETE FROM jqm.node WHERE name = 'second'");
	assert_int_equal(a_number("SELECT count(*) FROM jqm.purged_job"), 1);
}

static void
a_crash_is_restarted_once_though_one_of_the_two_was_purged(void **state)
{
	int64_t crashed = a_job_of("Plain"), next;

	(void)state;
	ends(crashed, "CRASHED");
	next = a_number_of("SELECT jqm.restart_crashed(%lld)", (long long)crashed);
	ends(next, "ENDED");
	test_db_sql("UPDATE jqm.history SET ended_at = now() - interval '100 days' WHERE id = %lld",
		    (long long)next);
	(void)a_number("SELECT jqm.purge(interval '90 days')");
	purge_all();
	assert_int_equal(
	    a_number_of("SELECT job_instance_id FROM jqm.job_restart WHERE restart_of = %lld",
			(long long)crashed),
	    next);
	test_db_sql("UPDATE jqm.history SET ended_at = now() - interval '100 days' WHERE id = %lld",
		    (long long)crashed);
	(void)a_number("SELECT jqm.purge(interval '90 days')");
	purge_all();
	assert_int_equal(a_number_of("SELECT count(*) FROM jqm.job_restart WHERE restart_of = %lld",
				     (long long)crashed),
			 0);
}

static void
partitions_are_made_ahead_also_while_no_runner_lives(void **state)
{
	int64_t top;

	(void)state;
	clean();
	/* Nobody made any for four million ids: one more enqueue does. */
	top = a_number(
	    "SELECT (max(upper_id) - 300000) / 100000 * 100000 FROM jqm.history_partition");
	test_db_sql("SELECT setval('jqm.job_instance_id_seq', %lld)", (long long)top - 1);
	assert_int_equal(a_job_of("Plain"), top);
	ends(top, "ENDED");
	assert_true(a_number("SELECT max(upper_id) FROM jqm.history_partition") >= top + 5000000);
	test_db_sql("SELECT setval('jqm.job_instance_id_seq', %lld)", (long long)top + 3000000);
	{
		int64_t far = a_job_of("Plain");

		ends(far, "ENDED");
		assert_job_state(far, "ENDED");
	}
}

/*
 * The sequence went past all partitions, as after a setval(): a purge of all there is must leave the one
 * behind which new ones begin.
 */
static void
a_purge_of_all_partitions_leaves_one_and_history_goes_on(void **state)
{
	int64_t far, last;

	(void)state;
	clean();
	(void)a_past_job(1);
	last = a_number("SELECT max(lower_id) FROM jqm.history_partition");
	test_db_sql("SELECT setval('jqm.job_instance_id_seq', max(upper_id) + 100)"
		    " FROM jqm.history_partition;"
		    "UPDATE jqm.history SET ended_at = now() - interval '1 day';"
		    "SELECT jqm.purge('1 second')");
	purge_all();
	assert_int_equal(a_number(PAST), 0);
	assert_int_equal(a_number("SELECT min(lower_id) FROM jqm.history_partition"), last);
	assert_true(a_number("SELECT jqm.history_extend()") > 0);
	far = a_job_of("Plain");
	ends(far, "ENDED");
	assert_job_state(far, "ENDED");
}

/* A database in which an earlier purge did leave none. */
static void
without_any_partition_new_ones_begin_behind_the_stragglers(void **state)
{
	int64_t far;

	(void)state;
	clean();
	test_db_sql(
	    "DO $$ DECLARE v record; BEGIN FOR v IN SELECT * FROM jqm.history_partition LOOP"
	    " EXECUTE format('DROP TABLE jqm.history_%%s', v.lower_id); END LOOP; END $$;"
	    "ALTER TABLE jqm.history DETACH PARTITION jqm.history_old;"
	    "ALTER TABLE jqm.history ATTACH PARTITION jqm.history_old FOR VALUES FROM (MINVALUE)"
	    " TO (20000000);"
	    "SELECT setval('jqm.job_instance_id_seq', 20000005);"
	    "DELETE FROM jqm.history_partition; SELECT jqm.history_extend()");
	assert_int_equal(a_number("SELECT min(lower_id) FROM jqm.history_partition"), 20000000);
	far = a_job_of("Plain");
	ends(far, "ENDED");
	assert_job_state(far, "ENDED");
}

/* However far the sequence went: one call makes no more than a transaction has locks for, the next goes on. */
static void
very_many_partitions_are_made_in_several_calls(void **state)
{
	int64_t made = 0;

	(void)state;
	clean();
	test_db_sql("SELECT setval('jqm.job_instance_id_seq', max(upper_id) + 250000 * 60)"
		    " FROM jqm.history_partition");
	for (int64_t n; (n = a_number("SELECT jqm.history_extend()")) > 0; made += n)
		assert_in_range(n, 1, 50);
	assert_in_range(made, 80, 82);
	assert_int_equal(a_number("SELECT jqm.history_extend(90)"), 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_older_goes_with_all_that_belongs_to_it_and_nothing_else),
		cmocka_unit_test(an_age_that_is_not_positive_is_refused_and_a_caller_may_not_purge),
		cmocka_unit_test(retention_is_off_unless_a_whole_number_of_days_is_given),
		cmocka_unit_test(old_partitions_are_dropped_whole_and_stragglers_are_kept),
		cmocka_unit_test(a_reader_of_history_holds_up_partitions_but_not_the_purge),
		cmocka_unit_test(a_purge_interrupted_at_any_step_goes_on_where_it_was),
		cmocka_unit_test(a_node_is_told_until_it_has_said_that_it_is_done_and_no_longer),
		cmocka_unit_test(no_more_is_purged_than_a_node_clears_up),
		cmocka_unit_test(jobs_of_which_something_stays_hold_up_no_other),
		cmocka_unit_test(
		    all_nodes_of_a_job_s_attempts_are_told_and_removed_ones_are_not_waited_for),
		cmocka_unit_test(a_crash_is_restarted_once_though_one_of_the_two_was_purged),
		cmocka_unit_test(partitions_are_made_ahead_also_while_no_runner_lives),
		cmocka_unit_test(a_purge_of_all_partitions_leaves_one_and_history_goes_on),
		cmocka_unit_test(without_any_partition_new_ones_begin_behind_the_stragglers),
		cmocka_unit_test(very_many_partitions_are_made_in_several_calls),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
