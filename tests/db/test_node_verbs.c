/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0016 and the life of a node in 0007: orders to nodes, who hears of them, what they change. */
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

static struct db *api;

/* Node 1 in one of its states. */
static const struct {
	const char *name, *set;
} states[] = {
	{ "served", "lease_until = now() + interval '1 h'" },
	{ "paused", "lease_until = now() + interval '1 h', enabled = false" },
	{ "draining", "lease_until = now() + interval '1 h', draining = true" },
	{ "stopping", "lease_until = now() + interval '1 h', stop = true, ordered_by = 'x'" },
	{ "silent", "lease_until = now() - interval '1 s'" },
	{ "left", "lease_until = NULL, last_seen_alive = NULL" },
};
#define STATES (sizeof(states) / sizeof(states[0]))

/* What each verb leaves in each state: e enabled, d draining, s stop; x: refused, not running. */
static const struct {
	const char *verb, *after[STATES];
} verbs[] = {
	{ "pause", { "", "", "d", "s", "", "" } },
	{ "resume", { "e", "e", "e", "es", "e", "e" } },
	{ "stop", { "es", "s", "eds", "es", "x", "x" } },
	{ "drain", { "ed", "d", "ed", "eds", "x", "x" } },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

#define FLAGS                                                                            \
	"SELECT concat(CASE WHEN enabled THEN 'e' END, CASE WHEN draining THEN 'd' END," \
	" CASE WHEN stop THEN 's' END) FROM jqm.node WHERE id = 1"

static void
node_is(const char *set)
{
	test_db_sql("UPDATE jqm.node SET enabled = true, stop = false, draining = false,"
		    " ordered_by = NULL, incarnation = 1, last_seen_alive = now() WHERE id = 1;"
		    "UPDATE jqm.node SET %s WHERE id = 1",
		    set);
}

static void
every_verb_does_in_every_state_of_a_node_what_the_table_says(void **state)
{
	struct err err = ERR_INIT;
	char sql[100];

	(void)state;
	for (size_t v = 0; v < VERBS; v++) {
		for (size_t s = 0; s < STATES; s++) {
			const char *after = verbs[v].after[s];
			char *before;

			print_message("%s of a node that is %s\n", verbs[v].verb, states[s].name);
			node_is(states[s].set);
			before = test_db_value(FLAGS);
			(void)snprintf(sql, sizeof(sql), "SELECT jqm.node_%s(1)", verbs[v].verb);
			if (strcmp(after, "x") == 0) {
				assert_int_equal(db_exec_sql(api, sql, &err), -1);
				assert_int_equal(err.kind, ERR_CONFLICT);
				assert_non_null(strstr(err.text, "node \"n1\" is not running"));
				after = before;
			} else {
				assert_sql(api, sql);
			}
			assert_value(FLAGS, after);
			free(before);
		}
		(void)snprintf(sql, sizeof(sql), "SELECT jqm.node_%s(999)", verbs[v].verb);
		assert_sql_fails(api, sql, ERR_NOT_FOUND);
		(void)snprintf(sql, sizeof(sql), "SELECT jqm.node_%s(NULL)", verbs[v].verb);
		assert_sql_fails(api, sql, ERR_NOT_FOUND);
	}
	node_is(states[0].set);
	assert_sql_fails(api, "SELECT jqm.node_stop(1, repeat('x', 256))", ERR_INVALID);
	assert_sql_fails(api, "SELECT jqm.node_drain(1, repeat('x', 256))", ERR_INVALID);
	assert_value(FLAGS, "e");
}

static void
a_runner_learns_its_orders_and_who_gave_them(void **state)
{
#define BEAT                                                                                       \
	"SELECT concat_ws(' ', enabled, draining, stop, ordered_by) FROM jqm.node_heartbeat(1, 1," \
	" 3600000, '{1}')"
	(void)state;
	node_is(states[0].set);
	assert_sql(api, "SELECT jqm.node_drain(1, 'alice')");
	assert_value(BEAT, "t t f alice");
	assert_sql(api, "SELECT jqm.node_stop(1, 'bob')");
	assert_value(BEAT, "t t t bob");
	assert_sql(api, "SELECT jqm.node_resume(1)"); /* which takes no stop back */
	assert_value(BEAT, "t f t bob");
	node_is(states[0].set);
	assert_sql(api, "SELECT jqm.node_drain(1, 'alice'), jqm.node_resume(1)");
	assert_value(BEAT, "t f f");
}

/* Nobody is surprised by an order of last week. */
static void
an_order_does_not_outlive_its_runner(void **state)
{
	(void)state;
	node_is("stop = true, draining = true, ordered_by = 'bob', lease_until = NULL");
	test_db_sql("SELECT jqm.node_register('n1', gen_random_uuid(), 3600000, '/j', '/d', '/t',"
		    " 'localhost', 1)");
	assert_value(FLAGS, "e");
	assert_value("SELECT ordered_by FROM jqm.node WHERE id = 1", "");
	node_is("enabled = false, lease_until = NULL"); /* how a node is configured does */
	test_db_sql("SELECT jqm.node_register('n1', gen_random_uuid(), 3600000, '/j', '/d', '/t',"
		    " 'localhost', 1)");
	assert_value(FLAGS, "");
}

/* Not when its runner has heard of it: from the commit on. */
static void
a_node_that_is_to_take_nothing_takes_nothing_from_that_moment(void **state)
{
	static const char *const orders[] = { "pause", "drain", "stop" };
	char sql[100];

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		int64_t id = a_job_in("SUBMITTED");

		node_is(states[0].set);
		(void)snprintf(sql, sizeof(sql), "SELECT jqm.node_%s(1)", orders[i]);
		assert_sql(api, sql);
		test_db_sql(A_CLAIM);
		assert_job_state(id, "SUBMITTED");
		assert_int_equal(a_number("SELECT sum(max_jobs) FROM jqm.node_mappings(1)"),
				 strcmp(orders[i], "stop") == 0 ? 5 : 0);
		node_is(states[0].set);
		test_db_sql(A_CLAIM);
		assert_job_state(id, "ATTRIBUTED");
	}
	test_db_sql("DELETE FROM jqm.job_instance");
}

/* Its runner has not been told yet. */
static void
a_queue_that_is_paused_gives_nothing_from_that_moment(void **state)
{
	int64_t id = a_job_in("SUBMITTED");

	(void)state;
	node_is(states[0].set);
	test_db_sql("SELECT jqm.queue_pause(queue_id) FROM jqm.job_instance WHERE id = %lld",
		    (long long)id);
	test_db_sql(A_CLAIM);
	assert_job_state(id, "SUBMITTED");
	test_db_sql("SELECT jqm.queue_resume(queue_id) FROM jqm.job_instance WHERE id = %lld",
		    (long long)id);
	test_db_sql(A_CLAIM);
	assert_job_state(id, "ATTRIBUTED");
	test_db_sql("DELETE FROM jqm.job_instance");
}

/* By whatever door the change comes.  "": nobody is told. */
static void
whoever_changes_a_node_or_a_mapping_wakes_its_runner(void **state)
{
	static const struct {
		const char *sql, *told;
	} cases[] = {
		{ "SELECT jqm.node_pause(1)", "1" },
		{ "SELECT jqm.node_pause(1)", "" }, /* it is */
		{ "SELECT jqm.node_resume(1)", "1" },
		{ "SELECT jqm.node_drain(1)", "1" },
		{ "SELECT jqm.node_stop(1)", "1" },
		{ "UPDATE jqm.node SET stop = false, draining = false", "1" },
		{ "UPDATE jqm.node SET root_log_level = 'DEBUG'", "1" },
		{ "UPDATE jqm.node SET dns = 'elsewhere'", "" },
		{ "SELECT jqm.node_heartbeat(1, 1, 3600000, '{1}')", "" },
		{ "UPDATE jqm.queue_mapping SET max_jobs = 7", "1" },
		{ "UPDATE jqm.queue_mapping SET max_jobs = 7", "" },
		{ "UPDATE jqm.queue_mapping SET polling_interval_ms = 77", "1" },
		{ "UPDATE jqm.queue_mapping SET enabled = false", "1" },
		{ "UPDATE jqm.queue_mapping SET queue_id = 2", "1" },
		{ "SELECT jqm.queue_resume(2)", "1" },
		{ "DELETE FROM jqm.queue_mapping", "1" },
		{ "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)"
		  " VALUES (1, 1, 5, 1000)",
		  "1" },
	};

	(void)state;
	node_is(states[0].set);
	async_listen("jqm_order");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].sql);
		async_trace.notified = 0;
		async_trace.payload[0] = '\0';
		test_db_sql("%s", cases[i].sql);
		(void)async_backend_pid();
		assert_int_equal(async_trace.notified, strlen(cases[i].told));
		assert_string_equal(async_trace.payload, cases[i].told);
	}
	test_db_sql("INSERT INTO jqm.node (name, repo_job_def, repo_deliverable, repo_tmp)"
		    " VALUES ('n2', '/', '/', '/')");
	async_trace.notified = 0;
	test_db_sql("UPDATE jqm.queue_mapping SET node_id = (SELECT id FROM jqm.node"
		    " WHERE name = 'n2')"); /* it concerns both */
	(void)async_backend_pid();
	assert_int_equal(async_trace.notified, 2);
	test_db_sql(
	    "UPDATE jqm.queue_mapping SET node_id = 1; DELETE FROM jqm.node WHERE name = 'n2'");
}

/* --- the end of a drain, two sessions at once --- */

#define DRAINED "SELECT jqm.node_drained(1, 1)"

static void
a_drain_that_is_taken_back_at_the_last_moment_does_not_end_the_runner(void **state)
{
	static const struct db_stmt drained = { .name = "", .text = DRAINED };
	struct db *other = db_new(test_db_conninfo(), "test_node_verbs");

	(void)state;
	node_is("draining = true, lease_until = now() + interval '1 h'");
	assert_sql(other, "BEGIN; SELECT jqm.node_resume(1)");
	async_send_plain(&drained, 0);
	async_wait_for_lock();
	assert_sql(other, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(async_trace.kinds[0], ERR_NONE);
	assert_int_equal(async_trace.values[0], -1); /* no row: go on */
	assert_value("SELECT lease_until > now() FROM jqm.node WHERE id = 1", "t");
	assert_value(FLAGS, "e");
	db_free(other);
}

/* Then the resume came too late: no job is taken by a runner that is on its way out. */
static void
a_drain_that_is_over_gives_the_lease_back_and_takes_no_job(void **state)
{
	static const struct db_stmt resume = { .name = "",
					       .text = "SELECT length(jqm.node_resume(1)::text)" };
	struct db *other = db_new(test_db_conninfo(), "test_node_verbs");
	int64_t id = a_job_in("SUBMITTED");

	(void)state;
	node_is("draining = true, lease_until = now() + interval '1 h'");
	assert_value("SELECT count(*) FROM jqm.node_drained(1, 2)", "0"); /* a replaced runner */
	assert_sql(other, "BEGIN; " DRAINED);
	db_async_send(dba, &resume, NULL, async_note_done, NULL);
	async_wait_for_lock();
	assert_sql(other, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_value(FLAGS, "e");
	test_db_sql(A_CLAIM);
	assert_job_state(id, "SUBMITTED");
	assert_value("SELECT count(*) FROM jqm.node_drained(1, 1)", "0"); /* nothing drains now */
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(other);
}

/* --- what others have in hand --- */

static void
a_mapping_somebody_has_in_hand_does_not_cost_the_lease(void **state)
{
	struct db *other = db_new(test_db_conninfo(), "test_node_verbs");

	(void)state;
	node_is("lease_until = now() + interval '1 s'");
	assert_sql(other, "BEGIN; UPDATE jqm.queue_mapping SET max_jobs = 3");
	test_db_sql("SET lock_timeout = '1ms'; " BEAT);
	assert_value("SELECT lease_until > now() + interval '1 min' FROM jqm.node WHERE id = 1",
		     "t");
	assert_sql(other, "ROLLBACK");
	db_free(other);
}

static void
a_replaced_runner_s_leave_takes_nothing_from_the_next_one(void **state)
{
	(void)state;
	node_is("incarnation = 2, lease_until = now() + interval '1 h'");
	test_db_sql("SELECT jqm.runner_wait(1, 2, ARRAY[1])");
	test_db_sql("SELECT jqm.node_leave(1, 1)");
	assert_value("SELECT count(*) FROM jqm.runner_waiting", "1");
	assert_value("SELECT lease_until > now() FROM jqm.node WHERE id = 1", "t");
	test_db_sql("SELECT jqm.node_leave(1, 2)");
	assert_value("SELECT count(*) FROM jqm.runner_waiting", "0");
	assert_value("SELECT lease_until FROM jqm.node WHERE id = 1", "");
}

static void
only_the_api_may_give_orders_and_only_runners_end_a_drain(void **state)
{
	static const struct {
		const char *role, *sql;
	} cases[] = {
		{ "jqm_client", "SELECT jqm.node_pause(1)" },
		{ "jqm_client", "SELECT jqm.node_stop(1)" },
		{ "jqm_runner", "SELECT jqm.node_resume(1)" },
		{ "jqm_runner", "SELECT jqm.node_drain(1)" },
		{ "jqm_backup", "SELECT jqm.node_stop(1)" },
		{ "jqm_api", "SELECT jqm.node_drained(1, 1)" },
		{ "jqm_client", "SELECT jqm.node_drained(1, 1)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s: %s\n", cases[i].role, cases[i].sql);
		assert_denied(cases[i].role, cases[i].sql);
	}
}

static int
set_up(void **state)
{
	if (a_job_set_up(state) == -1)
		return -1;
	api = db_new(test_db_conninfo_as("jqm_api"), "test_node_verbs");
	return 0;
}

static int
tear_down(void **state)
{
	db_free(api);
	return a_job_tear_down(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_does_in_every_state_of_a_node_what_the_table_says),
		cmocka_unit_test(a_runner_learns_its_orders_and_who_gave_them),
		cmocka_unit_test(an_order_does_not_outlive_its_runner),
		cmocka_unit_test(a_node_that_is_to_take_nothing_takes_nothing_from_that_moment),
		cmocka_unit_test(a_queue_that_is_paused_gives_nothing_from_that_moment),
		with_dba(whoever_changes_a_node_or_a_mapping_wakes_its_runner),
		with_dba(a_drain_that_is_taken_back_at_the_last_moment_does_not_end_the_runner),
		with_dba(a_drain_that_is_over_gives_the_lease_back_and_takes_no_job),
		cmocka_unit_test(a_mapping_somebody_has_in_hand_does_not_cost_the_lease),
		cmocka_unit_test(a_replaced_runner_s_leave_takes_nothing_from_the_next_one),
		cmocka_unit_test(only_the_api_may_give_orders_and_only_runners_end_a_drain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
