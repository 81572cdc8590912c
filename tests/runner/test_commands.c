/* SPDX-License-Identifier: Apache-2.0 */
/* The real runner and keeper: commands, their parameters and their directories, as JQM's own tests have them. */
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

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

static void
a_command_that_finds_a_variable_ends_well_and_one_that_does_not_crashes(void **state)
{
	struct home *h = *state;
	int64_t found, missing;

	home_define("found", "DEFAULTSHELLCOMMAND", "env | grep ^JQM_JI_ID=");
	home_define("missing", "DEFAULTSHELLCOMMAND", "env | grep ^JQM_NO_SUCH=");
	home_start(h);
	found = home_enqueue("found", "{}");
	missing = home_enqueue("missing", "{}");
	home_wait_state(found, "ENDED");
	home_wait_state(missing, "CRASHED");
	home_assert_history(missing, "reason || '|' || exit_code", "exit code 1|1");
}

static void
nested_quotes_reach_the_shell_as_they_are(void **state)
{
	struct home *h = *state;
	int64_t job;

	home_define("quotes", "DEFAULTSHELLCOMMAND",
		    "sh -c \"echo 'a \\\"b\\\" c'\"; echo \"it's\" '\"$HOME\"' \\\\");
	home_start(h);
	job = home_enqueue("quotes", "{}");
	home_wait_state(job, "ENDED");
	home_assert_output(h, job, "a \"b\" c\nit's \"$HOME\" \\\n");
}

/* Of the definition, of the request, or both: one each, and the request's wins. */
static void
an_executable_gets_values_in_the_order_of_their_keys(void **state)
{
	struct home *h = *state;
	const char *text = "#!/bin/sh\nprintf '[%s]' \"$@\"\n";
	char *script = str_printf("%s/jobs/tool", h->path);
	int64_t none, one, both;
	struct err err = ERR_INIT;

	assert_int_equal(fd_write_file(script, 0700, text, strlen(text), &err), 0);
	free(script);
	home_define("tool", "DIRECTEXECUTABLE", "./tool");
	test_db_sql("update jqm.job_def set parameters = '{\"k2\": \"two\", \"k1\": \"one\"}'"
		    " where name = 'tool'");
	home_start(h);
	none = home_enqueue("tool", "{}");
	one = home_enqueue("tool", "{\"k2\": \"zwei\", \"k10\": \"ten\"}");
	both = home_enqueue("tool", "{\"k2\": \"zwei\", \"k1\": \"eins\"}");
	home_wait_state(none, "ENDED");
	home_wait_state(one, "ENDED");
	home_wait_state(both, "ENDED");
	home_assert_output(h, none, "[one][two]");
	home_assert_output(h, one, "[one][ten][zwei]");
	home_assert_output(h, both, "[eins][zwei]");
}

/* The file of the job is no more where it was written, nor is its temporary directory. */
static void
a_delivered_file_is_moved_and_the_directories_are_gone(void **state)
{
	struct home *h = *state;
	char *dirs, *save = NULL, *value;
	int64_t job;
	int n = 0;

	home_define("deliver", "DEFAULTSHELLCOMMAND",
		    "echo x > $JQM_JI_TEMP_DIR/scratch; echo data > $JQM_JI_DELIVERY_DIR/out.csv;"
		    " ls $JQM_JI_TEMP_DIR/scratch $JQM_JI_DELIVERY_DIR/out.csv");
	home_start(h);
	job = home_enqueue("deliver", "{}");
	home_wait_state(job, "ENDED");
	value = test_db_value("select string_agg(original_file_name || ' ' || file_family, ',')"
			      " from jqm.deliverable where job_instance_id = %lld",
			      (long long)job);
	assert_string_equal(value, "out.csv out.csv");
	free(value);
	dirs = home_output(h, job, "stdout");
	for (char *path = strtok_r(dirs, "\n", &save); path != NULL;
	     path = strtok_r(NULL, "\n", &save)) {
		assert_int_equal(path[0], '/');
		home_wait_gone(path); /* a moment after the end */
		n++;
	}
	assert_int_equal(n, 2);
	free(dirs);
}

/* PowerShell is not free of charge to install: this says what it was given, and does as the job's parameters say. */
static const char a_pwsh[] =
    "#!/bin/sh\n"
    "printf '[%s]\\n' \"$@\"\n"
    "printf '%s=[%s]\\n' 1 \"$JQM_ARG_1\" 2 \"$JQM_ARG_2\" 3 \"${JQM_ARG_3-none}\"\n"
    "echo complaint >&2\n"
    "[ -z \"$JQM_PARAM_hang\" ] || { sleep 600 & echo $! >\"$JQM_PARAM_hang\"; wait; }\n"
    "exit \"${JQM_PARAM_code:-0}\"\n";

/* A node whose [job_environment] has the directory of that stand-in in PATH. */
static void
install_pwsh(const struct home *h)
{
	char *dir = str_printf("%s/bin", h->path), *program = str_printf("%s/pwsh", dir);
	char *config = str_printf("%s/jqm.ini", h->path);
	struct err err = ERR_INIT;
	FILE *file;

	assert_int_equal(fd_make_dirs(dir, 0700, &err), 0);
	assert_int_equal(fd_write_file(program, 0700, a_pwsh, strlen(a_pwsh), &err), 0);
	file = fopen(config, "a"); /* its last section is [job_environment] */
	assert_non_null(file);
	assert_true(fprintf(file, "path = \"%s:/usr/bin:/bin\"\n", dir) > 0);
	assert_int_equal(fclose(file), 0);
	free(config);
	free(program);
	free(dir);
}

static void
a_powershell_command_gets_its_text_and_the_values_and_its_exit_code_is_kept(void **state)
{
	struct home *h = *state;
	int64_t plain, values;
	char *text;

	install_pwsh(h);
	home_define("plain", "POWERSHELLCOMMAND", "Get-Date; Write-Output \"$x 'y'\"");
	home_define("values", "POWERSHELLCOMMAND", "./report.ps1");
	home_start(h);
	plain = home_enqueue("plain", "{}");
	values = home_enqueue("values", "{\"a\": \"; Remove-Item \\\"x\\\"\", \"code\": \"7\"}");
	home_wait_state(plain, "ENDED");
	home_wait_state(values, "CRASHED");
	home_assert_history(values, "reason", "exit code 7");
	text = home_output(h, plain, "stdout");
	assert_true(str_starts(text, "[-NoLogo]\n[-NonInteractive]\n[-Command]\n"
				     "[Get-Date; Write-Output \"$x 'y'\"]\n1=[]\n"));
	free(text);
	home_assert_output(h, values,
			   "[-NoLogo]\n[-NonInteractive]\n[-Command]\n"
			   "[$a = @(); for ($i = 1; Test-Path \"env:JQM_ARG_$i\"; $i++) "
			   "{ $a += (Get-Item \"env:JQM_ARG_$i\").Value }; & {\n"
			   "./report.ps1 @args\n} @a]\n"
			   "1=[; Remove-Item \"x\"]\n2=[7]\n3=[none]\n");
	text = home_output(h, values, "stderr");
	assert_string_equal(text, "complaint\n");
	free(text);
}

static void
a_kill_reaches_the_whole_tree_of_a_powershell_command(void **state)
{
	struct home *h = *state;
	char *parameters = str_printf("{\"hang\": \"%s/child\"}", h->path);
	int64_t job;
	pid_t child;

	install_pwsh(h);
	home_define("hang", "POWERSHELLCOMMAND", "Start-Sleep 600");
	home_start(h);
	job = home_enqueue("hang", parameters);
	free(parameters);
	child = home_pid(h, "child");
	test_db_sql("select jqm.kill(%lld)", (long long)job);
	home_wait_state(job, "KILLED");
	assert_false(home_is_alive(child));
}

static void
a_definition_may_have_a_name_of_100_characters(void **state)
{
	struct home *h = *state;
	char *name = test_db_value("select repeat('é', 100)");
	int64_t job;

	home_define(name, "DEFAULTSHELLCOMMAND",
		    "printf %s \"$JQM_JD_APPLICATION_NAME\"; echo data > $JQM_JI_DELIVERY_DIR/f");
	home_start(h);
	job = home_enqueue(name, "{}");
	home_wait_state(job, "ENDED");
	home_assert_output(h, job, name);
	free(name);
	name = test_db_value("select count(*) from jqm.deliverable where job_instance_id = %lld",
			     (long long)job);
	assert_string_equal(name, "1");
	free(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(a_command_that_finds_a_variable_ends_well_and_one_that_does_not_crashes),
		HOME_TEST(nested_quotes_reach_the_shell_as_they_are),
		HOME_TEST(an_executable_gets_values_in_the_order_of_their_keys),
		HOME_TEST(a_delivered_file_is_moved_and_the_directories_are_gone),
		HOME_TEST(
		    a_powershell_command_gets_its_text_and_the_values_and_its_exit_code_is_kept),
		HOME_TEST(a_kill_reaches_the_whole_tree_of_a_powershell_command),
		HOME_TEST(a_definition_may_have_a_name_of_100_characters),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("commands");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
