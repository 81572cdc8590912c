/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a job: values of parameters are never read by a shell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "model/job_order.h"
#include "runner/job_command.h"

static const struct job_command_node a_node = { "n1", "/jobs", JOB_COMMAND_PATH };

/* a=1 becomes the pair; at most 8 pairs */
static void
an_order(struct job_order *order, const char *type, const char *path, const char *const *pairs)
{
	size_t n = 0;

	job_order_init(order, 7, 1);
	free(order->path_type);
	free(order->path);
	order->path_type = str_dup(type);
	order->path = str_dup(path);
	order->parameters = calloc(8, sizeof(order->parameters[0]));
	assert_non_null(order->parameters);
	for (; pairs != NULL && pairs[n] != NULL; n++) {
		const char *eq = strchr(pairs[n], '=');

		order->parameters[n].key = str_printf("%.*s", (int)(eq - pairs[n]), pairs[n]);
		order->parameters[n].value = str_dup(eq + 1);
	}
	order->n_parameters = n;
}

static void
assert_argv(char *const *argv, const char *const *expected)
{
	size_t i = 0;

	for (; expected[i] != NULL; i++) {
		assert_non_null(argv[i]);
		assert_string_equal(argv[i], expected[i]);
	}
	assert_null(argv[i]);
}

static void
values_of_a_shell_command_are_arguments(void **state)
{
	static const char *const hostile[] = { "a=$(reboot)",   "b=  x y ",   "c=  ",
					       "d='; rm -rf /", "e=`id`\n\"", NULL };
	static const char *const expected[] = { "/bin/sh",     "-c",        "echo \"$@\"",
						"sh",          "$(reboot)", "x y",
						"'; rm -rf /", "`id`\n\"",  NULL };
	struct job_command command = JOB_COMMAND_INIT;
	struct err err = ERR_INIT;
	struct job_order order;

	(void)state;
	an_order(&order, "DEFAULTSHELLCOMMAND", "echo", hostile);
	assert_int_equal(job_command_build(&order, &a_node, &command, &err), 0);
	assert_string_equal(command.program, "/bin/sh");
	assert_argv(command.argv, expected);
	job_command_free(&command);
	job_order_free(&order);
}

static void
a_command_gets_arguments_only_where_some_can_follow(void **state)
{
	static const struct {
		const char *path;
		size_t n;
		const char *text;
	} cases[] = {
		{ "ls", 0, "ls" },
		{ "ls", 1, "ls \"$@\"" },
		{ "ls  \n", 1, "ls \"$@\"" },
		{ "ls $1", 1, "ls $1" },
		{ "ls \"$@\" | wc", 1, "ls \"$@\" | wc" },
		{ "echo $*", 1, "echo $*" },
		{ "echo $#", 1, "echo $#" },
		{ "echo ${2}", 1, "echo ${2}" },
		{ "echo ${1:-x}", 1, "echo ${1:-x}" },
		{ "echo ${#}", 1, "echo ${#}" },
		{ "echo $HOME", 1, "echo $HOME \"$@\"" },
		{ "echo ${#HOME}", 1, "echo ${#HOME} \"$@\"" },
		{ "echo $", 1, "echo $ \"$@\"" },
		{ "a; b;", 1, "a; b;" },
		{ "a &", 1, "a &" },
		{ "a | ", 1, "a | " },
		{ "a (", 1, "a (" },
		{ "a {", 1, "a {" },
		{ "a \\", 1, "a \\" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = job_command_shell_text(cases[i].path, cases[i].n);

		assert_string_equal(text, cases[i].text);
		free(text);
	}
}

static void
an_executable_is_found_and_gets_each_value_whole(void **state)
{
	static const char *const pairs[] = { "10=-a", "20=/src dir/", NULL };
	static const char *const expected[] = { "bin/tool", "-a", "/src dir/", NULL };
	struct job_command command = JOB_COMMAND_INIT;
	struct err err = ERR_INIT;
	struct job_order order;

	(void)state;
	an_order(&order, "DIRECTEXECUTABLE", "bin/tool", pairs);
	assert_int_equal(job_command_build(&order, &a_node, &command, &err), 0);
	assert_string_equal(command.program, "/jobs/bin/tool");
	assert_argv(command.argv, expected);
	job_command_free(&command);
	job_order_free(&order);

	an_order(&order, "DIRECTEXECUTABLE", "sh", NULL);
	assert_int_equal(job_command_build(&order, &a_node, &command, &err), 0);
	assert_true(command.program[0] == '/' && str_ends(command.program, "/sh"));
	job_command_free(&command);
	job_order_free(&order);

	an_order(&order, "DIRECTEXECUTABLE", "no such program", NULL);
	assert_int_equal(job_command_build(&order, &a_node, &command, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "could not execute \"no such program\""));
	job_command_free(&command);
	job_order_free(&order);
}

/* PROGRAM in a fresh directory; free() the directory's name after remove_program(). */
static char *
a_directory_with(const char *program)
{
	char template[] = "/tmp/jqm-test-command-XXXXXX";
	struct err err = ERR_INIT;
	char *path;

	assert_non_null(mkdtemp(template));
	path = str_printf("%s/%s", template, program);
	assert_int_equal(fd_write_file(path, 0700, "#!/bin/sh\n", 10, &err), 0);
	free(path);
	return str_dup(template);
}

static void
remove_program(char *dir, const char *program)
{
	char *path = str_printf("%s/%s", dir, program);

	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	free(path);
	free(dir);
}

static void
the_path_of_the_node_is_where_programs_are_looked_up(void **state)
{
	char *dir = a_directory_with("sh"), *expected = str_printf("%s/sh", dir);
	char *path = str_printf(":relative:%s:/bin", dir);
	const struct job_command_node node = { "n1", "/jobs", path };
	const struct job_command_node nowhere = { "n1", "/jobs", ":." };
	struct job_command command = JOB_COMMAND_INIT;
	struct err err = ERR_INIT;
	struct job_order order;

	(void)state;
	an_order(&order, "DIRECTEXECUTABLE", "sh", NULL);
	assert_int_equal(job_command_build(&order, &node, &command, &err), 0);
	assert_string_equal(command.program, expected);
	job_command_free(&command);

	assert_int_equal(chdir(dir), 0);
	assert_int_equal(job_command_build(&order, &nowhere, &command, &err), -1);
	assert_string_equal(err.text, "could not execute \"sh\": there is no such program in :.");
	assert_int_equal(chdir("/"), 0);
	job_order_free(&order);
	remove_program(dir, "sh");
	free(expected);
	free(path);
}

/* What PowerShell is given: its text, in which values are never written, and the values beside it. */
static void
powershell_reads_the_values_from_variables(void **state)
{
	static const char *const pairs[] = { "a=; Remove-Item x", "b= ", "c=y z", NULL };
	static const struct {
		const char *path;
		const char *const *pairs;
		const char *text;
	} cases[] = {
		{ "Get-Date  ", NULL, "Get-Date  " },
		{ "./report.ps1 \n", pairs,
		  "$a = @(); for ($i = 1; Test-Path \"env:JQM_ARG_$i\"; $i++) "
		  "{ $a += (Get-Item \"env:JQM_ARG_$i\").Value }; & {\n./report.ps1 @args\n} @a" },
		{ "Write-Output $Args[0]", pairs,
		  "$a = @(); for ($i = 1; Test-Path \"env:JQM_ARG_$i\"; $i++) "
		  "{ $a += (Get-Item \"env:JQM_ARG_$i\").Value }; & {\nWrite-Output $Args[0]\n} "
		  "@a" },
	};
	char *dir = a_directory_with("pwsh"), *program = str_printf("%s/pwsh", dir);
	const struct job_command_node node = { "n1", "/jobs", dir };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const expected[] = { program,    "-NoLogo",     "-NonInteractive",
						 "-Command", cases[i].text, NULL };
		static const char *const values[] = { "; Remove-Item x", "y z", NULL };
		static const char *const none[] = { NULL };
		struct job_command command = JOB_COMMAND_INIT;
		struct err err = ERR_INIT;
		struct job_order order;

		an_order(&order, "POWERSHELLCOMMAND", cases[i].path, cases[i].pairs);
		assert_int_equal(job_command_build(&order, &node, &command, &err), 0);
		assert_string_equal(command.program, program);
		assert_argv(command.argv, expected);
		if (command.values != NULL || cases[i].pairs != NULL)
			assert_argv(command.values, cases[i].pairs != NULL ? values : none);
		job_command_free(&command);
		job_order_free(&order);
	}
	remove_program(dir, "pwsh");
	free(program);
}

static void
powershell_has_two_names_and_its_absence_is_told(void **state)
{
	char *dir = a_directory_with("powershell"), *program = str_printf("%s/powershell", dir);
	const struct job_command_node node = { "n1", "/jobs", dir };
	struct job_command command = JOB_COMMAND_INIT;
	struct err err = ERR_INIT;
	struct job_order order;
	char *text =
	    str_printf("PowerShell is not installed on node n1: there is no pwsh in %s", dir);

	(void)state;
	an_order(&order, "POWERSHELLCOMMAND", "Get-Date", NULL);
	assert_int_equal(job_command_build(&order, &node, &command, &err), 0);
	assert_string_equal(command.program, program);
	job_command_free(&command);
	remove_program(str_dup(dir), "powershell");
	assert_int_equal(job_command_build(&order, &node, &command, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_string_equal(err.text, text);
	job_order_free(&order);
	free(program);
	free(text);
	free(dir);
}

static void
java_jobs_are_refused_with_the_reason(void **state)
{
	static const char *const types[] = { "FS", "MAVEN", "MEMORY" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct job_command command = JOB_COMMAND_INIT;
		struct err err = ERR_INIT;
		struct job_order order;
		char *text =
		    str_printf("path type %s needs a Java runner, which this node does not "
			       "have",
			       types[i]);

		an_order(&order, types[i], "a.jar", NULL);
		assert_int_equal(job_command_build(&order, &a_node, &command, &err), -1);
		assert_string_equal(err.text, text);
		job_order_free(&order);
		free(text);
	}
}

static void
parameters_come_in_as_hexadecimal_pairs(void **state)
{
	struct err err = ERR_INIT;
	struct job_order order;

	(void)state;
	job_order_init(&order, 1, 1);
	assert_int_equal(job_order_read_parameters(&order, "", &err), 0);
	assert_int_equal(order.n_parameters, 0);
	job_order_free(&order);

	job_order_init(&order, 1, 1);
	assert_int_equal(job_order_read_parameters(&order, "61=3120 62=c3a9", &err), 0);
	assert_int_equal(order.n_parameters, 2);
	assert_string_equal(order.parameters[0].key, "a");
	assert_string_equal(order.parameters[0].value, "1 ");
	assert_string_equal(order.parameters[1].value, "\xc3\xa9");
	job_order_free(&order);

	static const char *const bad[] = { "61", "6=31", "61=3", "zz=31", "61=3100", "61=31  " };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		job_order_init(&order, 1, 1);
		assert_int_equal(job_order_read_parameters(&order, bad[i], &err), -1);
		assert_int_equal(order.n_parameters, 0);
		job_order_free(&order);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_a_shell_command_are_arguments),
		cmocka_unit_test(a_command_gets_arguments_only_where_some_can_follow),
		cmocka_unit_test(an_executable_is_found_and_gets_each_value_whole),
		cmocka_unit_test(the_path_of_the_node_is_where_programs_are_looked_up),
		cmocka_unit_test(powershell_reads_the_values_from_variables),
		cmocka_unit_test(powershell_has_two_names_and_its_absence_is_told),
		cmocka_unit_test(java_jobs_are_refused_with_the_reason),
		cmocka_unit_test(parameters_come_in_as_hexadecimal_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
