/* SPDX-License-Identifier: Apache-2.0 */
/* cli/files.c: jqm files. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/wire_object.h"
#include "model/deliverable.h"
#include "model/memory.h"

enum { GUID_WIDTH = 36, BYTES_WIDTH = 12 };

static void
print_files(const struct deliverable *files, size_t len)
{
	(void)printf("%-*s %*s %s\n", GUID_WIDTH, "GUID", BYTES_WIDTH, "BYTES", "NAME");
	for (size_t i = 0; i < len; i++) {
		output_column(stdout, files[i].random_id == NULL ? "" : files[i].random_id,
			      GUID_WIDTH);
		(void)printf(" %*" PRId64 " ", BYTES_WIDTH, files[i].size_bytes);
		if (files[i].original_name != NULL)
			output_text(stdout, files[i].original_name);
		(void)putchar('\n');
	}
}

int
cli_files(struct cli *cli, int argc, char **argv)
{
	struct args args;
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	struct err err = ERR_INIT;
	struct wire_items files;
	struct pool pool;
	struct api *api;
	int64_t id;
	int code = CLI_OK;

	args_init(&args, cli, argc, argv, NULL, 0);
	if (args_one_job(&args, &id) == -1)
		return args.exit_code;
	pool_init(&pool);
	api = api_open(cli, &err);
	if (api == NULL || api_files(api, id, &pool.memory, &files, &json, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else
		print_files(files.items, files.len);
	api_close(api);
	pool_free(&pool);
	buf_free(&json);
	return code;
}
