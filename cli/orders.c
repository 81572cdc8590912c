/* SPDX-License-Identifier: Apache-2.0 */
/* cli/orders.c: jqm kill, jqm cancel. */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/verbs.h"

/* Give the order to the job named; the exit code. */
static int
give(struct cli *cli, int argc, char **argv, const char *order)
{
	struct args args;
	struct err err = ERR_INIT;
	struct api *api;
	int64_t id;
	int code = CLI_OK;

	args_init(&args, cli, argc, argv, NULL, 0);
	if (args_one_job(&args, &id) == -1)
		return args.exit_code;
	api = api_open(cli, &err);
	if (api == NULL || api_order(api, order, id, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		(void)printf("{\"id\":%" PRId64 ",\"order\":\"%s\"}\n", id, order);
	api_close(api);
	return code;
}

int
cli_kill(struct cli *cli, int argc, char **argv)
{
	return give(cli, argc, argv, "killed");
}

int
cli_cancel(struct cli *cli, int argc, char **argv)
{
	return give(cli, argc, argv, "cancelled");
}
