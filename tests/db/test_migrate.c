/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "db/db.h"
#include "db/migrate.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define FIRST                                                                      \
	"create schema jqm; create table jqm.schema_version (version int primary " \
	"key, name text not null, applied_at timestamptz not null default now());\n"

static char dir[40]; /* schema files of the running test */
static char files[10][80]; /* their paths, to be removed */
static int file_count;

static void
put_file(const char *name, const char *text)
{
	struct err err = ERR_INIT;

	(void)snprintf(files[file_count], sizeof(files[0]), "%s/%s", dir, name);
	assert_int_equal(fd_write_file(files[file_count], 0600, text, strlen(text), &err), 0);
	file_count++;
}

static int
set_up(void **state)
{
	(void)str_copy(dir, sizeof(dir), "/tmp/jqm-test-migrate-XXXXXX");
	assert_non_null(mkdtemp(dir));
	*state = db_new(test_db_create_empty("migrate"), "test_migrate");
	return 0;
}

static int
tear_down(void **state)
{
	while (file_count > 0)
		(void)unlink(files[--file_count]);
	assert_int_equal(rmdir(dir), 0);
	db_free(*state);
	return 0;
}

static void
assert_applies(struct db *db, int expected)
{
	struct err err = ERR_INIT;
	int applied = -1;

	if (migrate_apply(db, dir, &applied, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(applied, expected);
}

/* It fails with this kind and says each of these words. */
static void
assert_refuses(struct db *db, enum err_kind kind, const char *word, const char *other_word)
{
	struct err err = ERR_INIT;

	assert_int_equal(migrate_apply(db, dir, NULL, &err), -1);
	if (err.kind != kind || strstr(err.text, word) == NULL ||
	    strstr(err.text, other_word) == NULL)
		fail_msg("%s: %s", err_kind_name(err.kind), err.text);
}

static void
missing_files_are_applied_in_order_and_noted(void **state)
{
	struct err err = ERR_INIT;
	int version = -1;
	int newest = -1;

	put_file("0001_first.sql", FIRST);
	put_file("0002_second.sql", "create table t (id int);\ninsert into t values (1);\n");
	put_file("README.md", "not a schema file");
	assert_int_equal(migrate_status(*state, dir, &version, &newest, &err), 0);
	assert_int_equal(version, 0);
	assert_int_equal(newest, 2);
	assert_applies(*state, 2);
	assert_applies(*state, 0);
	put_file("0003_third.sql", "insert into t values (2);");
	assert_applies(*state, 1);
	assert_value("select string_agg(version || name, ' ' order by version) from "
		     "jqm.schema_version",
		     "1first 2second 3third");
	assert_value("select count(*) from t", "2");
	assert_int_equal(migrate_status(*state, dir, &version, &newest, &err), 0);
	assert_int_equal(version, 3);
}

static void
a_failing_file_is_named_with_its_line_and_leaves_nothing(void **state)
{
	put_file("0001_first.sql", FIRST);
	put_file("0002_second.sql", "-- \xc3\xa4\xc3\xb6\xc3\xbc\ncreate table t (id int);\n\n"
				    "insert into t select no_such from t;\n");
	assert_refuses(*state, ERR_INVALID, "0002_second.sql\", line 4", "no_such");
	assert_value("select max(version) from jqm.schema_version", "1");
	assert_value("select to_regclass('t') is null", "t");
	file_count--;
	put_file("0002_second.sql", "create table t (id int);");
	assert_applies(*state, 1);
}

static void
a_file_that_ends_the_transaction_is_refused_before_it_runs(void **state)
{
	put_file("0001_first.sql", FIRST);
	put_file("0002_second.sql", "create table t (id int);\nCOMMIT;\nselect 1/0;\n");
	assert_refuses(*state, ERR_INVALID, "0002_second.sql\", line 2", "transaction");
	assert_value("select to_regclass('t') is null", "t");
}

static void
a_missing_or_doubled_number_applies_nothing(void **state)
{
	put_file("0001_first.sql", FIRST);
	put_file("0003_third.sql", "select 1;");
	assert_refuses(*state, ERR_INVALID, "0002", "missing");
	put_file("0002_second.sql", "select 1;");
	put_file("0002_other.sql", "select 1;");
	assert_refuses(*state, ERR_INVALID, "0002_second.sql", "0002_other.sql");
	assert_value("select to_regnamespace('jqm') is null", "t");
}

static void
an_oddly_named_file_is_refused(void **state)
{
	put_file("0001_first.sql", FIRST);
	put_file("2_second.sql", "select 1;");
	assert_refuses(*state, ERR_INVALID, "2_second.sql", "NNNN_name.sql");
}

static void
an_empty_or_missing_directory_is_refused(void **state)
{
	struct err err = ERR_INIT;

	assert_refuses(*state, ERR_INVALID, dir, "no schema file");
	assert_int_equal(migrate_apply(*state, "/nonexistent", NULL, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void
a_database_newer_than_the_files_is_left_alone(void **state)
{
	put_file("0001_first.sql", FIRST);
	assert_applies(*state, 1);
	test_db_sql("insert into jqm.schema_version values (2, 'from_the_future')");
	assert_refuses(*state, ERR_INVALID, "version 2", "newer");
}

static void
a_database_made_from_other_files_is_left_alone(void **state)
{
	put_file("0001_first.sql", FIRST);
	put_file("0002_second.sql", "create table t (id int);");
	test_db_sql("%s", FIRST);
	test_db_sql("insert into jqm.schema_version values (1, 'other')");
	assert_refuses(*state, ERR_INVALID, "other", "0001_first.sql");
	assert_value("select to_regclass('t') is null", "t");
}

/* ---- two at a time ---- */

struct upgrader {
	pthread_t thread;
	struct db *db;
	int rc;
	int applied;
	struct err err;
};

static void *
upgrade(void *arg)
{
	struct upgrader *upgrader = arg;

	upgrader->rc = migrate_apply(upgrader->db, dir, &upgrader->applied, &upgrader->err);
	return NULL;
}

static void
two_upgraders_apply_each_file_once(void **state)
{
	struct upgrader upgraders[2] = { 0 };
	const char *conninfo = test_db_conninfo();

	(void)state;
	put_file("0001_first.sql", FIRST "select pg_sleep(0.2);");
	put_file("0002_second.sql", "create table t (id int); select pg_sleep(0.2);");
	put_file("0003_third.sql", "insert into t values (1);");
	for (int i = 0; i < 2; i++) {
		upgraders[i].db = db_new(conninfo, "upgrader");
		assert_int_equal(pthread_create(&upgraders[i].thread, NULL, upgrade, &upgraders[i]),
				 0);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(upgraders[i].thread, NULL), 0);
		if (upgraders[i].rc != 0)
			fail_msg("%s", upgraders[i].err.text);
		db_free(upgraders[i].db);
	}
	assert_int_equal(upgraders[0].applied + upgraders[1].applied, 3);
	assert_value("select count(*) from jqm.schema_version", "3");
	assert_value("select count(*) from t", "1");
}

static void
the_shipped_schema_applies_to_an_empty_database_once(void **state)
{
	const char *shipped = test_db_source("sql/schema");
	struct err err = ERR_INIT;
	int applied = 0;
	int version = 0;
	int newest = 0;

	if (migrate_apply(*state, shipped, &applied, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(migrate_status(*state, shipped, &version, &newest, &err), 0);
	assert_int_equal(version, newest);
	assert_int_equal(applied, newest);
	assert_true(applied > 0);
	assert_int_equal(migrate_apply(*state, shipped, &applied, &err), 0);
	assert_int_equal(applied, 0);
}

#define with_dir(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_dir(missing_files_are_applied_in_order_and_noted),
		with_dir(a_failing_file_is_named_with_its_line_and_leaves_nothing),
		with_dir(a_file_that_ends_the_transaction_is_refused_before_it_runs),
		with_dir(a_missing_or_doubled_number_applies_nothing),
		with_dir(an_oddly_named_file_is_refused),
		with_dir(an_empty_or_missing_directory_is_refused),
		with_dir(a_database_newer_than_the_files_is_left_alone),
		with_dir(a_database_made_from_other_files_is_left_alone),
		with_dir(two_upgraders_apply_each_file_once),
		with_dir(the_shipped_schema_applies_to_an_empty_database_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
