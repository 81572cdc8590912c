/* SPDX-License-Identifier: Apache-2.0 */
#include "model/signed_definition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "model/admin.h"
#include "model/job_def.h"

#define DEF(m) offsetof(struct signed_definition, m)
#define TEXT(name, m)                             \
	{                                         \
		(name), SIGNED_TEXT, DEF(m), NULL \
	}
#define NUMBER(name, m)                                    \
	{                                                  \
		(name), SIGNED_NUMBER, DEF(limits.m), NULL \
	}
#define NOT(name, why)                       \
	{                                    \
		(name), SIGNED_NOT, 0, (why) \
	}
#define WORDS "words for who looks for it; a job sees some, as data"
#define JAVA "of Java jobs, which our runner does not run"
#define TIMES "how often it is run: whoever holds the database can enqueue as often"

const struct signed_member signed_members[] = {
	TEXT("applicationName", name),
	TEXT("jarPath", path),
	TEXT("pathType", path_type),
	TEXT("workingDirectory", working_directory),
	NUMBER("runMaxSeconds", run_max_s),
	NUMBER("graceMs", grace_ms),
	NUMBER("logMaxBytes", log_max_bytes),
	NUMBER("filesMaxBytes", files_max_bytes),
	NUMBER("filesMaxCount", files_max_count),
	NUMBER("memoryMaxBytes", memory_max_bytes),
	NUMBER("cpuMaxSeconds", cpu_max_s),
	NUMBER("processesMax", processes_max),
	NUMBER("umask", umask),
	TEXT("runAs", run_as),
	NOT("id", "a number of this database"),
	NOT("signature", "is over the others"),
	NOT("parameters", "data, as those of schedules and requests are"),
	NOT("parameterTypes", "what data may be given"),
	NOT("description", WORDS),
	NOT("application", WORDS),
	NOT("module", WORDS),
	NOT("keyword1", WORDS),
	NOT("keyword2", WORDS),
	NOT("keyword3", WORDS),
	NOT("javaClassName", JAVA),
	NOT("classLoaderId", JAVA),
	NOT("javaOpts", JAVA),
	NOT("external", JAVA),
	NOT("queueId", "where it waits"),
	NOT("priority", "who is first, and how nice it is to others"),
	NOT("highlander", TIMES),
	NOT("enabled", TIMES),
	NOT("canBeRestarted", TIMES),
	NOT("schedules", TIMES),
	NOT("attemptsMax", TIMES),
	NOT("retryBackoff", TIMES),
	NOT("retryDelaySeconds", TIMES),
	NOT("retryDelayMaxSeconds", TIMES),
	NOT("retryExitCodes", TIMES),
	NOT("onNodeLoss", TIMES),
	NOT("nodeLossesMax", TIMES),
	NOT("concurrencyKey", TIMES),
	NOT("reasonableRuntimeLimitMinute", "only says that it runs long"),
};
const size_t signed_members_len = sizeof(signed_members) / sizeof(signed_members[0]);

static void
put(struct buf *out, const char *member, const char *value)
{
	buf_printf(out, "%s %zu\n%s\n", member, strlen(value), value);
}

void
signed_definition_bytes(const struct signed_definition *def, struct buf *out)
{
	buf_puts(out, "jqm definition 1\n");
	for (size_t i = 0; i < signed_members_len; i++) {
		const char *at = (const char *)def + signed_members[i].offset;
		char digits[24];
		const char *text;
		int64_t number;

		if (signed_members[i].kind == SIGNED_TEXT) {
			memcpy(&text, at, sizeof(text));
			if (text != NULL && text[0] != '\0')
				put(out, signed_members[i].member, text);
		} else if (signed_members[i].kind == SIGNED_NUMBER) {
			memcpy(&number, at, sizeof(number));
			(void)snprintf(digits, sizeof(digits), "%" PRId64, number);
			if (number >= 0)
				put(out, signed_members[i].member, digits);
		}
	}
}

struct signed_definition
signed_definition_of_order(const struct job_order *order)
{
	return (struct signed_definition){
		.name = order->definition_name,
		.path = order->path,
		.path_type = order->path_type,
		.working_directory = order->working_directory,
		.run_as = order->run_as,
		.limits = order->limits,
	};
}

static int64_t
limit(struct opt_int64 value)
{
	return value.set ? value.value : -1;
}

struct signed_definition
signed_definition_of_def(const struct job_def *def)
{
	const struct job_def_limits *limits = &def->limits;

	return (struct signed_definition){
		.name = def->name,
		.path = def->path,
		.path_type = def->path_type,
		.working_directory = limits->working_directory,
		.run_as = def->run_as,
		.limits = { .run_max_s = limit(limits->run_max_s),
			    .grace_ms = limit(limits->grace_ms),
			    .log_max_bytes = limit(limits->log_max_bytes),
			    .files_max_bytes = limit(limits->files_max_bytes),
			    .files_max_count = limit(limits->files_max_count),
			    .memory_max_bytes = limit(limits->memory_max_bytes),
			    .cpu_max_s = limit(limits->cpu_max_s),
			    .processes_max = limit(limits->processes_max),
			    .umask = limit(limits->umask) },
	};
}

int
signed_definition_of_admin(const struct admin_definition *def, struct signed_definition *out,
			   struct err *err)
{
	char *end = NULL;

	*out = (struct signed_definition){
		.name = def->name,
		.path = def->path,
		.path_type = def->path_type,
		.working_directory = def->working_directory,
		.run_as = def->run_as,
		.limits = { .run_max_s = limit(def->run_max_s),
			    .grace_ms = limit(def->grace_ms),
			    .log_max_bytes = limit(def->log_max_bytes),
			    .files_max_bytes = limit(def->files_max_bytes),
			    .files_max_count = limit(def->files_max_count),
			    .memory_max_bytes = limit(def->memory_max_bytes),
			    .cpu_max_s = limit(def->cpu_max_s),
			    .processes_max = limit(def->processes_max),
			    .umask = -1 },
	};
	if (def->umask == NULL || def->umask[0] == '\0')
		return 0;
	out->limits.umask = strtol(def->umask, &end, 8);
	if (*end != '\0' || out->limits.umask < 0 || out->limits.umask > 0777)
		return err_set(err, ERR_INVALID, "umask \"%.*s\" is no octal number up to 777",
			       STR_CUT(def->umask, 10));
	return 0;
}
