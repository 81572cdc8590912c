/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "db/db_private.h"
#include "tests/lib/test_db.h"

DB_STMT(echo) = {
	.name = "test_echo",
	.text = "select $1::text, $2::bigint, $3::boolean, $4::text",
	.n_params = 4,
	.read_only = true,
};

DB_STMT(backend_pid) = {
	.name = "test_backend_pid",
	.text = "select pg_backend_pid()",
	.read_only = true,
};

static int
set_up_all(void **state)
{
	(void)state;
	test_db_create("db");
	return 0;
}

static int
set_up(void **state)
{
	test_db_sql("drop table if exists t cascade; drop function if exists slow; "
		    "create table t (id int primary key, note text not null check (note <> 'bad'),"
		    " parent int references t deferrable initially deferred)");
	*state = db_new(test_db_conninfo(), "test_db");
	return 0;
}

static int
tear_down(void **state)
{
	db_free(*state);
	return 0;
}

static void
assert_sql_fails(struct db *db, const char *sql, enum err_kind kind)
{
	struct err err = ERR_INIT;

	assert_int_equal(db_exec_sql(db, sql, &err), -1);
	if (err.kind != kind)
		fail_msg("%s: %s (%s)", sql, err_kind_name(err.kind), err.text);
}

static void
assert_sql(struct db *db, const char *sql)
{
	struct err err = ERR_INIT;

	if (db_exec_sql(db, sql, &err) == -1)
		fail_msg("%s: %s", sql, err.text);
}

static void
assert_value(const char *sql, const char *expected)
{
	char *value = test_db_value("%s", sql);

	assert_string_equal(value, expected);
	free(value);
}

static int64_t
pid_of(struct db *db)
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
	assert_true(pid_of(db) > 0);
	db_free(db);
	free(conninfo);
}

static void
a_terminated_connection_is_replaced_at_the_next_statement(void **state)
{
	int64_t before = pid_of(*state);

	test_db_sql("select pg_terminate_backend(%lld, 5000)", (long long)before);
	assert_true(pid_of(*state) != before);
}

static void
prepared_statements_are_prepared_again_after_a_reconnection(void **state)
{
	int64_t before = pid_of(*state);

	db_disconnect(*state);
	assert_true(pid_of(*state) != before);
}

static void
forgotten_prepared_statements_heal_after_one_busy(void **state)
{
	struct err err = ERR_INIT;

	(void)pid_of(*state);
	assert_sql(*state, "deallocate all");
	assert_int_equal(db_exec(*state, &backend_pid, NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_true(pid_of(*state) > 0);
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

/* ---- answers that are lost on the way ---- */

/* A thread that cuts our connection while the server is at work on its statement. */
struct cutter {
	pthread_t thread;
	int64_t pid;
	int fd;
};

static void *
cut_when_asleep(void *arg)
{
	struct cutter *cutter = arg;

	test_db_sql("do $$ begin for i in 1..1000 loop perform pg_stat_clear_snapshot(); "
		    "exit when exists (select from pg_stat_activity where pid = %lld and "
		    "wait_event = 'PgSleep'); perform pg_sleep(0.01); end loop; end $$",
		    (long long)cutter->pid);
	(void)shutdown(cutter->fd, SHUT_RDWR);
	return NULL;
}

static void
cutter_start(struct cutter *cutter, struct db *db)
{
	cutter->pid = pid_of(db);
	cutter->fd = db_socket(db);
	assert_int_equal(pthread_create(&cutter->thread, NULL, cut_when_asleep, cutter), 0);
}

static void
assert_row_1_is_there(struct db *db)
{
	/* waits for the lock of a write that still runs */
	assert_sql_fails(db, "insert into t values (1, 'again')", ERR_CONFLICT);
}

static void
a_write_whose_answer_is_lost_is_uncertain_and_may_be_there(void **state)
{
	struct cutter cutter;

	cutter_start(&cutter, *state);
	assert_sql_fails(*state, "insert into t select 1, 'one' from pg_sleep(0.5)", ERR_UNCERTAIN);
	assert_int_equal(pthread_join(cutter.thread, NULL), 0);
	/* the server did not notice: it waits with its answer until the work is done */
	test_db_sql("do $$ begin for i in 1..1000 loop perform pg_stat_clear_snapshot(); exit when "
		    "not exists (select from pg_stat_activity where pid = %lld); perform "
		    "pg_sleep(0.01); end loop; end $$",
		    (long long)cutter.pid);
	assert_row_1_is_there(*state);
}

DB_STMT(slow_read) = {
	.name = "test_slow_read",
	.text = "select pg_sleep(2)",
	.read_only = true,
};

static void
a_read_whose_answer_is_lost_is_busy(void **state)
{
	struct cutter cutter;
	struct err err = ERR_INIT;

	cutter_start(&cutter, *state);
	assert_int_equal(db_exec(*state, &slow_read, NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(pthread_join(cutter.thread, NULL), 0);
	assert_true(pid_of(*state) != cutter.pid);
}

static int
insert_one(struct db *db, void *arg, struct err *err)
{
	cutter_start(arg, db);
	return db_exec_sql(db, "insert into t values (1, 'one')", err);
}

static int
insert_slowly(struct db *db, void *arg, struct err *err)
{
	cutter_start(arg, db);
	return db_exec_sql(db, "insert into t select 1, 'one' from pg_sleep(0.5)", err);
}

static void
a_commit_whose_answer_is_lost_is_uncertain(void **state)
{
	struct cutter cutter;
	struct err err = ERR_INIT;

	assert_sql(*state, "create function slow() returns trigger language plpgsql as $$ begin "
			   "perform pg_sleep(0.5); return null; end $$; create constraint trigger "
			   "slow after insert on t deferrable initially deferred for each row "
			   "execute function slow()");
	assert_int_equal(db_tx(*state, insert_one, &cutter, &err), -1);
	assert_int_equal(err.kind, ERR_UNCERTAIN);
	assert_int_equal(pthread_join(cutter.thread, NULL), 0);
	assert_row_1_is_there(*state);
}

static void
an_answer_lost_before_the_commit_is_busy_as_nothing_happened(void **state)
{
	struct cutter cutter;
	struct err err = ERR_INIT;

	assert_int_equal(db_tx(*state, insert_slowly, &cutter, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(pthread_join(cutter.thread, NULL), 0);
	assert_sql(*state, "insert into t values (1, 'again')");
}

/* ---- transactions ---- */

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

static int
lose_connection(struct db *db, void *arg, struct err *err)
{
	if (db_exec_sql(db, "insert into t values (1, 'one')", err) == -1)
		return -1;
	test_db_sql("select pg_terminate_backend(%lld, 5000)", (long long)pid_of(db));
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
	assert_true(pid_of(*state) > 0);
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

DB_STMT(star) = { .name = "test_star", .text = "select * from t", .read_only = true };

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

#define with_db(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
		with_db(prepared_statements_are_prepared_again_after_a_reconnection),
		with_db(forgotten_prepared_statements_heal_after_one_busy),
		with_db(a_terminated_write_is_busy_as_the_server_said_it_did_not_happen),
		with_db(a_write_whose_answer_is_lost_is_uncertain_and_may_be_there),
		with_db(a_read_whose_answer_is_lost_is_busy),
		with_db(a_commit_whose_answer_is_lost_is_uncertain),
		with_db(an_answer_lost_before_the_commit_is_busy_as_nothing_happened),
		with_db(a_failed_function_rolls_back_and_its_error_stays),
		with_db(a_serialization_failure_runs_the_function_again),
		with_db(a_serialization_failure_that_goes_on_is_busy_after_three_retries),
		with_db(a_transaction_never_goes_on_on_a_new_connection),
		with_db(a_transaction_with_an_overlooked_failure_is_not_called_committed),
		with_db(a_constraint_checked_at_commit_fails_the_transaction),
		with_db(a_changed_result_type_heals_after_one_busy),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
