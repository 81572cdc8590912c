/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of a job: all of JQM's, none of the runner's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "model/job_order.h"
#include "runner/job_command.h"
#include "runner/job_environment.h"

static const char *
value_of(char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; *environment != NULL; environment++)
		if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
			return *environment + len + 1;
	return NULL;
}

static size_t
times(char *const *environment, const char *name)
{
	size_t len = strlen(name), n = 0;

	for (; *environment != NULL; environment++)
		n += strncmp(*environment, name, len) == 0 && (*environment)[len] == '=';
	return n;
}

static void
set(char **text, const char *value)
{
	free(*text);
	*text = str_dup(value);
}

static char **
build(struct job_order *order, char *const *values)
{
	const struct job_environment_source source = {
		.order = order,
		.node_name = "n1",
		.node_log_level = "INFO",
		.job_repository = "/jobs",
		.temp_dir = "/tmp/x/7",
		.delivery_dir = "/tmp/x/7_delivery",
		.api_url = "http://127.0.0.1:1789",
		.values = values,
	};

	return job_environment_build(&source);
}

static void
every_variable_of_the_specification_is_there(void **state)
{
	static const char *const expected[][2] = {
		{ "JQM_JD_APPLICATION_NAME", "def" },
		{ "JQM_JD_KEYWORD_1", "dk1" },
		{ "JQM_JD_KEYWORD_2", "" },
		{ "JQM_JD_KEYWORD_3", "" },
		{ "JQM_JD_MODULE", "dm" },
		{ "JQM_JD_PRIORITY", "0" },
		{ "JQM_JI_ID", "7" },
		{ "JQM_JI_ATTEMPT", "2" },
		{ "JQM_JI_PARENT_ID", "0" },
		{ "JQM_JI_KEYWORD_1", "" },
		{ "JQM_JI_KEYWORD_2", "k2" },
		{ "JQM_JI_KEYWORD_3", "" },
		{ "JQM_JI_MODULE", "" },
		{ "JQM_JI_USER_NAME", "bob" },
		{ "JQM_JI_TEMP_DIR", "/tmp/x/7" },
		{ "JQM_JI_DELIVERY_DIR", "/tmp/x/7_delivery" },
		{ "JQM_NODE_NAME", "n1" },
		{ "JQM_NODE_APPLICATION_ROOT", "/jobs" },
		{ "JQM_NODE_LOG_LEVEL", "INFO" },
		{ "JQM_Q_NAME", "Q" },
		{ "JQM_API_LOGIN", "job-7" },
		{ "JQM_API_PASSWORD", "secret" },
		{ "JQM_API_LOCAL_URL", "http://127.0.0.1:1789" },
		{ "HOME", "/tmp/x/7" },
		{ "TMPDIR", "/tmp/x/7" },
	};
	struct job_order order;
	char **environment;

	(void)state;
	job_order_init(&order, 7, 2);
	set(&order.definition_name, "def");
	set(&order.definition_keyword[0], "dk1");
	set(&order.definition_module, "dm");
	set(&order.keyword[1], "k2");
	set(&order.user_name, "bob");
	set(&order.queue_name, "Q");
	set(&order.token, "secret");
	environment = build(&order, NULL);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const char *value = value_of(environment, expected[i][0]);

		print_message("variable: %s\n", expected[i][0]);
		assert_non_null(value);
		assert_string_equal(value, expected[i][1]);
		assert_int_equal(times(environment, expected[i][0]), 1);
	}
	assert_null(value_of(environment, "JQM_TRACE_ID"));
	job_environment_free(environment);
	job_order_free(&order);
}

static void
nothing_of_the_runner_is_inherited(void **state)
{
	struct job_order order;
	char **environment;

	(void)state;
	assert_int_equal(setenv("PGPASSWORD", "secret", 1), 0);
	assert_int_equal(setenv("LD_PRELOAD_OF_RUNNER", "x", 1), 0);
	job_order_init(&order, 7, 1);
	environment = build(&order, NULL);
	assert_null(value_of(environment, "PGPASSWORD"));
	assert_null(value_of(environment, "LD_PRELOAD_OF_RUNNER"));
	job_environment_free(environment);
	job_order_free(&order);
}

static void
of_parameters_with_one_name_the_first_counts(void **state)
{
	static const char *const pairs[][2] = { { "a-b", "1 ; $(x)" },
						{ "a.b", "2" },
						{ "\xc3\xa9", "3" },
						{ "plain", "line\nbreak" } };
	struct job_order order;
	char **environment;

	(void)state;
	job_order_init(&order, 7, 1);
	order.parameters = calloc(4, sizeof(order.parameters[0]));
	assert_non_null(order.parameters);
	order.n_parameters = 4;
	for (size_t i = 0; i < 4; i++) {
		order.parameters[i].key = str_dup(pairs[i][0]);
		order.parameters[i].value = str_dup(pairs[i][1]);
	}
	environment = build(&order, NULL);
	assert_string_equal(value_of(environment, "JQM_PARAM_a_b"), "1 ; $(x)");
	assert_int_equal(times(environment, "JQM_PARAM_a_b"), 1);
	assert_string_equal(value_of(environment, "JQM_PARAM___"), "3");
	assert_string_equal(value_of(environment, "JQM_PARAM_plain"), "line\nbreak");
	job_environment_free(environment);
	job_order_free(&order);
}

/* Far more than most have: what was put in before is still what it was. */
static void
long_values_are_there_whole(void **state)
{
	enum { N = 20, LONG = 30000 };
	char *value = calloc(1, LONG + 1);
	struct job_order order;
	char **environment;

	(void)state;
	assert_non_null(value);
	memset(value, 'x', LONG);
	job_order_init(&order, 7, 1);
	order.parameters = calloc(N, sizeof(order.parameters[0]));
	assert_non_null(order.parameters);
	order.n_parameters = N;
	for (int i = 0; i < N; i++) {
		order.parameters[i].key = str_printf("p%d", i);
		order.parameters[i].value = str_dup(i % 2 == 0 ? "short" : value);
	}
	environment = build(&order, NULL);
	assert_string_equal(value_of(environment, "JQM_JI_ID"), "7");
	assert_string_equal(value_of(environment, "JQM_PARAM_p18"), "short");
	assert_string_equal(value_of(environment, "JQM_PARAM_p19"), value);
	job_environment_free(environment);
	job_order_free(&order);
	free(value);
}

static void
the_directory_of_jqm_is_the_last_of_path(void **state)
{
	struct job_environment_source source = { .node_name = "n1",
						 .node_log_level = "INFO",
						 .job_repository = "/jobs",
						 .temp_dir = "/tmp/x/7",
						 .delivery_dir = "/tmp/x/7_delivery",
						 .api_url = "" };
	struct job_order order;
	char **environment;

	(void)state;
	job_order_init(&order, 7, 1);
	source.order = &order;
	environment = job_environment_build(&source);
	assert_string_equal(value_of(environment, "PATH"), JOB_COMMAND_PATH);
	job_environment_free(environment);
	source.program_dir = "/opt/jqm/bin";
	environment = job_environment_build(&source);
	assert_string_equal(value_of(environment, "PATH"), JOB_COMMAND_PATH ":/opt/jqm/bin");
	assert_int_equal(times(environment, "PATH"), 1);
	job_environment_free(environment);
	job_order_free(&order);
}

static void
powershell_values_are_numbered(void **state)
{
	char one[] = "x", two[] = "y z";
	char *values[] = { one, two, NULL };
	struct job_order order;
	char **environment;

	(void)state;
	job_order_init(&order, 7, 1);
	environment = build(&order, values);
	assert_string_equal(value_of(environment, "JQM_ARG_1"), "x");
	assert_string_equal(value_of(environment, "JQM_ARG_2"), "y z");
	assert_null(value_of(environment, "JQM_ARG_3"));
	job_environment_free(environment);
	job_order_free(&order);
}

/* Only of a job that has some; of the resource's name nothing can be made but a variable of that form. */
static void
items_of_the_discrete_resource_have_a_variable_named_after_it(void **state)
{
	static const char *const names[][2] = {
		{ "ports", "JQM_RM_DISCRETE_PORTS_ITEMS" },
		{ "my ports=9", "JQM_RM_DISCRETE_MY_PORTS_9_ITEMS" },
		{ "caf\xc3\xa9", "JQM_RM_DISCRETE_CAF___ITEMS" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct job_order order;
		char **environment;

		job_order_init(&order, 7, 1);
		set(&order.items_name, names[i][0]);
		environment = build(&order, NULL);
		assert_null(value_of(environment, names[i][1]));
		job_environment_free(environment);
		set(&order.items, "p1,p3");
		environment = build(&order, NULL);
		assert_string_equal(value_of(environment, names[i][1]), "p1,p3");
		job_environment_free(environment);
		job_order_free(&order);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_variable_of_the_specification_is_there),
		cmocka_unit_test(nothing_of_the_runner_is_inherited),
		cmocka_unit_test(of_parameters_with_one_name_the_first_counts),
		cmocka_unit_test(long_values_are_there_whole),
		cmocka_unit_test(the_directory_of_jqm_is_the_last_of_path),
		cmocka_unit_test(powershell_values_are_numbered),
		cmocka_unit_test(items_of_the_discrete_resource_have_a_variable_named_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
