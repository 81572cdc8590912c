/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/one_job.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"

int
one_job_do(struct cli *cli, int argc, char **argv,
	   int (*work)(struct one_job *job, struct err *err))
{
	struct one_job job = { .cli = cli, .json = BUF_INIT(HTTP_BODY_MAX) };
	struct err err = ERR_INIT;
	struct args args;
	int code = CLI_OK;

	args_init(&args, cli, argc, argv, NULL, 0);
	if (args_one_job(&args, &job.id) == -1)
		return args.exit_code;
	pool_init(&job.pool);
	job.api = api_open(cli, &err);
	if (job.api == NULL || work(&job, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		output_document(stdout, buf_text(&job.json), job.json.len);
	api_close(job.api);
	pool_free(&job.pool);
	buf_free(&job.json);
	return code;
}
