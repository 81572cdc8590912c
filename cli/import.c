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
#include "codec/xml_around.h"
#include "codec/xml_fields.h"
#include "codec/xml_reader.h"
#include "model/memory.h"
#include "model/transfer.h"

#define FILE_MAX (64u * 1024 * 1024) /* the server's own limit is lower and says so */

/* Which door a file belongs to; what cannot be read is for the server to judge. */
static const char *
path_of(const struct buf *xml, struct memory *memory)
{
	struct xml_element *root;
	struct err ignored = ERR_INIT;

	if (xml_read(buf_text(xml), xml->len, memory, &root, &ignored) == -1)
		return "/ws/admin/jd/xml";
	if (strcmp(root->name, "jqm") != 0 && xml_holds(root, "queue"))
		return "/ws/admin/q/xml";
	if (strcmp(root->name, "resources") == 0 ||
	    (strcmp(root->name, "jqm") != 0 && xml_holds(root, "resource")))
		return "/ws/admin/jndi/xml";
	if (strcmp(root->name, "queues") == 0)
		return "/ws/admin/q/xml";
	if (strcmp(root->name, "jqm") != 0 || root->children == NULL ||
	    xml_child(root, "jar") != NULL || xml_child(root, "context") != NULL)
		return "/ws/admin/jd/xml";
	return "/ws/admin/configuration/xml";
}

static void
print_value(const char *text)
{
	if (text == NULL) {
		(void)fputs("nothing", stdout);
		return;
	}
	(void)putchar('"');
	output_text(stdout, text);
	(void)putchar('"');
}

static void
print_report(const struct transfer_report *report)
{
	static const char *const done[] = { "", "created", "updated", "unchanged", "skipped" };
	static const char *const would[] = { "", "would create", "would update", "unchanged",
					     "would skip" };

	for (size_t i = 0; i < report->objects.len; i++) {
		const struct transfer_object *object = &report->objects.items[i];

		(void)printf("%s %s ", (report->dry_run ? would : done)[object->result],
			     object->kind);
		output_text(stdout, object->name);
		(void)putchar('\n');
		for (size_t j = 0; j < object->changes.len; j++) {
			(void)fputs("    ", stdout);
			output_text(stdout, object->changes.items[j].field);
			(void)fputs(": from ", stdout);
			print_value(object->changes.items[j].was);
			(void)fputs(" to ", stdout);
			print_value(object->changes.items[j].becomes);
			(void)putchar('\n');
		}
	}
}

/* Each, unless it is the one that the err tells. */
static void
print_problems(const char *path, const struct text_list *problems)
{
	for (size_t i = 0; problems->len > 1 && i < problems->len; i++) {
		output_text(stderr, path);
		(void)fputs(": ", stderr);
		output_text(stderr, problems->items[i]);
		(void)fputc('\n', stderr);
	}
}

/* One file to the server; its report to standard output, or to json.  -1 with err. */
static int
import_file(struct cli *cli, struct api *api, const char *path, bool dry_run, struct buf *json,
	    struct err *err)
{
	struct buf xml = BUF_INIT(FILE_MAX);
	struct text_list problems = { NULL, 0 };
	struct transfer_report report;
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
		rc = api_import(api,
				memory_printf(&pool.memory, "%s%s", path_of(&xml, &pool.memory),
					      dry_run ? "?dryRun=true" : ""),
				buf_text(&xml), xml.len, &pool.memory, &report, &problems, json,
				err);
		buf_putc(json, '}');
		print_problems(path, &problems);
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
import_all(struct cli *cli, char *const *paths, size_t len, bool dry_run)
{
	struct buf json = BUF_INIT(FILE_MAX);
	struct err err = ERR_INIT;
	struct api *api = api_open(cli, &err);
	int code = CLI_OK;

	if (api == NULL) {
		code = cli_fail(cli, &err);
		goto cleanup;
	}
	for (size_t i = 0; i < len; i++) {
		if (import_file(cli, api, paths[i], dry_run, &json, &err) == 0)
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
	static const struct args_option options[] = { { "dry-run", 'n', false } };
	struct args args;
	bool dry_run = false;
	size_t len = 0;
	int option;

	args_init(&args, cli, argc, argv, options, sizeof(options) / sizeof(options[0]));
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option == 0)
			dry_run = true;
		else /* Words move to the front: never more of them than arguments read. */
			argv[len++] = argv[args.at - 1];
	}
	if (len == 0)
		return cli_usage(cli, "a FILE is missing");
	return import_all(cli, argv, len, dry_run);
}
