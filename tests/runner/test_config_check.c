/* SPDX-License-Identifier: Apache-2.0 */
/* jqm-runner --check: each wrong thing has its line, and nothing is changed by looking. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* Names in the home, without . and .. */
static int
count_names(const struct home *h)
{
	DIR *dir = opendir(h->path);
	int n = 0;

	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		n += entry->d_name[0] != '.';
	(void)closedir(dir);
	return n;
}

static void
a_good_configuration_is_good_and_nothing_is_changed(void **state)
{
	const struct home *h = *state;
	int before = count_names(h);
	char *nodes = test_db_value("select count(*) from jqm.node");
	char *after;

	home_assert_check(h, 0, "nothing is wrong\n");
	home_assert_check(h, 0, "note: runner:temp_dir ");
	home_assert_check(h, 0, "/tmp\" is missing; it is made at start\n");
	home_assert_check(h, 0, "ok: database\n");
	home_assert_check(h, 0, " is new to the database\n");
	home_assert_check(h, 0, "kill_means=");
	home_assert_check(h, 0, "note: started from here, ");
	assert_int_equal(count_names(h), before);
	after = test_db_value("select count(*) from jqm.node");
	assert_string_equal(after, nodes);
	free(nodes);
	free(after);
}

static void
each_wrong_directory_is_named(void **state)
{
	static const struct {
		const char *name, *breaks, *says, *mends;
	} cases[] = {
		{ "no repository", "rmdir jobs", "/jobs\": No such file or directory\n",
		  "mkdir jobs" },
		{ "open to everybody", "mkdir tmp && chmod 777 tmp",
		  "/tmp\" can be written by everybody: chmod o-w\n", "rmdir tmp" },
		{ "sticky is open, too", "mkdir tmp && chmod 1777 tmp",
		  "/tmp\" can be written by everybody", "rmdir tmp" },
		{ "not writable", "chmod 500 log", "/log\" is not writable for this account",
		  "chmod 700 log" },
		{ "not readable", "chmod 0 jobs", "/jobs\" is not readable for this account",
		  "chmod 700 jobs" },
		{ "a file", "touch store", "/store\" is no directory\n", "rm store" },
		{ "a link to nothing", "ln -s nowhere/at/all state",
		  "/state\" is a link to nothing\n", "rm state" },
		{ "cannot be made", "chmod 500 .", "/joblogs\" is missing and cannot be made below",
		  "chmod 700 ." },
		{ "no identity", "mkdir state && echo x >state/instance-id", "holds no UUID",
		  "rm -r state" },
		{ "no table of a keeper", "mkdir state && seq 2000 >state/keeper.table",
		  "is not a keeper's table", "rm -r state" },
	};
	const struct home *h = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: %s\n", cases[i].name);
		home_run(h, "%s", cases[i].breaks);
		home_assert_check(h, 1, cases[i].says);
		home_run(h, "%s", cases[i].mends);
		home_assert_check(h, 0, "nothing is wrong\n");
	}
}

static void
all_that_is_wrong_is_told_at_once(void **state)
{
	const struct home *h = *state;
	int code;
	char *text;

	home_configure(h, "keeper_program = \"/no/such/keeper\"\n"
			  "log_file = \"/no/such/dir/runner.log\"\n");
	home_run(h, "rmdir jobs && chmod 777 log");
	text = home_check(h, &code);
	assert_int_equal(code, 1);
	assert_non_null(strstr(text, "wrong: runner:job_repository"));
	assert_non_null(strstr(text, "wrong: runner:log_dir"));
	assert_non_null(strstr(text, "wrong: cannot execute the keeper \"/no/such/keeper\""));
	assert_non_null(strstr(text, "ok: database"));
	assert_non_null(strstr(text, "wrong: directory of runner:log_file \"/no/such/dir\""));
	assert_non_null(strstr(text, "\n4 wrong\n"));
	free(text);
	home_run(h, "mkdir jobs && chmod 700 log");
}

static void
a_keeper_that_is_none_does_not_hold_the_check_up(void **state)
{
	const struct home *h = *state;
	char *more = str_printf("keeper_program = \"%s/none\"\n", h->path);

	home_configure(h, more);
	home_run(h, "printf '#!/bin/sh\\nexec tail -f /dev/null\\n' >none && chmod 700 none");
	home_assert_check(h, 1, "/none\" would not start: it was asked to look and did not end\n");
	home_run(h, "printf '#!/bin/sh\\necho cannot; exit 3\\n' >none");
	home_assert_check(h, 1, "/none\" would not start: cannot\n");
	free(more);
}

static void
a_keeper_of_a_service_manager_is_only_looked_for(void **state)
{
	const struct home *h = *state;

	home_configure(h, "keeper_program = \"/no/such/keeper\"\nstart_keeper = false\n");
	home_assert_check(h, 0, "keeper.sock\": the runner starts none, it waits\n");
	home_configure(h, "start_keeper = perhaps\n");
	home_assert_check(h, 1, "start_keeper");
}

static void
missing_settings_are_all_named(void **state)
{
	const struct home *h = *state;
	int code;
	char *text;

	home_write_config(h, "[node]\nname = \"n\"\n[runner]\ntemp_dir = \"/no/such/tmp\"\n");
	text = home_check(h, &code);
	assert_int_equal(code, 1);
	assert_non_null(strstr(text, "wrong: setting database:conninfo is missing"));
	assert_non_null(strstr(text, "wrong: setting runner:state_dir is missing"));
	assert_non_null(strstr(text, "wrong: setting runner:joblog_dir is missing"));
	assert_non_null(strstr(text, "wrong: runner:temp_dir \"/no/such/tmp\""));
	free(text);
	home_write_config(h, "[node]\nname = \"n\"\n[runner]\ntmp_dir = \"/tmp\"\n");
	home_assert_check(h, 1, "tmp_dir");
}

static void
a_database_that_does_not_answer_is_named(void **state)
{
	const struct home *h = *state;
	char *text =
	    str_printf("[database]\nconninfo = \"host=%s/nobody-here dbname=jqm\"\n[node]\n"
		       "name = \"n\"\n[runner]\n",
		       h->path);

	home_write_config(h, text);
	free(text);
	home_assert_check(h, 1, "wrong: database: ");
	home_assert_check(h, 1, "nobody-here");
}

static void
a_schema_of_other_programs_is_named(void **state)
{
	const struct home *h = *state;

	test_db_sql("insert into jqm.schema_version (version, name)"
		    " select max(version) + 1, 'later' from jqm.schema_version");
	home_assert_check(h, 1, "wrong: database: the database schema is at version ");
	home_assert_check(h, 1, "use newer programs");
	test_db_sql("delete from jqm.schema_version where name = 'later';"
		    " create table public.kept as select * from jqm.schema_version;"
		    " delete from jqm.schema_version where version > 3");
	home_assert_check(h, 1, "is at version 3, these programs need ");
	home_assert_check(h, 1, "run jqm db upgrade");
	test_db_sql("delete from jqm.schema_version;"
		    " insert into jqm.schema_version select * from public.kept;"
		    " drop table public.kept");
	home_assert_check(h, 0, "ok: database\n");
}

static void
who_has_the_node_is_told(void **state)
{
	struct home *h = *state;
	char *pid;

	test_db_sql("select jqm.node_register('%s', gen_random_uuid(), 600000, '/j', '/d', '/t',"
		    " 'localhost', 1)",
		    h->node);
	home_assert_check(h, 1, "is served by a runner of another installation\n");
	test_db_sql("update jqm.node set lease_until = null, enabled = false");
	home_assert_check(h, 0, "is disabled: it takes no job\n");
	test_db_sql("update jqm.node set enabled = true");
	home_start(h);
	home_wait("t", "select coalesce(bool_or(lease_until > now()), false) from jqm.node");
	pid = test_db_value("select incarnation from jqm.node where name = '%s'", h->node);
	home_assert_check(h, 0, "is served by this installation's runner now\n");
	home_wait(pid, "select max(incarnation) from jqm.node");
	assert_true(home_is_alive(h->runner));
	free(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(a_good_configuration_is_good_and_nothing_is_changed),
		HOME_TEST(each_wrong_directory_is_named),
		HOME_TEST(all_that_is_wrong_is_told_at_once),
		HOME_TEST(a_keeper_that_is_none_does_not_hold_the_check_up),
		HOME_TEST(a_keeper_of_a_service_manager_is_only_looked_for),
		HOME_TEST(missing_settings_are_all_named),
		HOME_TEST(a_database_that_does_not_answer_is_named),
		HOME_TEST(a_schema_of_other_programs_is_named),
		HOME_TEST(who_has_the_node_is_told),
	};

	(void)test_db_create("config_check");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
