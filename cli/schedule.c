/* SPDX-License-Identifier: Apache-2.0 */
/* cli/schedule.c: jqm schedule list|show|next|pause|resume|delete; enqueue --cron makes one, and admin.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/server.h"
#include "cli/verbs.h"

#define NEXT_TIMES 10

enum { CRON_WIDTH = 24, NAME_WIDTH = 22, LABEL_WIDTH = 12 };

static void
print_list(const struct jqm_schedules *schedules)
{
	(void)printf("%8s %-*s %-*s %s\n", "SCHEDULE", CRON_WIDTH, "WHEN", NAME_WIDTH, "DEFINITION",
		     "NEXT");
	for (size_t i = 0; i < schedules->len; i++) {
		const struct jqm_schedule *s = schedules->items[i];

		(void)printf("%8" PRId64 " ", s->id);
		output_column(stdout, s->cron_expression, CRON_WIDTH);
		(void)putchar(' ');
		output_column(stdout, s->application_name, NAME_WIDTH);
		(void)putchar(' ');
		if (!s->enabled)
			(void)fputs("paused", stdout);
		else if (s->next_ms != 0)
			output_time(stdout, s->next_ms * 1000);
		(void)putchar('\n');
	}
}

static void
line(const char *label, const char *text)
{
	output_text_line(LABEL_WIDTH, label, text);
}

static void
print_one(const struct jqm_schedule *s)
{
	output_number_line(LABEL_WIDTH, "schedule", true, s->id);
	line("when", s->cron_expression);
	line("time zone", s->time_zone);
	line("day rule", s->day_rule);
	line("definition", s->application_name);
	line("queue", s->queue_name);
	output_number_line(LABEL_WIDTH, "priority", s->priority != 0, s->priority);
	for (size_t i = 0; i < s->parameters_len; i++)
		line(s->parameters[i].key, s->parameters[i].value);
	line("state", s->enabled ? "active" : "paused");
	line("overlap", s->overlap);
	line("misfire", s->misfire);
	output_time_line(LABEL_WIDTH, "next",
			 (struct opt_time){ s->next_ms != 0, s->next_ms * 1000 });
	line("problem", s->problem);
}

/* A look at what the server has: with --json as it says it. */
struct look {
	bool json;
	struct jqm *server;
};

static int
show_all(const struct look *look, struct jqm_error *error)
{
	struct jqm_schedules *list = NULL;

	if (jqm_schedules(look->server, &list, error) == -1)
		return -1;
	if (look->json)
		server_print_answer(look->server);
	else
		print_list(list);
	jqm_schedules_free(list);
	return 0;
}

static int
show_one(const struct look *look, int64_t id, struct jqm_error *error)
{
	struct jqm_schedule *one = NULL;

	if (jqm_schedule_read(look->server, id, &one, error) == -1)
		return -1;
	if (look->json)
		server_print_answer(look->server);
	else
		print_one(one);
	jqm_schedule_free(one);
	return 0;
}

static int
show_next(const struct look *look, int64_t id, struct jqm_error *error)
{
	struct jqm_texts *times = NULL;

	if (jqm_schedule_next(look->server, id, NEXT_TIMES, &times, error) == -1)
		return -1;
	if (look->json)
		server_print_answer(look->server);
	for (size_t i = 0; !look->json && i < times->len; i++) {
		output_text(stdout, times->items[i]);
		(void)putchar('\n');
	}
	jqm_texts_free(times);
	return 0;
}

/* What is done to one schedule. */
static const struct {
	const char *word;
	int (*look)(const struct look *look, int64_t id, struct jqm_error *error);
	int (*order)(struct jqm *server, int64_t id, struct jqm_error *error); /* in its place */
} actions[] = {
	{ "show", show_one, NULL },
	{ "next", show_next, NULL },
	{ "pause", NULL, jqm_schedule_pause },
	{ "resume", NULL, jqm_schedule_resume },
	{ "delete", NULL, jqm_schedule_delete },
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static int
act(struct cli *cli, size_t action, int64_t id)
{
	struct err err = ERR_INIT;
	struct look look = { cli->json, server_open(cli, &err) };
	struct jqm_error error;
	int rc;

	if (look.server == NULL)
		return cli_fail(cli, &err);
	if (action == ACTIONS)
		rc = show_all(&look, &error);
	else if (actions[action].look != NULL)
		rc = actions[action].look(&look, id, &error);
	else
		rc = actions[action].order(look.server, id, &error);
	jqm_free(&look.server);
	return server_said(rc, &error, &err) == -1 ? cli_fail(cli, &err) : CLI_OK;
}

int
cli_schedule(struct cli *cli, int argc, char **argv)
{
	const char *words[2] = { "list", NULL };
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
	return act(cli, action, id);
}
