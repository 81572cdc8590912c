/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: what leaves a row, whose it is, that nothing secret is in it, and who may do what with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define SECRET "hush-hush-hush"
/* The newest row, as "action kind object name". */
#define NEWEST                                                                               \
	"SELECT concat_ws(' ', action, kind, object_id, name) FROM jqm.audit WHERE kind <> " \
	"'schema'"                                                                           \
	" ORDER BY tx DESC, id DESC LIMIT 1"
#define NEWEST_LINE "SELECT jqm.audit_line(a) FROM jqm.audit AS a ORDER BY tx DESC, id DESC LIMIT 1"

DB_STMT(rename_queue) = {
	.name = "test_audit_rename_queue",
	.text = "SELECT jqm.audit_note('test', 'q', 1, $1, NULL)",
	.n_params = 1,
};
DB_STMT(bad_parent) = {
	.name = "test_audit_bad_parent",
	.text = "insert into t (id, note, parent) values (1, 'one', 77)",
};
DB_STMT(bad_note) = {
	.name = "test_audit_bad_note",
	.text = "insert into t (id, note) values (2, 'bad')",
};
DB_STMT(good_note) = {
	.name = "test_audit_good_note",
	.text = "insert into t (id, note) values (3, 'good') returning note",
};
DB_STMT(actor_now) = {
	.name = "test_audit_actor_now",
	.text = "select coalesce(current_setting('jqm.actor', true), '')",
	.read_only = true,
};

static void
run_as(const char *role, const char *sql)
{
	struct db *db = db_new(test_db_conninfo_as(role), "test_audit");

	assert_sql(db, sql);
	db_free(db);
}

static void
assert_text(struct db *db, const struct db_stmt *stmt, const char *expected)
{
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	if (db_exec(db, stmt, NULL, &rows, &err) == -1)
		fail_msg("%s", err.text);
	assert_string_equal(db_text(rows, 0, 0), expected);
	db_result_free(rows);
}

static void
the_actor_goes_with_a_statement_and_not_beyond(void **state)
{
	struct db *db = db_new(test_db_conninfo_as("jqm_api"), "test_audit");
	const char *const name[] = { "first" };
	struct err err = ERR_INIT;
	(void)state;

	db_set_actor(db, "alice\x1fpassword\x1f"
			 "10.0.0.1\x1f"
			 "req-1");
	assert_int_equal(db_exec(db, &rename_queue, name, NULL, &err), 0);
	assert_value("SELECT split_part(actor, chr(31), 1) || split_part(actor, chr(31), 4) || "
		     "db_user FROM jqm.audit"
		     " WHERE action = 'test' AND name = 'first'",
		     "alicereq-1jqm_api");
	assert_text(db, &actor_now, "");
	db_set_actor(db, NULL);
	assert_int_equal(db_exec(db, &rename_queue, (const char *const[]){ "second" }, NULL, &err),
			 0);
	assert_value("SELECT actor FROM jqm.audit WHERE action = 'test' AND name = 'second'", "");
	db_free(db);
}

static void
a_statement_with_an_actor_fails_as_any_other(void **state)
{
	struct db *db = db_new(test_db_conninfo_as("postgres"), "test_audit");
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	(void)state;

	db_fixture_table();
	db_set_actor(db, "alice");
	assert_int_equal(db_exec(db, &bad_note, NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	err_clear(&err);
	/* Refused by its commit, after the statement itself was answered. */
	assert_int_equal(db_exec(db, &bad_parent, NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	err_clear(&err);
	assert_int_equal(db_exec(db, &good_note, NULL, &rows, &err), 0);
	assert_string_equal(db_text(rows, 0, 0), "good");
	db_result_free(rows);
	assert_value("select string_agg(note, ',') from t", "good");
	db_free(db);
}

static void
nobody_but_the_web_api_says_for_whom_it_acts(void **state)
{
	static const char *const roles[] = { "jqm_client", "jqm_runner", "jqm_owner", "postgres" };
	(void)state;

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		char *line;

		if (strcmp(roles[i], "jqm_runner") == 0)
			continue; /* it cannot enqueue */
		run_as(roles[i],
		       "select set_config('jqm.actor', 'root' || chr(31) || 'password', false);"
		       "select jqm.enqueue('Plain')");
		line = test_db_value(NEWEST_LINE);
		if (strstr(line, "\"account\":null") == NULL || strstr(line, roles[i]) == NULL)
			fail_msg("%s: %s", roles[i], line);
		free(line);
	}
}

/* What is done by SQL, and the row it leaves. */
static const struct {
	const char *role, *sql, *row;
} direct[] = {
	{ "jqm_owner", "update jqm.queue set description = 'changed' where id = 2",
	  "update q 2 other" },
	{ "postgres", "update jqm.job_def set path = 'rm -rf /' where name = 'Plain'",
	  "update jd 1 Plain" },
	{ "postgres", "insert into jqm.global_parameter (key, value) values ('k', 'v')",
	  "create prm * k" },
	{ "postgres", "delete from jqm.global_parameter where key = 'k'", "delete prm * k" },
	{ "postgres", "update jqm.node set enabled = false where id = 1", "update node 1 *" },
	{ "postgres", "insert into jqm.role (name, permissions) values ('all', '{*:*}')",
	  "create role * all" },
	{ "postgres", "insert into jqm.account (login) values ('mallory')",
	  "create user * mallory" },
	{ "postgres",
	  "insert into jqm.account_role select a.id, r.id from jqm.account a, jqm.role r where "
	  "a.login = 'mallory' and r.name = 'all'",
	  "create userrole *" },
	{ "postgres", "update jqm.account set locked = true where login = 'mallory'",
	  "update user * mallory" },
	{ "postgres",
	  "insert into jqm.schedule (job_def_id, cron_expression) values (1, '* * * * *')",
	  "create schedule * * * * * *" },
	{ "postgres", "insert into jqm.concurrency_limit (key, max_running) values ('c', 1)",
	  "create concurrency * c" },
	{ "postgres", "truncate jqm.jndi_resource", "truncate jndi jndi_resource" },
	{ "postgres",
	  "update jqm.job_instance set priority = 9 where id = (select min(id) from "
	  "jqm.job_instance)",
	  "update job * job_instance" },
	{ "postgres",
	  "delete from jqm.job_instance where id = (select min(id) from jqm.job_instance)",
	  "delete job * job_instance" },
	{ "postgres",
	  "insert into jqm.job_instance overriding system value select (jsonb_populate_record(j, "
	  "jsonb_build_object('id', "
	  "4000000))).*"
	  " from jqm.job_instance as j limit 1",
	  "insert job job_instance" },
	{ "postgres", "update jqm.history_0 set keyword1 = 'forged'", "update job * history_0" },
	{ "postgres", "delete from jqm.history", "delete job * history_0" },
	{ "postgres", "truncate jqm.history_0", "truncate job history_0" },
	{ "postgres", "select jqm.history_extend(50); truncate jqm.history_7500000",
	  "truncate job history_7500000" },
	{ "postgres", "update jqm.cluster_secret set value = 'x' where name = 'job_token'",
	  "update secret job_token" },
	{ "jqm_client", "select jqm.enqueue('Plain')", "enqueue job * Plain" },
	{ "jqm_client", "select jqm.kill(max(id)) from jqm.live_job where false", NULL },
	{ "jqm_api", "select jqm.enqueue('Plain')", "enqueue job * Plain" },
	{ "jqm_api", "select jqm.queue_pause(1)", "pause q 1 DEFAULT" },
};

/* want with * for any word. */
static bool
fits(const char *row, const char *want)
{
	while (*want != '\0') {
		if (*want == '*') {
			row += strcspn(row, " ");
			want++;
		} else if (*row++ != *want++) {
			return false;
		}
	}
	return *row == '\0';
}

static void
a_change_by_direct_sql_leaves_a_row_with_its_role(void **state)
{
	(void)state;

	(void)a_job_in("ENDED");
	run_as("jqm_client",
	       "select jqm.enqueue('Plain'), jqm.enqueue('Plain'), jqm.enqueue('Plain')");
	for (size_t i = 0; i < sizeof(direct) / sizeof(direct[0]); i++) {
		char *row, *role;

		if (direct[i].row == NULL)
			continue;
		run_as(direct[i].role, direct[i].sql);
		row = test_db_value(NEWEST);
		role = test_db_value(
		    "SELECT db_user FROM jqm.audit ORDER BY tx DESC, id DESC LIMIT 1");
		if (!fits(row, direct[i].row) || strcmp(role, direct[i].role) != 0)
			fail_msg("%s as %s left \"%s\" of %s", direct[i].sql, direct[i].role, row,
				 role);
		free(role);
		free(row);
	}
}

static void
what_changes_by_itself_leaves_none(void **state)
{
	int64_t before, id;
	(void)state;

	id = a_job_of("Plain");
	before = a_number("SELECT count(*) FROM jqm.audit");
	test_db_sql("SELECT jqm.node_heartbeat(1, incarnation, 15000, '{1}') FROM jqm.node WHERE "
		    "id = 1; " A_CLAIM);
	run_as("jqm_runner", "select jqm.housekeeping()");
	a_job_ends(id, "ENDED");
	test_db_sql("UPDATE jqm.queue SET description = description");
	assert_int_equal(a_number("SELECT count(*) FROM jqm.audit"), before);
}

/* Each puts SECRET where only a secret belongs. */
static const char *const hidden[] = {
	"update jqm.account set password_hash = '$scrypt$" SECRET "' where login = 'root'",
	"insert into jqm.account (login, password_hash) values ('hidden', '" SECRET "')",
	"delete from jqm.account where login = 'hidden'",
	"insert into jqm.global_parameter (key, value) values ('mailSmtpPassword', '" SECRET "')",
	"update jqm.global_parameter set value = '2" SECRET "' where key = 'mailSmtpPassword'",
	"insert into jqm.jndi_resource (name, type, factory, parameters)"
	" values ('jdbc/x', 't', 'f', '{\"password\": \"" SECRET "\", \"url\": \"u\"}')",
	"update jqm.jndi_resource set parameters = '{\"password\": \"2" SECRET "\"}'",
	"update jqm.job_def set parameters = '{\"apiToken\": \"" SECRET "\"}' where name = 'Plain'",
	"update jqm.cluster_secret set value = '" SECRET "' where name = 'file_link'",
	"insert into jqm.account_totp (account_id, secret, recovery)"
	" select id, convert_to(rpad('" SECRET "', 20, 'x'), 'UTF8'), '{" SECRET
	"}' from jqm.account where login = 'root'",
	"select jqm.enqueue('Plain', '{\"key\": \"" SECRET "\"}')",
	"select jqm.audit_login_failed('" SECRET "', 'wrong', 0)",
	"select jqm.add_message(min(id), '" SECRET "') from jqm.job_instance",
	"select jqm.add_input_file(min(id), 'f', '" SECRET "') from jqm.job_instance",
};

/* As shared/crypto/secret_box.h writes them: nobody needs them to know that they changed. */
#define SEALED "1:0123456789abcdef:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2w="

static void
nothing_sealed_is_in_it(void **state)
{
	(void)state;
	test_db_sql(
	    "update jqm.job_def set parameters = parameters || '{\"pin\": {\"secret\": \"" SEALED
	    "\"}}' where name = 'Plain'");
	test_db_sql("update jqm.job_def set parameters = parameters - 'pin' where name = 'Plain'");
	assert_value(
	    "SELECT count(*) FILTER (WHERE a.l LIKE '%\"after\": \"(not shown)\", \"field\": "
	    "\"parameters.pin\"%'"
	    " OR a.l LIKE '%\"field\": \"parameters.pin\", \"before\": \"(not shown)\"%') || ' '"
	    " || count(*) FILTER (WHERE a.l LIKE '%0123456789abcdef%')"
	    " FROM (SELECT jqm.audit_line(a) AS l FROM jqm.audit AS a) AS a",
	    "2 0");
	/* A text that becomes a secret, by the same order. */
	test_db_sql("insert into jqm.job_def (name, queue_id, path, path_type, parameters) values"
		    " ('Late', 1, 'true', 'DEFAULTSHELLCOMMAND', '{\"pin\": \"x\"}')");
	test_db_sql("update jqm.job_def set parameters = '{\"pin\": {\"secret\": \"" SEALED
		    "\"}}' where name = 'Late'");
	assert_value("SELECT changes #>> '{0,before}' FROM jqm.audit WHERE name = 'Late'"
		     " AND action = 'update'",
		     "(not shown)");
}

static void
nothing_secret_is_in_it(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		test_db_sql("%s", hidden[i]);
	assert_value("SELECT count(*) FROM jqm.audit AS a WHERE jqm.audit_line(a) LIKE '%" SECRET
		     "%'"
		     " OR jqm.audit_line(a) LIKE '%' || encode('" SECRET "', 'hex') || '%'",
		     "0");
	/* But it is told that they were changed. */
	assert_value(
	    "SELECT count(*) > 5 FROM jqm.audit AS a WHERE jqm.audit_line(a) LIKE '%(not shown)%'",
	    "t");
}

static void
texts_of_any_kind_are_kept_as_they_are(void **state)
{
	static const char *const texts[] = {
		"<script>alert(1)</script>", "\"; drop table jqm.audit; --", "\\u0000\\",
		"a\nb\037c\033[31m",         "\xe2\x80\xae\xf0\x9f\x92\xa3", ""
	};
	struct db *db = db_new(test_db_conninfo_as("jqm_api"), "test_audit");
	struct err err = ERR_INIT;
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *same;

		if (db_exec(db, &rename_queue, (const char *const[]){ texts[i] }, NULL, &err) == -1)
			fail_msg("%s", err.text);
		same = test_db_value("SELECT count(*) FROM jqm.audit AS a WHERE "
				     "(jqm.audit_line(a))::jsonb ->> 'name' = a.name"
				     " AND jqm.audit_line(a) NOT LIKE '%%' || chr(10) || '%%'"
				     " AND id = (SELECT max(id) FROM jqm.audit)");
		assert_string_equal(same, "1");
		free(same);
	}
	db_free(db);
}

static void
a_huge_change_is_cut(void **state)
{
	(void)state;

	test_db_sql("UPDATE jqm.job_def SET parameters = (SELECT jsonb_object_agg('k' || g, "
		    "repeat('x', 1000))"
		    " FROM generate_series(1, 1000) AS g) WHERE name = 'Plain'");
	assert_value("SELECT length(jqm.audit_line(a)) < 70000 FROM jqm.audit AS a ORDER BY tx "
		     "DESC, id DESC LIMIT 1",
		     "t");
}

static void
a_page_has_what_its_filter_names_and_goes_on_where_it_ended(void **state)
{
	char *next;
	(void)state;

	run_as("jqm_api",
	       "select set_config('jqm.actor', 'bob' || chr(31) || 'session' || chr(31) || "
	       "'10.1.1.1' || chr(31)"
	       " || 'req-9', false); select jqm.audit_note('probe', 'kind' || g % 2, g, 'n', null)"
	       " from generate_series(1, 25) as g");
#define PAGE "jqm.audit_page(%s, null, null, 'bob', 'kind1', null, 'probe', 'req-9', 5, 10)"
	assert_value("SELECT cardinality(lines) FROM jqm.audit_page(null, null, null, 'bob', "
		     "'kind1', null, 'probe',"
		     " 'req-9', 5, 1000)",
		     "5");
	assert_value("SELECT cardinality(lines) FROM jqm.audit_page(null, null, null, 'bo', null, "
		     "null, null, null, 5, 1000)",
		     "0");
	assert_value("SELECT cardinality(lines) FROM jqm.audit_page(null, now() + interval '1 h', "
		     "null, null, null, null, null,"
		     " null, 5, 1000)",
		     "0");
	assert_value("SELECT cardinality(lines) FROM jqm.audit_page(null, null, now() - interval "
		     "'1 h', null, null, null, null,"
		     " null, 5, 1000)",
		     "0");
	assert_value("SELECT cardinality(lines) FROM jqm.audit_page(null, null, null, null, "
		     "'kind1', 7, null, null, 5, 1000)",
		     "1");
	/* Page after page, looking at few rows each, every row comes once. */
	test_db_sql("CREATE TEMP TABLE seen AS SELECT ''::text AS line LIMIT 0");
	next = test_db_value(
	    "WITH RECURSIVE p AS (SELECT lines, next, 1 AS n FROM jqm.audit_page(null, null, null, "
	    "'bob', null,"
	    " null, 'probe', null, 3, 7) UNION ALL SELECT q.lines, q.next, p.n + 1 FROM p, LATERAL"
	    " jqm.audit_page(p.next, null, null, 'bob', null, null, 'probe', null, 3, 7) AS q "
	    "WHERE p.next IS NOT NULL)"
	    " SELECT count(DISTINCT l) || ' ' || count(l) FROM p, unnest(p.lines) AS l");
	assert_string_equal(next, "25 25");
	free(next);
}

/* Nobody's: neither read nor written but by the functions that are granted. */
static void
no_role_of_a_program_reaches_the_tables(void **state)
{
	static const char *const roles[] = { "jqm_api", "jqm_runner", "jqm_client", "jqm_notifier",
					     "jqm_backup" };
	static const char *const verbs[] = { "insert into jqm.%s select * from jqm.%1$s",
					     "delete from jqm.%s", "truncate jqm.%s",
					     "select count(*) from jqm.%s" };
	static const char *const tables[] = { "audit", "audit_rest", "audit_seal", "audit_floor",
					      "audit_secret" };
	(void)state;

	for (size_t r = 0; r < sizeof(roles) / sizeof(roles[0]); r++)
		for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++)
			for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
				char *sql = test_db_value(
				    "SELECT replace(replace('%s', '%%1$s', '%s'), '%%s', '%s')",
				    verbs[v], tables[t], tables[t]);

				/* A dump holds the trail: without it no chain could be checked after a restore. */
				if (strcmp(roles[r], "jqm_backup") != 0 ||
				    strncmp(sql, "select", 6) != 0)
					assert_denied(roles[r], sql);
				free(sql);
			}
	assert_denied("jqm_client", "select jqm.audit_note('x', 'x', null, null, null)");
	assert_denied("jqm_client", "select jqm.audit_chain(0, 1)");
	assert_denied(
	    "jqm_runner",
	    "select jqm.audit_page(null, null, null, null, null, null, null, null, 1, 1)");
	assert_denied("jqm_api", "select jqm.audit_seal_next(1)");
	assert_denied("jqm_api", "select jqm.audit_purge(1, 0, '', '')");
}

static void
even_the_owner_changes_nothing_by_accident(void **state)
{
	(void)state;

	assert_denied("jqm_owner", "update jqm.audit set name = 'x'");
	assert_denied("jqm_owner", "delete from jqm.audit");
	assert_denied("postgres", "truncate jqm.audit");
	assert_denied("postgres", "truncate jqm.audit_rest");
	assert_value("SELECT count(*) || ' of ' || count(*) FILTER (WHERE EXISTS (SELECT FROM "
		     "pg_trigger AS t"
		     " WHERE t.tgrelid = i.inhrelid AND t.tgname = 'append_only_truncate'))"
		     " FROM pg_inherits AS i WHERE i.inhparent = 'jqm.audit'::regclass",
		     "6 of 6");
}

/* Columns that a later file adds, too. */
static void
every_column_that_people_change_is_watched(void **state)
{
	(void)state;

	assert_value(
	    "SELECT string_agg(c.relname || '.' || a.attname, ' ') FROM pg_trigger AS g"
	    " JOIN pg_class AS c ON c.oid = g.tgrelid JOIN pg_attribute AS a ON a.attrelid = c.oid"
	    " WHERE g.tgname = 'audit_row' AND a.attnum > 0 AND NOT a.attisdropped"
	    " AND NOT a.attnum = ANY (g.tgattr::int2[]) AND NOT a.attname = ANY (string_to_array("
	    "     (string_to_array(encode(g.tgargs, 'escape'), '\\000'))[4], ','))",
	    "");
	assert_value("SELECT count(*) > 15 FROM pg_trigger WHERE tgname = 'audit_row'", "t");
}

/*
 * A new table of configuration has triggers (jqm.audit_table()).  These need none: what programs note of jobs, of their
 * past and for themselves, which no order of anybody changes, the trail's own, and what schema files alone write.
 */
static void
every_table_that_people_change_is_watched(void **state)
{
	(void)state;

	assert_value(
	    "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class AS c WHERE"
	    " c.relnamespace = 'jqm'::regnamespace AND c.relkind IN ('r', 'p') AND NOT"
	    " c.relispartition AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid"
	    " AND t.tgname ~ '^(audit_|append_only)')",
	    "account_network admin_field admin_kind audit_floor audit_seal audit_secret"
	    " definition_snapshot deliverable doctor_report event event_source happened"
	    " happened_before history_partition history_slot history_summed idempotency_key"
	    " input_file job_attempt job_dependency job_restart job_unsettled job_waited_for mail"
	    " mail_sender message name_snapshot node_figures purge_order purged_job request_key"
	    " runner_waiting schedule_slot webhook_attempt webhook_delivery");
	/* And each that is watched is looked at by who says which are not. */
	assert_value(
	    "SELECT coalesce(string_agg(DISTINCT c.relname, ' '), '-') FROM pg_trigger AS t"
	    " JOIN pg_class AS c ON c.oid = t.tgrelid WHERE NOT c.relispartition"
	    " AND t.tgname ~ '^(audit_|append_only)' AND NOT EXISTS (SELECT FROM pg_proc AS p"
	    " WHERE p.proname = 'audit_blind' AND p.prosrc LIKE '%''' || c.relname || '''%')",
	    "-");
}

static void
a_trigger_that_is_turned_off_is_seen(void **state)
{
	(void)state;

	assert_value("SELECT blind FROM jqm.audit_state()", "{}");
	test_db_sql("ALTER TABLE jqm.queue DISABLE TRIGGER audit_row");
	assert_value("SELECT blind FROM jqm.audit_state()", "{queue}");
	test_db_sql("ALTER TABLE jqm.queue ENABLE TRIGGER audit_row; DROP TRIGGER audit_truncate "
		    "ON jqm.role");
	assert_value("SELECT blind FROM jqm.audit_state()", "{role}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_actor_goes_with_a_statement_and_not_beyond),
		cmocka_unit_test(a_statement_with_an_actor_fails_as_any_other),
		cmocka_unit_test(nobody_but_the_web_api_says_for_whom_it_acts),
		cmocka_unit_test(a_change_by_direct_sql_leaves_a_row_with_its_role),
		cmocka_unit_test(what_changes_by_itself_leaves_none),
		cmocka_unit_test(nothing_sealed_is_in_it),
		cmocka_unit_test(nothing_secret_is_in_it),
		cmocka_unit_test(texts_of_any_kind_are_kept_as_they_are),
		cmocka_unit_test(a_huge_change_is_cut),
		cmocka_unit_test(a_page_has_what_its_filter_names_and_goes_on_where_it_ended),
		cmocka_unit_test(no_role_of_a_program_reaches_the_tables),
		cmocka_unit_test(even_the_owner_changes_nothing_by_accident),
		cmocka_unit_test(every_column_that_people_change_is_watched),
		cmocka_unit_test(every_table_that_people_change_is_watched),
		cmocka_unit_test(a_trigger_that_is_turned_off_is_seen),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
