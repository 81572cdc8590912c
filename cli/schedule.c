/* SPDX-License-Identifier: Apache-2.0 */
/* cli/schedule.c: jqm schedule list|show|next|pause|resume|delete; enqueue --cron makes one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/docs.h"
#include "model/memory.h"
#include "model/queue.h"
#include "model/schedule.h"

#define PATH "/ws/client/schedule"

enum { CRON_WIDTH = 24, NAME_WIDTH = 22 };

/* What is done to one schedule, and how the API calls it. */
static const struct {
	const char *word, *method, *more;
} orders[] = {
	{ "pause", "POST", "/pause" },
	{ "resume", "DELETE", "/pause" },
	{ "delete", "DELETE", "" },
};
#define ORDERS (sizeof(orders) / sizeof(orders[0]))

static void
print_list(const struct schedule *schedules, size_t len)
{
	(void)printf("%8s %-*s %-*s %s\n", "SCHEDULE", CRON_WIDTH, "WHEN", NAME_WIDTH, "DEFINITION",
		     "NEXT");
	for (size_t i = 0; i < len; i++) {
		(void)printf("%8" PRId64 " ", schedules[i].id);
		output_column(stdout, schedules[i].cron_expression, CRON_WIDTH);
		(void)putchar(' ');
		output_column(stdout, schedules[i].application_name, NAME_WIDTH);
		(void)putchar(' ');
		if (!schedules[i].enabled)
			(void)fputs("paused", stdout);
		else if (schedules[i].next_fire.set)
			output_time(stdout, schedules[i].next_fire.us);
		(void)putchar('\n');
	}
}

static void
print_text(const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	(void)printf("%-12s ", name);
	output_text(stdout, value);
	(void)putchar('\n');
}

static void
print_one(const struct schedule *s)
{
	(void)printf("%-12s %" PRId64 "\n", "schedule", s->id);
	print_text("when", s->cron_expression);
	print_text("time zone", s->time_zone);
	print_text("day rule", s->day_rule);
	print_text("definition", s->application_name);
	print_text("queue", s->queue == NULL ? NULL : s->queue->name);
	if (s->priority.set)
		(void)printf("%-12s %" PRId64 "\n", "priority", s->priority.value);
	for (size_t i = 0; i < s->parameters.len; i++)
		print_text(s->parameters.items[i].key, s->parameters.items[i].value);
	print_text("state", s->enabled ? "active" : "paused");
	print_text("overlap", s->overlap);
	print_text("misfire", s->misfire);
	if (s->next_fire.set) {
		(void)printf("%-12s ", "next");
		output_time(stdout, s->next_fire.us);
		(void)putchar('\n');
	}
	print_text("problem", s->problem);
}

/* list and show. */
static int
show(struct cli *cli, struct api *api, const char *path, bool is_list)
{
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	struct err err = ERR_INIT;
	struct wire_items list = { 0 };
	struct schedule one = { 0 };
	struct pool pool;
	int code = CLI_OK;

	pool_init(&pool);
	if (api_get(api, path, &schedule_doc, is_list, &pool.memory,
		    is_list ? (void *)&list : (void *)&one, &json, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else if (is_list)
		print_list(list.items, list.len);
	else
		print_one(&one);
	pool_free(&pool);
	buf_free(&json);
	return code;
}

/* The server's array of dates: as it is, or one a line. */
static int
show_next(struct cli *cli, struct api *api, const char *path)
{
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	struct err err = ERR_INIT;
	int code = CLI_OK;

	if (api_get(api, path, NULL, false, NULL, NULL, &json, &err) == -1)
		code = cli_fail(cli, &err);
	else if (cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else
		for (const char *at = strchr(buf_text(&json), '"'); at != NULL;
		     at = strchr(at, '"')) {
			size_t len = strcspn(++at, "\"");

			(void)printf("%.*s\n", (int)len, at);
			at += len + (at[len] == '"');
		}
	buf_free(&json);
	return code;
}

static int
act(struct cli *cli, struct api *api, const char *word, int64_t id)
{
	struct err err = ERR_INIT;
	char path[80];
	size_t order = 0;

	while (order < ORDERS && strcmp(orders[order].word, word) != 0)
		order++;
	if (order < ORDERS) {
		(void)snprintf(path, sizeof(path), PATH "/%" PRId64 "%s", id, orders[order].more);
		return api_do(api, orders[order].method, path, &err) == -1 ? cli_fail(cli, &err)
									   : CLI_OK;
	}
	(void)snprintf(path, sizeof(path), PATH "/%" PRId64 "%s", id,
		       strcmp(word, "next") == 0 ? "/next" : "");
	return strcmp(word, "next") == 0 ? show_next(cli, api, path) : show(cli, api, path, false);
}

static bool
is_word(const char *word)
{
	static const char *const words[] = { "show", "next", "pause", "resume", "delete" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

int
cli_schedule(struct cli *cli, int argc, char **argv)
{
	const char *words[2] = { "list", NULL };
	struct err err = ERR_INIT;
	struct api *api;
	int64_t id = 0;
	bool list;
	int code;

	if (args_words(cli, argc, argv, words, 2, &code) == -1)
		return code;
	list = strcmp(words[0], "list") == 0;
	if (!list && !is_word(words[0]))
		return cli_usage(cli, "\"%s\" is none of list, show, next, pause, resume, delete",
				 words[0]);
	if (list != (words[1] == NULL))
		return cli_usage(cli, list ? "list takes no number" : "which schedule?");
	if (!list && num_int64(words[1], 1, INT64_MAX, &id) == -1)
		return cli_usage(cli, "\"%s\" is not the number of a schedule", words[1]);
	api = api_open(cli, &err);
	if (api == NULL)
		return cli_fail(cli, &err);
	code = list ? show(cli, api, PATH, true) : act(cli, api, words[0], id);
	api_close(api);
	return code;
}
