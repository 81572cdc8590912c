/* SPDX-License-Identifier: Apache-2.0 */
/* codec/configuration_doc.c: struct configuration as the JSON of sql/schema/0029: its elements' names. */
#include "codec/docs.h"
#include "model/configuration.h"

#define LEN(rows) (sizeof(rows) / sizeof((rows)[0]))
#define DOC(doc, s, rows) \
	static const struct wire_object doc = WIRE_OBJECT(s, rows, "part of a file")
#define LINE WIRE_ROW_INT64(S, line, "line", "where it stands")
#define TEXT(m, n) WIRE_ROW_TEXT(S, m, n, OPTIONAL, 0, "as the element")
#define NUMBER(m, n) WIRE_ROW_OPT_INT64(S, m, n, INT64_MIN, INT64_MAX, "as the element")
#define FLAG(m, n) WIRE_ROW_BOOL(S, m, n, "as the element")
#define LIST(m, n, ctype, doc) WIRE_ROW_OBJECT_LIST(S, m, n, n, struct ctype, doc, "as the element")

#define S struct configuration_node
static const struct wire_field node_fields[] = {
	LINE,
	TEXT(name, "name"),
	TEXT(interface, "interface"),
	NUMBER(port, "webPort"),
	NUMBER(jmx_registry_port, "jmxRegistryPort"),
	NUMBER(jmx_server_port, "jmxServerPort"),
	FLAG(enabled, "enabled"),
	FLAG(api_simple, "loadSimpleWebApi"),
	FLAG(api_client, "loadClientWebApi"),
	FLAG(api_admin, "loadAdminWebApi"),
	TEXT(job_directory, "jobDefDirectory"),
	TEXT(tmp_directory, "tmpDirectory"),
	TEXT(file_directory, "deliverableDirectory"),
	TEXT(log_level, "logLevel"),
	FLAG(template, "template"),
};
#undef S
DOC(configuration_node_doc, configuration_node, node_fields);

#define S struct configuration_mapping
static const struct wire_field mapping_fields[] = {
	LINE,
	TEXT(node, "nodeName"),
	NUMBER(max_jobs, "maxThreads"),
	NUMBER(polling_interval_ms, "pollingIntervalMs"),
	FLAG(enabled, "enabled"),
};
#undef S
DOC(configuration_mapping_doc, configuration_mapping, mapping_fields);

#define S struct configuration_queue
static const struct wire_field queue_fields[] = {
	LINE,
	TEXT(name, "name"),
	TEXT(description, "description"),
	NUMBER(time_to_live, "timeToLive"),
	NUMBER(ageing_s, "ageingSeconds"),
	LIST(mappings, "mappings", configuration_mapping_list, &configuration_mapping_doc),
	WIRE_ROW_TEXT_LIST(S, jobs, "jobs", "jobs", 0, "as the element"),
};
#undef S
DOC(configuration_queue_doc, configuration_queue, queue_fields);

#define S struct configuration_parameter
static const struct wire_field parameter_fields[] = {
	LINE,
	TEXT(key, "key"),
	TEXT(value, "value"),
};
#undef S
DOC(configuration_parameter_doc, configuration_parameter, parameter_fields);

#define S struct configuration_resource
static const struct wire_field resource_fields[] = {
	LINE,
	TEXT(alias, "alias"),
	TEXT(type, "type"),
	TEXT(factory, "factory"),
	TEXT(description, "description"),
	FLAG(singleton, "singleton"),
	TEXT(auth, "auth"),
	TEXT(template, "template"),
	LIST(parameters, "parameters", configuration_parameter_list, &configuration_parameter_doc),
};
#undef S
DOC(configuration_resource_doc, configuration_resource, resource_fields);

#define S struct configuration
static const struct wire_field fields[] = {
	TEXT(default_queue, "defaultQueueName"),
	WIRE_ROW_INT64(S, default_queue_line, "defaultQueueLine", "where it stands"),
	LIST(nodes, "nodes", configuration_node_list, &configuration_node_doc),
	LIST(queues, "queues", configuration_queue_list, &configuration_queue_doc),
	LIST(parameters, "globalParameters", configuration_parameter_list,
	     &configuration_parameter_doc),
	LIST(resources, "resources", configuration_resource_list, &configuration_resource_doc),
};

const struct wire_object configuration_doc = {
	.name = "configuration",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = LEN(fields),
	.description = "what a file of nodes, queues, parameters and resources describes",
};
#undef S
