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
#include "model/admin.h"
#include "model/memory.h"

#define PATH_BYTES 80

/* Where the descriptor of the definition is, NULL: of all of them. */
static int
find_path(struct api *api, const char *name, char path[PATH_BYTES], struct err *err)
{
	const struct admin_definition *definitions;
	struct wire_items list;
	struct pool pool;
	int rc;

	(void)snprintf(path, PATH_BYTES, "/ws/admin/jd/all/xml");
	if (name == NULL)
		return 0;
	pool_init(&pool);
	rc = api_get(api, "/ws/admin/jd", &admin_definition_doc, true, &pool.memory, &list, NULL,
		     err);
	definitions = list.items;
	if (rc == 0) {
		size_t i = 0;

		while (i < list.len && strcmp(definitions[i].name, name) != 0)
			i++;
		if (i < list.len)
			(void)snprintf(path, PATH_BYTES, "/ws/admin/jd/%" PRId64 "/xml",
				       definitions[i].id);
		else
			rc = err_set(err, ERR_NOT_FOUND, "there is no job definition \"%.*s\"",
				     STR_CUT(name, 100));
	}
	pool_free(&pool);
	return rc;
}

static int
print(struct api *api, const char *name, struct err *err)
{
	struct buf xml = BUF_INIT(HTTP_BODY_MAX);
	struct out_stream out;
	char path[PATH_BYTES];
	int rc;

	if (find_path(api, name, path, err) == -1)
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
	const char *words[1] = { NULL };
	struct err err = ERR_INIT;
	struct api *api;
	int code;

	if (args_words(cli, argc, argv, words, 1, &code) == -1)
		return code;
	code = CLI_OK;
	api = api_open(cli, &err);
	if (api == NULL || print(api, words[0], &err) == -1)
		code = cli_fail(cli, &err);
	api_close(api);
	return code;
}
