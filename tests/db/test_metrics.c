/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0039: figures for monitoring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "model/metric.h"
#include "runner/figures.h"
#include "store/metric_store.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static int
clean(void **state)
{
	(void)state;
	test_db_sql(
	    "DELETE FROM jqm.job_instance; DELETE FROM jqm.job_dependency; DELETE FROM"
	    " jqm.happened; DELETE FROM jqm.happened_before; DELETE FROM jqm.node_figures;"
	    " UPDATE jqm.job_def SET attempts_max = 1, retry_delay_s = 0, on_node_loss = 'CRASH'");
	return 0;
}

#define clean_test(test) cmocka_unit_test_setup(test, clean)

/* Of several figures the values, parted by commas. */
static void
assert_figure(const char *name, const char *where, const char *want)
{
	char sql[500];

	(void)snprintf(sql, sizeof(sql),
		       "SELECT string_agg(round(value)::text, ',' ORDER BY node, queue, word)"
		       " FROM jqm.metrics() WHERE name = '%s' AND %s",
		       name, where);
	print_message("%s %s\n", name, where);
	assert_value(sql, want);
}

#define OF_DEFAULT "queue = 'DEFAULT'"

static void
live_jobs_are_told_by_queue_and_state(void **state)
{
	(void)state;
	assert_figure("jqm_jobs", OF_DEFAULT, "0,0,0,0,0");
	(void)a_job_in("RUNNING");
	(void)a_job_of("Plain");
	(void)a_number("SELECT jqm.enqueue('Plain', held => true)");
	(void)a_number("SELECT jqm.enqueue('Plain', queue_name => 'other')");
	(void)a_number("SELECT jqm.enqueue('Plain', run_after => 'tomorrow')");
	assert_figure("jqm_jobs", OF_DEFAULT " AND word = 'SUBMITTED'", "1");
	assert_figure("jqm_jobs", OF_DEFAULT " AND word = 'RUNNING'", "1");
	assert_figure("jqm_jobs", OF_DEFAULT " AND word = 'HOLDED'", "1");
	assert_figure("jqm_jobs", OF_DEFAULT " AND word = 'SCHEDULED'", "1");
	assert_figure("jqm_jobs", OF_DEFAULT " AND word = 'ATTRIBUTED'", "0");
	assert_figure("jqm_jobs", "queue = 'other' AND word = 'SUBMITTED'", "1");
	assert_figure("jqm_queue_jobs_in_hand", OF_DEFAULT, "1");
}

/* As if all that has happened had happened an hour before. */
#define AN_HOUR_AGO                                                                        \
	"UPDATE jqm.job_instance SET enqueued_at = enqueued_at - interval '1 hour',"       \
	" runnable_at = runnable_at - interval '1 hour', run_after = run_after - interval" \
	" '1 hour'"

static void
assert_lag_about(int64_t seconds)
{
	int64_t lag = a_number("SELECT value::bigint FROM jqm.metrics()"
			       " WHERE name = 'jqm_queue_lag_seconds' AND " OF_DEFAULT);

	print_message("lag %lld, should be %lld\n", (long long)lag, (long long)seconds);
	assert_in_range(lag, seconds, seconds + 120);
}

static void
a_queue_lags_from_when_a_job_could_have_been_started(void **state)
{
	int64_t first, second;
	(void)state;

	assert_lag_about(0);
	first = a_job_of("Plain");
	test_db_sql(AN_HOUR_AGO);
	assert_lag_about(3600);
	/* one that was held counts from its resume */
	test_db_sql("SELECT jqm.hold(%lld)", (long long)first);
	test_db_sql("SELECT jqm.resume(%lld)", (long long)first);
	assert_lag_about(0);
	test_db_sql("DELETE FROM jqm.job_instance");
	/* one with a date from that, whenever somebody was there to see it */
	(void)a_number("SELECT jqm.enqueue('Plain', run_after => now() + interval '30 min')");
	test_db_sql(AN_HOUR_AGO);
	test_db_sql("SELECT jqm.promote_due()");
	assert_lag_about(1800);
	test_db_sql("DELETE FROM jqm.job_instance");
	/* one that waits for another from the end of that */
	first = a_number("SELECT jqm.enqueue('Plain', held => true)");
	second = a_number_of("SELECT jqm.enqueue('Plain', wait_for => ARRAY['end:%lld'])",
			     (long long)first);
	test_db_sql(AN_HOUR_AGO);
	assert_lag_about(0);
	test_db_sql("SELECT jqm.cancel(%lld)", (long long)first);
	test_db_sql("SELECT jqm.housekeeping()");
	assert_job_state(second, "SUBMITTED");
	assert_lag_about(0);
}

static void
a_claim_tells_how_long_the_job_could_have_been_started(void **state)
{
	(void)state;
	(void)a_job_of("Plain");
	test_db_sql(AN_HOUR_AGO);
	test_db_sql(A_CLAIM);
	assert_in_range(a_number("SELECT waited_us / 1000000 FROM jqm.job_order"), 3600, 3720);
}

static void
what_happens_without_a_runner_is_counted_and_adding_it_up_changes_nothing(void **state)
{
	int64_t id;
	(void)state;

	assert_figure("jqm_jobs_cancelled_total", OF_DEFAULT, "0");
	(void)a_job_in("CANCELLED");
	id = a_job_of("Plain");
	test_db_sql("SELECT jqm.kill(%lld)", (long long)id);
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2");
	(void)a_job_in("CRASHED"); /* its first attempt */
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 1");
	for (int times = 0; times < 3; times++) {
		assert_figure("jqm_jobs_cancelled_total", OF_DEFAULT, "2");
		assert_figure("jqm_job_retries_total", OF_DEFAULT, "1");
		assert_figure("jqm_job_attempts_lost_total", OF_DEFAULT, "0");
		assert_figure("jqm_jobs_cancelled_total", "queue = 'other'", "0");
		test_db_sql("SELECT jqm.fold_happened()");
	}
	assert_value("SELECT count(*) FROM jqm.happened", "0");
	(void)a_job_in("RUNNING");
	test_db_sql("SELECT jqm.take_back(1, incarnation, '[]') FROM jqm.node WHERE id = 1");
	assert_figure("jqm_job_attempts_lost_total", OF_DEFAULT, "1");
}

static void
a_cancel_that_is_taken_back_is_not_counted(void **state)
{
	int64_t id = a_job_of("Plain");
	(void)state;

	test_db_sql("BEGIN; SELECT jqm.cancel(%lld); ROLLBACK", (long long)id);
	assert_figure("jqm_jobs_cancelled_total", OF_DEFAULT, "0");
}

#define OF_NODE_1 "node = (SELECT name FROM jqm.node WHERE id = 1)"

static void
nodes_schedules_numbers_and_late_jobs_are_told(void **state)
{
	int64_t id;
	(void)state;

	assert_figure("jqm_jobs_late", "true", "0");
	id = a_job_in("RUNNING");
	test_db_sql("UPDATE jqm.job_instance SET late = true WHERE id = %lld", (long long)id);
	assert_figure("jqm_jobs_late", "true", "1");
	id = a_job_of("Plain");
	assert_int_equal(a_number("SELECT value::bigint FROM jqm.metrics()"
				  " WHERE name = 'jqm_job_numbers_total'"),
			 id);
	assert_figure("jqm_schedules_enabled", "true", "0");
	id = a_number("SELECT jqm.schedule_create('Plain', '0 4 * * *')");
	assert_figure("jqm_schedules_enabled", "true", "1");
	test_db_sql("SELECT jqm.schedule_set_enabled(%lld, false)", (long long)id);
	assert_figure("jqm_schedules_enabled", "true", "0");
	test_db_sql("SELECT jqm.schedule_delete(%lld)", (long long)id);

	test_db_sql("UPDATE jqm.node SET lease_until = now() + interval '1 h', draining = true,"
		    " last_seen_alive = now() - interval '1 h' WHERE id = 1");
	assert_figure("jqm_node_up", OF_NODE_1, "1");
	assert_figure("jqm_node_draining", OF_NODE_1, "1");
	assert_figure("jqm_queue_slots", OF_NODE_1 " AND " OF_DEFAULT, "0");
	assert_in_range(a_number("SELECT value::bigint FROM jqm.metrics() WHERE name ="
				 " 'jqm_node_heartbeat_age_seconds' AND " OF_NODE_1),
			3600, 3720);
	test_db_sql("UPDATE jqm.node SET draining = false, last_seen_alive = NULL, lease_until ="
		    " now() - interval '1 s' WHERE id = 1");
	assert_figure("jqm_node_up", OF_NODE_1, "0");
	assert_figure("jqm_node_draining", OF_NODE_1, "0");
	assert_value("SELECT count(*) FROM jqm.metrics() WHERE name ="
		     " 'jqm_node_heartbeat_age_seconds' AND " OF_NODE_1,
		     "0");
	test_db_sql("UPDATE jqm.node SET lease_until = now() + interval '1 h', last_seen_alive ="
		    " now() WHERE id = 1");
}

/* What a runner would tell that has counted this. */
static void
count_and_tell(void)
{
	struct figures figures = { 0 };
	struct keeper_figures keeper = { .passes = { .counts = { [2] = 8, [6] = 1 },
						     .sum_us = 48000 } };
	struct histogram loop = { .counts = { [0] = 4, [1] = 1 }, .sum_us = 5000 };
	struct job_end end = { .state = JOB_END_CRASHED,
			       .has_run = true,
			       .started_us = 1000000,
			       .ended_us = 3000000 };
	struct buf text = BUF_INIT(65536);

	figures_claimed(&figures, 1, 250000);
	figures_claimed(&figures, 1, -3);
	figures_claimed(&figures, 2, 0);
	figures_claimed(&figures, 77, 0); /* a queue that is no more */
	figures_ended(&figures, 1, &end);
	end.has_run = false;
	figures_ended(&figures, 1, &end);
	figures_of_keeper(&figures, &keeper);
	figures_write(&figures, &loop, &loop, &text);
	assert_false(text.failed);
	test_db_sql("SELECT jqm.node_tell(1, incarnation, $$%s$$) FROM jqm.node WHERE id = 1",
		    buf_text(&text));
	buf_free(&text);
	figures_free(&figures);
}

static void
what_a_runner_tells_is_told(void **state)
{
	(void)state;
	count_and_tell();
	assert_figure("jqm_jobs_claimed_total", "node IS NOT NULL", "2,1");
	assert_figure("jqm_job_attempts_ended_total", OF_DEFAULT, "2,0,0");
	assert_value("SELECT value || ' ' || array_to_string(counts, ',') FROM jqm.metrics()"
		     " WHERE name = 'jqm_job_waiting_seconds' AND queue = 'DEFAULT'",
		     "0.25 1,0,1,0,0,0,0,0,0,0,0,0,0,0,0");
	assert_value("SELECT value || ' ' || array_to_string(counts, ',') FROM jqm.metrics()"
		     " WHERE name = 'jqm_job_running_seconds' AND queue = 'DEFAULT'",
		     "2 0,0,0,0,1,0,0,0,0,0,0,0,0,0,0");
	assert_value("SELECT string_agg(word || ' ' || value, ', ' ORDER BY word) FROM"
		     " jqm.metrics() WHERE name = 'jqm_loop_pass_seconds'",
		     "jqm-keeper 0.048, jqm-runner 0.005");
	/* over 20 ms: a class of its own begins there */
	assert_value("SELECT word || ' ' || (SELECT sum(n) FROM unnest(counts[7:]) AS n) FROM"
		     " jqm.metrics() WHERE name = 'jqm_loop_pass_seconds' AND word = 'jqm-keeper'",
		     "jqm-keeper 1");
	assert_int_equal(histogram_programs[5], 20000);
	assert_value("SELECT word || ' ' || value FROM jqm.metrics() WHERE name ="
		     " 'jqm_database_answer_seconds'",
		     "jqm-runner 0.005");
}

static void
the_web_api_reads_them_and_leaves_out_what_it_does_not_understand(void **state)
{
	struct db *db = db_new(test_db_conninfo_as("jqm_api"), "test_metrics");
	struct pool pool;
	struct metric_list list;
	struct err err = ERR_INIT;
	size_t histograms = 0, waiting = 0;
	(void)state;

	test_db_sql("SELECT jqm.node_tell(1, incarnation, '[{\"what\": \"waited\", \"queue\": 1,"
		    " \"value\": 2000000, \"counts\": [0,0,0,0,1,0,0,0,0,0,0,0,0,0,0]},"
		    " {\"what\": \"ran\", \"queue\": 1, \"value\": 1, \"counts\": [1,2]},"
		    " {\"what\": \"news\", \"value\": 1}]') FROM jqm.node WHERE id = 1");
	pool_init(&pool);
	assert_int_equal(metric_store_read(db, &pool.memory, &list, &err), 0);
	for (size_t i = 0; i < list.len; i++) {
		histograms += list.items[i].histogram != NULL;
		if (strcmp(list.items[i].name, "jqm_job_waiting_seconds") != 0)
			continue;
		waiting++;
		assert_string_equal(list.items[i].value, "2");
		assert_int_equal(list.items[i].histogram->counts[4], 1);
	}
	assert_int_equal(histograms, 1);
	assert_int_equal(waiting, 1);
	pool_free(&pool);
	db_free(db);
}

static void
only_the_newest_runner_of_a_node_is_heard_and_a_removed_node_is_forgotten(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.node_tell(1, incarnation - 1, '[{\"what\": \"loop\"}]')"
		    " FROM jqm.node WHERE id = 1");
	assert_value("SELECT count(*) FROM jqm.node_figures", "0");
	test_db_sql("INSERT INTO jqm.node (name, repo_job_def, repo_deliverable)"
		    " VALUES ('gone', '/j', '/d')");
	test_db_sql("SELECT jqm.node_tell(id, incarnation, '[]') FROM jqm.node"
		    " WHERE name = 'gone'");
	assert_value("SELECT count(*) FROM jqm.node_figures", "1");
	test_db_sql("DELETE FROM jqm.node WHERE name = 'gone'");
	assert_value("SELECT count(*) FROM jqm.node_figures", "0");
}

#define LOOKS_AT_HISTORY                                                       \
	" SELECT sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0)) INTO v_%s" \
	"   FROM pg_stat_xact_all_tables WHERE schemaname = 'jqm'"             \
	"    AND relname LIKE 'history%%';"

static void
what_waits_for_a_webhook_and_what_was_given_up_is_told_hook_by_hook(void **state)
{
	(void)state;
	test_db_sql(
	    "INSERT INTO jqm.webhook (name, url, new_secret) SELECT n, "
	    "'https://example.org/', '1:0123456789abcdef:AAAA' FROM "
	    "unnest('{off,on}'::text[]) AS n;"
	    "SELECT jqm.webhook_ping(id) FROM jqm.webhook, generate_series(1, 3);"
	    "UPDATE jqm.webhook SET enabled = false WHERE name = 'off';"
	    "UPDATE jqm.webhook_delivery SET wanted_since = now() - interval '1 h';"
	    "UPDATE jqm.webhook_delivery SET wanted_since = now() - interval '4 days' WHERE "
	    "id IN (SELECT min(id) FROM jqm.webhook_delivery GROUP BY webhook_id)");
	assert_figure("jqm_webhook_deliveries_waiting", "true", "3,3");
	assert_figure("jqm_webhook_deliveries_given_up_total", "true", "0,0");
	test_db_sql("SELECT jqm.webhook_forget(30, 100)");
	assert_figure("jqm_webhook_deliveries_waiting", "true", "2,2");
	assert_figure("jqm_webhook_deliveries_given_up_total", "true", "1,1");
	assert_value("SELECT string_agg(word || ' ' || (value BETWEEN 3600 AND 3700), ',') FROM "
		     "jqm.metrics() WHERE name = 'jqm_webhook_lag_seconds'",
		     "on true");
	test_db_sql("DELETE FROM jqm.webhook_delivery WHERE state = 'PENDING'");
	assert_figure("jqm_webhook_lag_seconds", "true", "0");
	assert_figure("jqm_webhook_deliveries_given_up_total", "true", "1,1");
	test_db_sql("DELETE FROM jqm.webhook_delivery; DELETE FROM jqm.webhook");
}

/* However many past jobs there are. */
static void
one_look_reads_nothing_of_history(void **state)
{
	(void)state;
	(void)a_job_in("ENDED");
	test_db_sql(
	    "DO $$ DECLARE v_before bigint; v_after bigint; v_last bigint; BEGIN" LOOKS_AT_HISTORY
	    " PERFORM count(*) FROM jqm.metrics();" LOOKS_AT_HISTORY
	    " PERFORM count(*) FROM jqm.history;" LOOKS_AT_HISTORY
	    " IF v_before <> v_after THEN RAISE EXCEPTION 'history was read'; END IF;"
	    " IF v_last = v_after THEN RAISE EXCEPTION 'nothing would show it'; END IF; END $$",
	    "before", "after", "last");
}

static void
the_oldest_snapshot_of_anybody_is_seen(void **state)
{
	struct db *other = db_new(test_db_conninfo_as("jqm_client"), "reader");
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(
	    db_exec_sql(other, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT now()", &err), 0);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.metrics() WHERE value >= 0 AND name ="
				  " 'jqm_database_oldest_snapshot_seconds'"),
			 1);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.metrics() WHERE value >= 0 AND name ="
				  " 'jqm_database_oldest_snapshot_transactions'"),
			 1);
	db_free(other);
	(void)err;
}

static void
nobody_but_the_web_api_may_look(void **state)
{
	(void)state;
	assert_denied("jqm_client", "SELECT count(*) FROM jqm.metrics()");
	assert_denied("jqm_runner", "SELECT count(*) FROM jqm.metrics()");
	assert_denied("jqm_api", "SELECT jqm.node_tell(1, 1, '[]')");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		clean_test(live_jobs_are_told_by_queue_and_state),
		clean_test(a_queue_lags_from_when_a_job_could_have_been_started),
		clean_test(a_claim_tells_how_long_the_job_could_have_been_started),
		clean_test(
		    what_happens_without_a_runner_is_counted_and_adding_it_up_changes_nothing),
		clean_test(a_cancel_that_is_taken_back_is_not_counted),
		clean_test(nodes_schedules_numbers_and_late_jobs_are_told),
		clean_test(what_a_runner_tells_is_told),
		clean_test(the_web_api_reads_them_and_leaves_out_what_it_does_not_understand),
		clean_test(
		    only_the_newest_runner_of_a_node_is_heard_and_a_removed_node_is_forgotten),
		clean_test(what_waits_for_a_webhook_and_what_was_given_up_is_told_hook_by_hook),
		clean_test(one_look_reads_nothing_of_history),
		clean_test(the_oldest_snapshot_of_anybody_is_seen),
		clean_test(nobody_but_the_web_api_may_look),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
