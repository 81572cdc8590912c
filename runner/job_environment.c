/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_environment.h"

#include <ctype.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/local_account.h"
#include "base/str.h"
#include "conf/settings.h"
#include "model/job_order.h"
#include "model/trace_parent.h"
#include "runner/job_command.h"

#define USUAL_BYTES 2048 /* more than most have */

/*
 * Some forty for each job, of a hundred jobs at a time: so their texts, NAME=VALUE, stand in one block.  A name that is there
 * already is looked for by its length first.
 */
struct variable {
	size_t at, name_len; /* in texts */
};
struct list {
	char *texts; /* one that was set anew stays, and nothing leads to it */
	size_t used, size;
	struct variable *variables;
	size_t len, room;
};

static struct variable *
find(const struct list *list, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < list->len; i++)
		if (list->variables[i].name_len == len &&
		    memcmp(list->texts + list->variables[i].at, name, len) == 0)
			return &list->variables[i];
	return NULL;
}

/* Tokens and parameters are among them: nothing of the smaller block stays in memory. */
static void
make_room(struct list *list, size_t bytes)
{
	char *larger;

	if (list->size - list->used >= bytes)
		return;
	list->size = (list->used + bytes) * 2;
	larger = str_alloc(list->size);
	if (list->texts != NULL) {
		memcpy(larger, list->texts, list->used);
		explicit_bzero(list->texts, list->used);
	}
	free(list->texts);
	list->texts = larger;
}

/* Where its text is now. */
static struct variable
put(struct list *list, const char *name, const char *value)
{
	struct variable made = { list->used, strlen(name) };
	size_t value_size = strlen(value) + 1;
	char *end;

	make_room(list, made.name_len + 1 + value_size);
	end = mempcpy(list->texts + made.at, name, made.name_len);
	*end++ = '=';
	memcpy(end, value, value_size);
	list->used += made.name_len + 1 + value_size;
	return made;
}

static void
append(struct list *list, const char *name, const char *value)
{
	if (list->len == list->room) {
		list->room = list->room * 2 + 64;
		list->variables =
		    reallocarray(list->variables, list->room, sizeof(list->variables[0]));
		if (list->variables == NULL)
			abort();
	}
	list->variables[list->len++] = put(list, name, value);
}

static void
set(struct list *list, const char *name, const char *value)
{
	struct variable *old = find(list, name);

	if (old == NULL)
		append(list, name, value);
	else
		*old = put(list, name, value);
}

static void
set_number(struct list *list, const char *name, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	set(list, name, text);
}

/* The account we run as, asked once; "" when it has no name. */
static const char *
account_name(void)
{
	static char name[64];
	static bool asked;
	const struct passwd *account;

	if (!asked && (account = getpwuid(geteuid())) != NULL)
		(void)str_copy(name, sizeof(name), account->pw_name);
	asked = true;
	return name;
}

static void
set_base(struct list *list, const struct job_environment_source *source)
{
	const char *lang = getenv("LANG");
	bool is_other = source->run_as != NULL && source->run_as[0] != '\0';
	const char *account = is_other ? source->run_as : account_name();
	struct local_account other;

	set(list, "PATH", JOB_COMMAND_PATH);
	if (source->program_dir != NULL) {
		char *path = str_printf("%s:%s", JOB_COMMAND_PATH, source->program_dir);

		set(list, "PATH", path);
		free(path);
	}
	set(list, "LANG", lang != NULL && lang[0] != '\0' ? lang : "C.UTF-8");
	set(list, "HOME", source->temp_dir);
	if (is_other && local_account_find(LOCAL_PASSWD, LOCAL_GROUP, account, &other) == 0)
		set(list, "HOME", other.home);
	set(list, "TMPDIR", source->temp_dir);
	set(list, "SHELL", "/bin/sh");
	if (account[0] != '\0') {
		set(list, "USER", account);
		set(list, "LOGNAME", account);
	}
}

static void
set_configured(struct list *list, const struct settings *settings)
{
	const char *name, *value;

	for (size_t i = 0;
	     settings != NULL && settings_job_environment(settings, i, &name, &value) == 0; i++)
		set(list, name, value);
}

static void
set_definition(struct list *list, const struct job_order *order)
{
	set(list, "JQM_JD_APPLICATION_NAME", order->definition_name);
	set(list, "JQM_JD_KEYWORD_1", order->definition_keyword[0]);
	set(list, "JQM_JD_KEYWORD_2", order->definition_keyword[1]);
	set(list, "JQM_JD_KEYWORD_3", order->definition_keyword[2]);
	set(list, "JQM_JD_MODULE", order->definition_module);
	set_number(list, "JQM_JD_PRIORITY", order->definition_priority);
}

static void
set_instance(struct list *list, const struct job_environment_source *source)
{
	const struct job_order *order = source->order;
	char login[32], trace[TRACE_PARENT_SIZE];

	set_number(list, "JQM_JI_ID", order->id);
	set_number(list, "JQM_JI_ATTEMPT", order->attempt);
	set_number(list, "JQM_JI_PARENT_ID", order->parent_id);
	set(list, "JQM_JI_KEYWORD_1", order->keyword[0]);
	set(list, "JQM_JI_KEYWORD_2", order->keyword[1]);
	set(list, "JQM_JI_KEYWORD_3", order->keyword[2]);
	set(list, "JQM_JI_MODULE", order->module);
	set(list, "JQM_JI_USER_NAME", order->user_name);
	set(list, "JQM_JI_TEMP_DIR", source->temp_dir);
	set(list, "JQM_JI_DELIVERY_DIR", source->delivery_dir);
	set(list, "JQM_NODE_NAME", source->node_name);
	set(list, "JQM_NODE_APPLICATION_ROOT", source->job_repository);
	set(list, "JQM_NODE_LOG_LEVEL", source->node_log_level);
	set(list, "JQM_Q_NAME", order->queue_name);
	(void)snprintf(login, sizeof(login), "job-%" PRId64, order->id);
	set(list, "JQM_API_LOGIN", login);
	set(list, "JQM_API_PASSWORD", order->token);
	set(list, "JQM_API_LOCAL_URL", source->api_url);
	if (order->trace_id[0] != '\0')
		set(list, "JQM_TRACE_ID", order->trace_id);
	if (trace_parent_read(order->trace_id, trace))
		set(list, "TRACEPARENT", trace);
}

/* JQM_RM_DISCRETE_PORTS_ITEMS=80,443 */
static void
set_items(struct list *list, const struct job_order *order)
{
	char *name;

	if (order->items[0] == '\0')
		return;
	name = str_printf("JQM_RM_DISCRETE_%s_ITEMS", order->items_name);
	for (char *c = name; *c != '\0'; c++)
		*c = isascii((unsigned char)*c) && isalnum((unsigned char)*c)
			 ? (char)toupper((unsigned char)*c)
			 : '_';
	set(list, name, order->items);
	free(name);
}

static void
set_parameters(struct list *list, const struct job_order *order)
{
	size_t first = list->len;

	for (size_t i = 0; i < order->n_parameters; i++) {
		char *name = str_printf("JQM_PARAM_%s", order->parameters[i].key);
		const struct variable *old;

		for (char *c = name; *c != '\0'; c++)
			if (!isascii((unsigned char)*c) || !isalnum((unsigned char)*c))
				*c = '_';
		old = find(list, name);
		if (old == NULL)
			append(list, name, order->parameters[i].value);
		else if ((size_t)(old - list->variables) < first) /* of [job_environment] */
			set(list, name, order->parameters[i].value);
		free(name);
	}
}

/* The array and the texts behind it, in one block. */
static char **
finish(struct list *list)
{
	size_t pointers = (list->len + 1) * sizeof(char *);
	char *block = str_alloc(pointers + list->used);
	char **out = (char **)(void *)block;

	memcpy(block + pointers, list->texts, list->used);
	for (size_t i = 0; i < list->len; i++)
		out[i] = block + pointers + list->variables[i].at;
	out[list->len] = NULL;
	explicit_bzero(list->texts, list->used);
	free(list->texts);
	free(list->variables);
	return out;
}

char **
job_environment_build(const struct job_environment_source *source)
{
	struct list list = { NULL, 0, 0, NULL, 0, 0 };
	char name[32];

	make_room(&list, USUAL_BYTES);
	set_base(&list, source);
	set_configured(&list, source->settings);
	set_definition(&list, source->order);
	set_instance(&list, source);
	set_items(&list, source->order);
	for (size_t i = 0; source->values != NULL && source->values[i] != NULL; i++) {
		(void)snprintf(name, sizeof(name), "JQM_ARG_%zu", i + 1);
		set(&list, name, source->values[i]);
	}
	set_parameters(&list, source->order);
	return finish(&list);
}

const char *
job_environment_path(const struct settings *settings)
{
	const char *name, *value, *path = JOB_COMMAND_PATH;

	for (size_t i = 0;
	     settings != NULL && settings_job_environment(settings, i, &name, &value) == 0; i++)
		if (strcmp(name, "PATH") == 0)
			path = value;
	return path;
}

void
job_environment_free(char **environment)
{
	char *end = NULL;
	size_t n = 0;

	if (environment == NULL)
		return;
	for (; environment[n] != NULL; n++) {
		char *behind = environment[n] + strlen(environment[n]) + 1;

		if (behind > end)
			end = behind;
	}
	if (n > 0) /* with what was set anew; the newest is the last one */
		explicit_bzero(environment, (size_t)(end - (char *)(void *)environment));
	free(environment);
}
