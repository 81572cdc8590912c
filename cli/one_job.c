/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/one_job.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/server.h"

#define JSON_BYTES_MAX 1024 /* of ours, who say little */

int
one_job_do(struct cli *cli, int argc, char **argv,
	   int (*work)(struct one_job *job, struct err *err))
{
	struct one_job job = { .cli = cli, .json = BUF_INIT(JSON_BYTES_MAX) };
	struct err err = ERR_INIT;
	struct args args;
	int code = CLI_OK;

	args_init(&args, cli, argc, argv, NULL, 0);
	if (args_one_job(&args, &job.id) == -1)
		return args.exit_code;
	job.server = server_open(cli, &err);
	if (job.server == NULL || work(&job, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json && job.json.len > 0)
		output_document(stdout, buf_text(&job.json), job.json.len);
	else if (cli->json)
		server_print_answer(job.server);
	jqm_free(&job.server);
	buf_free(&job.json);
	return code;
}
