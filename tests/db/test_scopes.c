/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of permissions and who submitted a job, as SQL decides them: for callers of functions, whoever they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define SUBMITTER_OF_NEWEST                                                                       \
	"SELECT coalesce((SELECT name FROM jqm.name_snapshot WHERE id = submitter_id AND kind = " \
	"'a'), 'nobody')"                                                                         \
	" FROM jqm.job_instance ORDER BY id DESC LIMIT 1"

/* Enqueue as a database account that claims to ask for root; whom the job remembers. */
static void
assert_submitter(const char *role, const char *sql, const char *want)
{
	struct db *db = db_new(test_db_conninfo_as(role), "test_scopes");

	assert_sql(db, sql);
	assert_value(SUBMITTER_OF_NEWEST, want);
	db_free(db);
}

/* So many jobs are those of an account, one by one and, of past ones, by the ids a search goes by. */
static void
assert_number_of_own(const char *account, int want)
{
	char sql[400], number[20];

	(void)snprintf(number, sizeof(number), "%d", want);
	(void)snprintf(sql, sizeof(sql),
		       "SELECT count(*) FROM (SELECT id FROM jqm.job_instance UNION ALL"
		       " SELECT id FROM jqm.history) AS j WHERE jqm.job_in_scope(j.id, '{own=%s}')",
		       account);
	assert_value(sql, number);
	(void)snprintf(
	    sql, sizeof(sql),
	    "SELECT count(*) FROM jqm.scope_ids('{own=%s}') AS s, (SELECT submitter_id FROM"
	    " jqm.job_instance UNION ALL SELECT submitter_id FROM jqm.history) AS j"
	    " WHERE s.kind = 'u' AND s.id = j.submitter_id",
	    account);
	assert_value(sql, number);
}

static void
only_our_own_programs_say_for_whom_they_ask(void **state)
{
	(void)state;

	assert_submitter("jqm_api", "SELECT jqm.enqueue('Plain', submitter => 'root')", "1:root");
	assert_submitter("jqm_client", "SELECT jqm.enqueue('Plain', submitter => 'root')",
			 ":sql:jqm_client");
	assert_submitter("jqm_client", "SELECT jqm.enqueue('Plain', user_name => 'root')",
			 ":sql:jqm_client");
	assert_submitter("jqm_api", "SELECT jqm.enqueue('Plain')", "nobody");
	assert_submitter("jqm_api", "SELECT jqm.enqueue('Plain', submitter => '')", "nobody");
}

static void
who_enqueues_again_or_restarts_has_submitted_it(void **state)
{
	int64_t id = a_job_in("CRASHED");
	char sql[100];
	(void)state;

	(void)snprintf(sql, sizeof(sql), "SELECT jqm.enqueue_again(%lld, 'bob')", (long long)id);
	assert_submitter("jqm_api", sql, ":bob");
	assert_submitter("jqm_client", sql, ":sql:jqm_client");
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.restart_crashed(%lld, 'carol')",
		       (long long)id);
	assert_submitter("jqm_api", sql, ":carol");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
the_account_behind_a_job_follows_it_into_history(void **state)
{
	int64_t id;
	(void)state;

	test_db_sql("DELETE FROM jqm.job_instance");
	assert_submitter("jqm_api", "SELECT jqm.enqueue('Plain', submitter => 'dora')", ":dora");
	id = a_number("SELECT max(id) FROM jqm.job_instance");
	test_db_sql(A_CLAIM);
	a_job_ends(id, "ENDED");
	assert_value("SELECT submitted_by FROM jqm.past_job ORDER BY id DESC LIMIT 1", "dora");
	assert_submitter("jqm_api",
			 "SELECT jqm.enqueue('Plain', submitter => 'emil', held => true)", ":emil");
	test_db_sql("SELECT jqm.cancel((SELECT max(id) FROM jqm.job_instance))");
	assert_value("SELECT submitted_by FROM jqm.past_job ORDER BY id DESC LIMIT 1", "emil");
}

static void
whoever_has_a_login_later_has_not_submitted_its_jobs(void **state)
{
	struct db *api = db_new(test_db_conninfo_as("jqm_api"), "test_scopes");
	char *first, *second;
	(void)state;

	test_db_sql("DELETE FROM jqm.job_instance; INSERT INTO jqm.account (login) VALUES ('ann')");
	first = test_db_value("SELECT id FROM jqm.account WHERE login = 'ann'");
	assert_sql(api, "SELECT jqm.enqueue('Plain', submitter => 'ann')");
	test_db_sql("UPDATE jqm.account SET login = 'anna' WHERE login = 'ann'");
	assert_sql(api, "SELECT jqm.enqueue('Plain', submitter => 'anna')");
	test_db_sql("DELETE FROM jqm.account WHERE login = 'anna';"
		    "INSERT INTO jqm.account (login) VALUES ('ann')");
	second = test_db_value("SELECT id FROM jqm.account WHERE login = 'ann'");
	assert_sql(api, "SELECT jqm.enqueue('Plain', submitter => 'ann')");
	for (int past = 0; past < 2; past++) {
		assert_value("SELECT string_agg(submitted_by, ' ' ORDER BY id) FROM"
			     " (SELECT id, submitted_by FROM jqm.live_job UNION ALL"
			     " SELECT id, submitted_by FROM jqm.past_job) AS j"
			     " WHERE submitted_by LIKE 'ann%'",
			     "ann anna ann");
		assert_number_of_own(first, 2);
		assert_number_of_own(second, 1);
		test_db_sql("SELECT jqm.cancel(id) FROM jqm.job_instance");
	}
	free(first);
	free(second);
	db_free(api);
}

static void
a_limit_is_a_name_and_nothing_else(void **state)
{
	static const struct {
		const char *scope, *in;
	} cases[] = {
		{ "NULL", "t" },
		{ "'{}'", "f" },
		{ "'{queue=Q}'", "t" },
		{ "'{queue=q}'", "f" },
		{ "'{\"queue=Q \"}'", "f" },
		{ "'{queue=%}'", "f" },
		{ "'{queue=}'", "f" },
		{ "'{definition=D}'", "t" },
		{ "'{definition=Q}'", "f" },
		{ "'{own=me}'", "t" },
		{ "'{own=}'", "f" },
		{ "'{own}'", "f" },
		{ "'{other=Q,definition=X,own=me}'", "t" },
	};
	char sql[200];
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(sql, sizeof(sql), "SELECT jqm.in_scope(%s, 'Q', 'D', 'me')",
			       cases[i].scope);
		print_message("%s\n", sql);
		assert_value(sql, cases[i].in);
	}
	assert_value("SELECT jqm.in_scope('{own=}', 'Q', 'D', NULL)", "f");
	assert_value("SELECT jqm.in_scope('{definition=,queue=}', NULL, NULL, NULL)", "f");
}

static void
nobody_but_the_api_opens_links_and_nobody_reads_their_key(void **state)
{
	static const struct {
		const char *role, *sql;
	} cases[] = {
		{ "jqm_api", "SELECT * FROM jqm.file_link" },
		{ "jqm_api", "SELECT * FROM jqm.cluster_secret" },
		{ "jqm_api", "SELECT jqm.file_link_token(NULL)" },
		{ "jqm_api", "SELECT jqm.file_link_revoke_all()" },
		{ "jqm_client", "SELECT * FROM jqm.file_link_open('x')" },
		{ "jqm_client", "SELECT * FROM jqm.file_link_make(1, 1, 1)" },
		{ "jqm_runner", "SELECT * FROM jqm.file_link_open('x')" },
		{ "jqm_backup", "SELECT * FROM jqm.cluster_secret" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s: %s\n", cases[i].role, cases[i].sql);
		assert_denied(cases[i].role, cases[i].sql);
	}
}

static void
a_permission_is_whole_or_has_a_limit_that_is_known(void **state)
{
	static const struct {
		const char *permission;
		bool ok;
	} cases[] = {
		{ "job_instance:read", true },
		{ "job_instance:read@own", true },
		{ "job_instance:*@queue=a@b=c", true },
		{ "*:*@own", true },
		{ "jd:read@definition=x", true },
		{ "job_instance:read@", false },
		{ "job_instance:read@queue=", false },
		{ "job_instance:read@queue", false },
		{ "job_instance:read@OWN", false },
		{ "job_instance:read@own=root", false },
		{ "job_instance:read@ own", false },
		{ "user:read@own", false },
		{ "prm:*@queue=x", false },
		{ "@own", false },
		{ "job_instance,node:read@own", false },
	};
	struct db *db = db_new(test_db_conninfo(), "test_scopes");
	char sql[200];
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(
		    sql, sizeof(sql),
		    "INSERT INTO jqm.role (name, permissions) VALUES ('r%zu', ARRAY['%s'])", i,
		    cases[i].permission);
		print_message("%s\n", sql);
		if (cases[i].ok)
			assert_sql(db, sql);
		else
			assert_sql_fails(db, sql, ERR_INVALID);
	}
	db_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_our_own_programs_say_for_whom_they_ask),
		cmocka_unit_test(who_enqueues_again_or_restarts_has_submitted_it),
		cmocka_unit_test(the_account_behind_a_job_follows_it_into_history),
		cmocka_unit_test(whoever_has_a_login_later_has_not_submitted_its_jobs),
		cmocka_unit_test(a_limit_is_a_name_and_nothing_else),
		cmocka_unit_test(nobody_but_the_api_opens_links_and_nobody_reads_their_key),
		cmocka_unit_test(a_permission_is_whole_or_has_a_limit_that_is_known),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
