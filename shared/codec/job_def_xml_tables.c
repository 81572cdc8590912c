/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/job_def_xml_tables.h"

#define LEN(table) (sizeof(table) / sizeof((table)[0]))
#define DEF(member) offsetof(struct read_def, def.member)
#define CONTEXT(member) offsetof(struct read_context, context.member)

static const struct xml_field definition_fields[] = {
	{ "name", XML_TRIMMED, DEF(name), true },
	{ "queue", XML_TRIMMED, DEF(queue_name), false },
	{ "description", XML_TEXT, DEF(description), true },
	{ "canBeRestarted", XML_BOOL, DEF(can_be_restarted), true },
	{ "javaClassName", XML_TRIMMED, DEF(class_name), true },
	{ "maxTimeRunning", XML_DROPPED, 0, false },
	{ "application", XML_TEXT, DEF(application), false },
	{ "module", XML_TEXT, DEF(module), false },
	{ "other1", XML_DROPPED, 0, false },
	{ "other2", XML_DROPPED, 0, false },
	{ "other3", XML_DROPPED, 0, false },
	{ "keyword1", XML_TEXT, DEF(keyword1), false },
	{ "keyword2", XML_TEXT, DEF(keyword2), false },
	{ "keyword3", XML_TEXT, DEF(keyword3), false },
	{ "reasonableRuntimeLimitMinute", XML_NUMBER, DEF(alert_after_min), false },
	{ "highlander", XML_BOOL, DEF(highlander), true },
	{ "executionContext", XML_TRIMMED, DEF(execution_context), false },
	{ "parameters", XML_ELEMENT, offsetof(struct read_def, parameters), false },
	/* ours */
	{ "enabled", XML_OPT_BOOL, DEF(enabled), false },
	{ "priority", XML_NUMBER, DEF(priority), false },
	{ "limits", XML_ELEMENT, offsetof(struct read_def, limits), false },
	{ "retry", XML_ELEMENT, offsetof(struct read_def, retry), false },
	{ "onNodeLoss", XML_TRIMMED, DEF(on_node_loss), false },
	{ "nodeLossesMax", XML_NUMBER, DEF(node_losses_max), false },
	{ "concurrencyKey", XML_TRIMMED, DEF(concurrency_key), false },
	{ "runAs", XML_TRIMMED, DEF(run_as), false },
	{ "external", XML_OPT_BOOL, DEF(external), false },
	{ "javaOptions", XML_TEXT, DEF(java_opts), false },
	{ "signature", XML_TRIMMED, DEF(signature), false },
	{ "parameterTypes", XML_ELEMENT, offsetof(struct read_def, types), false },
};

static const struct xml_field limits_fields[] = {
	{ "runMaxSeconds", XML_NUMBER, DEF(limits.run_max_s), false },
	{ "graceMs", XML_NUMBER, DEF(limits.grace_ms), false },
	{ "logMaxBytes", XML_SIZE, DEF(limits.log_max_bytes), false },
	{ "filesMaxBytes", XML_SIZE, DEF(limits.files_max_bytes), false },
	{ "filesMaxCount", XML_NUMBER, DEF(limits.files_max_count), false },
	{ "memoryMaxBytes", XML_SIZE, DEF(limits.memory_max_bytes), false },
	{ "cpuMaxSeconds", XML_NUMBER, DEF(limits.cpu_max_s), false },
	{ "processesMax", XML_NUMBER, DEF(limits.processes_max), false },
	{ "umask", XML_OCTAL, DEF(limits.umask), false },
	{ "workingDirectory", XML_TRIMMED, DEF(limits.working_directory), false },
};

static const struct xml_field retry_fields[] = {
	{ "attemptsMax", XML_NUMBER, DEF(retry.attempts_max), false },
	{ "backoff", XML_TRIMMED, DEF(retry.backoff), false },
	{ "delaySeconds", XML_NUMBER, DEF(retry.delay_s), false },
	{ "delayMaxSeconds", XML_NUMBER, DEF(retry.delay_max_s), false },
	{ "exitCodes", XML_TRIMMED, offsetof(struct read_def, exit_codes), false },
};

static const struct xml_field context_fields[] = {
	{ "name", XML_TRIMMED, CONTEXT(name), true },
	{ "childFirst", XML_BOOL, CONTEXT(child_first), false },
	{ "hiddenJavaClasses", XML_TRIMMED, CONTEXT(hidden_classes), false },
	{ "tracingEnabled", XML_BOOL, CONTEXT(tracing), false },
	{ "persistent", XML_BOOL, CONTEXT(persistent), false },
	{ "runners", XML_TRIMMED, CONTEXT(allowed_runners), false },
	{ "extraClasspathDirs", XML_TRIMMED, CONTEXT(extra_classpath_dirs), false },
	{ "excludedClassPrefixes", XML_TRIMMED, CONTEXT(excluded_class_prefixes), false },
	{ "eventHandlers", XML_ELEMENT, offsetof(struct read_context, handlers), false },
};

const struct xml_rows job_def_xml_definition = { definition_fields, LEN(definition_fields) };
const struct xml_rows job_def_xml_limits = { limits_fields, LEN(limits_fields) };
const struct xml_rows job_def_xml_retry = { retry_fields, LEN(retry_fields) };
const struct xml_rows job_def_xml_context = { context_fields, LEN(context_fields) };
