/* SPDX-License-Identifier: Apache-2.0 */
/* One connection and its statements: values, errors, healing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

DB_STMT(echo) = {
	.name = "test_echo",
	.text = "select $1::text, $2::bigint, $3::boolean, $4::text",
	.n_params = 4,
	.read_only = true,
};

DB_STMT(star) = { .name = "test_star", .text = "select * from t", .read_only = true };

static int
set_up_all(void **state)
{
	(void)state;
	test_db_create("db");
	return 0;
}

static void
values_and_nulls_travel_unchanged(void **state)
{
	const char *odd = "'; drop table t; -- \"\\ \n\t \xc3\xa4\xe2\x82\xac";
	const char *params[4] = { odd, "-9223372036854775808", "true", NULL };
	struct db_result *rows;
	struct err err = ERR_INIT;

	/* twice: the second run uses the statement prepared by the first */
	for (int run = 0; run < 2; run++) {
		assert_int_equal(db_exec(*state, &echo, params, &rows, &err), 0);
		assert_int_equal(db_rows(rows), 1);
		assert_string_equal(db_text(rows, 0, 0), odd);
		assert_true(db_int64(rows, 0, 1) == INT64_MIN);
		assert_true(db_bool(rows, 0, 2));
		assert_true(db_is_null(rows, 0, 3));
		assert_null(db_text(rows, 0, 3));
		assert_true(db_int64(rows, 0, 3) == 0);
		assert_false(db_bool(rows, 0, 3));
		db_result_free(rows);
	}
}

static void
an_unnamed_statement_may_change_its_text(void **state)
{
	struct db_stmt stmt = { .name = "", .read_only = true };
	struct err err = ERR_INIT;

	for (int i = 1; i <= 3; i++) {
		char text[40];
		struct db_result *rows;

		(void)snprintf(text, sizeof(text), "select %d", i);
		stmt.text = text;
		assert_int_equal(db_exec(*state, &stmt, NULL, &rows, &err), 0);
		assert_int_equal(db_int64(rows, 0, 0), i);
		db_result_free(rows);
	}
}

static void
the_program_names_itself_and_speaks_utf8(void **state)
{
	assert_sql(*state,
		   "do $$ begin if current_setting('application_name') <> 'test_db' or "
		   "current_setting('client_encoding') <> 'UTF8' then raise 'no'; end if; end $$");
}

static void
real_errors_of_the_server_become_kinds(void **state)
{
	struct db *db = *state;

	assert_sql(db, "insert into t values (1, 'one')");
	assert_sql_fails(db, "select 'x'::int", ERR_INVALID);
	assert_sql_fails(db, "select 1/0", ERR_INVALID);
	assert_sql_fails(db, "insert into t values (2, null)", ERR_INVALID);
	assert_sql_fails(db, "insert into t values (2, 'bad')", ERR_INVALID);
	assert_sql_fails(db, "insert into t values (1, 'again')", ERR_CONFLICT);
	assert_sql_fails(db, "insert into t values (2, 'orphan', 77)", ERR_CONFLICT);
	assert_sql_fails(db, "set statement_timeout = 20; select pg_sleep(60)", ERR_BUSY);
	assert_sql_fails(db, "select no_such_column", ERR_INTERNAL);
	assert_sql_fails(db, "do $$ begin raise 'x' using errcode = 'JQ413'; end $$",
			 ERR_TOO_LARGE);
	/* words of the server's own, from somewhere else */
	assert_sql_fails(db,
			 "do $$ begin raise 'cached plan must not change result type' "
			 "using errcode = '0A000'; end $$",
			 ERR_INTERNAL);
	assert_sql_fails(db, "copy t from stdin", ERR_INTERNAL);
	assert_sql(db, "select 1");
	assert_value("select count(*) from t", "1");
}

static void
a_message_written_for_users_arrives_as_it_is(void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(db_exec_sql(*state,
				     "do $$ begin raise 'job % does not exist', 7 "
				     "using errcode = 'JQ404'; end $$",
				     &err),
			 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_string_equal(err.text, "job 7 does not exist");
}

static void
a_right_not_granted_is_denied(void **state)
{
	struct db *db = db_new(test_db_conninfo_as("jqm_client"), "test_db");

	(void)state;
	assert_sql_fails(db, "select * from t", ERR_DENIED);
	db_free(db);
}

static void
no_server_is_busy_and_a_wrong_string_is_a_broken_installation(void **state)
{
	struct db *nowhere = db_new("host=/nonexistent dbname=x", "test_db");
	struct db *wrong = db_new("host=x what is this", "test_db");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(db_connect(nowhere, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(db_connect(wrong, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	db_free(nowhere);
	db_free(wrong);
}

static void
the_second_of_two_hosts_serves_when_the_first_is_down(void **state)
{
	char host[100];
	char *conninfo;
	struct db *db;

	(void)state;
	assert_int_equal(sscanf(test_db_conninfo(), "host=%99s", host), 1);
	conninfo = str_printf("%s host=/nonexistent,%s", test_db_conninfo(), host);
	db = db_new(conninfo, "test_db");
	assert_true(db_pid_of(db) > 0);
	db_free(db);
	free(conninfo);
}

static void
a_terminated_connection_is_replaced_at_the_next_statement(void **state)
{
	int64_t before = db_pid_of(*state);

	test_db_sql("select pg_terminate_backend(%lld, 60000)", (long long)before);
	assert_true(db_pid_of(*state) != before);
}

/* Not even one whose handle lies where a freed one lay: what is kept of a connection is known by its number alone. */
static void
no_two_connections_have_the_same_number(void **state)
{
	struct err err = ERR_INIT;
	unsigned last = db_serial(*state);

	assert_int_equal(last, 0);
	for (int i = 0; i < 3; i++) {
		struct db *other = db_new(test_db_conninfo(), "test_db");

		assert_int_equal(db_serial(other), 0);
		assert_int_equal(db_connect(other, &err), 0);
		assert_true(db_serial(other) > last);
		last = db_serial(other);
		db_free(other);
		db_disconnect(*state);
		assert_int_equal(db_connect(*state, &err), 0);
		assert_true(db_serial(*state) > last);
		last = db_serial(*state);
		assert_int_equal(db_connect(*state, &err), 0);
		assert_int_equal(db_serial(*state), last);
	}
}

static void
prepared_statements_are_prepared_again_after_a_reconnection(void **state)
{
	int64_t before = db_pid_of(*state);

	db_disconnect(*state);
	assert_true(db_pid_of(*state) != before);
}

static void
forgotten_prepared_statements_heal_after_one_busy(void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(db_exec(*state, &star, NULL, NULL, &err), 0);
	assert_sql(*state, "deallocate all");
	assert_int_equal(db_exec(*state, &star, NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(db_exec(*state, &star, NULL, NULL, &err), 0);
}

static void
a_terminated_write_is_busy_as_the_server_said_it_did_not_happen(void **state)
{
	assert_sql_fails(*state,
			 "insert into t select 1, 'one' from "
			 "pg_terminate_backend(pg_backend_pid()), pg_sleep(60)",
			 ERR_BUSY);
	assert_value("select count(*) from t", "0");
}

static void
a_changed_result_type_heals_after_one_busy(void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(db_exec(*state, &star, NULL, NULL, &err), 0);
	test_db_sql("alter table t add column more int");
	assert_int_equal(db_exec(*state, &star, NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(db_exec(*state, &star, NULL, NULL, &err), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_db(values_and_nulls_travel_unchanged),
		with_db(an_unnamed_statement_may_change_its_text),
		with_db(the_program_names_itself_and_speaks_utf8),
		with_db(real_errors_of_the_server_become_kinds),
		with_db(a_message_written_for_users_arrives_as_it_is),
		with_db(a_right_not_granted_is_denied),
		with_db(no_server_is_busy_and_a_wrong_string_is_a_broken_installation),
		with_db(the_second_of_two_hosts_serves_when_the_first_is_down),
		with_db(a_terminated_connection_is_replaced_at_the_next_statement),
		with_db(no_two_connections_have_the_same_number),
		with_db(prepared_statements_are_prepared_again_after_a_reconnection),
		with_db(forgotten_prepared_statements_heal_after_one_busy),
		with_db(a_terminated_write_is_busy_as_the_server_said_it_did_not_happen),
		with_db(a_changed_result_type_heals_after_one_busy),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
