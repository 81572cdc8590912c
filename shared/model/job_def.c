/* SPDX-License-Identifier: Apache-2.0 */
#include "model/job_def.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

#define DEF(member) offsetof(struct job_def, member)
#define CONTEXT(member) offsetof(struct execution_context, member)

static const char *const path_types[] = {
	"FS", "MAVEN", "MEMORY", "DEFAULTSHELLCOMMAND", "POWERSHELLCOMMAND", "DIRECTEXECUTABLE",
	NULL
};
static const char *const backoffs[] = { "FIXED", "EXPONENTIAL", NULL };
static const char *const node_loss_rules[] = { "CRASH", "REQUEUE", "HOLD", NULL };

/* field, offset, least and most characters, needed, choices */
const struct model_text job_def_texts[] = {
	{ "name", DEF(name), 1, JOB_DEF_NAME_MAX, true, NULL },
	{ "description", DEF(description), 0, JOB_DEF_TEXT_MAX, true, NULL },
	{ "path", DEF(path), 1, JOB_DEF_TEXT_MAX, true, NULL },
	{ "pathType", DEF(path_type), 1, 50, true, path_types },
	{ "javaClassName", DEF(class_name), 0, 100, true, NULL },
	{ "queue", DEF(queue_name), 1, QUEUE_NAME_MAX, false, NULL },
	{ "application", DEF(application), 0, JOB_DEF_TAG_MAX, false, NULL },
	{ "module", DEF(module), 0, JOB_DEF_TAG_MAX, false, NULL },
	{ "keyword1", DEF(keyword1), 0, JOB_DEF_TAG_MAX, false, NULL },
	{ "keyword2", DEF(keyword2), 0, JOB_DEF_TAG_MAX, false, NULL },
	{ "keyword3", DEF(keyword3), 0, JOB_DEF_TAG_MAX, false, NULL },
	{ "executionContext", DEF(execution_context), 1, JOB_DEF_NAME_MAX, false, NULL },
	{ "javaOptions", DEF(java_opts), 0, JOB_DEF_TEXT_MAX, false, NULL },
	{ "workingDirectory", DEF(limits.working_directory), 1, JOB_DEF_TEXT_MAX, false, NULL },
	{ "backoff", DEF(retry.backoff), 1, 50, true, backoffs },
	{ "onNodeLoss", DEF(on_node_loss), 1, 50, true, node_loss_rules },
	{ "concurrencyKey", DEF(concurrency_key), 1, CONCURRENCY_KEY_MAX, false, NULL },
	{ "runAs", DEF(run_as), 1, RUN_AS_MAX, false, NULL },
	{ "signature", DEF(signature), SIGNATURE_CHARS, SIGNATURE_CHARS, false, NULL },
};
const size_t job_def_texts_len = sizeof(job_def_texts) / sizeof(job_def_texts[0]);

#define YEAR_S 31536000
#define WEEK_S 604800
#define PIB (INT64_C(1) << 50)

/* field, offset, least and most, needed */
const struct model_number job_def_numbers[] = {
	{ "priority", DEF(priority), 0, 10, false },
	{ "reasonableRuntimeLimitMinute", DEF(alert_after_min), 0, INT32_MAX, false },
	{ "runMaxSeconds", DEF(limits.run_max_s), 1, YEAR_S, false },
	{ "graceMs", DEF(limits.grace_ms), 0, 3600000, false },
	{ "logMaxBytes", DEF(limits.log_max_bytes), 65536, PIB, false },
	{ "filesMaxBytes", DEF(limits.files_max_bytes), 0, PIB, false },
	{ "filesMaxCount", DEF(limits.files_max_count), 0, 1000000, false },
	{ "memoryMaxBytes", DEF(limits.memory_max_bytes), 1 << 20, PIB, false },
	{ "cpuMaxSeconds", DEF(limits.cpu_max_s), 1, YEAR_S, false },
	{ "processesMax", DEF(limits.processes_max), 1, 100000, false },
	{ "umask", DEF(limits.umask), 0, 0777, false },
	{ "attemptsMax", DEF(retry.attempts_max), 1, 100, true },
	{ "delaySeconds", DEF(retry.delay_s), 0, WEEK_S, true },
	{ "delayMaxSeconds", DEF(retry.delay_max_s), 0, WEEK_S, true },
	{ "nodeLossesMax", DEF(node_losses_max), 0, 10, true },
};
const size_t job_def_numbers_len = sizeof(job_def_numbers) / sizeof(job_def_numbers[0]);

const struct job_def job_def_defaults = {
	.retry = { .attempts_max = { true, 1 },
		   .backoff = "FIXED",
		   .delay_s = { true, 60 },
		   .delay_max_s = { true, 3600 } },
	.on_node_loss = "CRASH",
	.node_losses_max = { true, 2 },
};

const struct model_text execution_context_texts[] = {
	{ "name", CONTEXT(name), 1, JOB_DEF_NAME_MAX, true, NULL },
	{ "hiddenJavaClasses", CONTEXT(hidden_classes), 0, JOB_DEF_TEXT_MAX, false, NULL },
	{ "runners", CONTEXT(allowed_runners), 0, JOB_DEF_TEXT_MAX, false, NULL },
	{ "extraClasspathDirs", CONTEXT(extra_classpath_dirs), 0, JOB_DEF_TEXT_MAX, false, NULL },
	{ "excludedClassPrefixes", CONTEXT(excluded_class_prefixes), 0, JOB_DEF_TEXT_MAX, false,
	  NULL },
};
const size_t execution_context_texts_len =
    sizeof(execution_context_texts) / sizeof(execution_context_texts[0]);

static int
choice_check(const struct model_text *row, const char *value, struct err *err)
{
	char names[100] = "";
	size_t len = 0;

	for (size_t i = 0; row->choices[i] != NULL; i++) {
		if (strcmp(row->choices[i], value) == 0)
			return 0;
		len += (size_t)snprintf(names + len, sizeof(names) - len, " %s", row->choices[i]);
		assert(len < sizeof(names));
	}
	return err_set(err, ERR_INVALID, "\"%s\" must be one of:%s; not \"%.*s\"", row->field,
		       names, STR_CUT(value, 60));
}

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
	return row->choices == NULL ? 0 : choice_check(row, value, err);
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

/* Is key prefix, perhaps a name and a dot, and "consumption"? */
static bool
is_consumption(const char *key, const char *prefix)
{
	if (!str_starts(key, prefix))
		return false;
	key += strlen(prefix);
	return strcmp(key, "consumption") == 0 || str_ends(key, ".consumption");
}

/* A number with blanks around it, as the database reads it. */
static int
consumption_check(const char *key, const char *value, int least, struct err *err)
{
	const char *digits = value + strspn(value, " ");
	size_t len = strspn(digits, "0123456789");
	char text[7];
	int64_t number;

	if (len >= 1 && len < sizeof(text) && digits[len + strspn(digits + len, " ")] == '\0') {
		memcpy(text, digits, len);
		text[len] = '\0';
		if (num_int64(text, least, CONSUMPTION_MAX, &number) == 0)
			return 0;
	}
	return err_set(err, ERR_INVALID, "parameter \"%s\" is \"%.*s\", not a number from %d to %d",
		       key, STR_CUT(value, 40), least, CONSUMPTION_MAX);
}

int
job_def_parameter_check(const char *key, const char *value, struct err *err)
{
	if (parameter_check(key, value, err) == -1)
		return -1;
	if (is_consumption(key, "com.enioka.jqm.rm.quantity."))
		return consumption_check(key, value, 1, err);
	if (is_consumption(key, "com.enioka.jqm.rm.discrete."))
		return consumption_check(key, value, 0, err);
	return 0;
}

static int
parameters_check(const struct text_map *map, int (*check)(const char *, const char *, struct err *),
		 struct err *err)
{
	if (map->len > PARAMETERS_MAX)
		return err_set(err, ERR_INVALID, "there are %zu parameters, at most %d are allowed",
			       map->len, PARAMETERS_MAX);
	for (size_t i = 0; i < map->len; i++)
		if (check(map->items[i].key, map->items[i].value, err) == -1)
			return -1;
	return 0;
}

int
model_number_check(const struct model_number *row, const struct opt_int64 *value, struct err *err)
{
	if (!value->set)
		return row->needed ? err_set(err, ERR_INVALID, "\"%s\" is missing", row->field) : 0;
	if (value->value < row->min || value->value > row->max)
		return err_set(err, ERR_INVALID,
			       "\"%s\" is %" PRId64 ", outside %" PRId64 " to %" PRId64, row->field,
			       value->value, row->min, row->max);
	return 0;
}

static int
numbers_check(const struct job_def *def, struct err *err)
{
	for (size_t i = 0; i < job_def_numbers_len; i++) {
		struct opt_int64 value;

		memcpy(&value, (const char *)def + job_def_numbers[i].offset, sizeof(value));
		if (model_number_check(&job_def_numbers[i], &value, err) == -1)
			return -1;
	}
	return 0;
}

int
job_def_retry_check(const struct job_def_retry *retry, struct err *err)
{
	if (strcmp(retry->backoff, "EXPONENTIAL") == 0 &&
	    retry->delay_s.value > retry->delay_max_s.value)
		return err_set(err, ERR_INVALID,
			       "\"delaySeconds\" is %" PRId64 ", more than \"delayMaxSeconds\", "
			       "which is %" PRId64,
			       retry->delay_s.value, retry->delay_max_s.value);
	if (retry->exit_codes_len > EXIT_CODES_MAX)
		return err_set(err, ERR_INVALID,
			       "\"exitCodes\" has %zu numbers, at most %d are allowed",
			       retry->exit_codes_len, EXIT_CODES_MAX);
	for (size_t i = 0; i < retry->exit_codes_len; i++)
		if (retry->exit_codes[i] < 1 || retry->exit_codes[i] > 255)
			return err_set(err, ERR_INVALID, "\"exitCodes\": %d is outside 1 to 255",
				       retry->exit_codes[i]);
	return 0;
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
	    numbers_check(def, err) == -1 || job_def_retry_check(&def->retry, err) == -1 ||
	    parameters_check(&def->parameters, job_def_parameter_check, err) == -1)
		return err_prefix(err, "definition \"%.*s\"", STR_CUT(shown_name(def->name), 100));
	return 0;
}

int
execution_context_check(const struct execution_context *context, struct err *err)
{
	int rc = texts_check(context, execution_context_texts, execution_context_texts_len, err);

	for (size_t i = 0; rc == 0 && i < context->handlers_len; i++)
		rc = parameters_check(&context->handlers[i].parameters, parameter_check, err);
	if (rc == -1)
		return err_prefix(err, "context \"%.*s\"", STR_CUT(shown_name(context->name), 100));
	return 0;
}
