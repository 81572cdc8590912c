/* SPDX-License-Identifier: Apache-2.0 */
/* The seals of the audit trail: whatever the database's owner does to what was sealed is found, and said where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_trail.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* Rows with these names, 1 to n, a transaction each ten. */
static void
add_rows(int from, int to)
{
	for (int i = from; i <= to; i += 10)
		test_db_sql(
		    "INSERT INTO jqm.audit (action, kind, object_id) SELECT 'probe', 'test', g"
		    " FROM generate_series(%d, %d) AS g",
		    i, i + 9 < to ? i + 9 : to);
}

static int
group_set_up(void **state)
{
	(void)state;
	test_db_create("audit_seal");
	return 0;
}

/* A fresh trail of 30 rows, sealed ten by ten. */
static int
set_up(void **state)
{
	(void)state;
	a_trail_tamper("TRUNCATE jqm.audit, jqm.audit_seal, jqm.audit_floor");
	add_rows(1, 30);
	assert_int_equal(a_trail_seal(10), 3);
	assert_trail("");
	return 0;
}

static void
assert_sql_fails_as_runner(const char *sql)
{
	struct db *db = db_new(test_db_conninfo_as("jqm_runner"), "test_audit_seal");

	assert_sql_fails(db, sql, ERR_CONFLICT);
	db_free(db);
}

/* The id of the row of that object. */
static long long
id_of(int object)
{
	char *id = test_db_value("SELECT id FROM jqm.audit WHERE object_id = %d", object);
	long long n = strtoll(id, NULL, 10);

	free(id);
	return n;
}

static void
assert_trail_says(const char *form, long long id)
{
	char *words = test_db_value("SELECT replace('%s', '#', '%lld')", form, id);

	assert_trail(words);
	free(words);
}

static void
a_changed_row_is_named(void **state)
{
	(void)state;
	a_trail_tamper("UPDATE jqm.audit SET action = 'nothing' WHERE object_id = 15");
	assert_trail_says("row # was changed (seal 2)", id_of(15));
}

static void
a_changed_actor_and_time_are_named(void **state)
{
	(void)state;
	a_trail_tamper(
	    "UPDATE jqm.audit SET actor = 'bob' || chr(31) || 'password' WHERE object_id = 3;"
	    "UPDATE jqm.audit SET at = at + interval '1 s' WHERE object_id = 29");
	assert_trail_says("row # was changed (seal 1)", id_of(3));
	assert_trail_says("row # was changed (seal 3)", id_of(29));
}

static void
a_removed_row_is_named(void **state)
{
	long long id = id_of(20);
	(void)state;

	a_trail_tamper("DELETE FROM jqm.audit WHERE object_id = 20");
	assert_trail_says("row # is missing (seal 2)", id);
}

static void
an_inserted_row_is_named(void **state)
{
	(void)state;
	a_trail_tamper("INSERT INTO jqm.audit (tx, id, at, action, kind, object_id) SELECT tx, "
		       "900000, at, action, kind, 31"
		       " FROM jqm.audit WHERE object_id = 5");
	assert_trail("row 900000 was added (seal 2)");
}

static void
two_rows_in_each_other_s_place_are_named(void **state)
{
	long long a = id_of(11), b = id_of(12);
	(void)state;

	a_trail_tamper("UPDATE jqm.audit SET id = CASE id WHEN %lld THEN %lld ELSE %lld END WHERE "
		       "id IN (%lld, %lld)",
		       a, b, a, a, b);
	assert_trail_says("row # was changed (seal 2)", a);
	assert_trail_says("row # was changed (seal 2)", b);
}

static void
a_row_moved_to_another_batch_is_named(void **state)
{
	long long id = id_of(11);
	(void)state;

	a_trail_tamper("UPDATE jqm.audit SET tx = (SELECT tx FROM jqm.audit WHERE object_id = 30) "
		       "WHERE object_id = 11");
	assert_trail_says("row # is missing (seal 2)", id);
}

static void
a_whole_batch_that_is_gone_is_told(void **state)
{
	(void)state;
	a_trail_tamper("DELETE FROM jqm.audit WHERE object_id BETWEEN 11 AND 20; DELETE FROM "
		       "jqm.audit_seal WHERE no = 2");
	assert_trail("seals 2 to 2 are missing");
}

static void
the_beginning_that_is_gone_is_told(void **state)
{
	(void)state;
	a_trail_tamper(
	    "DELETE FROM jqm.audit WHERE object_id <= 10; DELETE FROM jqm.audit_seal WHERE no = 1");
	assert_trail("what is before seal 2 is missing, and nobody with the key purged it");
}

/* Nothing in the database can tell, but the node that signed them remembers. */
static void
the_last_rows_that_are_gone_are_told_by_the_node(void **state)
{
	char *mac = test_db_value("SELECT mac FROM jqm.audit_seal WHERE no = 3");
	char *said;
	(void)state;

	a_trail_tamper(
	    "DELETE FROM jqm.audit WHERE object_id > 20; DELETE FROM jqm.audit_seal WHERE no = 3");
	assert_trail("");
	said = a_trail_verify(3, mac);
	assert_non_null(strstr(said, "seals 3 to 3, which this node has signed, are missing"));
	free(said);
	/* And another seal of the number, made by who got at the key later, is not that one. */
	add_rows(31, 35);
	assert_int_equal(a_trail_seal(10), 1);
	assert_trail("");
	said = a_trail_verify(3, mac);
	assert_non_null(strstr(said, "seal 3 is not the one this node has signed"));
	free(said);
	free(mac);
}

/* Whoever has no key can make the digest fit, but not the signature. */
static void
a_seal_that_was_made_to_fit_is_told(void **state)
{
	(void)state;
	a_trail_tamper("UPDATE jqm.audit SET action = 'nothing' WHERE object_id = 15; UPDATE "
		       "jqm.audit_seal SET (digest, marks) ="
		       " (SELECT encode(sha256(string_agg(h, '' ORDER BY id)), 'hex'), "
		       "string_agg(substr(h, 1, 4), '' ORDER BY id)"
		       " FROM (SELECT id, sha256(convert_to(jqm.audit_line(a), 'UTF8')) AS h FROM "
		       "jqm.audit AS a"
		       "  WHERE object_id BETWEEN 11 AND 20) AS s) WHERE no = 2");
	assert_trail("seal 2 was changed: its signature does not fit");
}

static void
a_seal_by_an_unknown_key_is_told(void **state)
{
	(void)state;
	test_db_sql("UPDATE jqm.audit_seal SET key_id = '0123456789abcdef' WHERE no = 3");
	assert_trail("seal 3 was signed by key 0123456789abcdef, which is not here");
}

/* With the key one seal can be made anew, but the next one does not continue it. */
static void
a_seal_signed_anew_breaks_the_chain(void **state)
{
	(void)state;
	test_db_sql(
	    "UPDATE jqm.audit_seal SET sealed_at = sealed_at + interval '1 s' WHERE no = 2");
	a_trail_sign(2);
	assert_trail("seal 3 does not continue seal 2");
}

static void
a_transaction_that_runs_is_sealed_when_it_has_ended(void **state)
{
	struct db *late = db_new(test_db_conninfo_as("postgres"), "late");
	(void)state;

	assert_sql(
	    late,
	    "BEGIN; INSERT INTO jqm.audit (action, kind, object_id) VALUES ('probe', 'test', 40)");
	add_rows(41, 42);
	assert_int_equal(a_trail_seal(10), 0);
	assert_sql(late, "COMMIT");
	db_free(late);
	assert_int_equal(a_trail_seal(10), 1);
	assert_value("SELECT rows FROM jqm.audit_seal WHERE no = 4", "3");
	assert_trail("");
}

static void
one_large_transaction_becomes_many_seals(void **state)
{
	(void)state;
	test_db_sql("INSERT INTO jqm.audit (action, kind, object_id) SELECT 'probe', 'test', 100 + "
		    "g FROM generate_series(1, 95) AS g");
	assert_int_equal(a_trail_seal(10), 10);
	assert_trail("");
}

static void
of_two_sealers_one_works(void **state)
{
	struct db *other = db_new(test_db_conninfo_as("jqm_runner"), "other");
	(void)state;

	add_rows(41, 45);
	assert_sql(other, "BEGIN; SELECT jqm.audit_seal_next(10)");
	assert_value("SELECT count(*) FROM jqm.audit_seal_next(10)", "0");
	assert_sql(other, "COMMIT");
	db_free(other);
	/* It died before it signed: the next one is given the same seal, and signs that. */
	add_rows(46, 50);
	assert_value("SELECT no || ' ' || rows FROM jqm.audit_seal_next(10)", "4 5");
	a_trail_sign(4);
	assert_value("SELECT no || ' ' || rows FROM jqm.audit_seal_next(10)", "5 5");
	a_trail_sign(5);
	assert_trail("");
}

static void
a_signature_is_not_replaced(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.audit_seal_sign(2, 'other', 'forged')");
	assert_trail("");
	/* Who comes second with one that both were given is told so; who repeats his own is not. */
	add_rows(41, 45);
	assert_value("SELECT no FROM jqm.audit_seal_next(10)", "4");
	assert_value("SELECT no FROM jqm.audit_seal_next(10)", "4");
	assert_value("SELECT jqm.audit_seal_sign(4, 'one', 'first')", "t");
	assert_value("SELECT jqm.audit_seal_sign(4, 'two', 'second')", "f");
	assert_value("SELECT jqm.audit_seal_sign(4, 'one', 'first')", "t");
	assert_value("SELECT key_id || ' ' || mac FROM jqm.audit_seal WHERE no = 4", "one first");
}

/* The three batches were made so many days ago. */
static void
make_older(int days)
{
	test_db_sql(
	    "SET ROLE jqm_owner; SELECT jqm.audit_week(now() - interval '%d days'); RESET ROLE",
	    days);
	a_trail_tamper("UPDATE jqm.audit SET at = at - interval '%d days' WHERE object_id <= 30",
		       days);
	test_db_sql("TRUNCATE jqm.audit_seal");
	assert_int_equal(a_trail_seal(10), 3);
	test_db_sql("UPDATE jqm.audit_seal SET sealed_at = sealed_at - interval '%d days'", days);
	for (int no = 1; no <= 3; no++) {
		test_db_sql("UPDATE jqm.audit_seal SET previous = coalesce((SELECT mac FROM "
			    "jqm.audit_seal WHERE no = %d), '')"
			    " WHERE no = %d",
			    no - 1, no);
		a_trail_sign(no);
	}
	add_rows(41, 55);
	assert_int_equal(a_trail_seal(10), 2);
	assert_trail("");
}

static void
what_is_old_goes_and_the_rest_still_verifies(void **state)
{
	(void)state;
	make_older(30);
	assert_int_equal(a_trail_purge(40 * 86400), 0);
	assert_int_equal(a_trail_purge(10 * 86400), 30);
	assert_value("SELECT count(*) FROM jqm.audit WHERE object_id <= 30", "0");
	assert_value("SELECT min(no) FROM jqm.audit_seal", "3");
	assert_value("SELECT purged || ' ' || first_seal FROM jqm.audit_state()", "30 3");
	assert_trail("");
	assert_int_equal(a_trail_purge(10 * 86400), 0);
	assert_int_equal(a_trail_seal(10), 1);
	assert_trail("");
	/* What is left is as well kept as before. */
	a_trail_tamper("UPDATE jqm.audit SET action = 'nothing' WHERE object_id = 45");
	assert_trail_says("row # was changed (seal 4)", id_of(45));
}

static void
what_is_new_is_not_purged_whoever_asks(void **state)
{
	(void)state;
	assert_sql_fails_as_runner("SELECT jqm.audit_purge(3, 0, 'x', 'x')");
	assert_trail("");
}

static void
a_purge_without_the_key_is_told(void **state)
{
	(void)state;
	make_older(30);
	test_db_sql("SELECT jqm.audit_purge(3, 0, key_id, repeat('0', 64)) FROM jqm.audit_seal "
		    "WHERE no = 3");
	assert_trail("the note of what was purged was changed: its signature does not fit");
	assert_trail("what is before seal 3 is missing, and nobody with the key purged it");
}

static void
a_database_out_of_a_dump_goes_on(void **state)
{
	(void)state;
	/* As if its transactions had been numbered from far beyond those of this server. */
	a_trail_tamper("UPDATE jqm.audit SET tx = tx + 1000000000; DELETE FROM jqm.audit_seal");
	test_db_sql("SELECT jqm.after_restore()");
	add_rows(41, 45);
	assert_value("SELECT bool_and(tx > 1000000000) FROM jqm.audit WHERE object_id > 40", "t");
	assert_int_equal(a_trail_seal(100), 1);
	assert_value("SELECT unsealed FROM jqm.audit_state()", "0");
	assert_trail("");
	assert_value("SELECT count(*) FROM jqm.audit WHERE action = 'restore'", "1");
}

#define fresh(test) cmocka_unit_test_setup(test, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		fresh(a_changed_row_is_named),
		fresh(a_changed_actor_and_time_are_named),
		fresh(a_removed_row_is_named),
		fresh(an_inserted_row_is_named),
		fresh(two_rows_in_each_other_s_place_are_named),
		fresh(a_row_moved_to_another_batch_is_named),
		fresh(a_whole_batch_that_is_gone_is_told),
		fresh(the_beginning_that_is_gone_is_told),
		fresh(the_last_rows_that_are_gone_are_told_by_the_node),
		fresh(a_seal_that_was_made_to_fit_is_told),
		fresh(a_seal_by_an_unknown_key_is_told),
		fresh(a_seal_signed_anew_breaks_the_chain),
		fresh(a_transaction_that_runs_is_sealed_when_it_has_ended),
		fresh(one_large_transaction_becomes_many_seals),
		fresh(of_two_sealers_one_works),
		fresh(a_signature_is_not_replaced),
		fresh(what_is_old_goes_and_the_rest_still_verifies),
		fresh(what_is_new_is_not_purged_whoever_asks),
		fresh(a_purge_without_the_key_is_told),
		fresh(a_database_out_of_a_dump_goes_on),
	};

	return cmocka_run_group_tests(tests, group_set_up, NULL);
}
