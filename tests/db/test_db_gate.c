/* SPDX-License-Identifier: Apache-2.0 */
/* A question that decides about the statement behind it; rows in the server's own form. */
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

DB_STMT(ask) = {
	.name = "test_gate_ask",
	.text = "select true where current_setting('jqm.says', true) = $1",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(demand) = {
	.name = "test_gate_demand",
	.text = "select case when current_setting('jqm.says', true) = $1 then true"
		" else jqm.rights_are_others() end",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(demand_as) = {
	.name = "test_gate_demand_as",
	.text = "select case when current_setting('jqm.says', true) = $1"
		" then set_config('jqm.actor', $2, true) = $2 else jqm.rights_are_others() end",
	.n_params = 2,
	.read_only = true,
};

DB_STMT(put_actor) = {
	.name = "test_gate_put_actor",
	.text = "insert into t values ($1::int, current_setting('jqm.actor', true))",
	.n_params = 1,
};

DB_STMT(put) = {
	.name = "test_gate_put",
	.text =
	    "insert into t values ($1::int, 'put', nullif($2::int, 0)) returning txid_current()",
	.n_params = 2,
};

DB_STMT(die) = {
	.name = "test_gate_die",
	.text = "insert into t select 5, 'five' from pg_terminate_backend(pg_backend_pid()),"
		" pg_sleep(60)",
};

DB_STMT(row_of) = {
	.name = "test_gate_row_of",
	.text = "select note, id from t where id = $1::int",
	.n_params = 1,
	.read_only = true,
	.takes_gate = true,
};

DB_STMT(put_one) = {
	.name = "test_gate_put_one",
	.text = "select put_in_t($1::int)",
	.n_params = 1,
	.takes_gate = true,
};

DB_STMT(binary) = {
	.name = "test_gate_binary",
	.text =
	    "select 'häh'::text, (-9223372036854775808)::bigint, -2::int, 7::smallint, true, false,"
	    " '2026-11-26 07:00:00.000001Z'::timestamptz, '1969-12-31 23:59:59Z'::timestamptz,"
	    " -1.5::float8, '{\"a\": 1}'::jsonb, null::bigint, null::timestamptz, null::jsonb",
	.read_only = true,
	.binary = true,
};

static int
set_up_all(void **state)
{
	(void)state;
	test_db_create("db_gate");
	return 0;
}

static void
set_gate(struct db *db, const char *expected)
{
	assert_int_equal(db_connect(db, &(struct err)ERR_INIT), 0);
	db_gate_set(db, &ask, &demand, (const char *const[]){ expected }, db_serial(db));
}

static int
put_row(struct db *db, const char *id, const char *parent, struct err *err)
{
	err_clear(err);
	return db_exec(db, &put, (const char *const[]){ id, parent }, NULL, err);
}

static void
what_stands_behind_an_open_gate_is_done(void **state)
{
	struct db *db = *state;
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	assert_sql(db, "set jqm.says = 'yes'");
	for (int i = 1; i <= 2; i++) { /* the second time both are known to the server */
		set_gate(db, "yes");
		assert_int_equal(db_gate_state(db), DB_GATE_SHUT);
		assert_int_equal(put_row(db, i == 1 ? "1" : "2", "0", &err), 0);
		assert_int_equal(db_gate_state(db), DB_GATE_OPEN);
	}
	assert_int_equal(put_row(db, "3", "0", &err), 0);
	assert_int_equal(db_gate_pass(db, &err), 0);
	db_gate_clear(db);
	assert_int_equal(db_gate_state(db), DB_GATE_NONE);
	assert_int_equal(db_exec(db, &binary, NULL, &rows, &err), 0);
	db_result_free(rows);
	assert_value("select string_agg(id::text, ',' order by id) from t", "1,2,3");
}

static void
rows_that_were_read_behind_a_gate_that_refuses_are_not_given(void **state)
{
	struct db *db = *state;
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	assert_sql(db, "set jqm.says = 'yes'");
	set_gate(db, "yes");
	assert_int_equal(db_exec(db, &binary, NULL, &rows, &err), 0);
	assert_int_equal(db_rows(rows), 1);
	db_result_free(rows);
	set_gate(db, "no");
	assert_int_equal(db_exec(db, &binary, NULL, &rows, &err), -1);
	assert_null(rows);
	assert_int_equal(err.kind, ERR_STALE);
	assert_int_equal(db_gate_state(db), DB_GATE_REFUSED);
}

static void
put_as(struct db *db, const char *actor, const char *says, const char *id, int rc)
{
	struct err err = ERR_INIT;

	db_set_actor(db, actor);
	assert_int_equal(db_connect(db, &err), 0);
	db_gate_set(db, &ask, &demand_as, (const char *const[]){ says }, db_serial(db));
	assert_int_equal(db_exec(db, &put_actor, (const char *const[]){ id }, NULL, &err), rc);
	assert_int_equal(err.kind, rc == 0 ? ERR_NONE : ERR_STALE);
	db_gate_clear(db);
	db_set_actor(db, NULL);
}

static void
a_demand_that_wants_to_know_it_sets_who_acts(void **state)
{
	struct db *db = *state;
	struct err err = ERR_INIT;

	assert_sql(db, "set jqm.says = 'yes'");
	put_as(db, "alice", "yes", "1", 0);
	/* for that transaction only */
	assert_int_equal(db_exec(db, &put_actor, (const char *const[]){ "2" }, NULL, &err), 0);
	put_as(db, NULL, "yes", "3", 0);
	put_as(db, "bob", "no", "4", -1);
	assert_value("select string_agg(id || ':' || note, ',' order by id) from t",
		     "1:alice,2:,3:");
}

static int
put_in_tx(struct db *db, void *arg, struct err *err)
{
	(void)arg;
	return put_row(db, "9", "0", err);
}

static void
nothing_is_done_behind_a_gate_that_refuses_until_it_is_cleared(void **state)
{
	struct db *db = *state;
	struct err err = ERR_INIT;

	assert_sql(db, "set jqm.says = 'yes'");
	set_gate(db, "no");
	assert_int_equal(put_row(db, "1", "0", &err), -1);
	assert_int_equal(err.kind, ERR_STALE);
	assert_int_equal(db_gate_state(db), DB_GATE_REFUSED);
	assert_int_equal(put_row(db, "1", "0", &err), -1);
	assert_int_equal(err.kind, ERR_STALE);
	assert_int_equal(db_exec_sql(db, "insert into t values (2, 'two')", &err), -1);
	assert_int_equal(db_tx(db, put_in_tx, NULL, &err), -1);
	assert_int_equal(db_gate_pass(db, &err), -1);
	assert_value("select count(*) from t", "0");
	db_gate_clear(db);
	assert_int_equal(put_row(db, "1", "0", &err), 0);
	set_gate(db, "no");
	assert_int_equal(db_gate_pass(db, &err), -1);
	assert_int_equal(db_gate_state(db), DB_GATE_REFUSED);
}

static void
a_transaction_and_plain_sql_ask_before_they_begin(void **state)
{
	struct db *db = *state;
	struct err err = ERR_INIT;

	assert_sql(db, "set jqm.says = 'yes'");
	set_gate(db, "yes");
	assert_int_equal(db_tx(db, put_in_tx, NULL, &err), 0);
	assert_int_equal(db_gate_state(db), DB_GATE_OPEN);
	set_gate(db, "no");
	assert_int_equal(db_tx(db, put_in_tx, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_STALE);
	set_gate(db, "no");
	assert_int_equal(db_exec_sql(db, "delete from t", &err), -1);
	assert_value("select count(*) from t", "1");
}

static void
a_gate_of_another_connection_refuses_without_being_asked(void **state)
{
	struct db *db = *state;
	struct err err = ERR_INIT;
	unsigned serial;

	assert_int_equal(db_connect(db, &err), 0);
	serial = db_serial(db);
	db_disconnect(db);
	assert_sql(db, "set jqm.says = 'yes'");
	assert_int_not_equal(db_serial(db), serial);
	db_gate_set(db, &ask, &demand, (const char *const[]){ "yes" }, serial);
	assert_int_equal(put_row(db, "1", "0", &err), -1);
	assert_int_equal(err.kind, ERR_STALE);
	assert_value("select count(*) from t", "0");
}

static void
a_failure_is_told_as_without_a_gate(void **state)
{
	struct db *db = *state;
	struct err err = ERR_INIT;

	assert_sql(db, "set jqm.says = 'yes'");
	assert_sql(db, "insert into t values (1, 'one')");
	set_gate(db, "yes");
	assert_int_equal(put_row(db, "1", "0", &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_int_equal(db_gate_state(db), DB_GATE_OPEN);
	/* checked at the commit only, which comes after the row was told */
	set_gate(db, "yes");
	assert_int_equal(put_row(db, "2", "77", &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_value("select count(*) from t", "1");
	assert_int_equal(put_row(db, "3", "0", &err), 0);
}

static void
a_connection_lost_behind_it_ends_all(void **state)
{
	struct db *db = *state;
	struct err err = ERR_INIT;

	assert_sql(db, "set jqm.says = 'yes'");
	set_gate(db, "yes");
	assert_int_equal(db_exec(db, &die, NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY); /* the server's last word */
	assert_int_equal(db_gate_state(db), DB_GATE_LOST);
	assert_int_equal(put_row(db, "1", "0", &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_value("select count(*) from t", "0");
	db_gate_clear(db);
	assert_int_equal(put_row(db, "1", "0", &err), 0);
}

/* The name in the row of this id; "none": there is no row; "refused": the gate says so. */
static void
assert_row_behind(struct db *db, const char *says, const char *id, const char *expected)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	set_gate(db, says);
	if (db_exec(db, &row_of, (const char *const[]){ id }, &rows, &err) == -1) {
		assert_null(rows);
		assert_int_equal(err.kind, ERR_STALE);
		assert_int_equal(db_gate_state(db), DB_GATE_REFUSED);
		assert_string_equal("refused", expected);
	} else {
		assert_int_equal(db_gate_state(db), DB_GATE_OPEN);
		assert_string_equal(db_rows(rows) == 0 ? "none" : db_text(rows, 0, 0), expected);
	}
	db_result_free(rows);
	db_gate_clear(db);
}

static void
a_question_inside_a_statement_that_reads_decides_as_one_before_it(void **state)
{
	struct db *db = *state;

	assert_sql(db, "set jqm.says = 'yes'; insert into t values (1, 'one')");
	for (int i = 0; i < 2; i++) {
		assert_row_behind(db, "yes", "1", "one");
		assert_row_behind(db, "no", "1", "refused");
		assert_row_behind(db, "yes", "2", "none");
		assert_row_behind(db, "no", "2", "refused");
	}
	/* both forms are forgotten, and made again under the same names */
	db_forget(db, &row_of);
	assert_value("select count(*) from t", "1");
	assert_row_behind(db, "yes", "1", "one");
}

static int
put_one_as(struct db *db, const char *actor, const char *says, const char *id)
{
	struct err err = ERR_INIT;
	int rc;

	db_set_actor(db, actor);
	assert_int_equal(db_connect(db, &err), 0);
	db_gate_set(db, &ask, &demand_as, (const char *const[]){ says }, db_serial(db));
	rc = db_exec(db, &put_one, (const char *const[]){ id }, NULL, &err);
	assert_int_equal(err.kind, rc == 0 ? ERR_NONE : ERR_STALE);
	assert_int_equal(db_gate_state(db), rc == 0 ? DB_GATE_OPEN : DB_GATE_REFUSED);
	db_gate_clear(db);
	db_set_actor(db, NULL);
	return rc;
}

static void
a_question_inside_a_statement_that_writes_is_met_before_it_and_says_who_acts(void **state)
{
	struct db *db = *state;

	assert_sql(
	    db, "set jqm.says = 'yes';"
		"create function put_in_t(p int) returns int language sql as"
		" $$ insert into t values (p, current_setting('jqm.actor', true)) returning id $$");
	assert_int_equal(put_one_as(db, "ann", "yes", "1"), 0);
	assert_int_equal(put_one_as(db, "bob", "no", "2"), -1);
	assert_int_equal(put_one_as(db, "carl", "yes", "3"), 0);
	assert_value("select string_agg(id || note, ' ' order by id) from t", "1ann 3carl");
	assert_sql(db, "drop function put_in_t");
}

static void
rows_in_the_servers_own_form_are_read(void **state)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(db_exec(*state, &binary, NULL, &rows, &err), 0);
	assert_string_equal(db_text(rows, 0, 0), "häh");
	assert_true(db_int64(rows, 0, 1) == INT64_MIN);
	assert_int_equal(db_int64(rows, 0, 2), -2);
	assert_int_equal(db_int64(rows, 0, 3), 7);
	assert_true(db_bool(rows, 0, 4));
	assert_false(db_bool(rows, 0, 5));
	assert_true(db_us(rows, 0, 6) == INT64_C(1795676400000001));
	assert_true(db_us(rows, 0, 7) == -1000000);
	assert_true(db_double(rows, 0, 8) == -1.5);
	assert_string_equal(db_jsonb(rows, 0, 9), "{\"a\": 1}");
	assert_int_equal(db_int64(rows, 0, 10), 0);
	assert_int_equal(db_us(rows, 0, 11), 0);
	assert_null(db_jsonb(rows, 0, 12));
	db_result_free(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_db(what_stands_behind_an_open_gate_is_done),
		with_db(nothing_is_done_behind_a_gate_that_refuses_until_it_is_cleared),
		with_db(rows_that_were_read_behind_a_gate_that_refuses_are_not_given),
		with_db(a_demand_that_wants_to_know_it_sets_who_acts),
		with_db(a_question_inside_a_statement_that_reads_decides_as_one_before_it),
		with_db(
		    a_question_inside_a_statement_that_writes_is_met_before_it_and_says_who_acts),
		with_db(a_transaction_and_plain_sql_ask_before_they_begin),
		with_db(a_gate_of_another_connection_refuses_without_being_asked),
		with_db(a_failure_is_told_as_without_a_gate),
		with_db(a_connection_lost_behind_it_ends_all),
		with_db(rows_in_the_servers_own_form_are_read),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
