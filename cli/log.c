/* SPDX-License-Identifier: Apache-2.0 */
/* cli/log.c: jqm log. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/job_watch.h"
#include "cli/out_stream.h"
#include "cli/verbs.h"
#include "model/job_instance.h"
#include "model/memory.h"

enum { STDERR_LOG, FOLLOW, OPTIONS_LEN };

/* The chosen log to standard output: 0, or -1. */
static int
show(struct cli *cli, struct api *api, int64_t id, bool stderr_log, bool go_on, struct err *err)
{
	struct out_stream out;
	struct job_watch watch = { .cli = cli, .api = api, .id = id };
	struct job_instance job;
	struct pool pool;
	int rc;

	out_stream_init(&out, STDOUT_FILENO);
	if (!go_on)
		return job_log_show(api, id, stderr_log, &out, err);
	pool_init(&pool);
	if (stderr_log)
		watch.err_out = &out;
	else
		watch.out = &out;
	rc = job_watch(&watch, &pool.memory, &job, NULL, err);
	pool_free(&pool);
	return rc;
}

int
cli_log(struct cli *cli, int argc, char **argv)
{
	static const struct args_option options[] = { { "stderr", 'e', false },
						      { "follow", 'f', false } };
	bool chosen[OPTIONS_LEN] = { false, false };
	struct args args;
	struct err err = ERR_INIT;
	struct api *api;
	const char *word = NULL;
	int64_t id;
	int option, code = CLI_OK;

	args_init(&args, cli, argc, argv, options, OPTIONS_LEN);
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option != ARGS_WORD)
			chosen[option] = true;
		else if (word != NULL)
			return cli_usage(cli, "only one job id is expected");
		else
			word = args.value;
	}
	if (word == NULL)
		return cli_usage(cli, "a job id is missing");
	if (cli->json)
		return cli_usage(cli, "a log is bytes: there is no --json");
	if (args_job_id(&args, word, &id) == -1)
		return args.exit_code;
	api = api_open(cli, &err);
	if (api == NULL || show(cli, api, id, chosen[STDERR_LOG], chosen[FOLLOW], &err) == -1)
		code = cli_fail(cli, &err);
	api_close(api);
	return code;
}
