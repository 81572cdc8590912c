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

/* Some forty for each job: a name that is there already is looked for by its length first. */
struct list {
	char **texts;
	size_t *name_lens;
	size_t len, size;
};

static char **
find(const struct list *list, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < list->len; i++)
		if (list->name_lens[i] == len && memcmp(list->texts[i], name, len) == 0)
			return &list->texts[i];
	return NULL;
}

static void
append(struct list *list, const char *name, const char *value)
{
	if (list->len + 1 >= list->size) {
		list->size = list->size * 2 + 64;
		list->texts = reallocarray(list->texts, list->size, sizeof(list->texts[0]));
		list->name_lens =
		    reallocarray(list->name_lens, list->size, sizeof(list->name_lens[0]));
		if (list->texts == NULL || list->name_lens == NULL)
			abort();
	}
	list->name_lens[list->len] = strlen(name);
	list->texts[list->len++] = str_variable(name, value);
	list->texts[list->len] = NULL;
}

static void
set(struct list *list, const char *name, const char *value)
{
	char **old = find(list, name);

	if (old == NULL) {
		append(list, name, value);
		return;
	}
	free(*old);
	*old = str_variable(name, value);
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
		char **old;

		for (char *c = name; *c != '\0'; c++)
			if (!isascii((unsigned char)*c) || !isalnum((unsigned char)*c))
				*c = '_';
		old = find(list, name);
		if (old == NULL)
			append(list, name, order->parameters[i].value);
		else if ((size_t)(old - list->texts) < first) /* of [job_environment] */
			set(list, name, order->parameters[i].value);
		free(name);
	}
}

char **
job_environment_build(const struct job_environment_source *source)
{
	struct list list = { NULL, NULL, 0, 0 };
	char name[32];

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
	free(list.name_lens);
	return list.texts;
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
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		str_forget(environment[i]);
	free(environment);
}
