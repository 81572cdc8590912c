/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include <string.h>

#include "base/num.h"
#include "cli/cli.h"

static const struct args_option common[] = {
	{ "config", 0, true },
	{ "home", 0, true },
	{ "json", 0, false },
	{ "help", 'h', false },
};
enum { COMMON_CONFIG, COMMON_HOME, COMMON_JSON, COMMON_HELP, COMMON_LEN };

void
args_init(struct args *args, struct cli *cli, int argc, char **argv,
	  const struct args_option *options, size_t options_len)
{
	*args = (struct args){ .cli = cli,
			       .argc = argc,
			       .argv = argv,
			       .options = options,
			       .options_len = options_len,
			       .at = 1 };
}

/* The option arg names ("--queue", "--queue=x", "-q", "-qx"), or NULL; *rest_out is the value within. */
static const struct args_option *
find(const struct args_option *options, size_t len, char *arg, char **rest_out)
{
	for (size_t i = 0; i < len; i++) {
		size_t name_len = strlen(options[i].name);

		if (strncmp(arg, "--", 2) == 0) {
			if (strncmp(arg + 2, options[i].name, name_len) != 0)
				continue;
			if (arg[2 + name_len] == '\0') {
				*rest_out = NULL;
				return &options[i];
			}
			if (arg[2 + name_len] == '=') {
				*rest_out = arg + 2 + name_len + 1;
				return &options[i];
			}
		} else if (options[i].letter != 0 && arg[1] == options[i].letter) {
			*rest_out = arg[2] == '\0' ? NULL : arg + 2;
			return &options[i];
		}
	}
	return NULL;
}

const char *
args_first_word(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const struct args_option *option;
		char *rest = NULL;

		if (argv[i][0] != '-' || argv[i][1] == '\0')
			return argv[i];
		option = find(common, COMMON_LEN, argv[i], &rest);
		if (option != NULL && option->has_value && rest == NULL)
			i++;
	}
	return "";
}

size_t
args_choice(const char *word, const void *rows, size_t n, size_t row_size)
{
	const char *row = rows;
	size_t i = 0;

	for (; i < n; i++, row += row_size)
		if (strcmp(*(const char *const *)(const void *)row, word) == 0)
			break;
	return i;
}

static int
stop(struct args *args, int code)
{
	args->exit_code = code;
	return ARGS_STOP;
}

/* Set args->value for an option just found at args->at; go behind it. */
static int
take_value(struct args *args, const struct args_option *option, char *rest)
{
	args->at++;
	args->value = NULL;
	if (!option->has_value) {
		if (rest != NULL)
			return stop(
			    args, cli_usage(args->cli, "option --%s takes no value", option->name));
		return 0;
	}
	if (rest == NULL) {
		if (args->at >= args->argc)
			return stop(
			    args, cli_usage(args->cli, "option --%s needs a value", option->name));
		rest = args->argv[args->at++];
	}
	args->value = rest;
	return 0;
}

/* Store a common option: 0, or ARGS_STOP. */
static int
common_option(struct args *args, const struct args_option *option)
{
	switch (option - common) {
	case COMMON_CONFIG:
		args->cli->config_path = args->value;
		return 0;
	case COMMON_HOME:
		args->cli->home = args->value;
		return 0;
	case COMMON_JSON:
		args->cli->json = true;
		return 0;
	default: {
		char verb[] = "help";
		char *argv[] = { verb, args->argv[0], NULL };

		return stop(args, cli_help(args->cli, 2, argv));
	}
	}
}

int
args_next(struct args *args)
{
	const struct args_option *option;
	char *arg, *rest = NULL;

	while (args->at < args->argc) {
		arg = args->argv[args->at];
		if (args->words_only || arg[0] != '-' || arg[1] == '\0') {
			args->at++;
			args->value = arg;
			return ARGS_WORD;
		}
		if (strcmp(arg, "--") == 0) {
			args->words_only = true;
			args->at++;
			continue;
		}
		option = find(args->options, args->options_len, arg, &rest);
		if (option != NULL) {
			if (take_value(args, option, rest) == ARGS_STOP)
				return ARGS_STOP;
			return (int)(option - args->options);
		}
		option = find(common, COMMON_LEN, arg, &rest);
		if (option == NULL)
			return stop(args, cli_usage(args->cli, "there is no option \"%s\"", arg));
		if (take_value(args, option, rest) == ARGS_STOP ||
		    common_option(args, option) == ARGS_STOP)
			return ARGS_STOP;
	}
	return ARGS_END;
}

int
args_job_id(struct args *args, const char *text, int64_t *id_out)
{
	if (num_int64(text, 1, INT64_MAX, id_out) == 0)
		return 0;
	args->exit_code = cli_usage(args->cli, "\"%s\" is no job id", text);
	return -1;
}

int
args_words(struct cli *cli, int argc, char **argv, const char **words, size_t n, int *code_out)
{
	struct args args;
	size_t given = 0;
	int option;

	*code_out = CLI_OK;
	args_init(&args, cli, argc, argv, NULL, 0);
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP) {
			*code_out = args.exit_code;
			return -1;
		}
		if (given == n) {
			*code_out =
			    cli_usage(cli, "no argument is expected behind \"%s\", not \"%s\"",
				      words[n - 1], args.value);
			return -1;
		}
		words[given++] = args.value;
	}
	return 0;
}

int
args_one_job(struct args *args, int64_t *id_out)
{
	const char *word = NULL;
	int next;

	while ((next = args_next(args)) != ARGS_END) {
		if (next != ARGS_WORD)
			return -1;
		if (word != NULL) {
			args->exit_code = cli_usage(args->cli, "only one job id is expected");
			return -1;
		}
		word = args->value;
	}
	if (word == NULL) {
		args->exit_code = cli_usage(args->cli, "a job id is missing");
		return -1;
	}
	return args_job_id(args, word, id_out);
}

int
args_leading(struct cli *cli, int argc, char **argv)
{
	static char help[] = "help", version[] = "version";
	struct args args;
	int at = 1;

	args_init(&args, cli, argc, argv, NULL, 0);
	while (at < argc) {
		if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
			argv[at] = help;
			return at;
		}
		if (strcmp(argv[at], "--version") == 0 || strcmp(argv[at], "-V") == 0) {
			argv[at] = version;
			return at;
		}
		if (argv[at][0] != '-' || argv[at][1] == '\0' || strcmp(argv[at], "--") == 0)
			return at;
		/* This option only: what follows may be the verb's. */
		args.at = at;
		args.argc = at + 2;
		if (strcmp(argv[at], "--json") == 0 || strchr(argv[at], '=') != NULL)
			args.argc = at + 1;
		if (args.argc > argc)
			args.argc = argc;
		if (args_next(&args) == ARGS_STOP)
			return -1;
		at = args.at;
	}
	return argc;
}
