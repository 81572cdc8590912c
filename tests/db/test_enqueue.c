/* SPDX-License-Identifier: Apache-2.0 */
/* Ordinary requests take a shorter way, alone or together: it leads where the other one leads, and only they take it. */
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
#include "model/job_request.h"
#include "model/value.h"
#include "store/job_together_store.h"
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
	test_db_sql("INSERT INTO jqm.account (login) VALUES ('bob')");
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

/* Of an account bob, as its caller remembers it; more: further members. */
#define BOBS_WISH(more)                                                                       \
	"(SELECT jsonb_populate_record(NULL::jqm.job_wish, jsonb_build_object('definition', " \
	"'Plain',"                                                                            \
	" 'parameters', '{}'::jsonb, 'account', id, 'stamp', stamp, 'actor',"                 \
	" concat_ws(chr(31), login, 'password', '10.0.0.1', 'r1')) || '{" more "}')"          \
	" FROM jqm.account WHERE login = 'bob')"

static void
a_request_among_those_of_others_is_enqueued_as_alone(void **state)
{
	static const struct {
		const char *alone, *together;
	} cases[] = {
		{ "'Plain'", "" },
		{ "'Plain', user_name => 'alice', parameters => '{\"b\": \"3\", \"c\": \"4\"}'",
		  "\"user_name\": \"alice\", \"parameters\": {\"b\": \"3\", \"c\": \"4\"}" },
		{ "'Plain', session_id => 's', application => 'a', module => 'm', keyword1 => '1',"
		  " keyword2 => '2', keyword3 => '3', trace_id => 't'",
		  "\"tags\": {\"session\": \"s\", \"application\": \"a\", \"module\": \"m\","
		  " \"keyword1\": \"1\", \"keyword2\": \"2\", \"keyword3\": \"3\", \"trace\": "
		  "\"t\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].alone);
		test_db_sql("DELETE FROM jqm.job_instance; SET SESSION AUTHORIZATION jqm_owner;"
			    "SELECT jqm.enqueue(%s, submitter => 'bob', queue_name => 'DEFAULT')",
			    cases[i].alone);
		test_db_sql("SELECT jqm.enqueue_wishes(ARRAY[" BOBS_WISH("%s") ", NULL, " BOBS_WISH(
				"%s") "])",
			    cases[i].together, cases[i].together);
		assert_value("SELECT count(*) || ' ' || count(DISTINCT to_jsonb(j) - 'id' -"
			     " 'position' - 'enqueued_at' - 'runnable_at')"
			     " FROM jqm.job_instance AS j",
			     "3 1");
		assert_value(
		    "SELECT count(*) FROM jqm.job_instance AS j JOIN jqm.name_snapshot AS n"
		    " ON n.id = j.submitter_id JOIN jqm.account AS a"
		    " ON n.kind = 'a' AND n.name = a.id || ':bob'",
		    "3");
		assert_value("SELECT count(*) || ' ' || count(DISTINCT to_jsonb(a) - 'tx' - 'id' -"
			     " 'at' - 'object_id' - 'actor' - 'db_user') FROM jqm.audit AS a"
			     " JOIN jqm.job_instance AS j ON j.id = a.object_id"
			     " WHERE a.action = 'enqueue'",
			     "3 1");
		assert_value("SELECT count(*) FROM jqm.audit AS a JOIN jqm.job_instance AS j"
			     " ON j.id = a.object_id WHERE a.action = 'enqueue' AND a.actor ="
			     " concat_ws(chr(31), 'bob', 'password', '10.0.0.1', 'r1')",
			     "2");
	}
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
what_is_to_be_enqueued_alone_is_left_and_holds_up_nobody(void **state)
{
	static const char *const cases[] = {
		"\"definition\": \"Highlander\"",
		"\"definition\": \"Secret\"",
		"\"definition\": \"Needs\"",
		"\"definition\": \"Keyed\"",
		"\"definition\": \"unknown\"",
		"\"definition\": null",
		"\"parameters\": {\"a\": {\"secret\": \"\"}}",
		"\"parameters\": {\"com.enioka.jqm.rm.quantity.consumption\": \"2\"}",
		"\"parameters\": {\"a\": null}",
		"\"parameters\": null",
		"\"user_name\": \"nobody before\"",
		"\"tags\": {\"trace\": \"some more than fifty characters, far too many of them\"}",
		"\"account\": 0",
		"\"stamp\": 0",
	};

	(void)state;
	test_db_sql("SET SESSION AUTHORIZATION jqm_owner;"
		    "SELECT jqm.enqueue('Plain', submitter => 'bob');"
		    "DELETE FROM jqm.job_instance");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[3000];

		print_message("%s\n", cases[i]);
		(void)snprintf(
		    sql, sizeof(sql),
		    "SELECT concat_ws(' ', cardinality(m), m[1][1], m[2][1], m[1][2] < m[2][2])"
		    " FROM jqm.enqueue_wishes(ARRAY[" BOBS_WISH("") ", " BOBS_WISH(
			"%s") ", " BOBS_WISH("") "]) AS m",
		    cases[i]);
		assert_value(sql, "4 1 3 t");
		assert_value("SELECT count(*) FROM jqm.job_instance", "2");
		test_db_sql("DELETE FROM jqm.job_instance");
	}
	test_db_sql("UPDATE jqm.account SET locked = true WHERE login = 'bob'");
	assert_value("SELECT jqm.enqueue_wishes(ARRAY[" BOBS_WISH("") "]) IS NULL", "t");
	test_db_sql(
	    "UPDATE jqm.account SET locked = false, expiration_date = now() WHERE login = 'bob'");
	assert_value("SELECT jqm.enqueue_wishes(ARRAY[" BOBS_WISH("") "]) IS NULL", "t");
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
}

/* Whenever it is changed; the audit trail tells of the change alone. */
static void
what_a_definition_says_decides_whether_it_is_ordinary(void **state)
{
	(void)state;
	define("Typed", "parameter_types", "'[{\"key\": \"k\", \"type\": \"TEXT\"}]'");
	assert_value("SELECT string_agg(name, ' ') FROM jqm.job_def WHERE is_ordinary", "Plain");
	test_db_sql("UPDATE jqm.job_def SET highlander = false WHERE name = 'Highlander'");
	assert_value("SELECT is_ordinary FROM jqm.job_def WHERE name = 'Highlander'", "t");
	assert_value("SELECT changes FROM jqm.audit WHERE kind = 'jd' AND name = 'Highlander'"
		     " ORDER BY id DESC LIMIT 1",
		     "[{\"after\": \"false\", \"field\": \"highlander\", \"before\": \"true\"}]");
	test_db_sql("UPDATE jqm.job_def SET highlander = true WHERE name = 'Highlander';"
		    "DELETE FROM jqm.job_def WHERE name = 'Typed'");
	assert_value("SELECT string_agg(name, ' ') FROM jqm.job_def WHERE is_ordinary", "Plain");
}

/* What programs of the release before call. */
static void
programs_of_the_release_before_enqueue_together_as_ever(void **state)
{
	(void)state;
	test_db_sql(
	    "UPDATE jqm.account SET locked = false, expiration_date = NULL WHERE login = 'bob';"
	    "DELETE FROM jqm.job_instance");
	assert_value("SELECT string_agg(place::text, ' ' ORDER BY id) FROM jqm.enqueue_together("
		     "(SELECT jsonb_agg(jsonb_build_object('name', n, 'parameters', '{}'::jsonb,"
		     " 'account', id, 'stamp', stamp, 'actor', login) ORDER BY place)"
		     " FROM jqm.account, unnest('{Plain,unknown,Plain}'::text[])"
		     " WITH ORDINALITY AS w(n, place) WHERE login = 'bob'))",
		     "1 3");
	assert_value("SELECT count(*) FROM jqm.job_instance", "2");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static int64_t
number(const char *sql)
{
	char *value = test_db_value("%s", sql);
	int64_t n = strtoll(value, NULL, 10);

	free(value);
	return n;
}

/* Of a short text, until the next call. */
static const char *
hex(const char *text)
{
	static char out[41];

	assert_in_range(strlen(text), 1, 20);
	for (size_t i = 0; text[i] != '\0'; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", (unsigned char)text[i]);
	return out;
}
#define AS_TEXT "convert_from('\\x%s', 'UTF8')"

/* Two of them, with one between that is to be left. */
static void
whatever_texts_a_request_has_they_arrive(void **state)
{
	static const char *const texts[] = { "plain", "a \"b\" 'c'", "\\ \\\" {},()",
					     "\t\n",  "\xc3\xa9",    "NULL",
					     " " };
	struct db *db = db_new(test_db_conninfo_as("jqm_api"), "test_enqueue");
	struct job_asker asker = { 0, 0, "bob\x1fpassword\x1f::1\x1f\"r\\" };

	(void)state;
	test_db_sql("UPDATE jqm.account SET expiration_date = NULL WHERE login = 'bob'");
	asker.account = number("SELECT id FROM jqm.account WHERE login = 'bob'");
	asker.stamp = number("SELECT stamp FROM jqm.account WHERE login = 'bob'");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct text_pair pair = { texts[i], texts[i], false };
		struct job_request request = {
			.application_name = "Plain",
			.keyword3 = texts[i],
			.parameters = { &pair, 1 },
		};
		struct buf text = BUF_INIT(4096);
		const char *wishes[] = { NULL, "\"(0,0,x,,,{},)\"", NULL };
		int64_t ids[3] = { -1, -1, -1 };
		struct err err = ERR_INIT;
		char sql[500];

		print_message("%s\n", texts[i]);
		assert_true(job_together_text(&text, &request, &asker));
		wishes[0] = wishes[2] = buf_text(&text);
		if (job_together_enqueue(db, wishes, 3, ids, &err) == -1)
			fail_msg("%s", err.text);
		assert_true(ids[0] > 0 && ids[1] == 0 && ids[2] > ids[0]);
		(void)snprintf(
		    sql, sizeof(sql),
		    "SELECT count(*) FROM jqm.job_instance AS j"
		    " JOIN jqm.audit AS a ON a.object_id = j.id, " AS_TEXT " AS t(v)"
		    " WHERE j.keyword3 = t.v AND j.parameters ->> t.v = t.v"
		    " AND a.actor = concat_ws(chr(31), 'bob', 'password', '::1', '\"r\\')",
		    hex(texts[i]));
		assert_value(sql, "2");
		buf_free(&text);
	}
	db_free(db);
}

static void
what_has_more_text_than_is_looked_at_is_enqueued_alone(void **state)
{
	struct job_asker asker = { 1, 1, "bob" };
	struct job_request request = {
		.application_name = "Plain",
		.keyword1 = "twenty-five characters: 1",
		.keyword2 = "twenty-five characters: 2",
	};
	struct buf text = BUF_INIT(4096), small = BUF_INIT(40);

	(void)state;
	assert_true(job_together_text(&text, &request, &asker));
	assert_false(job_together_text(&small, &request, &asker));
	request.module = "3";
	assert_false(job_together_text(&text, &request, &asker));
	buf_free(&text);
	buf_free(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_request_is_enqueued_as_any_other),
		cmocka_unit_test(what_is_not_ordinary_is_not_taken_for_it),
		cmocka_unit_test(a_request_among_those_of_others_is_enqueued_as_alone),
		cmocka_unit_test(what_is_to_be_enqueued_alone_is_left_and_holds_up_nobody),
		cmocka_unit_test(what_a_definition_says_decides_whether_it_is_ordinary),
		cmocka_unit_test(programs_of_the_release_before_enqueue_together_as_ever),
		cmocka_unit_test(whatever_texts_a_request_has_they_arrive),
		cmocka_unit_test(what_has_more_text_than_is_looked_at_is_enqueued_alone),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
