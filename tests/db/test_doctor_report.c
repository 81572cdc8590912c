/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0041: what jqm doctor found on each node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "store/doctor_store.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static struct db *api, *runner;

static int
set_up(void **state)
{
	int rc = a_job_set_up_beside_n2(state);

	api = db_new(test_db_conninfo_as("jqm_api"), "test_doctor_report");
	runner = db_new(test_db_conninfo_as("jqm_runner"), "test_doctor_report");
	return rc;
}

static int
tear_down(void **state)
{
	db_free(api);
	db_free(runner);
	return a_job_tear_down(state);
}

static int
clean(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.doctor_report;"
		    " UPDATE jqm.node SET lease_until = now() + interval '1 h' WHERE name = 'n2'");
	return 0;
}

#define clean_test(test) cmocka_unit_test_setup(test, clean)

#define OF_N2 "(SELECT jqm.doctor_reports(2) -> 0)"
#define WISH "SELECT asked_at IS NOT NULL FROM jqm.doctor_report WHERE node_id = 2"

static void
report(int64_t began_ago_ms, const char *json)
{
	struct err err = ERR_INIT;

	if (doctor_report_store(runner, "n2", began_ago_ms, 14400, json, &err) == -1)
		fail_msg("%s", err.text);
}

static void
a_node_without_a_report_says_so(void **state)
{
	(void)state;
	assert_value("SELECT " OF_N2 " - 'nodeId'",
		     "{\"ok\": 0, \"node\": \"n2\", \"fixed\": 0, \"notes\": 0, \"wrong\": 0,"
		     " \"account\": null, \"findings\": [], \"outdated\": false,"
		     " \"reported\": false, \"askedDate\": null, \"reportDate\": null}");
	/* Somebody asked, and nothing has come: that is no report, either. */
	assert_sql(api, "SELECT jqm.doctor_ask(2)");
	assert_value("SELECT concat(" OF_N2 " -> 'reported', ' ', " OF_N2 " ->> 'reportDate')",
		     "false ");
}

static void
a_report_takes_the_place_of_the_last_one(void **state)
{
	(void)state;
	report(0, "{\"account\": \"jqm\", \"findings\": [{\"kind\": \"wrong\", \"check\":"
		  " \"files\", \"what\": \"/a\", \"why\": \"open\", \"repair\": \"chmod\"}],"
		  " \"ok\": 5, \"notes\": 0, \"fixed\": 0, \"wrong\": 1}");
	assert_value("SELECT " OF_N2 " -> 'findings'",
		     "[{\"why\": \"open\", \"kind\": \"wrong\", \"what\": \"/a\","
		     " \"check\": \"files\", \"repair\": \"chmod\"}]");
	report(0, "{\"account\": \"other\", \"findings\": [], \"ok\": 6, \"notes\": 0,"
		  " \"fixed\": 0, \"wrong\": 0}");
	assert_value("SELECT concat_ws(' ', " OF_N2 " -> 'findings', " OF_N2
		     " ->> 'account', " OF_N2 " -> 'ok', " OF_N2 " -> 'wrong', " OF_N2
		     " -> 'reported')",
		     "[] other 6 0 true");
	assert_value("SELECT abs((" OF_N2 " ->> 'reportDate')::bigint"
		     " - extract(epoch FROM now()) * 1000) < 600000",
		     "t");
}

static void
the_worst_comes_first_and_what_is_in_order_is_only_counted(void **state)
{
	(void)state;
	report(0, "{\"findings\": [{\"kind\": \"ok\", \"what\": \"a\"}, {\"kind\": \"note\","
		  " \"what\": \"b\"}, {\"kind\": \"fixed\", \"what\": \"c\"}, {\"kind\":"
		  " \"wrong\", \"what\": \"e\"}, {\"kind\": \"wrong\", \"what\": \"d\"},"
		  " {\"kind\": \"sad\", \"what\": \"f\"}], \"ok\": 1}");
	assert_value("SELECT string_agg(f ->> 'what', '' ORDER BY n) FROM"
		     " jsonb_array_elements(" OF_N2 " -> 'findings') WITH ORDINALITY AS f(f, n)",
		     "edcb");
}

static void
a_long_report_is_cut_and_its_figures_tell_how_long_it_was(void **state)
{
	(void)state;
	test_db_sql(
	    "SELECT jqm.doctor_report('n2', 0, 14400, jsonb_build_object('account', repeat('j', "
	    "1000),"
	    " 'notes', 500, 'wrong', 1, 'ok', 1e30, 'findings',"
	    " (SELECT jsonb_agg(jsonb_build_object('kind', CASE WHEN i = 500 THEN 'wrong' ELSE"
	    " 'note' END, 'check', repeat('\303\251', 5000), 'what', repeat('\303\251', 5000),"
	    " 'why', repeat('x', 5000), 'repair', repeat('x', 5000)))"
	    " FROM generate_series(0, 500) AS i)))");
	assert_value("SELECT concat_ws(' ', jsonb_array_length(" OF_N2 " -> 'findings'), " OF_N2
		     " -> 'notes', " OF_N2 " -> 'ok', length(" OF_N2 " ->> 'account'))",
		     "200 500 1000000 100");
	assert_value("SELECT concat_ws(' ', f ->> 'kind', length(f ->> 'check'),"
		     " length(f ->> 'what'), length(f ->> 'why'), length(f ->> 'repair'))"
		     " FROM (SELECT " OF_N2 " -> 'findings' -> 0) AS x(f)",
		     "wrong 50 300 600 300");
}

/* Only runners report; but what they say need not be what jqm doctor says. */
static void
a_report_that_makes_no_sense_is_an_empty_one(void **state)
{
	static const char *const nonsense[] = {
		"null",
		"[]",
		"\"x\"",
		"{}",
		"{\"findings\": 1, \"wrong\": \"many\", \"ok\": null}",
		"{\"findings\": [null, 1, [], {\"kind\": {}}], \"wrong\": -5}",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		report(0, nonsense[i]);
		assert_value("SELECT concat_ws(' ', " OF_N2 " -> 'findings', " OF_N2
			     " -> 'wrong', " OF_N2 " -> 'ok')",
			     "[] 0 0");
	}
}

static void
a_report_is_outdated_when_three_more_should_have_come(void **state)
{
	/* so often, as old as this, outdated? */
	static const struct {
		int every_s;
		const char *old, *outdated;
	} cases[] = {
		{ 14400, "12 h 50 min", "false" },
		{ 14400, "13 h 10 min", "true" },
		{ 60, "1 h", "false" },
		{ 60, "1 h 5 min", "true" },
		{ 0, "23 h", "false" },
		{ 0, "25 h", "true" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report(0, "{}");
		test_db_sql("UPDATE jqm.doctor_report SET every_s = %d,"
			    " reported_at = now() - interval '%s'",
			    cases[i].every_s, cases[i].old);
		assert_value("SELECT " OF_N2 " -> 'outdated'", cases[i].outdated);
	}
	report(0, "{}");
	assert_value("SELECT " OF_N2 " -> 'outdated'", "false");
}

static void
who_asked_is_answered_by_a_look_that_began_later(void **state)
{
	(void)state;
	assert_sql(api, "SELECT jqm.doctor_ask(2)");
	report(3600000, "{}");
	assert_value(WISH, "t");
	assert_value("SELECT " OF_N2 " ->> 'askedDate' IS NOT NULL", "t");
	test_db_sql("UPDATE jqm.doctor_report SET asked_at = now() - interval '1 h'");
	report(1000, "{}");
	assert_value(WISH, "f");
	assert_value("SELECT " OF_N2 " ->> 'askedDate' IS NULL", "t");
}

static void
the_runner_that_has_the_node_knows_of_the_wish(void **state)
{
	(void)state;
#define ASKED(incarnation) "SELECT jqm.doctor_asked(2, " incarnation ") FROM jqm.node WHERE id = 2"
	assert_value(ASKED("incarnation"), "f");
	assert_sql(api, "SELECT jqm.doctor_ask(2)");
	assert_value(ASKED("incarnation"), "t");
	assert_value(ASKED("incarnation - 1"), "f");
	report(0, "{}");
	assert_value(WISH, "f");
}

static void
nobody_is_asked_where_nobody_would_look(void **state)
{
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(doctor_ask(api, 999, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	err_clear(&err);
	test_db_sql("UPDATE jqm.node SET lease_until = now() - interval '1 s' WHERE id = 2");
	assert_int_equal(doctor_ask(api, 2, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	assert_string_equal(err.text, "node \"n2\" is not running");
	assert_value("SELECT count(*) FROM jqm.doctor_report", "0");
}

static void
an_unknown_node_has_no_report(void **state)
{
	struct pool pool;
	struct err err = ERR_INIT;
	const char *json;
	(void)state;

	assert_int_equal(doctor_report_store(runner, "nobody", 0, 0, "{}", &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	err_clear(&err);
	pool_init(&pool);
	assert_int_equal(doctor_reports_read(api, 999, &pool.memory, &json, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	pool_free(&pool);
}

static void
all_nodes_are_told_without_what_was_found_and_templates_are_none(void **state)
{
	(void)state;
	report(0, "{\"wrong\": 3}");
	test_db_sql("INSERT INTO jqm.node (name, repo_job_def, repo_deliverable, template)"
		    " VALUES ('pattern', '/j', '/d', true)");
	assert_value("SELECT string_agg(concat_ws(' ', f ->> 'node', f -> 'wrong', f ? 'findings'),"
		     " ', ' ORDER BY n) FROM jsonb_array_elements(jqm.doctor_reports(NULL))"
		     " WITH ORDINALITY AS f(f, n)",
		     "n1 0 f, n2 3 f");
	test_db_sql("DELETE FROM jqm.node WHERE name = 'pattern'");
}

static void
a_report_goes_with_its_node(void **state)
{
	(void)state;
	test_db_sql("INSERT INTO jqm.node (name, repo_job_def, repo_deliverable)"
		    " VALUES ('gone', '/j', '/d')");
	test_db_sql("SELECT jqm.doctor_report('gone', 0, 14400, '{}')");
	assert_value("SELECT count(*) FROM jqm.doctor_report", "1");
	test_db_sql("DELETE FROM jqm.node WHERE name = 'gone'");
	assert_value("SELECT count(*) FROM jqm.doctor_report", "0");
}

static void
runners_report_the_web_api_reads_and_nobody_else_does_either(void **state)
{
	static const char *const others[] = { "jqm_client", "jqm_notifier", "jqm_events" };
	(void)state;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_denied(others[i], "SELECT jqm.doctor_report('n2', 0, 14400, '{}')");
		assert_denied(others[i], "SELECT jqm.doctor_reports(2)");
		assert_denied(others[i], "SELECT jqm.doctor_ask(2)");
		assert_denied(others[i], "SELECT count(*) FROM jqm.doctor_report");
	}
	assert_denied("jqm_api", "SELECT jqm.doctor_report('n2', 0, 14400, '{}')");
	assert_denied("jqm_api", "UPDATE jqm.doctor_report SET wrong = 0");
	assert_denied("jqm_runner", "SELECT jqm.doctor_reports(2)");
	assert_denied("jqm_runner", "SELECT jqm.doctor_ask(2)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		clean_test(a_node_without_a_report_says_so),
		clean_test(a_report_takes_the_place_of_the_last_one),
		clean_test(the_worst_comes_first_and_what_is_in_order_is_only_counted),
		clean_test(a_long_report_is_cut_and_its_figures_tell_how_long_it_was),
		clean_test(a_report_that_makes_no_sense_is_an_empty_one),
		clean_test(a_report_is_outdated_when_three_more_should_have_come),
		clean_test(who_asked_is_answered_by_a_look_that_began_later),
		clean_test(the_runner_that_has_the_node_knows_of_the_wish),
		clean_test(nobody_is_asked_where_nobody_would_look),
		clean_test(an_unknown_node_has_no_report),
		clean_test(all_nodes_are_told_without_what_was_found_and_templates_are_none),
		clean_test(a_report_goes_with_its_node),
		clean_test(runners_report_the_web_api_reads_and_nobody_else_does_either),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
