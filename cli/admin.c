/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/admin.c: jqm NOUN list|show|create|set|delete, of whatever kind of configuration (admin_noun.c): the actions and
 * the command line.
 *
 * set reads the object, changes what is said and sends all of it back, for the state it was read in only.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/admin_noun.h"
#include "cli/admin_task.h"
#include "cli/admin_value.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/doc_json_given.h"

#define LABEL_WIDTH 28
#define COLUMN_WIDTH 18
#define PATH_BYTES 100

/* --- actions --- */

static struct doc_given
nothing_given(struct admin_task *task)
{
	struct doc_given given = { memory_alloc_array(
	    &task->pool.memory, task->noun->doc->fields_len, sizeof(given.members[0])) };

	return given;
}

static void
item_path(const struct admin_task *task, int64_t id, char out[PATH_BYTES])
{
	(void)snprintf(out, PATH_BYTES, "%s/%" PRId64, task->noun->path, id);
}

static void
print_cell(const struct wire_field *field, const void *object, bool last)
{
	struct buf text = BUF_INIT(API_DOCUMENT_MAX);

	admin_value_text(field, object, &text);
	if (last)
		output_text(stdout, buf_text(&text));
	else
		output_column(stdout, buf_text(&text),
			      strcmp(field->name, "id") == 0 ? 6 : COLUMN_WIDTH);
	(void)putchar(last ? '\n' : ' ');
	buf_free(&text);
}

static void
print_table(const struct admin_noun *noun, const struct wire_items *list)
{
	const char *const *c;

	for (c = noun->columns; *c != NULL; c++)
		(void)printf(c[1] == NULL            ? "%-s\n"
			     : strcmp(*c, "id") == 0 ? "%-6s "
						     : "%-18s ",
			     *c);
	for (size_t i = 0; i < list->len; i++)
		for (c = noun->columns; *c != NULL; c++)
			print_cell(wire_field_named(noun->doc, *c),
				   wire_item(noun->doc, list->items, i), c[1] == NULL);
}

static int
do_list(struct admin_task *task, struct err *err)
{
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	struct wire_items list;
	int rc = api_get(task->api, task->noun->path, task->noun->doc, true, &task->pool.memory,
			 &list, &json, err);

	if (rc == 0 && task->cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else if (rc == 0)
		print_table(task->noun, &list);
	buf_free(&json);
	return rc;
}

static int
do_show(struct admin_task *task, struct err *err)
{
	const struct wire_object *doc = task->noun->doc;
	void *object = memory_alloc(&task->pool.memory, doc->size);
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	char path[PATH_BYTES];
	int64_t id = 0;
	int rc = admin_find(task, &id, err);

	if (rc == 0) {
		item_path(task, id, path);
		rc = api_get(task->api, path, doc, false, &task->pool.memory, object, &json, err);
	}
	if (rc == 0 && task->cli->json)
		output_document(stdout, buf_text(&json), json.len);
	for (size_t i = 0; rc == 0 && !task->cli->json && i < doc->fields_len; i++) {
		struct buf text = BUF_INIT(API_DOCUMENT_MAX);

		admin_value_text(&doc->fields[i], object, &text);
		output_text_line(LABEL_WIDTH, doc->fields[i].name, buf_text(&text));
		buf_free(&text);
	}
	buf_free(&json);
	return rc;
}

static bool
is_said(const struct admin_task *task, const char *preset)
{
	size_t len = strcspn(preset, "=");

	for (size_t i = 0; i < task->n_words; i++)
		if (strncmp(task->words[i], preset, len + 1) == 0)
			return true;
	return false;
}

/* Send object as a new one, with the members that were given. */
static int
send_new(struct admin_task *task, void *object, const struct doc_given *given, struct err *err)
{
	struct wire_items items = { object, 1 };
	struct buf json = BUF_INIT(API_DOCUMENT_MAX);
	int rc;

	doc_json_given_write(task->noun->doc, &items, given, false, &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		rc = api_send(task->api, "POST", task->noun->path, json.data, err);
	buf_forget(&json);
	return rc;
}

static int
do_create(struct admin_task *task, struct err *err)
{
	const struct wire_object *doc = task->noun->doc;
	void *object = memory_alloc(&task->pool.memory, doc->size);
	struct doc_given given = nothing_given(task);

	if (task->name != NULL)
		task->words[task->n_words++] =
		    memory_printf(&task->pool.memory, "%s=%s", task->noun->name_field, task->name);
	for (const char *const *p = task->noun->presets; p != NULL && *p != NULL; p++)
		if (!is_said(task, *p))
			task->words[task->n_words++] = *p;
	if (admin_assign(task, object, &given, err) == -1)
		return -1;
	return send_new(task, object, &given, err);
}

static int
do_set(struct admin_task *task, struct err *err)
{
	const struct wire_object *doc = task->noun->doc;
	void *object = memory_alloc(&task->pool.memory, doc->size);
	struct doc_given given = nothing_given(task);
	char path[PATH_BYTES], state[100];
	int64_t id = 0;

	if (admin_find(task, &id, err) == -1)
		return -1;
	item_path(task, id, path);
	if (api_get(task->api, path, doc, false, &task->pool.memory, object, NULL, err) == -1)
		return -1;
	(void)str_copy(state, sizeof(state), api_etag(task->api));
	if (admin_assign(task, object, &given, err) == -1)
		return -1;
	return api_put_back(task->api, path, doc, object, &given, state, &task->pool.memory, err);
}

static int
do_delete(struct admin_task *task, struct err *err)
{
	char path[PATH_BYTES];
	int64_t id = 0;

	if (admin_find(task, &id, err) == -1)
		return -1;
	item_path(task, id, path);
	return api_do(task->api, "DELETE", path, err);
}

static const struct {
	const char *word;
	bool has_name, has_words; /* a NAME, FIELD=VALUE words */
	int (*run)(struct admin_task *task, struct err *err);
} actions[] = {
	{ "list", false, false, do_list },    { "show", true, false, do_show },
	{ "create", true, true, do_create },  { "set", true, true, do_set },
	{ "delete", true, false, do_delete },
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

/* --- the command line --- */

static size_t
action_of(const char *word)
{
	return args_choice(word, actions, ACTIONS, sizeof(actions[0]));
}

bool
cli_admin_has(const char *word)
{
	return word != NULL && action_of(word) < ACTIONS;
}

static int
add_word(struct admin_task *task, const char *word)
{
	if (task->n_words + 8 > ADMIN_ASSIGNMENTS_MAX) /* ours follow */
		return cli_usage(task->cli, "more than %d fields", ADMIN_ASSIGNMENTS_MAX - 8);
	task->words[task->n_words++] = word;
	return CLI_OK;
}

/* role "a" and role "b" are role=a,b */
static int
add_roles(struct admin_task *task, const char *role, struct buf *roles)
{
	buf_printf(roles, "%s%s", roles->len == 0 ? "role=" : ",", role);
	return roles->failed ? cli_usage(task->cli, "too many roles") : CLI_OK;
}

static int
read_words(struct admin_task *task, int argc, char **argv, struct buf *roles)
{
	static const struct args_option options[] = { { "role", 'r', true },
						      { "password-file", 0, true },
						      { "secret-file", 0, true } };
	struct args args;
	int option, code = CLI_OK;

	args_init(&args, task->cli, argc, argv, options, 3);
	while (code == CLI_OK && (option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP)
			return args.exit_code == CLI_OK ? -1 : args.exit_code;
		if (option == 0)
			code = add_roles(task, args.value, roles);
		else if (option == 1)
			task->password_file = args.value;
		else if (option == 2)
			task->secret_file = args.value;
		else if (task->action == NULL)
			task->action = args.value;
		else if (task->name == NULL && strchr(args.value, '=') == NULL)
			task->name = args.value;
		else
			code = add_word(task, args.value);
	}
	if (code == CLI_OK && roles->len > 0)
		code = add_word(task, buf_text(roles));
	return code;
}

static int
check_words(const struct admin_task *task, size_t action)
{
	bool has_file = task->password_file != NULL || task->secret_file != NULL;
	bool wants_name = actions[action].has_name &&
			  (task->noun->name_field != NULL || actions[action].run != do_create);

	if (wants_name && task->name == NULL)
		return cli_usage(task->cli, "which %s?", task->noun->verb);
	if (!wants_name && task->name != NULL)
		return cli_usage(task->cli, "%s takes no name", actions[action].word);
	if (!actions[action].has_words && (task->n_words > 0 || has_file))
		return cli_usage(task->cli, "%s sets nothing", actions[action].word);
	if (actions[action].run == do_set && task->n_words == 0 && !has_file)
		return cli_usage(task->cli, "what is to be set?");
	return CLI_OK;
}

int
cli_admin(struct cli *cli, int argc, char **argv)
{
	struct admin_task task = { .cli = cli, .noun = admin_noun_find(cli->verb) };
	struct buf roles = BUF_INIT(4000);
	struct err err = ERR_INIT;
	size_t action;
	int code;

	/* An account's certificates are no members of it. */
	if (strcmp(cli->verb, "user") == 0 &&
	    strcmp(args_first_word(argc, argv), "certificate") == 0)
		return cli_certificate(cli, argc - 1, argv + 1);
	if (strcmp(cli->verb, "definition") == 0 && cli_definition_has(args_first_word(argc, argv)))
		return cli_definition(cli, argc - 1, argv + 1);
	if (strcmp(cli->verb, "webhook") == 0 && cli_webhook_has(args_first_word(argc, argv)))
		return cli_webhook(cli, argc, argv);
	code = read_words(&task, argc, argv, &roles);

	if (code == CLI_OK) {
		action = action_of(task.action == NULL ? "list" : task.action);
		if (action == ACTIONS)
			code = cli_usage(cli, "\"%s\" is none of list, show, create, set, delete",
					 task.action);
		else
			code = check_words(&task, action);
	}
	if (code != CLI_OK) {
		buf_free(&roles);
		return code == -1 ? CLI_OK : code;
	}
	pool_init(&task.pool);
	task.api = api_open(cli, &err);
	if (task.api == NULL || actions[action].run(&task, &err) == -1)
		code = cli_fail(cli, &err);
	api_close(task.api);
	pool_free(&task.pool);
	buf_free(&roles);
	return code;
}
