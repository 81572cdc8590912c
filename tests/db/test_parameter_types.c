/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0042_parameter_types.sql: what a definition says of its parameters holds for each job, whatever door it comes
 * through, and for each schedule. */
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
#include "model/memory.h"
#include "model/parameter_type.h"
#include "tests/lib/test_db.h"

#define BOX "1:0123456789abcdef:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

/* Definitions: Plain; Typed with one parameter of each type, none required; Strict with two that are. */
static int
group_setup(void **state)
{
	(void)state;
	(void)test_db_create("parameter_types");
	test_db_sql(
	    "insert into jqm.job_def (name, queue_id, path, path_type, parameters, parameter_types)"
	    " select n, 1, 'true', 'DEFAULTSHELLCOMMAND', p::jsonb, t::jsonb from (values"
	    " ('Plain', '{\"n\": \"x\"}', '[]'),"
	    " ('Typed', '{\"n\": \"1\"}', '[{\"key\": \"n\", \"type\": \"INTEGER\"},"
	    "  {\"key\": \"f\", \"type\": \"NUMBER\"}, {\"key\": \"b\", \"type\": \"BOOLEAN\"},"
	    "  {\"key\": \"d\", \"type\": \"DATE\"}, {\"key\": \"t\"},"
	    "  {\"key\": \"api-token\", \"type\": \"INTEGER\"},"
	    "  {\"key\": \"c\", \"type\": \"CHOICE\", \"choices\": [\"red\", \"light blue\"]}]'),"
	    " ('Strict', '{\"month\": \"03\"}', '[{\"key\": \"month\", \"type\": \"INTEGER\","
	    "  \"required\": true}, {\"key\": \"who\", \"required\": true, \"hint\": \"whose\"}]')"
	    ") as v(n, p, t)");
	return 0;
}

static struct db *
connect_as(const char *role)
{
	return db_new(test_db_conninfo_as(role), "test_parameter_types");
}

static void
assert_refused(struct db *db, const char *sql, const char *says)
{
	struct err err = ERR_INIT;

	print_message("%s\n", sql);
	if (db_exec_sql(db, sql, &err) == 0)
		fail_msg("done: %s", sql);
	assert_string_equal(err_kind_name(err.kind), err_kind_name(ERR_INVALID));
	if (strstr(err.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void
assert_value(const char *sql, const char *want)
{
	char *value = test_db_value("%s", sql);

	assert_string_equal(value, want);
	free(value);
}

static void
a_value_is_of_its_type_or_refused_with_the_rule(void **state)
{
	static const struct {
		const char *key, *value, *rule; /* rule NULL: it is taken */
	} cases[] = {
		{ "n", "0", NULL },
		{ "n", "-007", NULL },
		{ "n", "999999999999999999", NULL },
		{ "n", "1.0", "\"1.0\", not a whole number of at most 18 digits" },
		{ "n", "1234567890123456789", "not a whole number" },
		{ "n", " 1", "not a whole number" },
		{ "n", "1\n", "not a whole number" },
		{ "n", "٣", "not a whole number" },
		{ "n", "abc", "parameter \"n\" is \"abc\", not a whole number" },
		{ "f", "12.5", NULL },
		{ "f", "-.5e-3", NULL },
		{ "f", "7", NULL },
		{ "f", "1,5", "parameter \"f\" is \"1,5\", not a number such as 12.5" },
		{ "f", "NaN", "not a number" },
		{ "f", "1e9999", "not a number" },
		{ "f", ".", "not a number" },
		{ "b", "true", NULL },
		{ "b", "false", NULL },
		{ "b", "TRUE", "parameter \"b\" is \"TRUE\", not true or false" },
		{ "b", "1", "not true or false" },
		{ "d", "2026-11-30", NULL },
		{ "d", "2024-02-29", NULL },
		{ "d", "2026-02-29", "\"2026-02-29\", not a date such as 2026-11-30" },
		{ "d", "2026-11-31", "not a date" },
		{ "d", "2026-13-01", "not a date" },
		{ "d", "2026-00-01", "not a date" },
		{ "d", "2026-01-00", "not a date" },
		{ "d", "0000-01-01", "not a date" },
		{ "d", "30.11.2026", "not a date" },
		{ "d", "tomorrow", "not a date" },
		{ "c", "light blue", NULL },
		{ "c", "blue", "\"blue\", not one of \"red\", \"light blue\"" },
		{ "t", "whatever", NULL },
		{ "untyped", "whatever", NULL },
	};
	struct db *db = connect_as("jqm_client");
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[300];
		struct err err = ERR_INIT;

		(void)snprintf(
		    sql, sizeof(sql),
		    "select jqm.enqueue('Typed', jsonb_build_object('%s', '%s'), held => true)",
		    cases[i].key, cases[i].value);
		if (cases[i].rule != NULL)
			assert_refused(db, sql, cases[i].rule);
		else if (db_exec_sql(db, sql, &err) == -1)
			fail_msg("%s: %s", sql, err.text);
	}
	db_free(db);
	test_db_sql("delete from jqm.job_instance");
}

static void
what_is_required_comes_from_anywhere(void **state)
{
	struct db *db = connect_as("jqm_client");
	struct err err = ERR_INIT;
	(void)state;

	assert_refused(db, "select jqm.enqueue('Strict')",
		       "parameter \"who\" is missing: its definition requires it");
	assert_int_equal(
	    db_exec_sql(db, "select jqm.enqueue('Strict', '{\"who\": \"me\"}', held => true)",
			&err),
	    0);
	assert_value("select parameters from jqm.job_instance",
		     "{\"who\": \"me\", \"month\": \"03\"}");
	/* A job keeps what it has; another one like it is one by the definition of today. */
	test_db_sql("update jqm.job_def set parameter_types = parameter_types"
		    " || '[{\"key\": \"day\", \"required\": true}]' where name = 'Strict'");
	assert_refused(db, "select jqm.enqueue('Strict', '{\"who\": \"me\"}')",
		       "parameter \"day\" is missing");
	test_db_sql(
	    "update jqm.job_def set parameter_types = parameter_types - 2 where name = 'Strict';"
	    "delete from jqm.job_instance");
	db_free(db);
}

static void
without_types_any_text_is_taken(void **state)
{
	struct db *db = connect_as("jqm_client");
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(
	    db_exec_sql(db, "select jqm.enqueue('Plain', '{\"n\": \"many\"}', held => true)", &err),
	    0);
	assert_value("select parameters from jqm.job_instance", "{\"n\": \"many\"}");
	assert_value("select parameter_types from jqm.job_def where name = 'Plain'", "[]");
	test_db_sql("delete from jqm.job_instance");
	db_free(db);
}

static void
nothing_that_is_or_may_be_secret_is_quoted(void **state)
{
	struct db *db = connect_as("jqm_api");
	struct err err = ERR_INIT;
	(void)state;

	assert_refused(db, "select jqm.enqueue('Typed', '{\"n\": {\"secret\": \"" BOX "\"}}')",
		       "parameter \"n\" is secret, so nobody can check what is sealed: its type"
		       " must be TEXT, not INTEGER");
	assert_int_equal(
	    db_exec_sql(db, "select jqm.enqueue('Typed', '{\"api-token\": \"hush\"}')", &err), -1);
	assert_null(strstr(err.text, "hush"));
	assert_string_equal(err.text,
			    "parameter \"api-token\" is not a whole number of at most 18 digits");
	err_clear(&err);
	assert_int_equal(db_exec_sql(db,
				     "select jqm.enqueue('Typed', '{\"t\": {\"secret\": \"" BOX
				     "\"}}', held => true)",
				     &err),
			 0);
	test_db_sql("delete from jqm.job_instance");
	db_free(db);
}

static void
many_at_once_are_looked_at_too(void **state)
{
	(void)state;

	assert_value(
	    "select count(*) from jqm.enqueue_ordinary('[{\"name\": \"Typed\", \"held\": true,"
	    " \"parameters\": {\"n\": \"5\"}}, {\"name\": \"Plain\", \"held\": true}]')",
	    "2");
	assert_value(
	    "select count(*) from jqm.enqueue_ordinary('[{\"name\": \"Typed\", \"held\": true,"
	    " \"parameters\": {\"n\": \"five\"}}, {\"name\": \"Plain\", \"held\": true}]')",
	    "0");
	assert_value("select count(*) from jqm.job_instance", "2");
	test_db_sql("delete from jqm.job_instance");
}

#define DESCRIBE(types) "update jqm.job_def set parameter_types = '" types "' where name = 'Plain'"

static void
a_description_that_is_wrong_is_refused_by_name(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ DESCRIBE("{}"), "field \"parameterTypes\" is no list" },
		{ DESCRIBE("[7]"), "field \"parameterTypes[0]\" is no object" },
		{ DESCRIBE("[{\"type\": \"TEXT\"}]"),
		  "field \"parameterTypes[0].key\" is missing" },
		{ DESCRIBE("[{\"key\": \"\"}]"), "field \"parameterTypes[0].key\" is empty" },
		{ DESCRIBE("[{\"key\": 7}]"), "field \"parameterTypes[0].key\" is no text" },
		{ DESCRIBE("[{\"key\": \"a\\tb\"}]"),
		  "field \"parameterTypes[0].key\" has a control character" },
		{ "update jqm.job_def set parameter_types = "
		  "jsonb_build_array(jsonb_build_object('key',"
		  " repeat('k', 51))) where name = 'Plain'",
		  "field \"parameterTypes[0].key\" has 51 characters, at most 50" },
		{ DESCRIBE("[{\"key\": \"a\"}, {\"key\": \"b\", \"type\": \"FLOAT\"}]"),
		  "field \"parameterTypes[1].type\" is \"FLOAT\", not one of: TEXT INTEGER" },
		{ DESCRIBE("[{\"key\": \"a\"}, {\"key\": \"a\"}]"),
		  "field \"parameterTypes\" has key \"a\" twice" },
		{ DESCRIBE("[{\"key\": \"a\", \"required\": \"yes\"}]"),
		  "field \"parameterTypes[0].required\" is neither true nor false" },
		{ DESCRIBE("[{\"key\": \"a\", \"choices\": \"x\"}]"),
		  "field \"parameterTypes[0].choices\" is no list" },
		{ DESCRIBE("[{\"key\": \"a\", \"choices\": [\"x\"]}]"),
		  "field \"parameterTypes[0].choices\" is for type CHOICE only, not for TEXT" },
		{ DESCRIBE("[{\"key\": \"a\", \"type\": \"CHOICE\"}]"),
		  "field \"parameterTypes[0].choices\" has 0 values, 1 to 100 are allowed" },
		{ DESCRIBE("[{\"key\": \"a\", \"type\": \"CHOICE\", \"choices\": [\"x\", \"\"]}]"),
		  "field \"parameterTypes[0].choices[1]\" is empty" },
		{ DESCRIBE("[{\"key\": \"a\", \"type\": \"CHOICE\", \"choices\": [\"x\", \"x\"]}]"),
		  "field \"parameterTypes[0].choices\" has a value twice" },
		{ DESCRIBE("[{\"key\": \"n\", \"type\": \"INTEGER\"}]"),
		  "parameter \"n\" is \"x\", not a whole number" },
		{ "update jqm.job_def set parameters = '{\"n\": \"y\"}' where name = 'Typed'",
		  "parameter \"n\" is \"y\", not a whole number" },
		{ "update jqm.job_def set parameters = '{\"n\": {\"secret\": \"" BOX
		  "\"}}' where name = 'Typed'",
		  "parameter \"n\" is secret, so nobody can check what is sealed: its type"
		  " must be TEXT, not INTEGER" },
	};
	struct db *db = connect_as("jqm_owner");
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(db, cases[i].sql, cases[i].says);
	assert_value("select parameter_types from jqm.job_def where name = 'Plain'", "[]");
	db_free(db);
}

#define SCHEDULE(parameters) \
	"select jqm.schedule_create('Strict', '0 4 * * *', parameters => '" parameters "')"
#define PUT(more)                                                                               \
	"select * from jqm.admin_put('jd', (select id from jqm.job_def where name = 'Strict')," \
	" (select document || '" more "' from jqm.admin_read('jd', (select id from jqm.job_def" \
	" where name = 'Strict'))), null, 'root')"

static void
a_schedule_whose_jobs_would_be_refused_is_none(void **state)
{
	struct db *db = connect_as("jqm_api");
	struct err err = ERR_INIT;
	(void)state;

	assert_refused(db, SCHEDULE("{}"), "parameter \"who\" is missing");
	assert_refused(db, SCHEDULE("{\"who\": \"me\", \"month\": \"May\"}"),
		       "parameter \"month\" is \"May\", not a whole number");
	/* Refusals take numbers. */
	test_db_sql("alter table jqm.schedule alter id restart");
	assert_int_equal(db_exec_sql(db, SCHEDULE("{\"who\": \"me\"}"), &err), 0);
	/* A definition cannot be changed under its schedules, */
	assert_refused(db, PUT("{\"parameterTypes\": [{\"key\": \"who\", \"type\": \"DATE\"}]}"),
		       "schedule 1: parameter \"who\" is \"me\", not a date");
	assert_refused(db,
		       PUT("{\"parameters\": [], \"parameterTypes\": [{\"key\": \"month\", "
			   "\"required\": true}]}"),
		       "schedule 1: parameter \"month\" is missing");
	/* but with them. */
	if (db_exec_sql(db,
			PUT("{\"parameterTypes\": [{\"key\": \"who\", \"type\": \"DATE\"}], "
			    "\"schedules\": [{\"id\": 1,"
			    " \"cronExpression\": \"0 4 * * *\", \"parameters\": [{\"key\": "
			    "\"who\", \"value\": \"2026-01-01\"}]}]}"),
			&err) == -1)
		fail_msg("%s", err.text);
	/* What nobody asked is told when it is due. */
	test_db_sql(
	    "update jqm.job_def set parameter_types = '[{\"key\": \"who\", \"type\": \"BOOLEAN\"}]'"
	    " where name = 'Strict'");
	assert_value("select outcome || ': ' || problem from jqm.schedule_fire_slot((select s from "
		     "jqm.schedule as s))",
		     "REFUSED: parameter \"who\" is \"2026-01-01\", not true or false");
	db_free(db);
}

static void
programs_without_a_parser_read_them_as_lines(void **state)
{
	struct parameter_type_list types;
	struct pool pool;
	char *lines = test_db_value("select jqm.parameter_type_lines(parameter_types) from "
				    "jqm.job_def where name = 'Typed'");
	(void)state;

	pool_init(&pool);
	assert_int_equal(parameter_types_from_lines(lines, &pool.memory, &types), 0);
	assert_int_equal(types.len, 7);
	assert_string_equal(types.items[0].key, "n");
	assert_string_equal(types.items[0].type, "INTEGER");
	assert_false(types.items[0].required);
	assert_null(types.items[0].hint);
	assert_int_equal(types.items[0].choices.len, 0);
	assert_string_equal(types.items[4].type, "TEXT");
	assert_int_equal(types.items[6].choices.len, 2);
	assert_string_equal(types.items[6].choices.items[1], "light blue");
	free(lines);
	assert_int_equal(parameter_types_from_lines("k\tTEXT\ttrue\twhose", &pool.memory, &types),
			 0);
	assert_true(types.items[0].required);
	assert_string_equal(types.items[0].hint, "whose");
	assert_int_equal(parameter_types_from_lines(NULL, &pool.memory, &types), 0);
	assert_int_equal(types.len, 0);
	assert_int_equal(parameter_types_from_lines("k\tTEXT\ttrue", &pool.memory, &types), -1);
	pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_of_its_type_or_refused_with_the_rule),
		cmocka_unit_test(what_is_required_comes_from_anywhere),
		cmocka_unit_test(without_types_any_text_is_taken),
		cmocka_unit_test(nothing_that_is_or_may_be_secret_is_quoted),
		cmocka_unit_test(many_at_once_are_looked_at_too),
		cmocka_unit_test(a_description_that_is_wrong_is_refused_by_name),
		cmocka_unit_test(a_schedule_whose_jobs_would_be_refused_is_none),
		cmocka_unit_test(programs_without_a_parser_read_them_as_lines),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
