/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/admin.c: jqm NOUN list|show|create|set|delete, of whatever kind of configuration (admin_noun.c).
 *
 * set reads the object, changes what is said and sends all of it back, for the state it was read in only.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/admin_noun.h"
#include "cli/admin_value.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/doc_json_given.h"
#include "conf/password_file.h"
#include "model/memory.h"

#define ASSIGNMENTS_MAX 64
#define LABEL_WIDTH 28
#define COLUMN_WIDTH 18
#define PATH_BYTES 100

/* What was typed, and what we learn on the way. */
struct task {
	struct cli *cli;
	const struct admin_noun *noun;
	struct api *api;
	struct pool pool;
	const char *action, *name;
	const char *words[ASSIGNMENTS_MAX]; /* FIELD=VALUE */
	size_t n_words;
	const char *password_file, *secret_file;
};

/* --- objects and their members --- */

static const struct wire_field *
id_field(const struct wire_object *doc)
{
	return wire_field_named(doc, "id");
}

static int
fetch(struct task *task, const char *path, const struct wire_object *doc, struct wire_items *out,
      struct buf *json, struct err *err)
{
	return api_get(task->api, path, doc, true, &task->pool.memory, out, json, err);
}

/* The number of the object of that name, or of that number. */
static int
find_id(struct task *task, const char *path, const struct wire_object *doc, const char *name_field,
	const char *name, int64_t *id_out, struct err *err)
{
	struct wire_items list;

	if (name_field == NULL) {
		if (num_int64(name, 1, INT64_MAX, id_out) == 0)
			return 0;
		return err_set(err, ERR_INVALID, "\"%.*s\" is not a number", STR_CUT(name, 100));
	}
	if (fetch(task, path, doc, &list, NULL, err) == -1)
		return -1;
	for (size_t i = 0; i < list.len; i++) {
		const void *item = wire_item(doc, list.items, i);
		const char *its = wire_text(wire_field_named(doc, name_field), item);

		if (its != NULL && strcmp(its, name) == 0) {
			*id_out = wire_int64(id_field(doc), item);
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "there is no %s \"%.*s\"", strrchr(path, '/') + 1,
		       STR_CUT(name, 100));
}

static int
find_own(struct task *task, int64_t *id_out, struct err *err)
{
	if (find_id(task, task->noun->path, task->noun->doc, task->noun->name_field, task->name,
		    id_out, err) == 0)
		return 0;
	if (err->kind == ERR_NOT_FOUND)
		(void)err_set(err, ERR_NOT_FOUND, "there is no %s \"%.*s\"", task->noun->verb,
			      STR_CUT(task->name, 100));
	return -1;
}

static const struct admin_reference *
reference_of(const struct admin_noun *noun, const char *word)
{
	for (const struct admin_reference *r = noun->references; r != NULL && r->word != NULL; r++)
		if (strcmp(r->word, word) == 0)
			return r;
	return NULL;
}

/* "a,b": the numbers of these, as text. */
static int
resolve(struct task *task, const struct admin_reference *reference, const char *names,
	const char **out, struct err *err)
{
	struct buf text = BUF_INIT(4000);
	int rc = 0;

	while (*names != '\0' && rc == 0) {
		size_t len = strcspn(names, ",");
		const char *name = memory_dup_len(&task->pool.memory, names, len);
		int64_t id = 0;

		rc = find_id(task, reference->path, reference->doc, reference->name_field, name,
			     &id, err);
		buf_printf(&text, "%s%" PRId64, text.len == 0 ? "" : ",", id);
		names += len + (names[len] == ',');
	}
	*out = memory_dup(&task->pool.memory, buf_text(&text));
	buf_free(&text);
	return rc;
}

/* Is nothing a value of that field, as a new object has it? */
static bool
may_be_empty(const struct admin_noun *noun, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *p = noun->presets; p != NULL && *p != NULL; p++)
		if (strncmp(*p, name, len) == 0 && strcmp(*p + len, "=") == 0)
			return true;
	return false;
}

/* FIELD=VALUE into object; *field_out: where. */
static int
assign(struct task *task, const char *word, void *object, size_t *field_out, struct err *err)
{
	size_t len = strcspn(word, "=");
	const char *name = memory_dup_len(&task->pool.memory, word, len);
	const char *value = word[len] == '=' ? word + len + 1 : NULL;
	const struct admin_reference *reference = reference_of(task->noun, name);
	const struct wire_field *field =
	    wire_field_named(task->noun->doc, reference == NULL ? name : reference->field);

	if (value == NULL)
		return err_set(err, ERR_INVALID, "\"%.*s\" is not FIELD=VALUE", STR_CUT(word, 60));
	if (field == NULL || strcmp(name, "id") == 0)
		return err_set(err, ERR_INVALID, "a %s has no \"%.*s\" to set", task->noun->verb,
			       STR_CUT(name, 60));
	if (strcmp(name, "newPassword") == 0)
		return err_set(err, ERR_INVALID,
			       "passwords come from a file: --password-file FILE");
	if (strcmp(name, "newSecret") == 0)
		return err_set(err, ERR_INVALID, "secrets come from a file: --secret-file FILE");
	if (reference != NULL && resolve(task, reference, value, &value, err) == -1)
		return -1;
	*field_out = (size_t)(field - task->noun->doc->fields);
	if (value[0] == '\0' && may_be_empty(task->noun, name)) {
		wire_set(field, object, &value);
		return 0;
	}
	return admin_value_set(field, object, value, &task->pool.memory, err);
}

/* What nobody may see, from a file; what: "password". */
static int
assign_from_file(struct task *task, const char *name, const char *what, const char *path,
		 void *object, struct doc_given *given, struct err *err)
{
	const struct wire_field *field = wire_field_named(task->noun->doc, name);
	const char *copy;
	char *password;

	if (path == NULL)
		return 0;
	if (field == NULL)
		return err_set(err, ERR_INVALID, "a %s has no %s", task->noun->verb, what);
	password = password_file_read(path, err);
	if (password == NULL)
		return -1;
	copy = memory_dup(&task->pool.memory, password);
	str_forget(password);
	wire_set(field, object, &copy);
	given->members[field - task->noun->doc->fields].there = true;
	return 0;
}

/* Everything that was said into object; given learns what was. */
static int
assign_all(struct task *task, void *object, struct doc_given *given, struct err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < task->n_words; i++) {
		if (assign(task, task->words[i], object, &at, err) == -1)
			return -1;
		given->members[at].there = true;
	}
	if (assign_from_file(task, "newPassword", "password", task->password_file, object, given,
			     err) == -1)
		return -1;
	return assign_from_file(task, "newSecret", "secret", task->secret_file, object, given, err);
}

static int
send(struct task *task, const char *method, const char *path, void *object,
     const struct doc_given *given, const char *if_match, struct err *err)
{
	struct wire_items items = { object, 1 };
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	int rc;

	doc_json_given_write(task->noun->doc, &items, given, false, &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		rc = api_send(task->api, method, path, json.data, if_match, err);
	buf_forget(&json);
	return rc;
}

static struct doc_given
nothing_given(struct task *task)
{
	struct doc_given given = { memory_alloc_array(
	    &task->pool.memory, task->noun->doc->fields_len, sizeof(given.members[0])) };

	return given;
}

static void
item_path(const struct task *task, int64_t id, char out[PATH_BYTES])
{
	(void)snprintf(out, PATH_BYTES, "%s/%" PRId64, task->noun->path, id);
}

/* --- actions --- */

static void
print_cell(const struct wire_field *field, const void *object, bool last)
{
	struct buf text = BUF_INIT(HTTP_BODY_MAX);

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
do_list(struct task *task, struct err *err)
{
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	struct wire_items list;
	int rc = fetch(task, task->noun->path, task->noun->doc, &list, &json, err);

	if (rc == 0 && task->cli->json)
		output_document(stdout, buf_text(&json), json.len);
	else if (rc == 0)
		print_table(task->noun, &list);
	buf_free(&json);
	return rc;
}

static int
do_show(struct task *task, struct err *err)
{
	const struct wire_object *doc = task->noun->doc;
	void *object = memory_alloc(&task->pool.memory, doc->size);
	struct buf json = BUF_INIT(HTTP_BODY_MAX);
	char path[PATH_BYTES];
	int64_t id = 0;
	int rc = find_own(task, &id, err);

	if (rc == 0) {
		item_path(task, id, path);
		rc = api_get(task->api, path, doc, false, &task->pool.memory, object, &json, err);
	}
	if (rc == 0 && task->cli->json)
		output_document(stdout, buf_text(&json), json.len);
	for (size_t i = 0; rc == 0 && !task->cli->json && i < doc->fields_len; i++) {
		struct buf text = BUF_INIT(HTTP_BODY_MAX);

		admin_value_text(&doc->fields[i], object, &text);
		output_text_line(LABEL_WIDTH, doc->fields[i].name, buf_text(&text));
		buf_free(&text);
	}
	buf_free(&json);
	return rc;
}

static bool
is_said(const struct task *task, const char *preset)
{
	size_t len = strcspn(preset, "=");

	for (size_t i = 0; i < task->n_words; i++)
		if (strncmp(task->words[i], preset, len + 1) == 0)
			return true;
	return false;
}

static int
do_create(struct task *task, struct err *err)
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
	if (assign_all(task, object, &given, err) == -1)
		return -1;
	return send(task, "POST", task->noun->path, object, &given, NULL, err);
}

static int
do_set(struct task *task, struct err *err)
{
	const struct wire_object *doc = task->noun->doc;
	void *object = memory_alloc(&task->pool.memory, doc->size);
	struct doc_given given = nothing_given(task);
	char path[PATH_BYTES], state[100];
	int64_t id = 0;

	if (find_own(task, &id, err) == -1)
		return -1;
	item_path(task, id, path);
	if (api_get(task->api, path, doc, false, &task->pool.memory, object, NULL, err) == -1)
		return -1;
	(void)str_copy(state, sizeof(state), api_etag(task->api));
	if (assign_all(task, object, &given, err) == -1)
		return -1;
	for (size_t i = 0; i < doc->fields_len; i++)
		given.members[i].there |= doc->fields[i].type != WIRE_OBJECT_LIST;
	return send(task, "PUT", path, object, &given, state, err);
}

static int
do_delete(struct task *task, struct err *err)
{
	char path[PATH_BYTES];
	int64_t id = 0;

	if (find_own(task, &id, err) == -1)
		return -1;
	item_path(task, id, path);
	return api_do(task->api, "DELETE", path, err);
}

static const struct {
	const char *word;
	bool has_name, has_words; /* a NAME, FIELD=VALUE words */
	int (*run)(struct task *task, struct err *err);
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
add_word(struct task *task, const char *word)
{
	if (task->n_words + 8 > ASSIGNMENTS_MAX) /* ours follow */
		return cli_usage(task->cli, "more than %d fields", ASSIGNMENTS_MAX - 8);
	task->words[task->n_words++] = word;
	return CLI_OK;
}

/* role "a" and role "b" are role=a,b */
static int
add_roles(struct task *task, const char *role, struct buf *roles)
{
	buf_printf(roles, "%s%s", roles->len == 0 ? "role=" : ",", role);
	return roles->failed ? cli_usage(task->cli, "too many roles") : CLI_OK;
}

static int
read_words(struct task *task, int argc, char **argv, struct buf *roles)
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
check_words(const struct task *task, size_t action)
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
	struct task task = { .cli = cli, .noun = admin_noun_find(cli->verb) };
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
