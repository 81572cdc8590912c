/* SPDX-License-Identifier: Apache-2.0 */
/* cli/report.c: jqm progress, jqm message: what a job says of itself, with its own token. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/num.h"
#include "cli/args.h"
#include "cli/server.h"
#include "cli/verbs.h"

/* The job we are in, or the one named by --job: 0, or -1 (already said). */
static int
find_job(struct cli *cli, const char *named, int64_t *id_out)
{
	const char *text = named != NULL ? named : getenv("JQM_JI_ID");

	if (text == NULL) {
		(void)cli_usage(cli, "this is no job (JQM_JI_ID is not set): name one with --job");
		return -1;
	}
	if (num_int64(text, 1, INT64_MAX, id_out) == -1) {
		(void)cli_usage(cli, "\"%.40s\" is not the number of a job", text);
		return -1;
	}
	return 0;
}

/* One word and --job ID: 0, or -1 and *code_out (already said). */
static int
read_arguments(struct cli *cli, int argc, char **argv, const char *what, const char **word_out,
	       int64_t *job_out, int *code_out)
{
	static const struct args_option options[] = { { "job", 'j', true } };
	const char *named = NULL;
	struct args args;
	int option;

	*word_out = NULL;
	*code_out = CLI_USAGE;
	args_init(&args, cli, argc, argv, options, 1);
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP) {
			*code_out = args.exit_code;
			return -1;
		}
		if (option == 0) {
			named = args.value;
		} else if (*word_out != NULL) {
			(void)cli_usage(cli, "only one %s is expected, not also \"%s\"", what,
					args.value);
			return -1;
		} else {
			*word_out = args.value;
		}
	}
	if (*word_out == NULL) {
		(void)cli_usage(cli, "the %s is missing", what);
		return -1;
	}
	return find_job(cli, named, job_out);
}

/* Say text or (NULL) how far it is: the exit code. */
static int
report(struct cli *cli, int64_t job, const char *text, int64_t progress)
{
	struct err err = ERR_INIT;
	struct jqm_error error;
	struct jqm *server = server_open(cli, &err);
	int rc;

	if (server == NULL)
		return cli_fail(cli, &err);
	if (text != NULL)
		rc = jqm_say(server, job, text, &error);
	else
		rc = jqm_set_progress(server, job, progress, &error);
	jqm_free(&server);
	return server_said(rc, &error, &err) == -1 ? cli_fail(cli, &err) : CLI_OK;
}

int
cli_progress(struct cli *cli, int argc, char **argv)
{
	const char *word;
	int64_t job, progress;
	int code;

	if (read_arguments(cli, argc, argv, "number", &word, &job, &code) == -1)
		return code;
	if (num_int64(word, 0, INT32_MAX, &progress) == -1)
		return cli_usage(cli, "progress must be a number from 0 to %d, not \"%s\"",
				 INT32_MAX, word);
	return report(cli, job, NULL, progress);
}

int
cli_message(struct cli *cli, int argc, char **argv)
{
	const char *text;
	int64_t job;
	int code;

	if (read_arguments(cli, argc, argv, "text", &text, &job, &code) == -1)
		return code;
	return report(cli, job, text, 0);
}
