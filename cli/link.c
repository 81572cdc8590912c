/* SPDX-License-Identifier: Apache-2.0 */
/* cli/link.c: jqm link GUID [--for AGE] [--revoke]. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "model/file_link.h"
#include "model/memory.h"

static const struct args_option options[] = {
	{ .name = "for", .has_value = true },
	{ .name = "revoke" },
};

struct wish {
	const char *file;
	int64_t seconds; /* 0: as the server likes */
	bool revoke;
};

static void
print(const struct cli *cli, const struct wish *wish, const char *url, const struct file_link *link,
      const struct buf *json)
{
	if (cli->json) {
		output_document(stdout, buf_text(json), json->len);
	} else if (wish->revoke) {
		output_text(stdout, buf_text(json));
		(void)puts(" links revoked");
	} else {
		output_text(stdout, url);
		(void)putchar('\n');
		(void)fputs("until ", stderr);
		output_time(stderr, link->expires_at.us);
		(void)fputc('\n', stderr);
	}
}

static int
run(struct cli *cli, const struct wish *wish)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	struct err err = ERR_INIT;
	struct file_link link = { NULL, { false, 0 } };
	struct pool pool;
	struct api *api;
	char *url = NULL;
	int rc = -1, code = CLI_OK;

	pool_init(&pool);
	api = api_open(cli, &err);
	if (api != NULL && wish->revoke)
		rc = api_links_revoke(api, wish->file, &json, &err);
	else if (api != NULL)
		rc = api_link(api, wish->file, wish->seconds, &pool.memory, &link, &url, &json,
			      &err);
	if (rc == -1)
		code = cli_fail(cli, &err);
	else
		print(cli, wish, url, &link, &json);
	api_close(api);
	free(url);
	pool_free(&pool);
	buf_free(&json);
	return code;
}

int
cli_link(struct cli *cli, int argc, char **argv)
{
	struct wish wish = { NULL, 0, false };
	struct args args;

	args_init(&args, cli, argc, argv, options, sizeof(options) / sizeof(options[0]));
	for (;;) {
		switch (args_next(&args)) {
		case 0:
			if (num_age_s(args.value, &wish.seconds) == -1)
				return cli_usage(cli, "--for: " NUM_AGE_WANTED);
			break;
		case 1:
			wish.revoke = true;
			break;
		case ARGS_END:
			if (wish.file == NULL)
				return cli_usage(cli, "the GUID of a file is missing");
			if (wish.revoke && wish.seconds != 0)
				return cli_usage(cli, "--for and --revoke exclude each other");
			return run(cli, &wish);
		case ARGS_WORD:
			if (wish.file != NULL)
				return cli_usage(cli, "only one GUID is expected");
			wish.file = args.value;
			break;
		default:
			return args.exit_code;
		}
	}
}
