/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0011: every verb in every state of a job, what each does, and two sessions at once. */
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
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define QUEUE "(SELECT id FROM jqm.queue WHERE default_queue)"
#define CLAIM "SELECT jqm.claim(1, 1, " QUEUE ", 1)"
#define UNKNOWN_ID 999999

static struct db *client; /* with the rights of a caller */

static int
set_up(void **state)
{
	(void)state;
	(void)test_db_create("verbs");
	test_db_sql(
	    "INSERT INTO jqm.queue (name) VALUES ('other');" /* gets number 2 */
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type, highlander, parameters)"
	    " SELECT n, id, 'true', 'DEFAULTSHELLCOMMAND', n = 'Highlander', '{\"a\": \"1\"}'"
	    " FROM jqm.queue, unnest(ARRAY['Plain', 'Highlander']) AS n WHERE default_queue;"
	    "SELECT jqm.node_register('n1', gen_random_uuid(), 3600000, '/j', '/d', '/t',"
	    " 'localhost', 1)");
	client = db_new(test_db_conninfo_as("jqm_client"), "test_verbs");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_free(client);
	return 0;
}

static int64_t
number(const char *sql)
{
	char *text = test_db_value("%s", sql);
	int64_t value = strtoll(text, NULL, 10);

	free(text);
	return value;
}

static int64_t
enqueue(const char *definition)
{
	char sql[100];

	(void)snprintf(sql, sizeof(sql), "SELECT jqm.enqueue('%s')", definition);
	return number(sql);
}

static void
finish(int64_t id, const char *end)
{
	test_db_sql(
	    "SELECT jqm.finish(1, 1, '[{\"id\": %lld, \"attempt\": 1, \"state\": \"%s\"}]')",
	    (long long)id, end);
}

/* A job of definition Plain in that state; it is the only live one. */
static int64_t
job_in(const char *state)
{
	int64_t id = UNKNOWN_ID;

	test_db_sql("DELETE FROM jqm.job_instance");
	if (strcmp(state, "unknown") == 0)
		return id;
	id = enqueue("Plain");
	if (strcmp(state, "SUBMITTED") == 0)
		return id;
	if (strcmp(state, "HOLDED") == 0 || strcmp(state, "SCHEDULED") == 0) {
		test_db_sql("UPDATE jqm.job_instance SET state = '%s', run_after = 'tomorrow'",
			    state);
		return id;
	}
	if (strcmp(state, "CANCELLED") == 0) {
		test_db_sql("SELECT jqm.cancel(%lld)", (long long)id);
		return id;
	}
	test_db_sql(CLAIM);
	if (strcmp(state, "ATTRIBUTED") == 0)
		return id;
	test_db_sql("SELECT jqm.mark_started(1, 1, '[{\"id\": %lld, \"attempt\": 1,"
		    " \"ago_ms\": 0}]')",
		    (long long)id);
	if (strcmp(state, "RUNNING") != 0)
		finish(id, state);
	return id;
}

static char *
state_of(int64_t id)
{
	return test_db_value("SELECT state FROM jqm.live_job WHERE id = %lld"
			     " UNION ALL SELECT state FROM jqm.past_job WHERE id = %lld",
			     (long long)id, (long long)id);
}

static const char *const states[] = { "SUBMITTED", "SCHEDULED", "HOLDED", "ATTRIBUTED", "RUNNING",
				      "ENDED",     "CRASHED",   "KILLED", "CANCELLED",  "unknown" };
#define STATES (sizeof(states) / sizeof(states[0]))

/*
 * What each verb does in each of the states above: = it stays as it is; S it is SUBMITTED, D
 * SCHEDULED, H HOLDED, C CANCELLED, - gone; x too late or too early (JQ409, naming the state);
 * ? there is no such job (JQ404).
 */
static const struct {
	const char *verb, *more; /* jqm.verb(id more) */
	const char *outcomes;
} verbs[] = {
	{ "cancel", "", "CCCxxxxxx?" },
	{ "kill", "", "CCC==xxxx?" },
	{ "delete", "", "---xxxxxx?" },
	{ "hold", "", "Hxxxxxxxx?" },
	{ "resume", "", "xxSxxxxxx?" },
	{ "set_queue", ", 2", "===xxxxxx?" },
	{ "set_priority", ", 7", "=====xxxx?" },
	{ "set_run_after", ", now() + interval '1 h'", "DDxxxxxxx?" },
	{ "set_position", ", 1", "=xxxxxxxx?" },
	{ "pause_running", "", "=====xxxx?" },
	{ "resume_running", "", "xxxxxxxxx?" },
	{ "enqueue_again", "", "xxxxx====?" },
	{ "restart_crashed", "", "xxxxxx==x?" },
};

static const char *
state_after(char outcome, const char *before)
{
	switch (outcome) {
	case 'S':
		return "SUBMITTED";
	case 'D':
		return "SCHEDULED";
	case 'H':
		return "HOLDED";
	case 'C':
		return "CANCELLED";
	case '-':
	case '?':
		return "";
	default:
		return before;
	}
}

static void
check(const char *verb, const char *more, const char *before, char outcome)
{
	int64_t id = job_in(before);
	struct err err = ERR_INIT;
	char sql[250], *after;
	int rc;

	(void)snprintf(sql, sizeof(sql), "SELECT jqm.%s(%lld%s)", verb, (long long)id, more);
	print_message("%s: %s\n", before, sql);
	rc = db_exec_sql(client, sql, &err);
	if (outcome == 'x') {
		assert_int_equal(rc, -1);
		assert_int_equal(err.kind, ERR_CONFLICT);
		if (strstr(verb, "kill") == NULL)
			assert_non_null(strstr(err.text, before));
	} else if (outcome == '?') {
		assert_int_equal(rc, -1);
		assert_int_equal(err.kind, ERR_NOT_FOUND);
	} else if (rc == -1) {
		fail_msg("%s", err.text);
	}
	after = state_of(id);
	assert_string_equal(after, state_after(outcome, before));
	free(after);
}

static void
every_verb_does_in_every_state_what_the_table_says(void **state)
{
	(void)state;
	for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++) {
		assert_int_equal(strlen(verbs[v].outcomes), STATES);
		for (size_t s = 0; s < STATES; s++)
			check(verbs[v].verb, verbs[v].more, states[s], verbs[v].outcomes[s]);
	}
	test_db_sql("DELETE FROM jqm.job_instance");
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
		{ "SELECT jqm.hold(max(id), repeat('x', 101)) FROM jqm.live_job", ERR_INVALID },
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
	(void)job_in("SUBMITTED");
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
	int64_t id = job_in("SUBMITTED");

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
		(void)enqueue("Plain");
	test_db_sql("SELECT jqm.hold(min(id), 'alice') FROM jqm.job_instance");
	assert_value(
	    "SELECT string_agg(m.text_message, ',') FROM jqm.message AS m, jqm.job_instance AS j"
	    " WHERE j.state = 'HOLDED' AND m.job_instance_id = j.id",
	    "held by alice");
	test_db_sql("SELECT jqm.resume(min(id)) FROM jqm.job_instance");
	test_db_sql(CLAIM);
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
	id = enqueue("Highlander");
	test_db_sql("SELECT jqm.hold(%lld)", (long long)id);
	(void)enqueue("Highlander");
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.resume(%lld)", (long long)id);
	assert_sql_fails(client, sql, ERR_CONFLICT);
	test_db_sql("SELECT jqm.cancel(max(id)) FROM jqm.job_instance");
	assert_sql(client, sql);
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
			(void)enqueue("Plain");
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
		(void)enqueue("Plain");
		assert_order("534126");
	}
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
note_notification(void *arg, const char *channel, const char *payload)
{
	(void)arg;
	(void)channel;
	(void)snprintf(async_trace.payload, sizeof(async_trace.payload), "%s", payload);
	async_trace.notified++;
}

static void
a_pause_and_its_end_are_orders_the_node_is_told(void **state)
{
	(void)state;
	(void)job_in("RUNNING");
	db_async_listen(dba, "jqm_order", note_notification, NULL);
	(void)async_backend_pid(); /* answered after the LISTEN before it */
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
a_kill_is_not_undone_by_a_pause(void **state)
{
	int64_t id = job_in("RUNNING");
	char sql[100];

	(void)state;
	test_db_sql("SELECT jqm.pause_running(%lld); SELECT jqm.kill(%lld)", (long long)id,
		    (long long)id);
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.pause_running(%lld)", (long long)id);
	assert_sql_fails(client, sql, ERR_CONFLICT);
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.resume_running(%lld)", (long long)id);
	assert_sql_fails(client, sql, ERR_CONFLICT);
	assert_value("SELECT instruction FROM jqm.job_instance", "KILL");
	test_db_sql("DELETE FROM jqm.job_instance");
}

/* A job with all its tags that ended so. */
static int64_t
tagged_past_job(const char *end)
{
	int64_t id;

	test_db_sql("DELETE FROM jqm.job_instance");
	id = number(
	    "SELECT jqm.enqueue('Plain', '{\"b\": \"2\"}', user_name => 'u', session_id => 's',"
	    " application => 'ap', module => 'm', keyword1 => 'k1', keyword2 => 'k2',"
	    " keyword3 => 'k3', email => 'e@x', parent_id => 5)");
	test_db_sql(CLAIM);
	finish(id, end);
	return id;
}

#define TAGS                                                                                     \
	"concat_ws('|', definition_name, user_name, session_key, application, module, keyword1," \
	" keyword2, keyword3, email, parent_id, parameters)"

static void
a_past_job_is_enqueued_again_with_all_its_tags(void **state)
{
	int64_t id = tagged_past_job("ENDED");

	(void)state;
	test_db_sql("SELECT jqm.enqueue_again(%lld, 'alice')", (long long)id);
	assert_value("SELECT state || '|' || " TAGS " FROM jqm.live_job",
		     "SUBMITTED|Plain|u|s|ap|m|k1|k2|k3|e@x|5|{\"a\": \"1\", \"b\": \"2\"}");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_crashed_job_is_restarted_once_and_stays_in_history(void **state)
{
	int64_t id = tagged_past_job("CRASHED");
	int64_t again;
	char sql[150], want[100];

	(void)state;
	/* what the definition became since does not matter */
	test_db_sql("UPDATE jqm.job_def SET parameters = '{\"c\": \"3\"}' WHERE name = 'Plain'");
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.restart_crashed(%lld, 'alice')",
		       (long long)id);
	again = number(sql);
	assert_value("SELECT state || '|' || " TAGS " FROM jqm.live_job",
		     "SUBMITTED|Plain|u|s|ap|m|k1|k2|k3|e@x|5|{\"a\": \"1\", \"b\": \"2\"}");
	assert_sql_fails(client, sql, ERR_CONFLICT);
	(void)snprintf(
	    sql, sizeof(sql),
	    "SELECT p.state || ' ' || m.text_message FROM jqm.past_job AS p, jqm.message AS m"
	    " WHERE p.id = %lld AND m.job_instance_id = p.id",
	    (long long)id);
	(void)snprintf(want, sizeof(want), "CRASHED restarted as job instance %lld by alice",
		       (long long)again);
	assert_value(sql, want);
	(void)snprintf(want, sizeof(want), "%lld", (long long)id);
	assert_value("SELECT restart_of FROM jqm.job_restart AS r, jqm.job_instance AS j"
		     " WHERE r.job_instance_id = j.id",
		     want);
	/* who deletes the new one may restart the old one again */
	test_db_sql("SELECT jqm.delete(%lld)", (long long)again);
	test_db_sql("SELECT jqm.restart_crashed(%lld)", (long long)id);
	test_db_sql("UPDATE jqm.job_def SET parameters = '{\"a\": \"1\"}' WHERE name = 'Plain';"
		    "DELETE FROM jqm.job_instance");
}

static void
a_crashed_highlander_is_not_restarted_into_a_waiting_twin(void **state)
{
	int64_t id;
	char sql[100];

	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance");
	id = enqueue("Highlander");
	test_db_sql(CLAIM);
	finish(id, "CRASHED");
	(void)enqueue("Highlander");
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.restart_crashed(%lld)", (long long)id);
	assert_sql_fails(client, sql, ERR_CONFLICT);
	assert_value("SELECT count(*) FROM jqm.job_instance", "1");
	test_db_sql("DELETE FROM jqm.job_instance");
	assert_sql(client, sql);
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_queue_is_paused_resumed_and_cleared_as_a_whole(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance");
	assert_value("SELECT jqm.queue_status(" QUEUE ")", "RUNNING");
	assert_value("SELECT jqm.queue_capacity(" QUEUE ")", "5");
	assert_value("SELECT jqm.queue_status(id) FROM jqm.queue WHERE name = 'other'", "PAUSED");
	test_db_sql(
	    "SELECT jqm.node_register('n2', gen_random_uuid(), 1000, '/j', '/d', '/t', 'h', 1);"
	    "UPDATE jqm.queue_mapping SET max_jobs = 0 WHERE node_id = 2");
	assert_value("SELECT jqm.queue_status(" QUEUE ")", "PARTIALLY_RUNNING");
	test_db_sql("UPDATE jqm.queue_mapping SET max_jobs = 3 WHERE node_id = 2;"
		    "UPDATE jqm.node SET enabled = false WHERE id = 1");
	assert_value("SELECT jqm.queue_capacity(" QUEUE ")", "3");
	test_db_sql("UPDATE jqm.node SET enabled = true; SELECT jqm.queue_pause(" QUEUE ")");
	assert_value("SELECT jqm.queue_status(" QUEUE ") || jqm.queue_capacity(" QUEUE ")",
		     "PAUSED0");
	assert_value("SELECT string_agg(max_jobs::text, '') FROM jqm.node_mappings(1)", "0");
	test_db_sql("SELECT jqm.queue_resume(" QUEUE ")");
	assert_value("SELECT jqm.queue_status(" QUEUE ") || jqm.queue_capacity(" QUEUE ")",
		     "RUNNING8");

	(void)job_in("RUNNING");
	(void)enqueue("Plain");
	test_db_sql("SELECT jqm.enqueue('Plain', held => true),"
		    " jqm.enqueue('Plain', run_after => 'tomorrow'),"
		    " jqm.enqueue('Plain', queue_name => 'other')");
	assert_value("SELECT jqm.queue_clear(" QUEUE ", 'alice')", "3");
	assert_value("SELECT string_agg(state, ',' ORDER BY id) FROM jqm.live_job",
		     "RUNNING,SUBMITTED");
	assert_value("SELECT count(*) FROM jqm.past_job WHERE state = 'CANCELLED'"
		     " AND reason = 'cancelled: queue cleared by alice'",
		     "3");
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

/* Does a session wait for a lock of another one? */
static void
wait_until_somebody_waits(void)
{
	for (int turns = 0; turns < 500; turns++) {
		if (number(
			"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
			" AND wait_event_type = 'Lock'") > 0)
			return;
		async_turn(20);
	}
	fail_msg("nobody waits for a lock");
}

static void
who_comes_second(const struct db_stmt *verb, const char *state_if_first)
{
	struct db *runner = db_new(test_db_conninfo(), "test_verbs_runner");
	struct db *caller = db_new(test_db_conninfo(), "test_verbs_caller");
	char sql[100];
	int64_t id = job_in("SUBMITTED");
	char *after;

	/* the runner first: the verb waits, and is too late */
	assert_sql(runner, "BEGIN; " CLAIM);
	db_async_send(dba, verb, NULL, note_answer, NULL);
	wait_until_somebody_waits();
	assert_sql(runner, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(answer, ERR_CONFLICT);
	after = state_of(id);
	assert_string_equal(after, "ATTRIBUTED");
	free(after);

	/* the verb first: the runner does not wait, and gets nothing */
	id = job_in("SUBMITTED");
	(void)snprintf(sql, sizeof(sql), "BEGIN; %s", verb->text);
	assert_sql(caller, sql);
	assert_sql(runner, "SET lock_timeout = '1ms'; " CLAIM);
	assert_value("SELECT state FROM jqm.live_job", "SUBMITTED");
	assert_sql(caller, "COMMIT");
	assert_sql(runner, CLAIM);
	after = state_of(id);
	assert_string_equal(after, state_if_first);
	free(after);
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
		cmocka_unit_test(a_kill_is_not_undone_by_a_pause),
		cmocka_unit_test(a_past_job_is_enqueued_again_with_all_its_tags),
		cmocka_unit_test(a_crashed_job_is_restarted_once_and_stays_in_history),
		cmocka_unit_test(a_crashed_highlander_is_not_restarted_into_a_waiting_twin),
		cmocka_unit_test(a_queue_is_paused_resumed_and_cleared_as_a_whole),
		with_dba(of_a_hold_and_a_claim_one_wins),
		with_dba(of_a_cancel_and_a_claim_one_wins),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
