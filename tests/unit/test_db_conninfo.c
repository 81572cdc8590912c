/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "db/db_private.h"

static void
a_wrong_connection_string_is_refused_without_quoting_it(void **state)
{
	static const char *const wrong[] = { "host=x password=a secret", "no_such_option=secret",
					     "postgresql://u:secret@[::1", "secret" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(db_conninfo_check(wrong[i], &err), -1);
		assert_int_equal(err.kind, ERR_INTERNAL);
		assert_null(strstr(err.text, "secret"));
	}
}

static void
several_hosts_are_counted_for_trying_one_by_one(void **state)
{
	(void)state;
	assert_int_equal(db_conninfo_hosts(""), 1);
	assert_int_equal(db_conninfo_hosts("host=a"), 1);
	assert_int_equal(db_conninfo_hosts("host=a,b,c"), 3);
	assert_int_equal(db_conninfo_hosts("host=a,b port=1,2"), 2);
	assert_int_equal(db_conninfo_hosts("host=a,b port=5432"), 2);
	assert_int_equal(db_conninfo_hosts("postgresql://a:1,b:2/jqm"), 2);
	/* left to libpq: a wrong list of ports, a default host, addresses */
	assert_int_equal(db_conninfo_hosts("host=a,b,c port=1,2"), 1);
	assert_int_equal(db_conninfo_hosts("host=a,,c"), 1);
	assert_int_equal(db_conninfo_hosts("host=a,b hostaddr=127.0.0.1,127.0.0.2"), 1);
}

static void
each_of_several_hosts_is_asked_at_its_own_port(void **state)
{
	static const struct {
		const char *conninfo;
		const char *ports[2];
	} cases[] = {
		{ "host=/nonexistent/a,/nonexistent/b port=1,2", { "1", "2" } },
		{ "host=/nonexistent/a,/nonexistent/b port=3", { "3", "3" } },
		/* an empty item means the default, and so does no item at all in a URI */
		{ "host=/nonexistent/a,/nonexistent/b port=,5433", { "5432", "5433" } },
		{ "postgresql://%2Fnonexistent%2Fa,%2Fnonexistent%2Fb:5433/x", { "5432", "5433" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int host_no = 0; host_no < 2; host_no++) {
			PGconn *conn = db_conninfo_start(cases[i].conninfo, "test", host_no, 0);

			print_message("case: %s\n", cases[i].conninfo);
			assert_string_equal(PQhost(conn),
					    host_no == 0 ? "/nonexistent/a" : "/nonexistent/b");
			assert_string_equal(PQport(conn), cases[i].ports[host_no]);
			PQfinish(conn);
		}
	}
}

static const char *
option(PGconn *conn, const char *keyword)
{
	static char value[100];
	PQconninfoOption *options = PQconninfo(conn);

	for (PQconninfoOption *o = options; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			(void)str_copy(value, sizeof(value), o->val == NULL ? "" : o->val);
	PQconninfoFree(options);
	return value;
}

static void
a_dead_peer_is_noticed_within_the_patience_unless_the_string_says_else(void **state)
{
	PGconn *conn = db_conninfo_start("host=/nonexistent", "test", 0, 3750);

	(void)state;
	assert_string_equal(option(conn, "tcp_user_timeout"), "3750");
	assert_string_equal(option(conn, "keepalives_idle"), "2");
	assert_string_equal(option(conn, "keepalives_interval"), "1");
	PQfinish(conn);
	conn = db_conninfo_start("host=/nonexistent tcp_user_timeout=9", "test", 0, 3750);
	assert_string_equal(option(conn, "tcp_user_timeout"), "9");
	PQfinish(conn);
	conn = db_conninfo_start("host=/nonexistent", "test", 0, 0);
	assert_string_equal(option(conn, "tcp_user_timeout"), "25000");
	PQfinish(conn);
}

static void
a_role_is_added_where_no_user_is_named(void **state)
{
	static const struct {
		const char *conninfo;
		const char *expected;
	} cases[] = {
		{ "host=x", "host=x user=r" },
		{ "host=x user=me", "host=x user=me" },
		{ "host=x password=a://b", "host=x password=a://b user=r" },
		{ "postgresql://x/jqm", "postgresql://x/jqm?user=r" },
		{ "postgres://x/jqm?sslmode=require", "postgres://x/jqm?sslmode=require&user=r" },
		{ "postgresql://me@x/jqm", "postgresql://me@x/jqm" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *conninfo = db_conninfo_as(cases[i].conninfo, "r");

		assert_string_equal(conninfo, cases[i].expected);
		free(conninfo);
	}
}

static void
a_value_takes_the_place_of_another_in_both_forms_whatever_is_in_it(void **state)
{
	static const char *const strings[] = { "", "host=x passfile=/old",
					       "postgresql://x/jqm?passfile=/old", "postgres://x" };
	static const char *const values[] = { "/etc/jqm/pgpass", "/a b/it's", "/a\\b",
					      "/%41&x=y?#" };

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		for (size_t j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			char *conninfo = db_conninfo_with(strings[i], "passfile", values[j]);
			char *value = db_conninfo_value(conninfo, "passfile");

			assert_non_null(value);
			assert_string_equal(value, values[j]);
			free(value);
			free(conninfo);
		}
	assert_null(db_conninfo_value("host=x", "passfile"));
	assert_null(db_conninfo_value("host", "host"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_connection_string_is_refused_without_quoting_it),
		cmocka_unit_test(several_hosts_are_counted_for_trying_one_by_one),
		cmocka_unit_test(each_of_several_hosts_is_asked_at_its_own_port),
		cmocka_unit_test(
		    a_dead_peer_is_noticed_within_the_patience_unless_the_string_says_else),
		cmocka_unit_test(a_role_is_added_where_no_user_is_named),
		cmocka_unit_test(
		    a_value_takes_the_place_of_another_in_both_forms_whatever_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
