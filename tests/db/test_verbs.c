/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0011: every verb in every state of a job, verbs on jobs that wait or run, two sessions at
 * once. */
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

/*
 * What each verb does in each of a_job_states: = it stays as it is; S it is SUBMITTED, D SCHEDULED, H
 * HOLDED, C CANCELLED, - gone; x too late or too early (JQ409, naming the state) and nothing of it has
 * changed; ? there is no such job (JQ404).
 */
static const struct {
	const char *before; /* NULL, or SQL to begin with */
	const char *verb, *more; /* jqm.verb(id more) */
	const char *outcomes;
	const char *holds; /* then this is true of its live row j (NULL: nothing to add) */
} verbs[] = {
	{ NULL, "cancel", "", "CCCxxxxxx?", NULL },
	{ NULL, "kill", "", "CCC==xxxx?", "j.instruction = 'KILL' OR j.node_id IS NULL" },
	{ NULL, "delete", "", "---xxxxxx?", NULL },
	{ NULL, "hold", "", "Hxxxxxxxx?", NULL },
	{ NULL, "resume", "", "xxSxxxxxx?", NULL },
	{ NULL, "set_queue", ", 2", "===xxxxxx?", "j.queue_id = 2" },
	{ NULL, "set_priority", ", 7", "=====xxxx?", "j.priority = 7" },
	{ NULL, "set_run_after", ", now() + interval '1 h'", "DDxxxxxxx?", "j.run_after > now()" },
	{ NULL, "set_run_after", ", '2001-01-01Z'", "DDxxxxxxx?", "j.run_after = '2001-01-01Z'" },
	{ NULL, "set_position", ", 1", "=xxxxxxxx?", NULL },
	{ NULL, "pause_running", "", "=====xxxx?", "j.instruction = 'PAUSE'" },
	{ NULL, "resume_running", "", "xxxxxxxxx?", NULL },
	{ "UPDATE jqm.job_instance SET instruction = 'PAUSE'", "resume_running", "", "=====xxxx?",
	  "j.instruction = 'RUN'" },
	{ NULL, "enqueue_again", "", "xxxxx====?", "j.state = 'SUBMITTED'" },
	{ NULL, "restart_crashed", "", "xxxxxx==x?", "j.state = 'SUBMITTED'" },
};

static void
check_refused(int64_t id, const char *sql, const char *verb, const char *before)
{
	char *row = a_job_row(id), *row_after;
	struct err err = ERR_INIT;

	assert_int_equal(db_exec_sql(a_client, sql, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	if (strstr(verb, "kill") == NULL)
		assert_non_null(strstr(err.text, before));
	row_after = a_job_row(id);
	assert_string_equal(row_after, row);
	free(row_after);
	free(row);
}

static void
check(size_t v, const char *before, char outcome)
{
	int64_t id = a_job_in(before);
	char sql[250];

	if (verbs[v].before != NULL)
		test_db_sql("%s", verbs[v].before);
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.%s(%lld%s)", verbs[v].verb, (long long)id,
		       verbs[v].more);
	print_message("%s: %s\n", before, sql);
	if (outcome == 'x') {
		check_refused(id, sql, verbs[v].verb, before);
	} else if (outcome == '?') {
		assert_sql_fails(a_client, sql, ERR_NOT_FOUND);
	} else {
		assert_sql(a_client, sql);
		(void)snprintf(sql, sizeof(sql),
			       "SELECT count(*) FROM jqm.job_instance AS j WHERE NOT (%s)",
			       verbs[v].holds == NULL ? "true" : verbs[v].holds);
		assert_value(sql, "0");
	}
	assert_job_state(id, a_job_state_after(outcome, before));
}

static void
every_verb_does_in_every_state_what_the_table_says(void **state)
{
	(void)state;
	for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++) {
		assert_int_equal(strlen(verbs[v].outcomes), A_JOB_STATES);
		for (size_t s = 0; s < A_JOB_STATES; s++)
			check(v, a_job_states[s], verbs[v].outcomes[s]);
	}
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
}

static void
values_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *sql;
		enum err_kind kind;
	} cases[] = {
		{ "SELECT jqm.set_priority(max(id), 11) FROM jqm.live_job", ERR_INVALID },
		{ "SELECT jqm.set_priority(max(id), -1) FROM jqm.live_job", ERR_INVALID },
		{ "SELECT jqm.set_priority(max(id), NULL) FROM jqm.live_job", ERR_INVALID },
		{ "SELECT jqm.set_position(max(id), 0) FROM jqm.live_job", ERR_INVALID },
		{ "SELECT jqm.set_position(max(id), NULL) FROM jqm.live_job", ERR_INVALID },
		{ "SELECT jqm.set_run_after(max(id), 'infinity') FROM jqm.live_job", ERR_INVALID },
		{ "SELECT jqm.set_run_after(max(id), NULL) FROM jqm.live_job", ERR_INVALID },
		{ "SELECT jqm.hold(max(id), repeat('x', 256)) FROM jqm.live_job", ERR_INVALID },
		{ "SELECT jqm.set_queue(max(id), 999) FROM jqm.live_job", ERR_NOT_FOUND },
		{ "SELECT jqm.hold(NULL)", ERR_NOT_FOUND },
		{ "SELECT jqm.queue_pause(999)", ERR_NOT_FOUND },
		{ "SELECT jqm.queue_resume(999)", ERR_NOT_FOUND },
		{ "SELECT jqm.queue_clear(999)", ERR_NOT_FOUND },
		{ "SELECT jqm.queue_status(999)", ERR_NOT_FOUND },
		{ "SELECT jqm.queue_capacity(999)", ERR_NOT_FOUND },
	};
	struct db *api = db_new(test_db_conninfo_as("jqm_api"), "test_verbs");

	(void)state;
	(void)a_job_in("SUBMITTED");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].sql);
		assert_sql_fails(api, cases[i].sql, cases[i].kind);
	}
	assert_value("SELECT state || priority FROM jqm.job_instance", "SUBMITTED0");
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(api);
}

static void
a_deleted_job_leaves_nothing(void **state)
{
	int64_t id = a_job_in("SUBMITTED");

	(void)state;
	test_db_sql("SELECT jqm.add_message(%lld, 'hello')", (long long)id);
	test_db_sql("SELECT jqm.delete(%lld)", (long long)id);
	assert_value("SELECT count(*) FROM jqm.message WHERE text_message = 'hello'", "0");
}

static void
a_resumed_job_keeps_its_place(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance");
	for (int i = 0; i < 3; i++)
		(void)a_job_of("Plain");
	test_db_sql("SELECT jqm.hold(min(id), 'alice') FROM jqm.job_instance");
	assert_value(
	    "SELECT string_agg(m.text_message, ',') FROM jqm.message AS m, jqm.job_instance AS j"
	    " WHERE j.state = 'HOLDED' AND m.job_instance_id = j.id",
	    "held by alice");
	test_db_sql("SELECT jqm.resume(min(id)) FROM jqm.job_instance");
	test_db_sql(A_CLAIM);
	assert_value("SELECT state FROM jqm.job_instance ORDER BY id LIMIT 1", "ATTRIBUTED");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_highlander_whose_twin_waits_cannot_be_resumed(void **state)
{
	int64_t id;
	char sql[100];

	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance");
	id = a_job_of("Highlander");
	test_db_sql("SELECT jqm.hold(%lld)", (long long)id);
	(void)a_job_of("Highlander");
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.resume(%lld)", (long long)id);
	assert_sql_fails(a_client, sql, ERR_CONFLICT);
	test_db_sql("SELECT jqm.cancel(max(id)) FROM jqm.job_instance");
	assert_sql(a_client, sql);
	test_db_sql("DELETE FROM jqm.job_instance");
}

/* Places of the first five jobs, by their order of enqueueing: "12345". */
static void
assert_order(const char *want)
{
	assert_value(
	    "SELECT string_agg(n::text, '' ORDER BY position, id) FROM (SELECT position, id,"
	    " row_number() OVER (ORDER BY id) AS n FROM jqm.job_instance"
	    " WHERE state = 'SUBMITTED' AND priority = 0) AS j",
	    want);
}

static void
move(int n, int place)
{
	test_db_sql(
	    "SELECT jqm.set_position(id, %d) FROM (SELECT id FROM jqm.job_instance"
	    " WHERE state = 'SUBMITTED' AND priority = 0 ORDER BY id OFFSET %d LIMIT 1) AS j",
	    place, n - 1);
}

static void
a_job_takes_the_place_it_is_given(void **state)
{
	static const char *const start[] = {
		"SELECT 1",
		"UPDATE jqm.job_instance SET position = 1700000000000", /* all at one moment */
		"UPDATE jqm.job_instance SET position = 0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(start) / sizeof(start[0]); i++) {
		test_db_sql("DELETE FROM jqm.job_instance");
		for (int n = 0; n < 5; n++)
			(void)a_job_of("Plain");
		/* those of another priority, queue or state do not count */
		test_db_sql(
		    "SELECT jqm.enqueue('Plain', priority => 5),"
		    " jqm.enqueue('Plain', queue_name => 'other', run_after => 'tomorrow')");
		test_db_sql("%s", start[i]);
		move(3, 3);
		assert_order("12345");
		move(5, 2);
		assert_order("15234");
		move(5, 1);
		assert_order("51234");
		move(1, 4);
		assert_order("52314");
		move(2, 99);
		assert_order("53142");
		for (int n = 0; n < 120; n++) { /* halves the same gap until no number is left */
			move(n % 2 == 0 ? 1 : 4, 3);
			assert_order(n % 2 == 0 ? "53142" : "53412");
		}
		(void)a_job_of("Plain");
		assert_order("534126");
	}
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_pause_and_its_end_are_orders_the_node_is_told(void **state)
{
	(void)state;
	(void)a_job_in("RUNNING");
	async_listen("jqm_order");
	test_db_sql("SELECT jqm.pause_running(id, 'alice') FROM jqm.job_instance");
	async_run_until(&async_trace.notified, 1);
	assert_string_equal(async_trace.payload, "1");
	assert_value("SELECT instruction || instruction_by FROM jqm.node_orders(1, 1)",
		     "PAUSEalice");
	test_db_sql("SELECT jqm.pause_running(id, 'bob') FROM jqm.job_instance"); /* is already */
	test_db_sql("SELECT jqm.resume_running(id, 'carol') FROM jqm.job_instance");
	async_run_until(&async_trace.notified, 2);
	assert_value("SELECT count(*) FROM jqm.node_orders(1, 1)", "0");
	assert_value("SELECT string_agg(m.text_message, ',' ORDER BY m.id) FROM jqm.message AS m,"
		     " jqm.job_instance AS j WHERE m.job_instance_id = j.id",
		     "paused by alice,resumed by carol");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_runner_that_sleeps_is_woken_by_a_resume_and_a_change_of_queue(void **state)
{
	int64_t id = a_job_in("HOLDED");

	(void)state;
	test_db_sql(
	    "SELECT jqm.runner_wait(1, incarnation, ARRAY[1, 2]) FROM jqm.node WHERE id = 1");
	async_listen("jqm_queue");
	test_db_sql("SELECT jqm.resume(%lld)", (long long)id);
	async_run_until(&async_trace.notified, 1);
	assert_string_equal(async_trace.payload, "1");
	test_db_sql("SELECT jqm.set_queue(%lld, 2)", (long long)id);
	async_run_until(&async_trace.notified, 2);
	assert_string_equal(async_trace.payload, "2");
	test_db_sql("DELETE FROM jqm.runner_waiting; DELETE FROM jqm.job_instance");
}

static void
only_callers_may_use_the_verbs_and_nobody_what_is_behind_them(void **state)
{
	static const struct {
		const char *role, *sql;
	} cases[] = {
		{ "jqm_runner", "SELECT jqm.hold(1)" },
		{ "jqm_runner", "SELECT jqm.restart_crashed(1)" },
		{ "jqm_runner", "SELECT jqm.queue_clear(1)" },
		{ "jqm_backup", "SELECT jqm.delete(1)" },
		{ "jqm_client", "SELECT jqm.enqueue_past(1, true, NULL, NULL)" },
		{ "jqm_client", "SELECT jqm.queue_enable(1, false)" },
		{ "jqm_client", "SELECT jqm.tell_node(1)" },
		{ "jqm_client", "SELECT * FROM jqm.job_restart" },
		{ "jqm_api", "SELECT jqm.enqueue_past(1, true, NULL, NULL)" },
		{ "jqm_api", "DELETE FROM jqm.job_restart" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s: %s\n", cases[i].role, cases[i].sql);
		assert_denied(cases[i].role, cases[i].sql);
	}
}

static void
a_kill_is_not_undone_by_a_pause(void **state)
{
	int64_t id = a_job_in("RUNNING");
	char sql[100];

	(void)state;
	test_db_sql("SELECT jqm.pause_running(%lld); SELECT jqm.kill(%lld)", (long long)id,
		    (long long)id);
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.pause_running(%lld)", (long long)id);
	assert_sql_fails(a_client, sql, ERR_CONFLICT);
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.resume_running(%lld)", (long long)id);
	assert_sql_fails(a_client, sql, ERR_CONFLICT);
	assert_value("SELECT instruction FROM jqm.job_instance", "KILL");
	test_db_sql("DELETE FROM jqm.job_instance");
}

/* ---- two sessions at once ---- */

static enum err_kind answer;

static void
note_answer(void *arg, const struct db_result *result, const struct err *err)
{
	(void)arg;
	(void)result;
	answer = err->kind;
	async_trace.done_count++;
}

static void
who_comes_second(const struct db_stmt *verb, const char *state_if_first)
{
	struct db *runner = db_new(test_db_conninfo(), "test_verbs_runner");
	struct db *caller = db_new(test_db_conninfo(), "test_verbs_caller");
	char sql[100];
	int64_t id = a_job_in("SUBMITTED");

	/* the runner first: the verb waits, and is too late */
	assert_sql(runner, "BEGIN; " A_CLAIM);
	db_async_send(dba, verb, NULL, note_answer, NULL);
	async_wait_for_lock();
	assert_sql(runner, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(answer, ERR_CONFLICT);
	assert_job_state(id, "ATTRIBUTED");

	/* the verb first: the runner does not wait, and gets nothing */
	id = a_job_in("SUBMITTED");
	(void)snprintf(sql, sizeof(sql), "BEGIN; %s", verb->text);
	assert_sql(caller, sql);
	assert_sql(runner, "SET lock_timeout = '1ms'; " A_CLAIM);
	assert_value("SELECT state FROM jqm.live_job", "SUBMITTED");
	assert_sql(caller, "COMMIT");
	assert_sql(runner, A_CLAIM);
	assert_job_state(id, state_if_first);
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(caller);
	db_free(runner);
}

static void
of_a_hold_and_a_claim_one_wins(void **state)
{
	static const struct db_stmt hold = {
		.name = "test_hold",
		.text = "SELECT jqm.hold(id) FROM jqm.job_instance",
	};

	(void)state;
	who_comes_second(&hold, "HOLDED");
}

static void
of_a_cancel_and_a_claim_one_wins(void **state)
{
	static const struct db_stmt cancel = {
		.name = "test_cancel",
		.text = "SELECT jqm.cancel(id) FROM jqm.job_instance",
	};

	(void)state;
	who_comes_second(&cancel, "CANCELLED");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_does_in_every_state_what_the_table_says),
		cmocka_unit_test(values_that_make_no_sense_are_refused),
		cmocka_unit_test(a_deleted_job_leaves_nothing),
		cmocka_unit_test(a_resumed_job_keeps_its_place),
		cmocka_unit_test(a_highlander_whose_twin_waits_cannot_be_resumed),
		cmocka_unit_test(a_job_takes_the_place_it_is_given),
		with_dba(a_pause_and_its_end_are_orders_the_node_is_told),
		with_dba(a_runner_that_sleeps_is_woken_by_a_resume_and_a_change_of_queue),
		cmocka_unit_test(only_callers_may_use_the_verbs_and_nobody_what_is_behind_them),
		cmocka_unit_test(a_kill_is_not_undone_by_a_pause),
		with_dba(of_a_hold_and_a_claim_one_wins),
		with_dba(of_a_cancel_and_a_claim_one_wins),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
