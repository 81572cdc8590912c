/* SPDX-License-Identifier: Apache-2.0 */
/* cli/node.c: jqm node list|health|pause|resume|stop|drain|copy; the rest is admin.c's. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/percent.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/docs.h"
#include "codec/json_out.h"
#include "model/memory.h"
#include "model/node.h"

enum { NAME_WIDTH = 24, STATE_WIDTH = 9 };
#define PATH_BYTES_MAX 8000

/* What can be ordered, and how the API calls it. */
static const struct {
	const char *word, *method, *path;
} orders[] = {
	{ "pause", "POST", "pause" },
	{ "resume", "DELETE", "pause" },
	{ "stop", "POST", "stop" },
	{ "drain", "POST", "drain" },
};
#define ORDERS (sizeof(orders) / sizeof(orders[0]))

static const char *
state_of(const struct node *node)
{
	if (!node->alive)
		return "down";
	if (node->stop)
		return "stopping";
	if (node->draining)
		return "draining";
	return node->enabled ? "up" : "paused";
}

static int
by_name(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* A table by name: the API's order is the one in which they first came up.  Sorts nodes. */
static void
print_nodes(struct node *nodes, size_t len)
{
	if (len > 0)
		qsort(nodes, len, sizeof(*nodes), by_name);
	(void)printf("%-*s %-*s %7s %s\n", NAME_WIDTH, "NODE", STATE_WIDTH, "STATE", "JOBS",
		     "LAST SEEN");
	for (size_t i = 0; i < len; i++) {
		output_column(stdout, nodes[i].name, NAME_WIDTH);
		(void)printf(" %-*s %7" PRId64 " ", STATE_WIDTH, state_of(&nodes[i]),
			     nodes[i].running_jobs);
		if (nodes[i].last_seen_alive.set)
			output_time(stdout, nodes[i].last_seen_alive.us);
		(void)putchar('\n');
	}
}

static const struct node *
find(const struct wire_items *items, const char *name)
{
	const struct node *nodes = items->items;

	for (size_t i = 0; i < items->len; i++)
		if (strcmp(nodes[i].name, name) == 0)
			return &nodes[i];
	return NULL;
}

static const struct node *
find_or_fail(struct cli *cli, const struct wire_items *nodes, const char *name, int *code_out)
{
	const struct node *node = find(nodes, name);
	struct err err = ERR_INIT;

	if (node == NULL) {
		(void)err_set(&err, ERR_NOT_FOUND, "there is no node \"%.100s\"", name);
		*code_out = cli_fail(cli, &err);
	}
	return node;
}

static int
give(struct cli *cli, struct api *api, size_t order, const struct wire_items *nodes,
     const char *name)
{
	int code = CLI_OK;
	const struct node *node = find_or_fail(cli, nodes, name, &code);
	struct err err = ERR_INIT;
	char path[80];

	if (node == NULL)
		return code;
	(void)snprintf(path, sizeof(path), "/ws/admin/node/%" PRId64 "/%s", node->id,
		       orders[order].path);
	if (api_do(api, orders[order].method, path, &err) == -1)
		return cli_fail(cli, &err);
	return CLI_OK;
}

static int
copy(struct cli *cli, struct api *api, const struct wire_items *nodes, const char *from,
     const char *to, const char *dns)
{
	int code = CLI_OK;
	const struct node *node = find_or_fail(cli, nodes, from, &code);
	struct buf path = BUF_INIT(PATH_BYTES_MAX);
	struct err err = ERR_INIT;

	if (node == NULL)
		return code;
	buf_printf(&path, "/ws/admin/node/%" PRId64 "/copy?name=", node->id);
	percent_encode(&path, to, "");
	if (dns[0] != '\0') {
		buf_puts(&path, "&dns=");
		percent_encode(&path, dns, "");
	}
	if (buf_check(&path, &err) == -1 || api_do(api, "POST", buf_text(&path), &err) == -1)
		code = cli_fail(cli, &err);
	buf_free(&path);
	return code;
}

/* Of the node whose web server is asked; for scripts and containers, which look at the exit code. */
static int
health(struct cli *cli)
{
	struct buf words = BUF_INIT(API_DOCUMENT_MAX), json = BUF_INIT(API_DOCUMENT_MAX);
	struct json_out out = { .buf = &json };
	struct err err = ERR_INIT;
	struct api *api = api_open(cli, &err);
	int code = CLI_OK;

	if (api == NULL || api_get(api, "/ws/simple/localnode/health", NULL, false, NULL, NULL,
				   &words, &err) == -1) {
		code = cli_fail(cli, &err);
	} else if (cli->json) {
		json_text(&out, NULL, buf_text(&words));
		output_document(stdout, buf_text(&json), json.len);
	} else {
		output_text(stdout, buf_text(&words));
		(void)putchar('\n');
	}
	api_close(api);
	buf_free(&json);
	buf_free(&words);
	return code;
}

int
cli_node(struct cli *cli, int argc, char **argv)
{
	const char *words[4] = { "list", NULL, NULL, NULL };
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	struct err err = ERR_INIT;
	struct wire_items nodes;
	struct pool pool;
	struct api *api;
	const char *word = args_first_word(argc, argv);
	size_t order;
	bool copies;
	int code;

	if (strcmp(word, "list") != 0 && cli_admin_has(word))
		return cli_admin(cli, argc, argv);
	if (args_words(cli, argc, argv, words, 4, &code) == -1)
		return code;
	if (strcmp(words[0], "health") == 0)
		return words[1] == NULL ? health(cli) : cli_usage(cli, "health takes no name");
	copies = strcmp(words[0], "copy") == 0;
	order = args_choice(words[0], orders, ORDERS, sizeof(orders[0]));
	if (order == ORDERS && !copies && strcmp(words[0], "list") != 0)
		return cli_usage(cli,
				 "\"%s\" is none of list, health, show, create, set, delete, "
				 "pause, resume, stop, drain, copy",
				 words[0]);
	if (copies && (words[2] == NULL || (words[3] != NULL && strncmp(words[3], "dns=", 4) != 0)))
		return cli_usage(cli, "copy takes two names, and dns=HOST");
	if (!copies && ((order == ORDERS) != (words[1] == NULL) || words[2] != NULL))
		return cli_usage(cli, order == ORDERS ? "list takes no name" : "which node?");
	pool_init(&pool);
	api = api_open(cli, &err);
	if (api == NULL || api_get(api, "/ws/admin/node", &node_doc, true, &pool.memory, &nodes,
				   &json, &err) == -1)
		code = cli_fail(cli, &err);
	else if (copies)
		code = copy(cli, api, &nodes, words[1], words[2],
			    words[3] == NULL ? "" : words[3] + strlen("dns="));
	else if (order < ORDERS)
		code = give(cli, api, order, &nodes, words[1]);
	else if (cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else
		print_nodes(nodes.items, nodes.len);
	api_close(api);
	pool_free(&pool);
	buf_free(&json);
	return code;
}
