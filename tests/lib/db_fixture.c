/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/db_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/test_db.h"

static const struct db_stmt backend_pid = {
	.name = "test_backend_pid",
	.text = "select pg_backend_pid()",
	.read_only = true,
};

void
db_fixture_table(void)
{
	test_db_sql("drop table if exists t cascade; drop function if exists slow; "
		    "create table t (id int primary key, note text not null check (note <> 'bad'),"
		    " parent int references t deferrable initially deferred)");
}

int
db_fixture_set_up(void **state)
{
	db_fixture_table();
	*state = db_new(test_db_conninfo(), "test_db");
	return 0;
}

int
db_fixture_tear_down(void **state)
{
	db_free(*state);
	return 0;
}

void
assert_sql_fails(struct db *db, const char *sql, enum err_kind kind)
{
	struct err err = ERR_INIT;

	assert_int_equal(db_exec_sql(db, sql, &err), -1);
	if (err.kind != kind)
		fail_msg("%s: %s (%s)", sql, err_kind_name(err.kind), err.text);
}

void
assert_sql(struct db *db, const char *sql)
{
	struct err err = ERR_INIT;

	if (db_exec_sql(db, sql, &err) == -1)
		fail_msg("%s: %s", sql, err.text);
}

void
assert_denied(const char *role, const char *sql)
{
	struct db *db = db_new(test_db_conninfo_as(role), "test_db");

	assert_sql_fails(db, sql, ERR_DENIED);
	db_free(db);
}

void
assert_value(const char *sql, const char *expected)
{
	char *value = test_db_value("%s", sql);

	if (strcmp(value, expected) != 0)
		print_message("%s\n", sql);
	assert_string_equal(value, expected);
	free(value);
}

int64_t
db_pid_of(struct db *db)
{
	struct db_result *rows;
	struct err err = ERR_INIT;
	int64_t pid;

	if (db_exec(db, &backend_pid, NULL, &rows, &err) == -1)
		fail_msg("%s", err.text);
	pid = db_int64(rows, 0, 0);
	db_result_free(rows);
	return pid;
}
