/* SPDX-License-Identifier: Apache-2.0 */
/* What the schema promises: illegal states are impossible, roles have least rights, the verbs of the
 * queue refuse by name and live inside the caller's transaction. */
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

static struct db *
connect_as(const char *role)
{
	return db_new(test_db_conninfo_as(role), "test_schema");
}

/* A definition to enqueue, in the default queue. */
static void
define(const char *name, const char *more_columns, const char *more_values)
{
	test_db_sql("INSERT INTO jqm.job_def (name, queue_id, path, path_type%s) "
		    "SELECT '%s', id, 'true', 'DEFAULTSHELLCOMMAND'%s FROM jqm.queue "
		    "WHERE default_queue",
		    more_columns, name, more_values);
}

static int
setup(void **state)
{
	(void)state;
	(void)test_db_create("schema");
	define("Plain", ", parameters", ", '{\"a\": \"1\", \"b\": \"2\"}'");
	define("Highlander", ", highlander", ", true");
	test_db_sql("SELECT * FROM jqm.node_register('n1', gen_random_uuid(), 60000, '/j', '/d', "
		    "'/t', 'localhost', 1)");
	return 0;
}

static void
enqueue_refuses_by_name(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ "SELECT jqm.enqueue('Nope')", "there is no job definition \"Nope\"" },
		{ "SELECT jqm.enqueue('')", "applicationName is missing" },
		{ "SELECT jqm.enqueue(NULL)", "applicationName is missing" },
		{ "SELECT jqm.enqueue('Plain', queue_name => 'Q9')", "there is no queue \"Q9\"" },
		{ "SELECT jqm.enqueue('Plain', '{\"a\": 1}')", "value of parameter \"a\"" },
		{ "SELECT jqm.enqueue('Plain', '{\"a\": \"\"}')", "value of parameter \"a\"" },
		{ "SELECT jqm.enqueue('Plain', '{\"\": \"x\"}')", "parameter key \"\"" },
		{ "SELECT jqm.enqueue('Plain', '[]')", "parameters must be an object" },
		{ "SELECT jqm.enqueue('Plain', jsonb_build_object('k', repeat('x', 1001)))",
		  "value of parameter \"k\"" },
		{ "SELECT jqm.enqueue('Plain', priority => 11)", "priority 11 is outside 1 to 10" },
		{ "SELECT jqm.enqueue('Plain', priority => -1)", "priority -1 is outside 1 to 10" },
		{ "SELECT jqm.enqueue('Plain', user_name => repeat('x', 256))",
		  "field \"user\" has 256 characters, at most 255" },
		{ "SELECT jqm.enqueue('Plain', session_id => repeat('x', 256))",
		  "field \"sessionID\"" },
		{ "SELECT jqm.enqueue('Plain', keyword3 => repeat('x', 51))",
		  "field \"keyword3\"" },
		{ "SELECT jqm.enqueue('Plain', email => repeat('x', 256))", "field \"email\"" },
		{ "SELECT jqm.enqueue('Plain', email => 'nobody')", "\"nobody\" is no address" },
		{ "SELECT jqm.enqueue('Plain', email => 'a@b.org, nobody')",
		  "\"nobody\" is no address" },
		{ "SELECT jqm.enqueue('Plain', email => '@b.org')", "is no address" },
		{ "SELECT jqm.enqueue('Plain', email => 'a@')", "is no address" },
		{ "SELECT jqm.enqueue('Plain', email => E'a@b.org\\nBcc: x@y')",
		  "field \"email\" has a control character" },
		{ "SELECT jqm.enqueue('Plain', email => E'a@b.org\\rx')", "control character" },
		{ "SELECT jqm.enqueue('Plain', email => E'a@b.org\\u007f')", "control character" },
		{ "SELECT jqm.enqueue('Plain', email => 'a@b.org> SIZE=1')", "is no address" },
		{ "SELECT jqm.enqueue('Plain', email => 'a b@c')", "is no address" },
		{ "SELECT jqm.enqueue('Plain', email => 'a@b@c')", "is no address" },
		{ "SELECT jqm.enqueue('Plain', email => 'm\u00fcller@b.org')", "is no address" },
		{ "SELECT jqm.enqueue('Plain', email => ' , ')",
		  "field \"email\" holds no address" },
		{ "SELECT jqm.enqueue('Plain', (SELECT jsonb_object_agg(i::text, 'x') FROM "
		  "generate_series(1, 1001) AS i))",
		  "more than 1000 parameters" },
		{ "SELECT jqm.enqueue('Plain', run_after => 'infinity')",
		  "runAfter infinity is outside the years 1 to 9999" },
		{ "SELECT jqm.enqueue('Plain', run_after => '-infinity')", "runAfter -infinity" },
		{ "SELECT jqm.enqueue('Plain', run_after => '10000-01-01Z')",
		  "is outside the years" },
		{ "SELECT jqm.enqueue('Plain', run_after => '0001-12-31Z BC')",
		  "is outside the years" },
	};
	struct db *db = connect_as("jqm_client");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		print_message("case: %s\n", cases[i].says);
		assert_int_equal(db_exec_sql(db, cases[i].sql, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, cases[i].says));
	}
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
	db_free(db);
}

static void
enqueue_lives_and_dies_with_the_callers_transaction(void **state)
{
	struct err err = ERR_INIT;
	struct db *db = connect_as("jqm_client");

	(void)state;
	assert_int_equal(db_exec_sql(db, "BEGIN; SELECT jqm.enqueue('Plain'); ROLLBACK", &err), 0);
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
	assert_int_equal(db_exec_sql(db, "BEGIN; SELECT jqm.enqueue('Plain'); COMMIT", &err), 0);
	assert_value("SELECT count(*) FROM jqm.job_instance", "1");
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(db);
}

static void
parameters_of_the_request_win_over_those_of_the_definition(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain', '{\"b\": \"x\", \"c\": \"y\"}')");
	assert_value("SELECT parameters FROM jqm.job_instance",
		     "{\"a\": \"1\", \"b\": \"x\", \"c\": \"y\"}");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_second_waiting_highlander_is_the_first(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.enqueue('Highlander')");
	assert_value("SELECT jqm.enqueue('Highlander') = id FROM jqm.job_instance", "t");
	assert_value("SELECT count(*) FROM jqm.job_instance", "1");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
impossible_states_are_refused(void **state)
{
	static const char *const cases[] = {
		"UPDATE jqm.job_instance SET state = 'RUNNING'",
		"UPDATE jqm.job_instance SET state = 'ATTRIBUTED'",
		"UPDATE jqm.job_instance SET node_id = 1",
		"UPDATE jqm.job_instance SET state = 'ENDED'",
		"UPDATE jqm.job_instance SET started_at = now()",
		"UPDATE jqm.job_instance SET state = 'SCHEDULED'",
		"UPDATE jqm.job_instance SET instruction = 'JUMP'",
		"UPDATE jqm.job_instance SET priority = 11",
		"INSERT INTO jqm.queue (name, default_queue) VALUES ('second', true)",
		"DELETE FROM jqm.queue WHERE name = 'DEFAULT'",
		"DELETE FROM jqm.job_def WHERE name = 'Plain'",
		"UPDATE jqm.job_def SET path_type = 'BATCH' WHERE name = 'Plain'",
		"UPDATE jqm.job_def SET parameters = '{\"a\": 1}' WHERE name = 'Plain'",
		("UPDATE jqm.job_def SET parameters = (SELECT jsonb_object_agg(n::text, 'x') "
		 "FROM generate_series(1, 1001) AS n) WHERE name = 'Plain'"),
		"UPDATE jqm.queue_mapping SET max_jobs = -1",
		"UPDATE jqm.role SET permissions = '{}' WHERE name = 'administrator'",
		"DELETE FROM jqm.role WHERE name = 'administrator'",
	};
	struct db *db = connect_as("postgres");

	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain')");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		print_message("case: %s\n", cases[i]);
		assert_int_equal(db_exec_sql(db, cases[i], &err), -1);
		assert_true(err.kind == ERR_INVALID || err.kind == ERR_CONFLICT);
	}
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(db);
}

static void
programs_have_no_more_rights_than_they_need(void **state)
{
	static const struct {
		const char *role, *sql;
	} cases[] = {
		{ "jqm_client", "SELECT * FROM jqm.job_instance" },
		{ "jqm_client", "SELECT * FROM jqm.account" },
		{ "jqm_client", "INSERT INTO jqm.queue (name) VALUES ('q')" },
		{ "jqm_client", "SELECT jqm.claim(1, 1, 1, 1)" },
		{ "jqm_notifier", "SELECT * FROM jqm.mail" },
		{ "jqm_notifier", "SELECT * FROM jqm.mail_text" },
		{ "jqm_notifier", "DELETE FROM jqm.mail" },
		{ "jqm_notifier", "SELECT * FROM jqm.job_instance" },
		{ "jqm_notifier", "SELECT jqm.mail_say(1, 'x')" },
		{ "jqm_notifier", "SELECT jqm.add_message(1, 'x')" },
		{ "jqm_notifier", "SELECT jqm.claim(1, 1, 1, 1)" },
		{ "jqm_notifier", "SELECT jqm.enqueue('Plain')" },
		{ "jqm_runner", "SELECT jqm.mail_claim(1, 1)" },
		{ "jqm_client", "SELECT jqm.mail_sent(1)" },
		{ "jqm_client", "CREATE TABLE jqm.mine (a int)" },
		{ "jqm_runner", "SELECT * FROM jqm.account" },
		{ "jqm_runner", "SELECT * FROM jqm.cluster_secret" },
		{ "jqm_runner", "SELECT jqm.job_token(1, 1)" },
		{ "jqm_runner", "UPDATE jqm.job_instance SET state = 'HOLDED'" },
		{ "jqm_runner", "INSERT INTO jqm.history DEFAULT VALUES" },
		{ "jqm_runner", "SELECT jqm.enqueue('Plain')" },
		{ "jqm_api", "SELECT * FROM jqm.cluster_secret" },
		{ "jqm_api", "SELECT jqm.job_token(1, 1)" },
		{ "jqm_api", "DELETE FROM jqm.job_instance" },
		{ "jqm_api", "DELETE FROM jqm.history" },
		{ "jqm_api", "SELECT jqm.claim(1, 1, 1, 1)" },
		{ "jqm_api", "SELECT jqm.finish(1, 1, '[]')" },
		{ "jqm_api", "DROP TABLE jqm.queue" },
		{ "jqm_backup", "SELECT * FROM jqm.account" },
		{ "jqm_backup", "SELECT * FROM jqm.cluster_secret" },
		{ "jqm_backup", "DELETE FROM jqm.queue" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct db *db = connect_as(cases[i].role);

		print_message("case: %s: %s\n", cases[i].role, cases[i].sql);
		assert_int_equal(db_exec_sql(db, cases[i].sql, &err), -1);
		assert_int_equal(err.kind, ERR_DENIED);
		db_free(db);
	}
}

static void
a_cancelled_job_is_in_history_and_nowhere_else(void **state)
{
	struct err err = ERR_INIT;
	struct db *db = connect_as("jqm_client");

	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain', user_name => 'bob')");
	test_db_sql("SELECT jqm.cancel(max(id), 'alice') FROM jqm.job_instance");
	assert_value("SELECT count(*) FROM jqm.live_job", "0");
	assert_value("SELECT concat_ws('|', state, reason, user_name) FROM jqm.past_job "
		     "ORDER BY id DESC LIMIT 1",
		     "CANCELLED|cancelled by alice|bob");
	assert_int_equal(db_exec_sql(db, "SELECT jqm.cancel(999999)", &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_string_equal(err.text, "there is no job instance 999999");
	db_free(db);
}

static void
too_late_a_cancel_or_kill_is_a_conflict(void **state)
{
	static const char *const verbs[] = { "cancel", "kill" };
	struct db *db = connect_as("jqm_client");

	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain')");
	test_db_sql("SELECT jqm.cancel(max(id)) FROM jqm.job_instance");
	for (size_t i = 0; i < 2; i++) {
		struct err err = ERR_INIT;
		char *id = test_db_value("SELECT max(id) FROM jqm.history");
		char sql[100];

		(void)snprintf(sql, sizeof(sql), "SELECT jqm.%s(%s)", verbs[i], id);
		assert_int_equal(db_exec_sql(db, sql, &err), -1);
		assert_int_equal(err.kind, ERR_CONFLICT);
		free(id);
	}
	db_free(db);
}

static void
a_lock_that_somebody_keeps_on_a_queue_delays_no_enqueue(void **state)
{
	struct db *stranger = connect_as("jqm_client");
	struct db *db = connect_as("jqm_client");
	char *queue = test_db_value("SELECT id FROM jqm.queue WHERE default_queue");
	char lock[100];
	struct err err = ERR_INIT;
	int rc;

	(void)state;
	(void)snprintf(lock, sizeof(lock), "SELECT pg_advisory_lock(jqm.queue_lock_class(), %s)",
		       queue);
	free(queue);
	async_listen("jqm_queue");
	assert_int_equal(db_exec_sql(stranger, lock, &err), 0);
	assert_int_equal(db_exec_sql(db, "SET lock_timeout = '1s'", &err), 0);
	rc = db_exec_sql(db, "SELECT jqm.enqueue('Plain')", &err);
	db_free(stranger);
	assert_int_equal(rc, 0);
	async_run_until(&async_trace.notified, 1); /* nobody can tell who sleeps: all are told */
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(db);
}

static void
nothing_is_said_of_a_job_that_is_not_there_and_names_have_an_end(void **state)
{
	static const struct {
		const char *sql;
		enum err_kind kind;
		const char *says;
	} cases[] = {
		{ "SELECT jqm.add_message(999999, 'x')", ERR_NOT_FOUND,
		  "there is no job instance 999999" },
		{ "SELECT jqm.kill(1, repeat('x', 256))", ERR_INVALID,
		  "field \"by\" has 256 characters, at most 255" },
		{ "SELECT jqm.cancel(1, repeat('x', 256))", ERR_INVALID, "field \"by\"" },
	};
	struct db *db = connect_as("jqm_client");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(db_exec_sql(db, cases[i].sql, &err), -1);
		assert_int_equal(err.kind, cases[i].kind);
		assert_non_null(strstr(err.text, cases[i].says));
	}
	assert_value("SELECT count(*) FROM jqm.message WHERE job_instance_id = 999999", "0");
	db_free(db);
}

static void
a_job_token_opens_its_own_job_only(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain', user_name => 'bob')");
	test_db_sql("SELECT jqm.claim(1, 1, (SELECT id FROM jqm.queue WHERE default_queue), 1)");
	assert_value("SELECT t.user_name || ' ' || t.attempt FROM jqm.job_instance AS j,"
		     " jqm.job_of_token(j.id, jqm.job_token(j.id, j.attempt)) AS t",
		     "bob 1");
	assert_value("SELECT jqm.job_of_token(id, jqm.job_token(id + 1, attempt)) "
		     "FROM jqm.job_instance",
		     "");
	assert_value("SELECT jqm.job_of_token(id, jqm.job_token(id, attempt + 1)) "
		     "FROM jqm.job_instance",
		     "");
	assert_value("SELECT jqm.job_of_token(id, '') FROM jqm.job_instance", "");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_subtree_holds_the_root_and_its_descendants(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain')");
	test_db_sql(
	    "SELECT jqm.enqueue('Plain', parent_id => (SELECT max(id) FROM jqm.job_instance))");
	test_db_sql(
	    "SELECT jqm.enqueue('Plain', parent_id => (SELECT max(id) FROM jqm.job_instance))");
	assert_value(
	    "SELECT concat_ws('|', bool_and(jqm.in_subtree(a.low, a.low)), "
	    "bool_and(jqm.in_subtree(a.low, a.low + 1)), bool_and(jqm.in_subtree(a.low, a.high)),"
	    "bool_or(jqm.in_subtree(a.high, a.low))) "
	    "FROM (SELECT min(id) AS low, max(id) AS high FROM jqm.job_instance) AS a",
	    "t|t|t|f");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_due_job_is_promoted_and_a_future_one_waits(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain', run_after => now() - interval '1 s')");
	test_db_sql("SELECT jqm.enqueue('Plain', run_after => now() + interval '1 h')");
	assert_value("SELECT jqm.promote_due()", "1");
	assert_value("SELECT string_agg(state, ',' ORDER BY state) FROM jqm.job_instance",
		     "SCHEDULED,SUBMITTED");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
history_has_partitions_ahead(void **state)
{
	(void)state;
	assert_value("SELECT max(upper_id) >= 5000000 FROM jqm.history_partition", "t");
	assert_value("SELECT jqm.history_extend()", "0");
}

/* Each time a partition has grown by a tenth was a fiftieth of what a no-op job costs. */
static void
statistics_of_a_partition_are_made_when_it_has_doubled(void **state)
{
	(void)state;
	assert_value("SELECT jqm.history_extend(25) > 0", "t");
	assert_value(
	    "SELECT string_agg(DISTINCT c.reloptions::text, ' ') FROM pg_inherits AS i JOIN"
	    " pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent ="
	    " 'jqm.history'::regclass",
	    "{autovacuum_analyze_threshold=10000,autovacuum_analyze_scale_factor=1}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enqueue_refuses_by_name),
		cmocka_unit_test(enqueue_lives_and_dies_with_the_callers_transaction),
		cmocka_unit_test(parameters_of_the_request_win_over_those_of_the_definition),
		cmocka_unit_test(a_second_waiting_highlander_is_the_first),
		cmocka_unit_test(impossible_states_are_refused),
		cmocka_unit_test(programs_have_no_more_rights_than_they_need),
		cmocka_unit_test(a_cancelled_job_is_in_history_and_nowhere_else),
		cmocka_unit_test(too_late_a_cancel_or_kill_is_a_conflict),
		with_dba(a_lock_that_somebody_keeps_on_a_queue_delays_no_enqueue),
		cmocka_unit_test(nothing_is_said_of_a_job_that_is_not_there_and_names_have_an_end),
		cmocka_unit_test(a_job_token_opens_its_own_job_only),
		cmocka_unit_test(a_subtree_holds_the_root_and_its_descendants),
		cmocka_unit_test(a_due_job_is_promoted_and_a_future_one_waits),
		cmocka_unit_test(history_has_partitions_ahead),
		cmocka_unit_test(statistics_of_a_partition_are_made_when_it_has_doubled),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
