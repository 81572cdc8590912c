/* SPDX-License-Identifier: Apache-2.0 */
/* cli/import.c: jqm import. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/doc_json.h"
#include "model/job_def.h"
#include "model/memory.h"

#define DESCRIPTOR_MAX (64u * 1024 * 1024) /* the server's own limit is lower and says so */

static void
print_report(const struct job_def_import *report)
{
	for (size_t i = 0; i < report->queues.len; i++) {
		(void)fputs("created queue ", stdout);
		output_text(stdout, report->queues.items[i]);
		(void)putchar('\n');
	}
	for (size_t i = 0; i < report->definitions.len; i++) {
		(void)printf("%s definition ", report->definitions.items[i].result == IMPORT_CREATED
						   ? "created"
						   : "updated");
		output_text(stdout, report->definitions.items[i].name);
		(void)putchar('\n');
	}
}

/* One file to the server; its report to standard output, or to json.  -1 with err. */
static int
import_file(struct cli *cli, struct api *api, const char *path, struct buf *json, struct err *err)
{
	struct buf xml = BUF_INIT(DESCRIPTOR_MAX);
	struct job_def_import report;
	struct pool pool;
	int rc;

	pool_init(&pool);
	if (strcmp(path, "-") == 0)
		rc = fd_read_all(STDIN_FILENO, &xml, err);
	else
		rc = fd_read_file(path, &xml, err);
	if (rc == -1 && err->kind == ERR_NOT_FOUND)
		err->kind = ERR_INVALID; /* our file, not an object of the server's */
	if (rc == 0) {
		buf_puts(json, json->len == 0 ? "[{\"file\":" : ",{\"file\":");
		doc_json_write_text(path, json);
		buf_puts(json, ",\"report\":");
		rc = api_import(api, buf_text(&xml), xml.len, &pool.memory, &report, json, err);
		buf_putc(json, '}');
		if (rc == -1)
			(void)err_prefix(err, "%s", path);
	}
	if (rc == 0 && !cli->json)
		print_report(&report);
	pool_free(&pool);
	buf_free(&xml);
	return rc;
}

/* The files named, in order; stops at the first that fails. */
static int
import_all(struct cli *cli, char *const *paths, size_t len)
{
	struct buf json = BUF_INIT(DESCRIPTOR_MAX);
	struct err err = ERR_INIT;
	struct api *api = api_open(cli, &err);
	int code = CLI_OK;

	if (api == NULL) {
		code = cli_fail(cli, &err);
		goto cleanup;
	}
	for (size_t i = 0; i < len; i++) {
		if (import_file(cli, api, paths[i], &json, &err) == 0)
			continue;
		code = cli_fail(cli, &err);
		if (i + 1 < len)
			(void)fprintf(stderr, "jqm import: %zu more files were not imported\n",
				      len - i - 1);
		goto cleanup;
	}
	if (cli->json) {
		buf_putc(&json, ']');
		output_document(stdout, buf_text(&json), json.len);
	}

cleanup:
	api_close(api);
	buf_free(&json);
	return code;
}

int
cli_import(struct cli *cli, int argc, char **argv)
{
	struct args args;
	size_t len = 0;
	int option;

	args_init(&args, cli, argc, argv, NULL, 0);
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		/* Words move to the front: never more of them than arguments read. */
		argv[len++] = argv[args.at - 1];
	}
	if (len == 0)
		return cli_usage(cli, "a FILE is missing");
	return import_all(cli, argv, len);
}
