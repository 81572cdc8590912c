/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever changes what an account may do changes its stamp: that is all a worker that remembers it asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/test_db.h"

#define OF_BOB " = (SELECT id FROM jqm.account WHERE login = 'bob')"

static int
set_up(void **state)
{
	(void)state;
	(void)test_db_create("account_stamp");
	test_db_sql(
	    "SET ROLE jqm_owner;"
	    "INSERT INTO jqm.role (name, permissions) VALUES ('one', '{node:read}'),"
	    " ('two', '{queue:read}'), ('none', '{}');"
	    "INSERT INTO jqm.account (login, password_hash) VALUES ('bob', 'x'), ('eve', 'x');"
	    "INSERT INTO jqm.pki_root (state, certificate, fingerprint, not_after) VALUES"
	    " ('CURRENT', 'x', 'x', now() + interval '1 y');"
	    "INSERT INTO jqm.certificate (root_id, serial, fingerprint, kind, account_id, name,"
	    " not_after) SELECT r.id, '1', repeat('0', 64), 'CLIENT', a.id, 'bob', now()"
	    " FROM jqm.pki_root AS r, jqm.account AS a WHERE a.login = 'bob';"
	    "INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account AS a, jqm.role AS r"
	    " WHERE a.login = 'bob' AND r.name = 'one'");
	return 0;
}

static int64_t
number(const char *column, const char *login)
{
	char *text = test_db_value("SELECT %s FROM jqm.account WHERE login = '%s'", column, login);
	int64_t value = strtoll(text, NULL, 10);

	free(text);
	return value;
}

static void
every_change_of_what_an_account_may_do_changes_its_stamp(void **state)
{
	static const char *const changes[] = {
		"UPDATE jqm.account SET password_hash = 'y' WHERE login = 'bob'",
		"UPDATE jqm.account SET locked = true WHERE login = 'bob'",
		"UPDATE jqm.account SET locked = false, stamp = 1 WHERE login = 'bob'",
		"UPDATE jqm.account SET expiration_date = now() WHERE login = 'bob'",
		"UPDATE jqm.account SET login = 'rob' WHERE login = 'bob';"
		"UPDATE jqm.account SET login = 'bob' WHERE login = 'rob'",
		"INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account AS a, jqm.role AS "
		"r"
		" WHERE a.login = 'bob' AND r.name = 'two'",
		"UPDATE jqm.account_role SET role_id = (SELECT id FROM jqm.role WHERE name = "
		"'none')"
		" WHERE role_id = (SELECT id FROM jqm.role WHERE name = 'two')",
		"DELETE FROM jqm.account_role WHERE role_id = (SELECT id FROM jqm.role WHERE name "
		"= "
		"'none')",
		"UPDATE jqm.role SET permissions = '{}' WHERE name = 'one'",
		"INSERT INTO jqm.account_totp (account_id, secret) SELECT id, repeat('x', "
		"20)::bytea"
		" FROM jqm.account WHERE login = 'bob'",
		"UPDATE jqm.account_totp SET confirmed = true WHERE account_id" OF_BOB,
		"DELETE FROM jqm.account_totp WHERE account_id" OF_BOB,
		"SELECT jqm.certificate_revoke(id, 'x') FROM jqm.certificate",
		"DELETE FROM jqm.certificate",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		int64_t before = number("stamp", "bob"), other = number("stamp", "eve");

		test_db_sql("%s", changes[i]);
		if (number("stamp", "bob") <= before)
			fail_msg("the stamp is the same after: %s", changes[i]);
		assert_int_equal(number("stamp", "eve"), other);
	}
}

static void
what_all_certificates_are_worth_and_names_change_every_stamp(void **state)
{
	static const char *const changes[] = {
		("INSERT INTO jqm.global_parameter (key, value) VALUES ('enableInternalPki', "
		 "'false')"
		 " ON CONFLICT (key) DO UPDATE SET value = 'false'"),
		("INSERT INTO jqm.certificate_mapping (account_id, form, value)"
		 " SELECT id, 'FINGERPRINT', repeat('0', 64) FROM jqm.account WHERE login = 'eve'"),
		"UPDATE jqm.certificate_mapping SET value = repeat('1', 64)",
		"DELETE FROM jqm.certificate_mapping",
		"UPDATE jqm.pki_root SET state = 'RETIRED'",
		"DELETE FROM jqm.global_parameter WHERE key = 'enableInternalPki'",
		/* what is called by which name: store/current_names.h */
		"INSERT INTO jqm.queue (name) VALUES ('A');"
		"UPDATE jqm.queue SET name = 'B' WHERE name = 'A'",
		"DELETE FROM jqm.queue WHERE name = 'B'",
		"INSERT INTO jqm.node (name, repo_job_def, repo_deliverable)"
		" VALUES ('m', '/a', '/b');"
		"UPDATE jqm.node SET name = 'n' WHERE name = 'm'",
		"DELETE FROM jqm.node WHERE name = 'n'",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		int64_t bob = number("stamp", "bob"), eve = number("stamp", "eve");

		test_db_sql("%s", changes[i]);
		if (number("stamp", "bob") <= bob || number("stamp", "eve") <= eve)
			fail_msg("a stamp is the same after: %s", changes[i]);
	}
	test_db_sql(
	    "INSERT INTO jqm.certificate (root_id, serial, fingerprint, kind, account_id, name,"
	    " not_after) SELECT r.id, '2', repeat('2', 64), 'CLIENT', a.id, 'eve', now()"
	    " FROM jqm.pki_root AS r, jqm.account AS a WHERE a.login = 'eve';"
	    "DELETE FROM jqm.account WHERE login = 'eve'");
	assert_int_equal(number("count(*)", "eve"), 0);
}

static void
roles_leave_the_account_itself_and_its_remembered_password_alone(void **state)
{
	int64_t version = number("version", "bob");

	(void)state;
	test_db_sql("UPDATE jqm.role SET permissions = '{jd:read}' WHERE name = 'one'");
	test_db_sql("UPDATE jqm.role SET description = 'x' WHERE name = 'one'");
	assert_int_equal(number("version", "bob"), version);
	test_db_sql("UPDATE jqm.account SET email = 'a@b.c', stamp = 99999 WHERE login = 'bob'");
	assert_int_equal(number("version", "bob"), version + 1);
	assert_true(number("stamp", "bob") < 99999);
}

/* Neither would see the other if the second did not wait. */
static void
assert_waits(const char *first, const char *second)
{
	struct db *one = db_new(test_db_conninfo(), "test_account_stamp");

	assert_int_equal(async_set_up(NULL), 0);
	assert_int_equal(async_second_waits(one, first, second, "COMMIT"), ERR_NONE);
	assert_int_equal(async_tear_down(NULL), 0);
	db_free(one);
}

static void
who_begins_at_the_same_moment_is_not_forgotten(void **state)
{
	static const char give[] = "INSERT INTO jqm.account_role SELECT a.id, r.id FROM"
				   " jqm.account AS a, jqm.role AS r WHERE a.login = 'new' AND"
				   " r.name = 'two'";
	static const char withdraw[] = "UPDATE jqm.role SET permissions = '{}' WHERE name = 'two'";
	static const char rename[] = "UPDATE jqm.queue SET name = 'D' WHERE name = 'C'";
	int64_t before;

	(void)state;
	test_db_sql("INSERT INTO jqm.queue (name) VALUES ('C')");
	assert_waits(rename, "INSERT INTO jqm.account (login, password_hash) VALUES ('new', 'x')");
	test_db_sql("UPDATE jqm.queue SET name = 'C' WHERE name = 'D'");
	assert_waits("INSERT INTO jqm.account (login, password_hash) VALUES ('newer', 'x')",
		     rename);
	assert_true(number("stamp", "newer") > 1);
	test_db_sql("UPDATE jqm.role SET permissions = '{queue:read}' WHERE name = 'two'");
	assert_waits(withdraw, give);
	test_db_sql("DELETE FROM jqm.account_role; UPDATE jqm.role SET permissions ="
		    " '{queue:read}' WHERE name = 'two'");
	before = number("stamp", "new");
	assert_waits(give, withdraw);
	assert_int_equal(number("stamp", "new"), before + 2); /* the role, and what it gives */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_change_of_what_an_account_may_do_changes_its_stamp),
		cmocka_unit_test(what_all_certificates_are_worth_and_names_change_every_stamp),
		cmocka_unit_test(roles_leave_the_account_itself_and_its_remembered_password_alone),
		cmocka_unit_test(who_begins_at_the_same_moment_is_not_forgotten),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
