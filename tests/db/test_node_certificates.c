/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0031 on a real database: which node a certificate speaks for, and where a node can be. */
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
#include "model/memory.h"
#include "db/db.h"
#include "pki/authority.h"
#include "store/node_place_store.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define PRINT "'aa' || repeat('0', 62)"

static struct db *api, *owner;

static int
set_up(void **state)
{
	(void)state;
	test_db_sql(
	    "DELETE FROM jqm.certificate; DELETE FROM jqm.certificate_mapping;"
	    "DELETE FROM jqm.pki_root; UPDATE jqm.node SET last_seen_alive = NULL;"
	    "DELETE FROM jqm.node; DELETE FROM jqm.global_parameter;"
	    "DELETE FROM jqm.account WHERE NOT built_in;"
	    "INSERT INTO jqm.account (login) VALUES ('anna');"
	    "INSERT INTO jqm.node (name, dns, port, repo_job_def, repo_deliverable) VALUES"
	    " ('n1', 'one.example', 1789, '/j', '/o'), ('n2', '192.0.2.7', 1790, '/j', '/o'),"
	    " ('n3', 'localhost', 0, '/j', '/o');"
	    "INSERT INTO jqm.pki_root (state, certificate, fingerprint, not_after)"
	    " VALUES ('CURRENT', 'x', 'x', now() + interval '1 year')");
	api = db_new(test_db_conninfo_as("jqm_api"), "test_node_certificates");
	owner = db_new(test_db_conninfo_as("jqm_owner"), "test_node_certificates");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_free(api);
	db_free(owner);
	return 0;
}

static void
issue(const char *node)
{
	char *sql =
	    str_printf("INSERT INTO jqm.certificate (root_id, serial, fingerprint, kind, name,"
		       " not_after) SELECT id, '1A', " PRINT ", 'NODE', '%s',"
		       " now() + interval '1 day' FROM jqm.pki_root",
		       node);

	test_db_sql("%s", sql);
	free(sql);
}

/* Whose is it?  names: of an SQL array. */
static void
assert_node(const char *names, const char *is_server, const char *wanted)
{
	char *sql = str_printf("SELECT coalesce(jqm.node_of_certificate(" PRINT ", 'CN=ca', '1A',"
			       " '{%s}', %s), 'nobody')",
			       names, is_server);

	print_message("%s %s\n", names, is_server);
	assert_value(sql, wanted);
	free(sql);
}

static void
our_own_counts_while_it_is_noted_and_its_node_is_there(void **state)
{
	(void)state;
	assert_node("DNS:one.example", "true", "nobody");
	issue("n1");
	assert_node("", "false", "n1");
	test_db_sql("UPDATE jqm.certificate SET kind = 'CLIENT'");
	assert_node("DNS:one.example", "true", "nobody");
	test_db_sql("UPDATE jqm.certificate SET kind = 'NODE', not_after = now()");
	assert_node("", "true", "nobody");
	test_db_sql("UPDATE jqm.certificate SET not_after = now() + interval '1 day', name = 'n9'");
	assert_node("", "true", "nobody");
	test_db_sql(
	    "UPDATE jqm.certificate SET name = 'n1'; UPDATE jqm.pki_root SET state = 'RETIRED'");
	assert_node("", "true", "nobody");
	test_db_sql("UPDATE jqm.pki_root SET state = 'OLD'");
	assert_node("", "true", "n1");
	test_db_sql("SELECT jqm.certificate_revoke(id, 'root') FROM jqm.certificate");
	assert_node("", "true", "nobody");
}

static void
one_of_another_authority_counts_for_the_node_of_that_name_alone(void **state)
{
	(void)state;
	issue("n1"); /* noted of old: means nothing now */
	test_db_sql(
	    "INSERT INTO jqm.global_parameter (key, value) VALUES ('enableInternalPki', 'false')");
	assert_node("DNS:one.example,DNS:www.example", "true", "n1");
	assert_node("DNS:ONE.example", "true", "n1");
	assert_node("IP:192.0.2.7", "true", "n2");
	assert_node("DNS:one.example", "false", "nobody");
	assert_node("", "true", "nobody");
	assert_node("email:one.example,URI:one.example", "true", "nobody");
	assert_node("DNS:192.0.2.7", "true", "n2");
	assert_node("DNS:localhost", "true", "nobody");
	assert_node("DNS:*.example", "true", "nobody");
	/* two nodes: which one it is nobody can say */
	assert_node("DNS:one.example,IP:192.0.2.7", "true", "nobody");
	/* it is an account's */
	test_db_sql("INSERT INTO jqm.certificate_mapping (account_id, form, value)"
		    " SELECT id, 'SAN', 'DNS:one.example' FROM jqm.account WHERE login = 'anna'");
	assert_node("DNS:one.example", "true", "nobody");
}

static void
a_deleted_node_s_certificates_are_revoked(void **state)
{
	(void)state;
	issue("n1");
	test_db_sql("DELETE FROM jqm.node WHERE name = 'n1'");
	assert_value("SELECT reason FROM jqm.certificate WHERE revoked_at IS NOT NULL",
		     "its node was deleted");
	assert_value("SELECT crl_stale FROM jqm.pki_root", "t");
	/* nor do they count for another node of that name */
	test_db_sql("INSERT INTO jqm.node (name, repo_job_def, repo_deliverable) VALUES ('n1', "
		    "'/j', '/o')");
	assert_node("", "true", "nobody");
}

static void
a_node_s_row_holds_only_what_can_be_a_host(void **state)
{
	static const char *const good[] = { "localhost",   "a.b-c.example", "a_b",
					    "192.0.2.7",   "0.0.0.0",       "::",
					    "2001:db8::7", "a.example." };
	static const char *const bad[] = { "a b",  "a/b",    "http://a", "a:80",     "[::1]", "a;b",
					   "a\"b", "-a",     "a-",       "a..b",     ".",     "$x",
					   "a{b}", "12:xyz", "a@b",      "1.2.3.4:5" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *sql = str_printf("UPDATE jqm.node SET dns = '%s' WHERE name = 'n1'", good[i]);

		print_message("good: %s\n", good[i]);
		test_db_sql("%s", sql);
		free(sql);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *sql = str_printf("UPDATE jqm.node SET dns = '%s' WHERE name = 'n1'", bad[i]);

		print_message("bad: %s\n", bad[i]);
		assert_sql_fails(owner, sql, ERR_INVALID);
		free(sql);
	}
}

static void
where_a_node_is_is_read_from_its_row(void **state)
{
	struct node_place place;
	struct err err = ERR_INIT;
	struct pool pool;

	(void)state;
	pool_init(&pool);
	assert_int_equal(node_place_read(api, "nobody", &pool.memory, &place, &err), 0);
	assert_false(place.known);
	assert_int_equal(node_place_read(api, "n2", &pool.memory, &place, &err), 0);
	assert_true(place.known && place.internal_pki && !place.alive);
	assert_string_equal(place.dns, "192.0.2.7");
	assert_int_equal(place.port, 1790);
	assert_string_equal(place.seen, "");
	test_db_sql("UPDATE jqm.node SET lease_until = now() + interval '1 hour',"
		    " last_seen_alive = '2026-01-31 12:00:00+00' WHERE name = 'n2'");
	assert_int_equal(node_place_read(api, "n2", &pool.memory, &place, &err), 0);
	assert_true(place.alive);
	assert_string_equal(place.seen, "2026-01-31T12:00:00Z");
	pool_free(&pool);
}

static void
each_node_has_a_name_of_its_own(void **state)
{
	char a[AUTHORITY_NODE_NAME_SIZE], b[AUTHORITY_NODE_NAME_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(authority_node_name("n1", a, &err), 0);
	assert_int_equal(authority_node_name("N1", b, &err), 0);
	assert_string_not_equal(a, b);
	assert_int_equal(strspn(a, "0123456789abcdef"), 32);
	assert_string_equal(a + 32, ".node.jqm.internal");
	assert_int_equal(authority_node_name("a \"b\"\n.x,DNS:y", b, &err), 0);
	assert_int_equal(strlen(b), strlen(a));
}

#define with_nodes(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_nodes(our_own_counts_while_it_is_noted_and_its_node_is_there),
		with_nodes(one_of_another_authority_counts_for_the_node_of_that_name_alone),
		with_nodes(a_deleted_node_s_certificates_are_revoked),
		with_nodes(a_node_s_row_holds_only_what_can_be_a_host),
		with_nodes(where_a_node_is_is_read_from_its_row),
		cmocka_unit_test(each_node_has_a_name_of_its_own),
	};

	(void)test_db_create("node_certificates");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
