/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "model/version.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"

static void
say(const struct cli *cli, const char *text)
{
	(void)fprintf(stderr, "jqm%s%s: ", cli->verb[0] == '\0' ? "" : " ", cli->verb);
	output_text(stderr, text);
	(void)fputc('\n', stderr);
}

int
cli_fail(const struct cli *cli, const struct err *err)
{
	say(cli, err->text);
	switch (err->kind) {
	case ERR_NOT_FOUND:
		return CLI_NOT_FOUND;
	case ERR_DENIED:
	case ERR_BUSY:
		return CLI_NO_ACCESS;
	default:
		return CLI_FAILED;
	}
}

int
cli_usage(const struct cli *cli, const char *fmt, ...)
{
	const struct cli_verb *verb;
	char text[ERR_TEXT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(cli, text);
	verb = cli_verb_find(cli->verb);
	if (verb != NULL)
		(void)fprintf(stderr, "usage: jqm %s%s%s\n", verb->name,
			      verb->synopsis[0] == '\0' ? "" : " ", verb->synopsis);
	else
		(void)fputs("usage: jqm VERB [ARGUMENT]... (see: jqm help)\n", stderr);
	return CLI_USAGE;
}

int
cli_done(const struct cli *cli, int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (errno != EPIPE) {
		struct err err = ERR_INIT;

		(void)err_errno(&err, ERR_INTERNAL, "could not write to standard output");
		say(cli, err.text);
	}
	return code == CLI_OK ? CLI_FAILED : code;
}

static void
help_of_verb(const struct cli_verb *verb)
{
	(void)printf("usage: jqm %s%s%s\n\n%s\n", verb->name, verb->synopsis[0] == '\0' ? "" : " ",
		     verb->synopsis, verb->summary);
	if (verb->details != NULL)
		(void)printf("\n%s", verb->details);
}

static void
help_of_all(void)
{
	const struct cli_verb *verb;

	(void)fputs("usage: jqm [--config FILE] [--home D] [--json] VERB [ARGUMENT]...\n\n",
		    stdout);
	for (size_t i = 0; (verb = cli_verb_nth(i)) != NULL; i++)
		(void)printf("  %-9s %s\n", verb->name, verb->summary);
	(void)fputs(
	    "\n"
	    "The server and the account come from section [client] of a configuration file\n"
	    "(--config FILE, or D/conf/jqm.ini of --home D), else from the environment\n"
	    "(JQM_URL, JQM_USER, JQM_PASSWORD_FILE), else, inside a job, from its runner\n"
	    "(the job's own token), else from $JQM_CONFIG, else from\n"
	    "$HOME/.config/jqm/client.ini, else from conf/jqm.ini of $JQM_HOME or ./var.\n"
	    "\n"
	    "exit codes: 0 done, 1 failed, 2 wrong command line, 3 not found,\n"
	    "4 cannot reach the server or not authorised; see also: jqm help enqueue\n",
	    stdout);
}

int
cli_help(struct cli *cli, int argc, char **argv)
{
	const struct cli_verb *verb;

	if (argc > 2)
		return cli_usage(cli, "one verb at a time");
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		argv[1] = argv[0];
	if (argc < 2) {
		help_of_all();
		return CLI_OK;
	}
	verb = cli_verb_find(argv[1]);
	if (verb == NULL)
		return cli_usage(cli, "there is no verb \"%s\"", argv[1]);
	help_of_verb(verb);
	return CLI_OK;
}

int
cli_version(struct cli *cli, int argc, char **argv)
{
	struct args args;

	args_init(&args, cli, argc, argv, NULL, 0);
	switch (args_next(&args)) {
	case ARGS_END:
		break;
	case ARGS_STOP:
		return args.exit_code;
	default:
		return cli_usage(cli, "no argument is expected");
	}
	if (cli->json)
		(void)printf("{\"version\":\"%s\"}\n", JQM_VERSION);
	else
		(void)printf("jqm %s\n", JQM_VERSION);
	return CLI_OK;
}
