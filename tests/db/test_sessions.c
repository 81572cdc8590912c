/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0027: sessions begin and end as they must, whatever happens at the same time; codes count once; what is
 * over goes. */
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
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define BOB "(SELECT id FROM jqm.account WHERE login = 'bob')"
#define START(token)                                                                              \
	"SELECT jqm.session_start(id, version, sha256('" token "'), 60, 3600, '192.0.2.1', true)" \
	" FROM jqm.account WHERE login = 'bob'"
#define SESSIONS "SELECT count(*) FROM jqm.account_session WHERE account_id = " BOB

static struct db *one;

static int
group_set_up(void **state)
{
	(void)state;
	(void)test_db_create("sessions");
	test_db_sql("UPDATE jqm.account SET password_hash = '$scrypt$root' WHERE login = 'root'");
	return 0;
}

static int
set_up(void **state)
{
	test_db_sql(
	    "DELETE FROM jqm.account WHERE login <> 'root';"
	    "INSERT INTO jqm.account (login, password_hash) VALUES ('bob', '$scrypt$x');"
	    "INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account AS a, jqm.role AS r"
	    " WHERE a.login = 'bob' AND r.name = 'client'");
	one = db_new(test_db_conninfo(), "test_sessions");
	return async_set_up(state);
}

static int
tear_down(void **state)
{
	db_free(one);
	return async_tear_down(state);
}

static void
who_may_not_log_in_gets_no_session(void **state)
{
	static const char *const states[] = {
		"locked = true",
		"expiration_date = now() - interval '1 s'",
		"internal = true",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		test_db_sql("UPDATE jqm.account SET %s WHERE login = 'bob'", states[i]);
		assert_value(START("a"), "");
		test_db_sql("UPDATE jqm.account SET locked = false, expiration_date = NULL,"
			    " internal = false WHERE login = 'bob'");
	}
	assert_value("SELECT jqm.session_start(id, version - 1, sha256('a'), 60, 3600, '', true)"
		     " FROM jqm.account WHERE login = 'bob'",
		     "");
	assert_value(SESSIONS, "0");
	assert_value("SELECT (" START("a") ") IS NOT NULL", "t");
}

static void
whatever_takes_the_account_away_takes_the_sessions_away(void **state)
{
	static const struct {
		const char *sql, *left;
	} cases[] = {
		{ "UPDATE jqm.account SET password_hash = '$scrypt$y' WHERE login = 'bob'", "0" },
		{ "UPDATE jqm.account SET password_hash = NULL WHERE login = 'bob'", "0" },
		{ "UPDATE jqm.account SET locked = true WHERE login = 'bob'", "0" },
		{ "UPDATE jqm.account SET locked = false, login = 'bobby' WHERE login = 'bob';"
		  "UPDATE jqm.account SET login = 'bob' WHERE login = 'bobby'",
		  "0" },
		{ "DELETE FROM jqm.account_role WHERE account_id = " BOB, "0" },
		{ "INSERT INTO jqm.account_role SELECT " BOB ", id FROM jqm.role"
		  " WHERE name = 'client read only'",
		  "0" },
		{ "UPDATE jqm.account SET email = 'b@example.org', free_text = 'Bob'"
		  " WHERE login = 'bob'",
		  "1" },
		{ "SELECT jqm.account_rehash(" BOB ", '$scrypt$z', '$scrypt$zz')", "1" },
		{ "SELECT jqm.account_rehash(" BOB ", 'another', '$scrypt$zzz')", "1" },
		{ "SELECT jqm.account_change_password(" BOB ", 'another', '$scrypt$zzz')", "1" },
		{ "SELECT jqm.account_change_password(" BOB ", '$scrypt$zz', '$scrypt$zzz')", "0" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].sql);
		test_db_sql(
		    "UPDATE jqm.account SET locked = false,"
		    " password_hash = CASE WHEN %zu < 8 THEN '$scrypt$z' ELSE password_hash END"
		    " WHERE login = 'bob'; DELETE FROM jqm.account_session",
		    i);
		test_db_sql("%s", START("a"));
		assert_value(SESSIONS, "1");
		test_db_sql("%s", cases[i].sql);
		assert_value(SESSIONS, cases[i].left);
	}
}

static const struct db_stmt start = { .name = "test_start", .text = START("a") };
static const struct db_stmt change = {
	.name = "test_change",
	.text = "UPDATE jqm.account SET password_hash = '$scrypt$y' WHERE login = 'bob'",
};

/* Who proved to know the old password while it was being changed. */
static void
a_login_during_a_change_of_password_gets_no_session(void **state)
{
	(void)state;
	assert_sql(one,
		   "BEGIN; UPDATE jqm.account SET password_hash = '$scrypt$y' WHERE login = 'bob'");
	async_send_plain(&start, 0);
	async_wait_for_lock();
	assert_sql(one, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(async_trace.kinds[0], ERR_NONE);
	assert_value(SESSIONS, "0");
}

static void
a_change_of_password_during_a_login_ends_its_session(void **state)
{
	(void)state;
	assert_sql(one, "BEGIN; " START("a"));
	async_send_plain(&change, 0);
	async_wait_for_lock();
	assert_sql(one, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(async_trace.kinds[0], ERR_NONE);
	assert_value("SELECT password_hash FROM jqm.account WHERE login = 'bob'", "$scrypt$y");
	assert_value(SESSIONS, "0");
}

static void
a_code_counts_once_even_at_the_same_moment(void **state)
{
	static const struct db_stmt use = {
		.name = "test_use",
		.text = "SELECT jqm.totp_use(" BOB ", 7)::int",
	};
	(void)state;

	test_db_sql("INSERT INTO jqm.account_totp (account_id, secret, confirmed)"
		    " VALUES (" BOB ", substr(sha256('s'), 1, 20), true)");
	assert_sql(one, "BEGIN; SELECT jqm.totp_use(" BOB ", 7)");
	async_send_plain(&use, 0);
	async_wait_for_lock();
	assert_sql(one, "COMMIT");
	async_run_until(&async_trace.done_count, 1);
	assert_int_equal(async_trace.values[0], 0);
	assert_value("SELECT jqm.totp_use(" BOB ", 6)", "f");
	assert_value("SELECT jqm.totp_use(" BOB ", 8)", "t");
}

static void
what_is_over_goes_and_nothing_else(void **state)
{
	(void)state;
	test_db_sql(
	    "INSERT INTO jqm.account (login, internal, expiration_date) VALUES"
	    " ('tech-old', true, now() - interval '1 s'), ('tech', true, now() + interval '1 h'),"
	    " ('tech-for-ever', true, NULL), ('person-old', false, now() - interval '1 s');"
	    "INSERT INTO jqm.account_session (token_hash, account_id, idle_s, ends_at, address, "
	    "tls, last_seen_at)"
	    " SELECT sha256(v.name), " BOB ", 60, v.ends, '', true, v.seen FROM (VALUES"
	    " ('alive'::bytea, now() + interval '1 h', now()), ('ended', now(), now()),"
	    " ('idle', now() + interval '1 h', now() - interval '61 s')) AS v(name, ends, seen);"
	    "INSERT INTO jqm.account_network VALUES (" BOB ", 'old', now() - interval '31 d'),"
	    " (" BOB ", 'new', now())");
	test_db_sql(
	    "SELECT jqm.node_register('n1', gen_random_uuid(), 60000, '/j', '/d', '/t', 'h', 1);"
	    "SELECT jqm.node_purge(n.id, n.incarnation, '{}') FROM jqm.node AS n");
	assert_value(
	    "SELECT string_agg(login, ' ' ORDER BY login) FROM jqm.account WHERE login <> 'root'",
	    "bob person-old tech tech-for-ever");
	assert_value("SELECT count(*) FROM jqm.account_session WHERE token_hash = sha256('alive')",
		     "1");
	assert_value("SELECT count(*) FROM jqm.account_session", "1");
	assert_value("SELECT string_agg(network, ' ') FROM jqm.account_network", "new");
}

static void
where_somebody_logs_in_from_is_noted_once_a_day(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.account_seen(" BOB ", '192.0.2.0')");
	test_db_sql("UPDATE jqm.account_network SET last_login = now() - interval '5 h'");
	test_db_sql("SELECT jqm.account_seen(" BOB ", '192.0.2.0')");
	assert_value("SELECT count(*) FROM jqm.account_network"
		     " WHERE last_login < now() - interval '4 h'",
		     "1");
	test_db_sql("UPDATE jqm.account_network SET last_login = now() - interval '2 d'");
	test_db_sql("SELECT jqm.account_seen(" BOB ", '192.0.2.0')");
	assert_value("SELECT count(*) FROM jqm.account_network"
		     " WHERE last_login > now() - interval '1 h'",
		     "1");
}

static void
programs_reach_no_more_of_it_than_they_need(void **state)
{
	static const struct {
		const char *role, *sql;
	} cases[] = {
		{ "jqm_runner", "SELECT * FROM jqm.account_session" },
		{ "jqm_runner", "SELECT jqm.session_start(1, 1, sha256('a'), 1, 1, '', true)" },
		{ "jqm_client", "SELECT * FROM jqm.account_totp" },
		{ "jqm_client", "SELECT jqm.account_rehash(1, 'a', 'b')" },
		{ "jqm_client", "SELECT jqm.open_api()" },
		{ "jqm_backup", "SELECT * FROM jqm.account_session" },
		{ "jqm_backup", "SELECT * FROM jqm.account_totp" },
		{ "jqm_api", "UPDATE jqm.account SET password_hash = 'x'" },
		{ "jqm_api", "UPDATE jqm.account_totp SET confirmed = true" },
		{ "jqm_api", "UPDATE jqm.account_session SET account_id = 1" },
		{ "jqm_api", "SELECT jqm.account_reset_password('root', 'x', true, true)" },
		{ "jqm_api", "SELECT jqm.open_api()" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_denied(cases[i].role, cases[i].sql);
}

static void
a_session_is_found_by_an_index(void **state)
{
	char *plan;
	(void)state;

	test_db_sql(
	    "INSERT INTO jqm.account_session (token_hash, account_id, idle_s, ends_at, address,"
	    " tls) SELECT sha256(g::text::bytea), " BOB ", 60, now() + interval '1 h', '', true"
	    " FROM generate_series(1, 5000) AS g; ANALYZE jqm.account_session");
	plan = test_db_value("EXPLAIN (FORMAT json) SELECT 1 FROM jqm.account_session AS s"
			     " JOIN jqm.account AS a ON a.id = s.account_id"
			     " WHERE s.token_hash = sha256('5') AND jqm.session_alive(s)");
	if (strstr(plan, "account_session_token_hash_key") == NULL)
		fail_msg("%s", plan);
	free(plan);
}

#define with_both(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_both(who_may_not_log_in_gets_no_session),
		with_both(whatever_takes_the_account_away_takes_the_sessions_away),
		with_both(a_login_during_a_change_of_password_gets_no_session),
		with_both(a_change_of_password_during_a_login_ends_its_session),
		with_both(a_code_counts_once_even_at_the_same_moment),
		with_both(what_is_over_goes_and_nothing_else),
		with_both(where_somebody_logs_in_from_is_noted_once_a_day),
		with_both(programs_reach_no_more_of_it_than_they_need),
		with_both(a_session_is_found_by_an_index),
	};

	return cmocka_run_group_tests(tests, group_set_up, NULL);
}
