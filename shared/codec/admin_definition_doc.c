/* SPDX-License-Identifier: Apache-2.0 */
/* codec/admin_definition_doc.c: definitions and their schedules, for administrators: JQM's members in its
 * order, then ours. */
#include "codec/docs.h"
#include "model/admin.h"

#define TEXT(m, n, max, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, max, d)
#define NUMBER(m, n, lo, hi, d) WIRE_ROW_OPT_INT64(S, m, n, lo, hi, d)
#define PIB (INT64_C(1) << 50)

#define S struct admin_schedule
static const struct wire_field schedule_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the schedule"),
	TEXT(cron_expression, "cronExpression", 255, "when"),
	WIRE_ROW_DATE(S, last_updated, "lastUpdated", "when it was changed last; not read"),
	NUMBER(queue_id, "queue", 0, 0, "number of the queue, instead of the definition's"),
	NUMBER(priority, "priority", 0, 10, "instead of the definition's"),
	WIRE_ROW_MAP(S, parameters, "parameters", "added to the definition's"),
	NUMBER(job_def_id, "jobDefId", 0, 0, "number of the definition it runs"),
	TEXT(time_zone, "timeZone", 64, "IANA zone of its times; empty: that of the nodes"),
	TEXT(day_rule, "dayRule", 3, "AND: both day fields must match; OR: one of them"),
	WIRE_ROW_BOOL(S, enabled, "enabled", "does it run"),
	TEXT(overlap, "overlap", 7, "while its last job is not over: ALLOW, SKIP or REPLACE"),
	TEXT(misfire, "misfire", 4, "for times no node was there: SKIP, ONCE or ALL"),
	NUMBER(misfire_window_s, "misfireWindowSeconds", 60, 31536000,
	       "times missed longer ago are dropped"),
	WIRE_ROW_DATE(S, next_fire, "nextFireDate", "when it is due next; not read"),
	TEXT(problem, "problem", 0, "what went wrong the last time; not read"),
};
#undef S

const struct wire_object admin_schedule_doc = {
	.name = "admin_schedule",
	.size = sizeof(struct admin_schedule),
	.fields = schedule_fields,
	.fields_len = sizeof(schedule_fields) / sizeof(schedule_fields[0]),
	.description = "when a definition runs by itself",
};

#define S struct parameter_type
static const struct wire_field type_fields[] = {
	TEXT(key, "key", 50, "of the parameter"),
	TEXT(type, "type", 20,
	     "TEXT, INTEGER, NUMBER, BOOLEAN (true or false), DATE (YYYY-MM-DD) or CHOICE"),
	WIRE_ROW_BOOL(S, required, "required", "a job must have a value, from wherever"),
	TEXT(hint, "hint", 200, "for people who are asked for it"),
	WIRE_ROW_TEXT_LIST(S, choices, "choices", "choice", 1000, "of a CHOICE: what may be given"),
};
#undef S

static const struct wire_object type_doc = {
	.name = "parameter_type",
	.size = sizeof(struct parameter_type),
	.fields = type_fields,
	.fields_len = sizeof(type_fields) / sizeof(type_fields[0]),
	.description = "what a parameter of a definition must be",
};

#define S struct admin_definition
static const struct wire_field definition_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the definition"),
	TEXT(description, "description", 1024, "free text"),
	WIRE_ROW_BOOL(S, can_be_restarted, "canBeRestarted", "may a crashed job be run again"),
	TEXT(class_name, "javaClassName", 100, "none for processes"),
	NUMBER(queue_id, "queueId", 0, 0, "number of the queue its jobs wait in"),
	TEXT(name, "applicationName", 255, "its unique name"),
	TEXT(application, "application", 50, "classification"),
	TEXT(module, "module", 50, "classification"),
	TEXT(keyword1, "keyword1", 50, "classification"),
	TEXT(keyword2, "keyword2", 50, "classification"),
	TEXT(keyword3, "keyword3", 50, "classification"),
	WIRE_ROW_BOOL(S, highlander, "highlander", "never two of its jobs at the same time"),
	WIRE_ROW_BOOL(S, enabled, "enabled", "a job of a disabled one ends without being run"),
	TEXT(path, "jarPath", 1024, "a command line, a program or a jar"),
	TEXT(path_type, "pathType", 50, "which of these"),
	NUMBER(alert_after_min, "reasonableRuntimeLimitMinute", 0, INT32_MAX,
	       "running longer is said; 0: never"),
	NUMBER(execution_context_id, "classLoaderId", 0, 0, "number of its execution context"),
	WIRE_ROW_OBJECT_LIST(S, schedules, "schedules", "schedule", struct admin_schedule_list,
			     &admin_schedule_doc, "when it runs by itself"),
	WIRE_ROW_MAP(S, parameters, "parameters", "what its jobs get unless a request says other"),
	NUMBER(priority, "priority", 0, 10, "10 first; 0: none"),
	WIRE_ROW_BOOL(S, external, "external", "of JQM; stored only"),
	TEXT(java_opts, "javaOpts", 1024, "of JQM; stored only"),
	NUMBER(run_max_s, "runMaxSeconds", 1, 31536000, "then a job is killed"),
	NUMBER(grace_ms, "graceMs", 0, 3600000, "from TERM to KILL"),
	NUMBER(log_max_bytes, "logMaxBytes", 65536, PIB, "of each output"),
	NUMBER(files_max_bytes, "filesMaxBytes", 0, PIB, "of all delivered files; 0: no limit"),
	NUMBER(files_max_count, "filesMaxCount", 0, 1000000, "delivered files; 0: no limit"),
	NUMBER(memory_max_bytes, "memoryMaxBytes", 1 << 20, PIB, "of all its processes"),
	NUMBER(cpu_max_s, "cpuMaxSeconds", 1, 31536000, "processor time"),
	NUMBER(processes_max, "processesMax", 1, 100000, "at the same time"),
	TEXT(umask, "umask", 4, "of files it makes, octal"),
	TEXT(working_directory, "workingDirectory", 1024, "absolute or below the job repository"),
	NUMBER(attempts_max, "attemptsMax", 1, 100, "how often it is tried while it fails"),
	TEXT(retry_backoff, "retryBackoff", 11, "FIXED or EXPONENTIAL"),
	NUMBER(retry_delay_s, "retryDelaySeconds", 0, 604800, "before another attempt"),
	NUMBER(retry_delay_max_s, "retryDelayMaxSeconds", 0, 604800, "where it stops growing"),
	WIRE_ROW_INT64_LIST(S, retry_exit_codes, "retryExitCodes", 1, 255,
			    "only after these; empty: after any failure"),
	TEXT(on_node_loss, "onNodeLoss", 7, "CRASH, REQUEUE or HOLD"),
	NUMBER(node_losses_max, "nodeLossesMax", 0, 10, "so often is it requeued or held"),
	TEXT(concurrency_key, "concurrencyKey", 100, "which limit of the cluster it counts for"),
	TEXT(run_as, "runAs", 32, "account of the nodes as which it runs; none: the one of JQM"),
	TEXT(signature, "signature", 113,
	     "over what decides what is executed; goes when that is changed"),
	WIRE_ROW_OBJECT_LIST(S, parameter_types, "parameterTypes", "parameterType",
			     struct parameter_type_list, &type_doc,
			     "what its jobs must be given, in the order in which people are asked"),
};
#undef S

const struct wire_object admin_definition_doc = {
	.name = "admin_definition",
	.size = sizeof(struct admin_definition),
	.fields = definition_fields,
	.fields_len = sizeof(definition_fields) / sizeof(definition_fields[0]),
	.description = "what may be run",
};
