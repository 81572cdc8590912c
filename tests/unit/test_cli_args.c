/* SPDX-License-Identifier: Apache-2.0 */
/* cli/args.c and the verb table: what a user types becomes options and words, or a usage error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/verbs.h"

static const struct args_option options[] = {
	{ "parameter", 'p', true },
	{ "queue", 'q', true },
	{ "held", 0, false },
};
enum { PARAMETER, QUEUE, HELD };

#define ARGV(...)                                          \
	(char *[])                                         \
	{                                                  \
		(char[20]){ "enqueue" }, __VA_ARGS__, NULL \
	}
#define W(text) ((char[40]){ text })

static int
count(char **argv)
{
	int n = 0;

	while (argv[n] != NULL)
		n++;
	return n;
}

static void
start(struct args *args, struct cli *cli, char **argv)
{
	*cli = (struct cli){ .verb = "enqueue" };
	args_init(args, cli, count(argv), argv, options, sizeof(options) / sizeof(options[0]));
}

static void
assert_option(struct args *args, int option, const char *value)
{
	assert_int_equal(args_next(args), option);
	if (value == NULL)
		assert_null(args->value);
	else
		assert_string_equal(args->value, value);
}

static void
options_are_read_in_each_way_to_write_them(void **state)
{
	struct cli cli;
	struct args args;

	(void)state;
	start(&args, &cli,
	      ARGV(W("-p"), W("a=1"), W("-pb=2"), W("--parameter"), W("c=3"), W("--parameter=d=4"),
		   W("NAME"), W("--queue="), W("--held")));
	assert_option(&args, PARAMETER, "a=1");
	assert_option(&args, PARAMETER, "b=2");
	assert_option(&args, PARAMETER, "c=3");
	assert_option(&args, PARAMETER, "d=4");
	assert_option(&args, ARGS_WORD, "NAME");
	assert_option(&args, QUEUE, "");
	assert_option(&args, HELD, NULL);
	assert_int_equal(args_next(&args), ARGS_END);
	assert_int_equal(args_next(&args), ARGS_END);
}

static void
a_value_may_look_like_an_option(void **state)
{
	struct cli cli;
	struct args args;

	(void)state;
	start(&args, &cli, ARGV(W("-p"), W("--held"), W("-q"), W("--"), W("-")));
	assert_option(&args, PARAMETER, "--held");
	assert_option(&args, QUEUE, "--");
	assert_option(&args, ARGS_WORD, "-");
	assert_int_equal(args_next(&args), ARGS_END);
}

static void
two_dashes_end_the_options(void **state)
{
	struct cli cli;
	struct args args;

	(void)state;
	start(&args, &cli, ARGV(W("--"), W("--held"), W("--"), W("-p")));
	assert_option(&args, ARGS_WORD, "--held");
	assert_option(&args, ARGS_WORD, "--");
	assert_option(&args, ARGS_WORD, "-p");
	assert_int_equal(args_next(&args), ARGS_END);
}

static void
common_options_may_stand_anywhere(void **state)
{
	struct cli cli;
	struct args args;

	(void)state;
	start(&args, &cli, ARGV(W("--json"), W("NAME"), W("--home=/h"), W("--config"), W("f")));
	assert_option(&args, ARGS_WORD, "NAME");
	assert_int_equal(args_next(&args), ARGS_END);
	assert_true(cli.json);
	assert_string_equal(cli.home, "/h");
	assert_string_equal(cli.config_path, "f");
}

static void
wrong_options_are_usage_errors(void **state)
{
	char **const cases[] = {
		ARGV(W("--nope")),   ARGV(W("-x")),
		ARGV(W("-p")),       ARGV(W("--queue")),
		ARGV(W("--held=1")), ARGV(W("--hel")),
		ARGV(W("--heldx")),  ARGV(W("--json=yes")),
		ARGV(W("--home")),   ARGV(W("--passwordx"), W("secret")),
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cli cli;
		struct args args;

		print_message("case: %s\n", cases[i][1]);
		start(&args, &cli, cases[i]);
		assert_int_equal(args_next(&args), ARGS_STOP);
		assert_int_equal(args.exit_code, CLI_USAGE);
	}
}

static void
one_job_is_one_job(void **state)
{
	struct cli cli;
	struct args args;
	int64_t id = 0;

	(void)state;
	start(&args, &cli, ARGV(W("7"), W("--json")));
	assert_int_equal(args_one_job(&args, &id), 0);
	assert_int_equal(id, 7);
	start(&args, &cli, ARGV(W("--json")));
	assert_int_equal(args_one_job(&args, &id), -1);
	assert_int_equal(args.exit_code, CLI_USAGE);
	start(&args, &cli, ARGV(W("7"), W("8")));
	assert_int_equal(args_one_job(&args, &id), -1);
	assert_int_equal(args.exit_code, CLI_USAGE);
	start(&args, &cli, ARGV(W("x")));
	assert_int_equal(args_one_job(&args, &id), -1);
	assert_int_equal(args.exit_code, CLI_USAGE);
}

static void
a_job_id_is_a_positive_number(void **state)
{
	static const char *const wrong[] = {
		"", "0", "-1", "1x", " 1", "9223372036854775808", "a"
	};
	struct cli cli;
	struct args args;
	int64_t id = 0;

	(void)state;
	start(&args, &cli, ARGV(W("1")));
	assert_int_equal(args_job_id(&args, "9223372036854775807", &id), 0);
	assert_true(id == INT64_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		print_message("case: \"%s\"\n", wrong[i]);
		assert_int_equal(args_job_id(&args, wrong[i], &id), -1);
		assert_int_equal(args.exit_code, CLI_USAGE);
	}
}

static void
a_word_chooses_its_row_or_none(void **state)
{
	static const struct {
		const char *word;
		int number;
	} rows[] = { { "list", 1 }, { "lists", 2 }, { "show", 3 } };

	(void)state;
	assert_int_equal(args_choice("list", rows, 3, sizeof(rows[0])), 0);
	assert_int_equal(args_choice("lists", rows, 3, sizeof(rows[0])), 1);
	assert_int_equal(args_choice("show", rows, 3, sizeof(rows[0])), 2);
	assert_int_equal(args_choice("show", rows, 2, sizeof(rows[0])), 2);
	assert_int_equal(args_choice("", rows, 3, sizeof(rows[0])), 3);
	assert_int_equal(args_choice("lis", rows, 3, sizeof(rows[0])), 3);
}

static void
options_before_the_verb_are_for_all_verbs(void **state)
{
	struct cli cli = { .verb = "" };
	char **argv = ARGV(W("--home"), W("/h"), W("--json"), W("jobs"), W("--active"));

	(void)state;
	assert_int_equal(args_leading(&cli, count(argv), argv), 4);
	assert_string_equal(cli.home, "/h");
	assert_true(cli.json);

	/* What follows the verb is the verb's own: psql takes any option. */
	cli = (struct cli){ .verb = "" };
	argv = ARGV(W("psql"), W("-X"));
	assert_int_equal(args_leading(&cli, count(argv), argv), 1);

	argv = ARGV(W("--version"));
	assert_int_equal(args_leading(&cli, count(argv), argv), 1);
	assert_string_equal(argv[1], "version");
	argv = ARGV(W("-h"));
	assert_int_equal(args_leading(&cli, count(argv), argv), 1);
	assert_string_equal(argv[1], "help");

	argv = ARGV(W("--config=f"));
	assert_int_equal(args_leading(&cli, count(argv), argv), 2); /* no verb */
	argv = ARGV(W("--home"));
	assert_int_equal(args_leading(&cli, count(argv), argv), -1);
	argv = ARGV(W("--frob"), W("jobs"));
	assert_int_equal(args_leading(&cli, count(argv), argv), -1);
}

static void
each_verb_is_found_once_and_describes_itself(void **state)
{
	const struct cli_verb *verb;

	(void)state;
	for (size_t i = 0; (verb = cli_verb_nth(i)) != NULL; i++) {
		assert_ptr_equal(cli_verb_find(verb->name), verb);
		assert_non_null(verb->run);
		assert_non_null(verb->synopsis);
		/* Fits a line of the help. */
		assert_in_range(strlen(verb->summary), 1, 68);
	}
	assert_null(cli_verb_find("frobnicate"));
	assert_null(cli_verb_find(""));
	assert_non_null(cli_verb_find("enqueue"));
}

/* Wrong command lines are refused before anything is read, asked or sent. */
static void
verbs_refuse_wrong_command_lines(void **state)
{
	char **const cases[] = {
		ARGV(W("A"), W("B")),
		ARGV(W("A"), W("-p"), W("novalue")),
		ARGV(W("A"), W("-p"), W("=v")),
		ARGV(W("A"), W("--priority"), W("11")),
		ARGV(W("A"), W("--parent"), W("x")),
		ARGV(W("A"), W("--run-after"), W("tomorrow")),
		ARGV(W("A"), W("--held"), W("--run-after"), W("2030-01-01")),
		ARGV(W("A"), W("--follow"), W("--json")),
		ARGV(W("--wait")),
	};
	struct cli cli = { .verb = "enqueue" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: %zu\n", i);
		assert_int_equal(cli_enqueue(&cli, count(cases[i]), cases[i]), CLI_USAGE);
	}
	assert_int_equal(cli_job(&cli, 2, ARGV(W("x"))), CLI_USAGE);
	assert_int_equal(cli_jobs(&cli, 2, ARGV(W("x"))), CLI_USAGE);
	assert_int_equal(cli_log(&cli, 3, ARGV(W("1"), W("2"))), CLI_USAGE);
	assert_int_equal(cli_files(&cli, 2, ARGV(W("0"))), CLI_USAGE);
	assert_int_equal(cli_get(&cli, 2, ARGV(W("../x"))), CLI_USAGE);
	assert_int_equal(cli_get(&cli, 2, ARGV(W("a?b&c"))), CLI_USAGE);
	assert_int_equal(cli_kill(&cli, 2, ARGV(W("-1"))), CLI_USAGE);
	assert_int_equal(cli_import(&cli, 2, ARGV(W("--force"))), CLI_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_in_each_way_to_write_them),
		cmocka_unit_test(a_value_may_look_like_an_option),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(common_options_may_stand_anywhere),
		cmocka_unit_test(wrong_options_are_usage_errors),
		cmocka_unit_test(one_job_is_one_job),
		cmocka_unit_test(a_job_id_is_a_positive_number),
		cmocka_unit_test(a_word_chooses_its_row_or_none),
		cmocka_unit_test(options_before_the_verb_are_for_all_verbs),
		cmocka_unit_test(each_verb_is_found_once_and_describes_itself),
		cmocka_unit_test(verbs_refuse_wrong_command_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
