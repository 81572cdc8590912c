/* SPDX-License-Identifier: Apache-2.0 */
#include "model/job_def.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

#define DEF(member) offsetof(struct job_def, member)
#define CONTEXT(member) offsetof(struct execution_context, member)

/* field, offset, least and most characters, needed */
const struct model_text job_def_texts[] = {
	{ "name", DEF(name), 1, JOB_DEF_NAME_MAX, true },
	{ "description", DEF(description), 0, JOB_DEF_TEXT_MAX, true },
	{ "path", DEF(path), 1, JOB_DEF_TEXT_MAX, true },
	{ "pathType", DEF(path_type), 1, 50, true },
	{ "javaClassName", DEF(class_name), 0, 100, true },
	{ "queue", DEF(queue_name), 1, QUEUE_NAME_MAX, false },
	{ "application", DEF(application), 0, JOB_DEF_TAG_MAX, false },
	{ "module", DEF(module), 0, JOB_DEF_TAG_MAX, false },
	{ "keyword1", DEF(keyword1), 0, JOB_DEF_TAG_MAX, false },
	{ "keyword2", DEF(keyword2), 0, JOB_DEF_TAG_MAX, false },
	{ "keyword3", DEF(keyword3), 0, JOB_DEF_TAG_MAX, false },
	{ "executionContext", DEF(execution_context), 1, JOB_DEF_NAME_MAX, false },
};
const size_t job_def_texts_len = sizeof(job_def_texts) / sizeof(job_def_texts[0]);

const struct model_text execution_context_texts[] = {
	{ "name", CONTEXT(name), 1, JOB_DEF_NAME_MAX, true },
	{ "hiddenJavaClasses", CONTEXT(hidden_classes), 0, JOB_DEF_TEXT_MAX, false },
	{ "runners", CONTEXT(allowed_runners), 0, JOB_DEF_TEXT_MAX, false },
	{ "extraClasspathDirs", CONTEXT(extra_classpath_dirs), 0, JOB_DEF_TEXT_MAX, false },
	{ "excludedClassPrefixes", CONTEXT(excluded_class_prefixes), 0, JOB_DEF_TEXT_MAX, false },
};
const size_t execution_context_texts_len =
    sizeof(execution_context_texts) / sizeof(execution_context_texts[0]);

const char *const job_def_path_types[] = {
	"FS", "MAVEN", "MEMORY", "DEFAULTSHELLCOMMAND", "POWERSHELLCOMMAND", "DIRECTEXECUTABLE",
	NULL,
};

int
model_text_check(const struct model_text *row, const char *value, struct err *err)
{
	size_t chars;

	if (value == NULL)
		return row->needed ? err_set(err, ERR_INVALID, "\"%s\" is missing", row->field) : 0;
	chars = str_utf8_chars(value);
	if (chars < row->min)
		return err_set(err, ERR_INVALID, "\"%s\" is empty", row->field);
	if (chars > row->max)
		return err_set(err, ERR_INVALID,
			       "\"%s\" has %zu characters, at most %zu are allowed", row->field,
			       chars, row->max);
	return 0;
}

static int
texts_check(const void *of, const struct model_text *rows, size_t len, struct err *err)
{
	for (size_t i = 0; i < len; i++) {
		const char *value;

		memcpy(&value, (const char *)of + rows[i].offset, sizeof(value));
		if (model_text_check(&rows[i], value, err) == -1)
			return -1;
	}
	return 0;
}

int
parameter_check(const char *key, const char *value, struct err *err)
{
	size_t key_chars = str_utf8_chars(key);
	size_t value_chars = value == NULL ? 0 : str_utf8_chars(value);

	if (key_chars < 1 || key_chars > PARAMETER_KEY_MAX)
		return err_set(err, ERR_INVALID,
			       "parameter key \"%.*s\" has %zu characters, 1 to %d are allowed",
			       STR_CUT(key, 60), key_chars, PARAMETER_KEY_MAX);
	if (value_chars < 1 || value_chars > PARAMETER_VALUE_MAX)
		return err_set(
		    err, ERR_INVALID,
		    "the value of parameter \"%s\" has %zu characters, 1 to %d are allowed", key,
		    value_chars, PARAMETER_VALUE_MAX);
	return 0;
}

static int
parameters_check(const struct text_map *map, struct err *err)
{
	if (map->len > PARAMETERS_MAX)
		return err_set(err, ERR_INVALID, "there are %zu parameters, at most %d are allowed",
			       map->len, PARAMETERS_MAX);
	for (size_t i = 0; i < map->len; i++)
		if (parameter_check(map->items[i].key, map->items[i].value, err) == -1)
			return -1;
	return 0;
}

static int
path_type_check(const char *type, struct err *err)
{
	for (size_t i = 0; job_def_path_types[i] != NULL; i++)
		if (strcmp(type, job_def_path_types[i]) == 0)
			return 0;
	return err_set(err, ERR_INVALID, "\"%.*s\" is no path type", STR_CUT(type, 60));
}

static const char *
shown_name(const char *name)
{
	return name == NULL ? "" : name;
}

int
job_def_check(const struct job_def *def, struct err *err)
{
	if (texts_check(def, job_def_texts, job_def_texts_len, err) == -1 ||
	    path_type_check(def->path_type, err) == -1 ||
	    parameters_check(&def->parameters, err) == -1)
		goto named;
	if (def->alert_after_min.set &&
	    (def->alert_after_min.value < 0 || def->alert_after_min.value > INT32_MAX)) {
		(void)err_set(err, ERR_INVALID,
			      "\"reasonableRuntimeLimitMinute\" is outside 0 to 2147483647");
		goto named;
	}
	return 0;
named:
	return err_prefix(err, "definition \"%.*s\"", STR_CUT(shown_name(def->name), 100));
}

int
execution_context_check(const struct execution_context *context, struct err *err)
{
	int rc = texts_check(context, execution_context_texts, execution_context_texts_len, err);

	for (size_t i = 0; rc == 0 && i < context->handlers_len; i++)
		rc = parameters_check(&context->handlers[i].parameters, err);
	if (rc == -1)
		return err_prefix(err, "context \"%.*s\"", STR_CUT(shown_name(context->name), 100));
	return 0;
}
