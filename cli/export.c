/* SPDX-License-Identifier: Apache-2.0 */
/* cli/export.c: jqm export. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/out_stream.h"
#include "cli/verbs.h"
#include "codec/docs.h"
#include "model/memory.h"

#define PATH_BYTES 80

/* What can be exported, by option. */
static const struct {
	const char *path, *noun, *name_field;
	const struct wire_object *doc;
} kinds[] = {
	{ "/ws/admin/jd", "job definition", "applicationName", &admin_definition_doc },
	{ "/ws/admin/q", "queue", "name", &admin_queue_doc },
	{ "/ws/admin/jndi", "resource", "name", &admin_resource_doc },
	{ "/ws/admin/configuration", NULL, NULL, NULL },
};
static const struct args_option options[] = {
	{ "definitions", 0, false },
	{ "queues", 0, false },
	{ "resources", 0, false },
	{ "configuration", 0, false },
};

/* Where the file of the one of that name is, NULL: of all of them. */
static int
find_path(struct api *api, size_t kind, const char *name, char path[PATH_BYTES], struct err *err)
{
	struct wire_items list;
	struct pool pool;
	int rc;

	(void)snprintf(path, PATH_BYTES, "%s%s/xml", kinds[kind].path,
		       kinds[kind].doc == NULL ? "" : "/all");
	if (name == NULL)
		return 0;
	pool_init(&pool);
	rc = api_get(api, kinds[kind].path, kinds[kind].doc, true, &pool.memory, &list, NULL, err);
	if (rc == 0) {
		const struct wire_object *doc = kinds[kind].doc;
		size_t i = 0;

		while (i < list.len &&
		       strcmp(wire_text(wire_field_named(doc, kinds[kind].name_field),
					wire_item(doc, list.items, i)),
			      name) != 0)
			i++;
		if (i < list.len)
			(void)snprintf(
			    path, PATH_BYTES, "%s/%" PRId64 "/xml", kinds[kind].path,
			    wire_int64(wire_field_named(doc, "id"), wire_item(doc, list.items, i)));
		else
			rc = err_set(err, ERR_NOT_FOUND, "there is no %s \"%.*s\"",
				     kinds[kind].noun, STR_CUT(name, 100));
	}
	pool_free(&pool);
	return rc;
}

static int
print(struct api *api, size_t kind, const char *name, struct err *err)
{
	struct buf xml = BUF_INIT(API_DOCUMENT_MAX);
	struct out_stream out;
	char path[PATH_BYTES];
	int rc;

	if (find_path(api, kind, name, path, err) == -1)
		return -1;
	rc = api_get(api, path, NULL, false, NULL, NULL, &xml, err);
	if (rc == 0) {
		out_stream_init(&out, STDOUT_FILENO);
		rc = out_stream_write(&out, buf_text(&xml), xml.len, err);
		if (rc == 0)
			rc = out_stream_end(&out, err);
	}
	buf_free(&xml);
	return rc;
}

int
cli_export(struct cli *cli, int argc, char **argv)
{
	struct err err = ERR_INIT;
	const char *name = NULL;
	int kind = -1, option, code = CLI_OK;
	struct args args;
	struct api *api;

	args_init(&args, cli, argc, argv, options, sizeof(options) / sizeof(options[0]));
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option == ARGS_WORD ? name != NULL : kind != -1)
			return cli_usage(cli, "one at a time");
		if (option == ARGS_WORD)
			name = args.value;
		else
			kind = option;
	}
	kind = kind == -1 ? 0 : kind;
	if (name != NULL && kinds[kind].doc == NULL)
		return cli_usage(cli, "--configuration takes no name");
	api = api_open(cli, &err);
	if (api == NULL || print(api, (size_t)kind, name, &err) == -1)
		code = cli_fail(cli, &err);
	api_close(api);
	return code;
}
