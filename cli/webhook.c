/* SPDX-License-Identifier: Apache-2.0 */
/* cli/webhook.c: jqm webhook ping|deliveries|delivery|again: what was told to webhooks; the hooks themselves are admin.c's. */
#include <inttypes.h>
#include <stdio.h>
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
#include "model/webhook.h"

#define LABEL 12
#define PATH_BYTES 140
#define EVENT_WIDTH 13
#define STATE_WIDTH 9

/* One call of the verb. */
struct order {
	struct cli *cli;
	struct api *api;
	struct pool pool;
	const char *word, *name; /* "ping", the hook's */
	int64_t hook, delivery;
	int64_t newest;
};

/* The number of the hook of that name. */
static int
find_hook(struct order *o, struct err *err)
{
	const struct webhook *hooks;
	struct wire_items list;

	if (api_get(o->api, "/ws/admin/webhook", &webhook_doc, true, &o->pool.memory, &list, NULL,
		    err) == -1)
		return -1;
	hooks = list.items;
	for (size_t i = 0; i < list.len; i++)
		if (hooks[i].name != NULL && strcmp(hooks[i].name, o->name) == 0) {
			o->hook = hooks[i].id;
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "there is no webhook \"%.*s\"", STR_CUT(o->name, 100));
}

/* The last try, or NULL. */
static const struct webhook_attempt *
last_attempt(const struct webhook_delivery *d)
{
	return d->attempts.len == 0 ? NULL : &d->attempts.items[d->attempts.len - 1];
}

static void
print_list(const struct webhook_delivery *items, size_t len)
{
	(void)printf("%8s %8s %-*s %-*s %5s %6s %-19s %s\n", "ID", "JOB", EVENT_WIDTH, "EVENT",
		     STATE_WIDTH, "STATE", "TRIES", "STATUS", "SINCE", "REASON");
	for (size_t i = 0; i < len; i++) {
		const struct webhook_attempt *last = last_attempt(&items[i]);

		(void)printf("%8" PRId64 " %8" PRId64 " ", items[i].id, items[i].job_id.value);
		output_column(stdout, items[i].event, EVENT_WIDTH);
		(void)putchar(' ');
		output_column(stdout, items[i].state, STATE_WIDTH);
		(void)printf(" %5" PRId64 " %6" PRId64 " ", items[i].tries,
			     last == NULL ? 0 : last->status.value);
		output_time(stdout, items[i].created.us);
		(void)putchar(' ');
		output_text(stdout, last == NULL || last->reason == NULL ? "" : last->reason);
		(void)putchar('\n');
	}
}

static int
list_deliveries(struct order *o, struct err *err)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	char path[PATH_BYTES];
	struct wire_items list;
	int rc;

	(void)snprintf(path, sizeof(path), "/ws/admin/webhook/%" PRId64 "/delivery?newest=%" PRId64,
		       o->hook, o->newest);
	rc = api_get(o->api, path, &webhook_delivery_doc, true, &o->pool.memory, &list, &json, err);
	if (rc == 0 && o->cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else if (rc == 0)
		print_list(list.items, list.len);
	buf_free(&json);
	return rc;
}

static void
print_attempt(const struct webhook_attempt *a)
{
	(void)printf("\n");
	output_number_line(LABEL, "try", true, a->try);
	output_time_line(LABEL, "at", a->date);
	output_text_line(LABEL, "node", a->node);
	output_number_line(LABEL, "took ms", a->took_ms.set, a->took_ms.value);
	output_number_line(LABEL, "status", a->status.set, a->status.value);
	output_text_line(LABEL, "reason", a->reason);
	output_text_line(LABEL, "answer", a->answer);
}

static void
print_delivery(const struct webhook_delivery *d)
{
	output_number_line(LABEL, "delivery", true, d->id);
	output_text_line(LABEL, "webhook-id", d->event_id);
	output_text_line(LABEL, "event", d->event);
	output_number_line(LABEL, "job", d->job_id.set, d->job_id.value);
	output_text_line(LABEL, "state", d->state);
	output_time_line(LABEL, "since", d->created);
	output_time_line(LABEL, "next try", d->next_try);
	output_time_line(LABEL, "over", d->over);
	output_text_line(LABEL, "body", d->body);
	for (size_t i = 0; i < d->attempts.len; i++)
		print_attempt(&d->attempts.items[i]);
}

static int
show_delivery(struct order *o, struct err *err)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	struct webhook_delivery delivery;
	char path[PATH_BYTES];
	int rc;

	(void)snprintf(path, sizeof(path), "/ws/admin/webhook/%" PRId64 "/delivery/%" PRId64,
		       o->hook, o->delivery);
	rc = api_get(o->api, path, &webhook_delivery_doc, false, &o->pool.memory, &delivery, &json,
		     err);
	if (rc == 0 && o->cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else if (rc == 0)
		print_delivery(&delivery);
	buf_free(&json);
	return rc;
}

static int
deliver_again(struct order *o, struct err *err)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof(path),
		       "/ws/admin/webhook/%" PRId64 "/delivery/%" PRId64 "/again", o->hook,
		       o->delivery);
	return api_do(o->api, "POST", path, err);
}

/* Prints the number of its delivery. */
static int
ping(struct order *o, struct err *err)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	struct webhook_delivery delivery;
	char path[PATH_BYTES];
	int rc;

	(void)snprintf(path, sizeof(path), "/ws/admin/webhook/%" PRId64 "/ping", o->hook);
	rc = api_exchange(o->api, "POST", path, "", &webhook_delivery_doc, &o->pool.memory,
			  &delivery, &json, err);
	if (rc == 0 && o->cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else if (rc == 0)
		(void)printf("%" PRId64 "\n", delivery.id);
	buf_free(&json);
	return rc;
}

static const struct {
	const char *word;
	bool has_delivery;
	int (*run)(struct order *o, struct err *err);
} words[] = {
	{ "ping", false, ping },
	{ "deliveries", false, list_deliveries },
	{ "delivery", true, show_delivery },
	{ "again", true, deliver_again },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static size_t
word_of(const char *word)
{
	return args_choice(word, words, WORDS, sizeof(words[0]));
}

bool
cli_webhook_has(const char *word)
{
	return word_of(word) < WORDS;
}

static int
run(struct order *o, const char *number)
{
	size_t i = word_of(o->word);
	struct err err = ERR_INIT;
	int code = CLI_OK;

	if (i == WORDS)
		return cli_usage(o->cli, "\"%s\" is none of ping, deliveries, delivery, again",
				 o->word);
	if (o->name == NULL)
		return cli_usage(o->cli, "which webhook?");
	if (words[i].has_delivery != (number != NULL))
		return words[i].has_delivery ? cli_usage(o->cli, "which delivery?")
					     : cli_usage(o->cli, "unexpected \"%s\"", number);
	if (number != NULL && num_int64(number, 1, INT64_MAX, &o->delivery) == -1)
		return cli_usage(o->cli, "\"%s\" is no number of a delivery", number);
	pool_init(&o->pool);
	o->api = api_open(o->cli, &err);
	if (o->api == NULL || find_hook(o, &err) == -1 || words[i].run(o, &err) == -1)
		code = cli_fail(o->cli, &err);
	api_close(o->api);
	pool_free(&o->pool);
	return cli_done(o->cli, code);
}

int
cli_webhook(struct cli *cli, int argc, char **argv)
{
	static const struct args_option options[] = { { "newest", 'n', true } };
	struct order o = { .cli = cli, .word = "", .newest = 20 };
	const char *number = NULL;
	struct args args;
	int option;

	args_init(&args, cli, argc, argv, options, 1);
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code;
		if (option == 0) {
			if (num_int64(args.value, 1, 200, &o.newest) == -1)
				return cli_usage(cli, "newest \"%s\" is not a number from 1 to 200",
						 args.value);
		} else if (o.word[0] == '\0') {
			o.word = args.value;
		} else if (o.name == NULL) {
			o.name = args.value;
		} else if (number == NULL) {
			number = args.value;
		} else {
			return cli_usage(cli, "unexpected \"%s\"", args.value);
		}
	}
	return run(&o, number);
}
