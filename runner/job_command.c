/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_command.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "model/job_order.h"

/* A growing NULL-terminated list of texts. */
struct list {
	char **texts;
	size_t len;
};

static void
add(struct list *list, char *text)
{
	list->texts = reallocarray(list->texts, list->len + 2, sizeof(list->texts[0]));
	if (list->texts == NULL)
		abort();
	list->texts[list->len++] = text;
	list->texts[list->len] = NULL;
}

static void
free_texts(char **texts)
{
	for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
		free(texts[i]);
	free(texts);
}

static void
add_values(struct list *list, const struct job_order *order)
{
	for (size_t i = 0; i < order->n_parameters; i++) {
		char *copy, *value;

		if (order->parameters[i].secret)
			continue; /* whoever runs ps would see it */
		copy = str_dup(order->parameters[i].value);
		value = str_trim(copy);
		if (value[0] != '\0')
			add(list, str_dup(value));
		free(copy);
	}
}

static size_t
count_values(const struct job_order *order)
{
	struct list values = { NULL, 0 };

	add_values(&values, order);
	free_texts(values.texts);
	return values.len;
}

/* $1 .. $9, $@, $*, $# or the same in braces. */
static bool
speaks_of_arguments(const char *text)
{
	for (const char *at = text; (at = strchr(at, '$')) != NULL; at++) {
		char c = at[1] == '{' ? at[2] : at[1];

		if ((c >= '1' && c <= '9') || c == '@' || c == '*')
			return true;
		if (c == '#' && (at[1] == '#' || at[3] == '}' || at[3] == '@' || at[3] == '*'))
			return true;
	}
	return false;
}

static size_t
trimmed_len(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	return len;
}

char *
job_command_shell_text(const char *path, size_t n_values)
{
	size_t len = trimmed_len(path);

	if (n_values == 0 || len == 0 || strchr(";&|({\\", path[len - 1]) != NULL ||
	    speaks_of_arguments(path))
		return str_dup(path);
	return str_printf("%.*s \"$@\"", (int)len, path);
}

/* The first executable file of this name in the absolute ones of the directories, or NULL. */
static char *
look_up(const char *dirs, const char *name)
{
	for (const char *dir = dirs; *dir != '\0';) {
		size_t len = strcspn(dir, ":");
		char *path = str_printf("%.*s/%s", (int)len, dir, name);
		struct stat st;

		if (path[0] == '/' && len > 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(path, X_OK) == 0)
			return path;
		free(path);
		dir += len + (dir[len] == ':');
	}
	return NULL;
}

static int
build_shell(const struct job_order *order, struct job_command *out)
{
	struct list argv = { NULL, 0 };

	out->program = str_dup("/bin/sh");
	add(&argv, str_dup("/bin/sh"));
	add(&argv, str_dup("-c"));
	add(&argv, job_command_shell_text(order->path, count_values(order)));
	add(&argv, str_dup("sh"));
	add_values(&argv, order);
	out->argv = argv.texts;
	return 0;
}

static int
build_direct(const struct job_order *order, const struct job_command_node *node,
	     struct job_command *out, struct err *err)
{
	struct list argv = { NULL, 0 };

	if (order->path[0] == '/')
		out->program = str_dup(order->path);
	else if (strchr(order->path, '/') != NULL)
		out->program = str_printf("%s/%s", node->job_repository, order->path);
	else if ((out->program = look_up(node->path, order->path)) == NULL)
		return err_set(err, ERR_NOT_FOUND,
			       "could not execute \"%s\": there is no such program in %s",
			       order->path, node->path);
	add(&argv, str_dup(order->path));
	add_values(&argv, order);
	out->argv = argv.texts;
	return 0;
}

static char *
powershell_text(const char *path, size_t n_values)
{
	if (n_values == 0)
		return str_dup(path);
	return str_printf(
	    "$a = @(); for ($i = 1; Test-Path \"env:JQM_ARG_$i\"; $i++) "
	    "{ $a += (Get-Item \"env:JQM_ARG_$i\").Value }; & {\n%.*s%s\n} @a",
	    (int)trimmed_len(path), path,
	    strcasestr(path, "$args") != NULL || strcasestr(path, "@args") != NULL ? "" : " @args");
}

static int
build_powershell(const struct job_order *order, const struct job_command_node *node,
		 struct job_command *out, struct err *err)
{
	struct list argv = { NULL, 0 };
	struct list values = { NULL, 0 };

	if ((out->program = look_up(node->path, "pwsh")) == NULL &&
	    (out->program = look_up(node->path, "powershell")) == NULL)
		return err_set(err, ERR_NOT_FOUND,
			       "PowerShell is not installed on node %s: there is no pwsh in %s",
			       node->name, node->path);
	add_values(&values, order);
	out->values = values.texts;
	add(&argv, str_dup(out->program));
	add(&argv, str_dup("-NoLogo"));
	add(&argv, str_dup("-NonInteractive"));
	add(&argv, str_dup("-Command"));
	add(&argv, powershell_text(order->path, values.len));
	out->argv = argv.texts;
	return 0;
}

int
job_command_build(const struct job_order *order, const struct job_command_node *node,
		  struct job_command *out, struct err *err)
{
	if (strcmp(order->path_type, "DEFAULTSHELLCOMMAND") == 0)
		return build_shell(order, out);
	if (strcmp(order->path_type, "DIRECTEXECUTABLE") == 0)
		return build_direct(order, node, out, err);
	if (strcmp(order->path_type, "POWERSHELLCOMMAND") == 0)
		return build_powershell(order, node, out, err);
	return err_set(err, ERR_INVALID,
		       "path type %s needs a Java runner, which this node does not have",
		       order->path_type);
}

void
job_command_free(struct job_command *command)
{
	free(command->program);
	free_texts(command->argv);
	free_texts(command->values);
	*command = (struct job_command)JOB_COMMAND_INIT;
}
