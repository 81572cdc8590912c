/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0022: who asks for a change of accounts by the web API does not lock himself out, though another
 * administrator is there; whoever sits at the database may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define OUT "would lock out account \"boss\", which asks for it"
#define BOSS "(select id from jqm.account where login = 'boss')"
#define KEEPER "(select id from jqm.role where name = 'keeper')"
#define PUT(kind, id, json) "select jqm.admin_put('" kind "', " id ", '" json "', null, 'x')"
#define ROOT "{\"id\":1,\"login\":\"root\",\"roles\":[1]}"
#define LOCK_BOSS PUT("user", BOSS, "{\"login\":\"boss\",\"locked\":true,\"roles\":[1]}")

static struct db *api;

static int
set_up(void **state)
{
	(void)state;
	test_db_sql("insert into jqm.account (login, password_hash) values ('boss', 'x');"
		    "insert into jqm.account_role values (" BOSS ", 1)");
	assert_sql(api, "set jqm.actor = E'boss\\x1fpassword'");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	test_db_sql("delete from jqm.account where login = 'boss';"
		    "delete from jqm.role where name = 'keeper'");
	return 0;
}

static void
assert_refused(const char *sql)
{
	struct err err = ERR_INIT;

	print_message("%s\n", sql);
	if (db_exec_sql(api, sql, &err) == 0)
		fail_msg("done: %s", sql);
	assert_string_equal(err_kind_name(err.kind), err_kind_name(ERR_CONFLICT));
	if (strstr(err.text, OUT) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, OUT);
}

static void
he_stays_inside(void **state)
{
	static const char *const doors[] = {
		LOCK_BOSS,
		PUT("user", BOSS, "{\"login\":\"boss\",\"roles\":[2]}"),
		PUT("user", BOSS, "{\"login\":\"boss\",\"expirationDate\":5,\"roles\":[1]}"),
		"select jqm.admin_delete('user', " BOSS ", null)",
		"select jqm.admin_sync('user', '[" ROOT "]', null, 'n1', 'x')",
		/* another account of his name */
		"select jqm.admin_sync('user', '[" ROOT
		",{\"login\":\"boss\",\"roles\":[1]}]', null, 'n1', 'x')",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++)
		assert_refused(doors[i]);
	assert_sql(api,
		   PUT("user", BOSS, "{\"login\":\"boss\",\"email\":\"a@b\",\"roles\":[1,2]}"));
}

static void
others_may_and_whoever_sits_at_the_database(void **state)
{
	(void)state;
	assert_sql(api, "set jqm.actor = E'root\\x1fpassword'");
	assert_sql(api, LOCK_BOSS);
	test_db_sql("update jqm.account set locked = false where login = 'boss'");
	assert_sql(api, "set jqm.actor = ''");
	assert_sql(api, LOCK_BOSS);
	test_db_sql("update jqm.account set locked = false where login = 'boss'");
	test_db_sql("set jqm.actor = 'boss'; " LOCK_BOSS);
}

static void
he_keeps_what_rights_he_had(void **state)
{
	(void)state;
	test_db_sql(
	    "insert into jqm.role (name, permissions) values ('keeper', '{\"user,role:*\"}');"
	    "update jqm.account_role set role_id = " KEEPER " where account_id = " BOSS);
	assert_sql(api, PUT("role", KEEPER,
			    "{\"name\":\"keeper\",\"description\":\"\","
			    "\"permissions\":[\"user:update\",\"role\"]}"));
	assert_refused(PUT("role", KEEPER,
			   "{\"name\":\"keeper\",\"description\":\"\","
			   "\"permissions\":[\"user:read\",\"role\"]}"));
	assert_refused(PUT("role", KEEPER,
			   "{\"name\":\"keeper\",\"description\":\"\","
			   "\"permissions\":[\"user\",\"role:create\"]}"));
	test_db_sql(
	    "update jqm.role set permissions = '{queue:read,user:delete}' where name = 'keeper'");
	assert_sql(api, PUT("role", KEEPER,
			    "{\"name\":\"keeper\",\"description\":\"\",\"permissions\":[]}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(he_stays_inside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_may_and_whoever_sits_at_the_database, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(he_keeps_what_rights_he_had, set_up, tear_down),
	};
	int rc;

	(void)test_db_create("asking");
	test_db_sql("update jqm.account set password_hash = '$scrypt$x' where login = 'root'");
	api = db_new(test_db_conninfo_as("jqm_api"), "test_admin_asking");
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	db_free(api);
	return rc;
}
