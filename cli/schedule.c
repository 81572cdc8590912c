/* SPDX-License-Identifier: Apache-2.0 */
/* cli/schedule.c: jqm schedule list|show|next|pause|resume|delete; enqueue --cron makes one, and admin.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/docs.h"
#include "model/memory.h"
#include "model/queue.h"
#include "model/schedule.h"

#define PATH "/ws/client/schedule"

enum { CRON_WIDTH = 24, NAME_WIDTH = 22, LABEL_WIDTH = 12 };

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
line(const char *label, const char *text)
{
	output_text_line(LABEL_WIDTH, label, text);
}

static void
print_one(const struct schedule *s)
{
	output_number_line(LABEL_WIDTH, "schedule", true, s->id);
	line("when", s->cron_expression);
	line("time zone", s->time_zone);
	line("day rule", s->day_rule);
	line("definition", s->application_name);
	line("queue", s->queue == NULL ? NULL : s->queue->name);
	output_number_line(LABEL_WIDTH, "priority", s->priority.set, s->priority.value);
	for (size_t i = 0; i < s->parameters.len; i++)
		line(s->parameters.items[i].key, s->parameters.items[i].value);
	line("state", s->enabled ? "active" : "paused");
	line("overlap", s->overlap);
	line("misfire", s->misfire);
	output_time_line(LABEL_WIDTH, "next", s->next_fire);
	line("problem", s->problem);
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

static int
show_one(struct cli *cli, struct api *api, const char *path)
{
	return show(cli, api, path, false);
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

			char *date = str_printf("%.*s", (int)len, at);

			output_text(stdout, date);
			(void)putchar('\n');
			free(date);
			at += len + (at[len] == '"');
		}
	buf_free(&json);
	return code;
}

/* What is done to one schedule. */
static const struct {
	const char *word;
	const char *more; /* behind the path of the schedule */
	int (*look)(struct cli *cli, struct api *api, const char *path); /* NULL: an order */
	const char *method; /* of the order */
} actions[] = {
	{ "show", "", show_one, NULL },      { "next", "/next", show_next, NULL },
	{ "pause", "/pause", NULL, "POST" }, { "resume", "/pause", NULL, "DELETE" },
	{ "delete", "", NULL, "DELETE" },
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static int
act(struct cli *cli, struct api *api, size_t action, int64_t id)
{
	struct err err = ERR_INIT;
	char path[80];

	(void)snprintf(path, sizeof(path), PATH "/%" PRId64 "%s", id, actions[action].more);
	if (actions[action].look != NULL)
		return actions[action].look(cli, api, path);
	return api_do(api, actions[action].method, path, &err) == -1 ? cli_fail(cli, &err) : CLI_OK;
}

int
cli_schedule(struct cli *cli, int argc, char **argv)
{
	const char *words[2] = { "list", NULL };
	struct err err = ERR_INIT;
	struct api *api;
	int64_t id = 0;
	size_t action;
	const char *word = args_first_word(argc, argv);
	bool list;
	int code;

	if (strcmp(word, "create") == 0 || strcmp(word, "set") == 0)
		return cli_admin(cli, argc, argv);
	if (args_words(cli, argc, argv, words, 2, &code) == -1)
		return code;
	list = strcmp(words[0], "list") == 0;
	action = args_choice(words[0], actions, ACTIONS, sizeof(actions[0]));
	if (!list && action == ACTIONS)
		return cli_usage(
		    cli, "\"%s\" is none of list, show, create, set, next, pause, resume, delete",
		    words[0]);
	if (list != (words[1] == NULL))
		return cli_usage(cli, list ? "list takes no number" : "which schedule?");
	if (!list && num_int64(words[1], 1, INT64_MAX, &id) == -1)
		return cli_usage(cli, "\"%s\" is not the number of a schedule", words[1]);
	api = api_open(cli, &err);
	if (api == NULL)
		return cli_fail(cli, &err);
	code = list ? show(cli, api, PATH, true) : act(cli, api, action, id);
	api_close(api);
	return code;
}
