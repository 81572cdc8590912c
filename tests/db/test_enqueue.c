/* SPDX-License-Identifier: Apache-2.0 */
/* Ordinary requests take a shorter way through jqm.enqueue(): it leads where the other one leads, and only they take it. */
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
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* A definition to enqueue, in the default queue. */
static void
define(const char *name, const char *column, const char *value)
{
	test_db_sql("INSERT INTO jqm.job_def (name, queue_id, path, path_type, %s) "
		    "SELECT '%s', id, 'true', 'DEFAULTSHELLCOMMAND', %s FROM jqm.queue "
		    "WHERE default_queue",
		    column, name, value);
}

static int
set_up(void **state)
{
	(void)state;
	(void)test_db_create("enqueue");
	define("Plain", "parameters", "'{\"a\": \"1\", \"b\": \"2\"}'");
	define("Highlander", "highlander", "true");
	define("Secret", "parameters", "'{\"a\": {\"secret\": \"\"}}'");
	define("Needs", "parameters", "'{\"com.enioka.jqm.rm.quantity.consumption\": \"2\"}'");
	define("Keyed", "concurrency_key", "'k'");
	return 0;
}

/* Without enqueue_special(), until the transaction is taken back. */
static struct db *
without_enqueue_special(void)
{
	struct db *db = db_new(test_db_conninfo_as("postgres"), "test_enqueue");
	struct err err = ERR_INIT;

	if (db_exec_sql(db, "BEGIN; ALTER FUNCTION jqm.enqueue_special RENAME TO elsewhere",
			&err) == -1)
		fail_msg("%s", err.text);
	return db;
}

static void
an_ordinary_request_is_enqueued_as_any_other(void **state)
{
	static const char *const cases[] = {
		"'Plain'",
		"'Plain', user_name => 'alice', submitter => 'bob', priority => 0,"
		" parameters => '{\"b\": \"3\", \"c\": \"4\"}'",
		"'Plain', session_id => 's', application => 'a', module => 'm', keyword1 => '1',"
		" keyword2 => '2', keyword3 => '3', trace_id => 't', idempotency_owner => 'o'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct db *db;
		char sql[500];

		/* the second one is not ordinary, as it names its queue; then its names have been seen */
		print_message("%s\n", cases[i]);
		test_db_sql("SELECT jqm.enqueue(%s, queue_name => 'DEFAULT')", cases[i]);
		db = without_enqueue_special();
		(void)snprintf(sql, sizeof(sql),
			       "SELECT jqm.enqueue(%s);"
			       "ALTER FUNCTION jqm.elsewhere RENAME TO enqueue_special; COMMIT",
			       cases[i]);
		if (db_exec_sql(db, sql, &err) == -1)
			fail_msg("%s", err.text);
		db_free(db);
		assert_value("SELECT count(*) || ' ' || count(DISTINCT to_jsonb(j) - 'id' -"
			     " 'position' - 'enqueued_at' - 'runnable_at')"
			     " FROM jqm.job_instance AS j",
			     "2 1");
		assert_value(
		    "SELECT count(*) || ' ' || count(DISTINCT to_jsonb(a) - 'tx' - 'id' -"
		    " 'at' - 'object_id' - 'actor') FROM jqm.audit AS a JOIN jqm.job_instance AS j"
		    " ON j.id = a.object_id WHERE a.action = 'enqueue'",
		    "2 1");
		test_db_sql("DELETE FROM jqm.job_instance");
	}
}

static void
what_is_not_ordinary_is_not_taken_for_it(void **state)
{
	static const char *const cases[] = {
		"'Highlander'",
		"'Plain', '{\"a\": {\"secret\": \"\"}}'",
		"'Plain', '{\"com.enioka.jqm.rm.quantity.consumption\": \"2\"}'",
		"'Plain', NULL",
		"'Plain', queue_name => 'DEFAULT'",
		"'Plain', priority => 4",
		"'Plain', run_after => now()",
		"'Plain', held => true",
		"'Plain', user_name => 'nobody before'",
		"'Plain', user_name => repeat('x', 51)",
		"'Plain', keyword2 => ''",
		"'Plain', email => 'a@example.org'",
		"'Plain', parent_id => 1",
		"'Plain', wait_for => '{1}'",
		"'Plain', max_attempts => 2",
		"'Plain', concurrency_key => 'k'",
		"'Plain', schedule_id => 1",
		"'Plain', idempotency_key => 'k'",
		"'Plain', scope => '{own=1}'",
		"'Secret'",
		"'Needs'",
		"'Keyed'",
		"'unknown'",
	};
	struct db *db;

	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain')");
	db = without_enqueue_special();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		char sql[500];

		print_message("%s\n", cases[i]);
		(void)snprintf(sql, sizeof(sql), "SAVEPOINT s; SELECT jqm.enqueue(%s)", cases[i]);
		assert_int_equal(db_exec_sql(db, sql, &err), -1);
		assert_non_null(strstr(err.text, "enqueue_special"));
		err_clear(&err);
		assert_int_equal(db_exec_sql(db, "ROLLBACK TO s", &err), 0);
	}
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_request_is_enqueued_as_any_other),
		cmocka_unit_test(what_is_not_ordinary_is_not_taken_for_it),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
