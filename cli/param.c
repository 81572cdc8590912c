/* SPDX-License-Identifier: Apache-2.0 */
/* cli/param.c: jqm param get KEY, set KEY VALUE; the rest is admin.c's. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/admin.h"
#include "model/memory.h"

#define PATH "/ws/admin/prm"

/* The value on a line of its own; with --json the row as the server has it. */
static void
print(const struct admin_parameter *parameter, bool as_json)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);

	if (as_json) {
		doc_json_write(&admin_parameter_doc, parameter, &(struct doc_json_style){ true },
			       &json);
		output_document(stdout, buf_text(&json), json.len);
	} else {
		output_text(stdout, parameter->value);
		(void)putchar('\n');
	}
	buf_free(&json);
}

static int
get(const struct cli *cli, struct api *api, const char *key, struct err *err)
{
	struct wire_items list;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = api_get(api, PATH, &admin_parameter_doc, true, &pool.memory, &list, NULL, err);
	if (rc == 0) {
		const struct admin_parameter *parameters = list.items;
		size_t i = 0;

		while (i < list.len && strcmp(parameters[i].key, key) != 0)
			i++;
		if (i == list.len)
			rc = err_set(err, ERR_NOT_FOUND, "there is no parameter \"%.*s\"",
				     STR_CUT(key, 100));
		else
			print(&parameters[i], cli->json);
	}
	pool_free(&pool);
	return rc;
}

static int
set(struct api *api, const char *key, const char *value, struct err *err)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	int rc;

	buf_puts(&json, "{\"key\":");
	doc_json_write_text(key, &json);
	buf_puts(&json, ",\"value\":");
	doc_json_write_text(value, &json);
	buf_putc(&json, '}');
	rc = buf_check(&json, err);
	if (rc == 0)
		rc = api_send(api, "POST", PATH, json.data, err);
	buf_free(&json);
	return rc;
}

int
cli_param(struct cli *cli, int argc, char **argv)
{
	const char *words[3] = { NULL, NULL, NULL };
	const char *word = args_first_word(argc, argv);
	struct err err = ERR_INIT;
	struct api *api;
	bool sets;
	int code;

	if (strcmp(word, "get") != 0 && strcmp(word, "set") != 0)
		return cli_admin(cli, argc, argv);
	if (args_words(cli, argc, argv, words, 3, &code) == -1)
		return code;
	sets = strcmp(words[0], "set") == 0;
	if (words[1] == NULL || sets != (words[2] != NULL))
		return cli_usage(cli, sets ? "set takes a key and a value" : "get takes a key");
	api = api_open(cli, &err);
	if (api == NULL ||
	    (sets ? set(api, words[1], words[2], &err) : get(cli, api, words[1], &err)) == -1)
		code = cli_fail(cli, &err);
	else
		code = CLI_OK;
	api_close(api);
	return code;
}
