/* SPDX-License-Identifier: Apache-2.0 */
/* cli/purge.c: jqm purge --older-than AGE [--dry-run]. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/docs.h"
#include "model/memory.h"
#include "model/purge.h"

static const struct args_option options[] = {
	{ .name = "older-than", .has_value = true },
	{ .name = "dry-run", .letter = 'n' },
};

static int
order(struct cli *cli, int64_t age_s, bool dry_run)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	struct err err = ERR_INIT;
	struct purge purge;
	struct pool pool;
	struct api *api;
	int code = CLI_OK;

	pool_init(&pool);
	api = api_open(cli, &err);
	if (api == NULL || api_purge(api, age_s, dry_run, &pool.memory, &purge, &json, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else
		(void)printf("%" PRId64 " jobs %s\n", purge.jobs,
			     purge.dry_run ? "would be purged" : "are being purged");
	api_close(api);
	pool_free(&pool);
	buf_free(&json);
	return code;
}

int
cli_purge(struct cli *cli, int argc, char **argv)
{
	struct args args;
	int64_t age_s = 0;
	bool dry_run = false;

	args_init(&args, cli, argc, argv, options, sizeof(options) / sizeof(options[0]));
	for (;;) {
		switch (args_next(&args)) {
		case 0:
			if (num_age_s(args.value, &age_s) == -1)
				return cli_usage(cli, "--older-than: " NUM_AGE_WANTED);
			break;
		case 1:
			dry_run = true;
			break;
		case ARGS_END:
			if (age_s == 0)
				return cli_usage(cli, "--older-than is missing");
			return order(cli, age_s, dry_run);
		case ARGS_WORD:
			return cli_usage(cli, "\"%s\" is too much", args.value);
		default:
			return args.exit_code;
		}
	}
}
