/* SPDX-License-Identifier: Apache-2.0 */
/* cli/log.c: jqm log. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"
#include "cli/args.h"
#include "cli/job_log.h"
#include "cli/job_watch.h"
#include "cli/out_stream.h"
#include "cli/server.h"
#include "cli/verbs.h"

enum { STDERR_LOG, FOLLOW, ATTEMPT, OPTIONS_LEN };

struct wanted {
	int64_t id;
	int64_t attempt; /* 0: the newest */
	bool stderr_log, follow;
};

/* The chosen log to standard output: 0, or -1. */
static int
show(struct cli *cli, struct jqm *server, const struct wanted *wanted, struct err *err)
{
	struct out_stream out;
	struct job_watch watch = { .cli = cli, .server = server, .id = wanted->id };

	out_stream_init(&out, STDOUT_FILENO);
	if (!wanted->follow)
		return job_log_show(server, wanted->id,
				    wanted->stderr_log ? JQM_STDERR : JQM_STDOUT,
				    (int32_t)wanted->attempt, &out, err);
	if (wanted->stderr_log)
		watch.err_out = &out;
	else
		watch.out = &out;
	return job_watch(&watch, NULL, NULL, err);
}

/* One option or word: CLI_OK, or how to end. */
static int
take(struct args *args, int option, struct wanted *wanted, const char **word)
{
	switch (option) {
	case STDERR_LOG:
		wanted->stderr_log = true;
		return CLI_OK;
	case FOLLOW:
		wanted->follow = true;
		return CLI_OK;
	case ATTEMPT:
		if (num_int64(args->value, 1, INT32_MAX, &wanted->attempt) == 0)
			return CLI_OK;
		return cli_usage(args->cli, "--attempt must be a number from 1 on, not \"%s\"",
				 args->value);
	default:
		if (*word != NULL)
			return cli_usage(args->cli, "only one job id is expected");
		*word = args->value;
		return CLI_OK;
	}
}

/* True: wanted is filled; false: *code_out says how to end. */
static bool
read_arguments(struct args *args, struct wanted *wanted, int *code_out)
{
	const char *word = NULL;
	int option;

	while ((option = args_next(args)) != ARGS_END) {
		*code_out =
		    option == ARGS_STOP ? args->exit_code : take(args, option, wanted, &word);
		if (option == ARGS_STOP || *code_out != CLI_OK)
			return false;
	}
	if (word == NULL)
		*code_out = cli_usage(args->cli, "a job id is missing");
	else if (args->cli->json)
		*code_out = cli_usage(args->cli, "a log is bytes: there is no --json");
	else if (wanted->follow && wanted->attempt != 0)
		*code_out = cli_usage(args->cli, "--follow shows the newest attempt and those that "
						 "come after it: not with --attempt");
	else if (args_job_id(args, word, &wanted->id) == -1)
		*code_out = args->exit_code;
	else
		return true;
	return false;
}

int
cli_log(struct cli *cli, int argc, char **argv)
{
	static const struct args_option options[] = { [STDERR_LOG] = { "stderr", 'e', false },
						      [FOLLOW] = { "follow", 'f', false },
						      [ATTEMPT] = { "attempt", 'a', true } };
	struct wanted wanted = { .id = 0 };
	struct args args;
	struct err err = ERR_INIT;
	struct jqm *server;
	int code = CLI_OK;

	args_init(&args, cli, argc, argv, options, OPTIONS_LEN);
	if (!read_arguments(&args, &wanted, &code))
		return code;
	server = server_open(cli, &err);
	if (server == NULL || show(cli, server, &wanted, &err) == -1)
		code = cli_fail(cli, &err);
	jqm_free(&server);
	return code;
}
