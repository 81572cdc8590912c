/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: committed whole, rolled back whole, repeated when the server asks for it. */
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

static int
set_up_all(void **state)
{
	(void)state;
	test_db_create("db_tx");
	return 0;
}

struct tx_arg {
	struct db *other; /* a second connection that gets in the way */
	int runs;
	int conflicts; /* runs in which it does */
};

static int
insert_then_fail(struct db *db, void *arg, struct err *err)
{
	(void)arg;
	if (db_exec_sql(db, "insert into t values (1, 'one')", err) == -1)
		return -1;
	return err_set(err, ERR_DENIED, "changed my mind");
}

static void
a_failed_function_rolls_back_and_its_error_stays(void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(db_tx(*state, insert_then_fail, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_string_equal(err.text, "changed my mind");
	assert_value("select count(*) from t", "0");
	assert_sql(*state, "insert into t values (1, 'outside')");
	assert_value("select count(*) from t", "1");
}

/* Read and write what the other connection changes in between: a serialization failure. */
static int
collide(struct db *db, void *arg, struct err *err)
{
	struct tx_arg *tx = arg;

	tx->runs++;
	if (db_exec_sql(db, "set transaction isolation level repeatable read", err) == -1 ||
	    db_exec_sql(db, "select * from t", err) == -1)
		return -1;
	if (tx->runs <= tx->conflicts)
		assert_sql(tx->other, "update t set note = note || '+' where id = 1");
	return db_exec_sql(db, "update t set note = note || '!' where id = 1", err);
}

static void
a_serialization_failure_runs_the_function_again(void **state)
{
	struct tx_arg tx = { db_new(test_db_conninfo(), "other"), 0, 2 };
	struct err err = ERR_INIT;

	assert_sql(*state, "insert into t values (1, 'one')");
	assert_int_equal(db_tx(*state, collide, &tx, &err), 0);
	assert_int_equal(tx.runs, 3);
	assert_value("select note from t", "one++!");
	db_free(tx.other);
}

static void
a_serialization_failure_that_goes_on_is_busy_after_three_retries(void **state)
{
	struct tx_arg tx = { db_new(test_db_conninfo(), "other"), 0, 100 };
	struct err err = ERR_INIT;

	assert_sql(*state, "insert into t values (1, 'one')");
	assert_int_equal(db_tx(*state, collide, &tx, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(tx.runs, 4);
	assert_value("select note from t", "one++++");
	db_free(tx.other);
}

static void
a_statement_alone_that_met_a_deadlock_is_run_again(void **state)
{
	static const struct db_stmt stmt = { .name = "", .text = "select third_time_lucky()" };
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	assert_sql(*state,
		   "create sequence tries; create function third_time_lucky() returns bigint"
		   " language plpgsql as $$ declare n bigint := nextval('tries'); begin"
		   " insert into t values (n, 'try'); if n < 3 then raise exception 'deadlock'"
		   " using errcode = '40P01'; end if; return n; end $$");
	assert_int_equal(db_exec(*state, &stmt, NULL, &rows, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	err_clear(&err);
	assert_int_equal(db_tx_exec(*state, &stmt, NULL, &rows, &err), 0);
	assert_string_equal(db_text(rows, 0, 0), "3");
	assert_value("select string_agg(id::text, ' ') from t", "3");
	db_result_free(rows);
	assert_sql(*state, "drop function third_time_lucky(); drop sequence tries");
}

static int
lose_connection(struct db *db, void *arg, struct err *err)
{
	if (db_exec_sql(db, "insert into t values (1, 'one')", err) == -1)
		return -1;
	test_db_sql("select pg_terminate_backend(%lld, 60000)", (long long)db_pid_of(db));
	assert_int_equal(db_exec_sql(db, "insert into t values (2, 'two')", err), -1);
	assert_int_equal(err->kind, ERR_BUSY);
	*(int *)arg += 1;
	/* a function that overlooks the failure must not get half of its work committed */
	return 0;
}

static void
a_transaction_never_goes_on_on_a_new_connection(void **state)
{
	struct err err = ERR_INIT;
	int runs = 0;

	assert_int_equal(db_tx(*state, lose_connection, &runs, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(runs, 1);
	assert_value("select count(*) from t", "0");
	assert_true(db_pid_of(*state) > 0);
}

static int
overlook_failure(struct db *db, void *arg, struct err *err)
{
	(void)arg;
	(void)db_exec_sql(db, "insert into t values (1, 'one')", err);
	(void)db_exec_sql(db, "select 1/0", err);
	return 0;
}

static void
a_transaction_with_an_overlooked_failure_is_not_called_committed(void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(db_tx(*state, overlook_failure, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_INTERNAL);
	assert_value("select count(*) from t", "0");
}

static int
violate_at_commit(struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return db_exec_sql(db, "insert into t values (1, 'one', 99)", err);
}

static void
a_constraint_checked_at_commit_fails_the_transaction(void **state)
{
	struct err err = ERR_INIT;

	assert_int_equal(db_tx(*state, violate_at_commit, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_value("select count(*) from t", "0");
}

static int
insert_two(struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return db_exec_sql(db, "insert into t values (2, 'two')", err);
}

/* *arg: whether it fails after the inner one has done its part. */
static int
with_another_within(struct db *db, void *arg, struct err *err)
{
	if (db_exec_sql(db, "insert into t values (1, 'one')", err) == -1 ||
	    db_tx(db, insert_two, NULL, err) == -1)
		return -1;
	assert_value("select count(*) from t", "0"); /* nothing is committed yet */
	return *(bool *)arg ? err_set(err, ERR_DENIED, "changed my mind") : 0;
}

static void
one_within_another_is_a_part_of_it(void **state)
{
	struct err err = ERR_INIT;
	bool fails = true;

	assert_int_equal(db_tx(*state, with_another_within, &fails, &err), -1);
	assert_value("select count(*) from t", "0");
	fails = false;
	assert_int_equal(db_tx(*state, with_another_within, &fails, &err), 0);
	assert_value("select count(*) from t", "2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_db(a_failed_function_rolls_back_and_its_error_stays),
		with_db(a_serialization_failure_runs_the_function_again),
		with_db(a_serialization_failure_that_goes_on_is_busy_after_three_retries),
		with_db(a_statement_alone_that_met_a_deadlock_is_run_again),
		with_db(a_transaction_never_goes_on_on_a_new_connection),
		with_db(a_transaction_with_an_overlooked_failure_is_not_called_committed),
		with_db(a_constraint_checked_at_commit_fails_the_transaction),
		with_db(one_within_another_is_a_part_of_it),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
