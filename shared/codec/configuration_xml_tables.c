/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/configuration_xml_tables.h"

#include <stdint.h>

#include "model/job_def.h"

#define LEN(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TABLE(name, rows) .what = (name), .fields = (rows), .fields_len = LEN(rows)
#define RANGES(rows) .numbers = (rows), .numbers_len = LEN(rows)
#define SIZES(rows) .texts = (rows), .texts_len = LEN(rows)

/* --- nodes --- */

#define NODE(member) offsetof(struct configuration_node, member)
static const struct xml_field node_fields[] = {
	{ "name", XML_TRIMMED, NODE(name), true },
	{ "interface", XML_TRIMMED, NODE(interface), true },
	{ "webPort", XML_NUMBER, NODE(port), true },
	{ "jmxRegistryPort", XML_NUMBER, NODE(jmx_registry_port), true },
	{ "jmxServerPort", XML_NUMBER, NODE(jmx_server_port), true },
	{ "enabled", XML_BOOL, NODE(enabled), true },
	{ "loadSimpleWebApi", XML_BOOL, NODE(api_simple), true },
	{ "loadClientWebApi", XML_BOOL, NODE(api_client), true },
	{ "loadAdminWebApi", XML_BOOL, NODE(api_admin), true },
	{ "jobDefDirectory", XML_TEXT, NODE(job_directory), true },
	{ "tmpDirectory", XML_TEXT, NODE(tmp_directory), true },
	{ "deliverableDirectory", XML_TEXT, NODE(file_directory), true },
	{ "logLevel", XML_TRIMMED, NODE(log_level), true },
	{ "template", XML_BOOL, NODE(template), false },
};
static const struct model_number node_ranges[] = {
	{ "webPort", NODE(port), 0, 65535, true },
	{ "jmxRegistryPort", NODE(jmx_registry_port), 0, 65535, true },
	{ "jmxServerPort", NODE(jmx_server_port), 0, 65535, true },
};
/* JQM's files say WARNING, its programs WARN. */
static const char *const log_levels[] = { "TRACE", "DEBUG", "INFO",  "WARNING",
					  "WARN",  "ERROR", "FATAL", NULL };
static const struct model_text node_sizes[] = {
	{ "name", NODE(name), 1, 255, true, NULL },
	{ "interface", NODE(interface), 1, 255, true, NULL },
	{ "jobDefDirectory", NODE(job_directory), 1, 1024, true, NULL },
	{ "tmpDirectory", NODE(tmp_directory), 0, 1024, true, NULL },
	{ "deliverableDirectory", NODE(file_directory), 1, 1024, true, NULL },
	{ "logLevel", NODE(log_level), 1, 10, true, log_levels },
};
const struct xml_fields configuration_xml_node = { TABLE("node", node_fields), RANGES(node_ranges),
						   SIZES(node_sizes) };

/* --- queues --- */

#define QUEUE(member) offsetof(struct read_queue, queue.member)
static const struct xml_field queue_fields[] = {
	{ "name", XML_TRIMMED, QUEUE(name), true },
	{ "description", XML_TEXT, QUEUE(description), true },
	{ "timeToLive", XML_NUMBER, QUEUE(time_to_live), false },
	{ "mappings", XML_ELEMENT, offsetof(struct read_queue, mappings), false },
	{ "jobs", XML_ELEMENT, offsetof(struct read_queue, jobs), false },
	/* ours */
	{ "ageingSeconds", XML_NUMBER, QUEUE(ageing_s), false },
};
static const struct model_number queue_ranges[] = {
	{ "timeToLive", QUEUE(time_to_live), INT32_MIN, INT32_MAX, false },
	{ "ageingSeconds", QUEUE(ageing_s), 1, 31536000, false },
};
static const struct model_text queue_sizes[] = {
	{ "name", QUEUE(name), 1, QUEUE_NAME_MAX, true, NULL },
	{ "description", QUEUE(description), 0, 1000, true, NULL },
};
const struct xml_fields configuration_xml_queue = { TABLE("queue", queue_fields),
						    RANGES(queue_ranges), SIZES(queue_sizes) };

#define MAPPING(member) offsetof(struct configuration_mapping, member)
static const struct xml_field mapping_fields[] = {
	{ "nodeName", XML_TRIMMED, MAPPING(node), true },
	{ "maxThreads", XML_NUMBER, MAPPING(max_jobs), true },
	{ "pollingIntervalMs", XML_NUMBER, MAPPING(polling_interval_ms), true },
	{ "enabled", XML_BOOL, MAPPING(enabled), true },
};
static const struct model_number mapping_ranges[] = {
	{ "maxThreads", MAPPING(max_jobs), 0, 100000, true },
	{ "pollingIntervalMs", MAPPING(polling_interval_ms), 1, 86400000, true },
};
static const struct model_text mapping_sizes[] = {
	{ "nodeName", MAPPING(node), 1, 255, true, NULL },
};
const struct xml_fields configuration_xml_mapping = { TABLE("mapping", mapping_fields),
						      RANGES(mapping_ranges),
						      SIZES(mapping_sizes) };

/* --- parameters and resources --- */

#define PARAMETER(member) offsetof(struct configuration_parameter, member)
static const struct xml_field parameter_fields[] = {
	{ "key", XML_TEXT, PARAMETER(key), true },
	{ "value", XML_TEXT, PARAMETER(value), false },
};
static const struct model_text parameter_sizes[] = {
	{ "key", PARAMETER(key), 1, 255, true, NULL },
	{ "value", PARAMETER(value), 0, 1000, false, NULL },
};
const struct xml_fields configuration_xml_parameter = { TABLE("parameter", parameter_fields),
							SIZES(parameter_sizes) };

#define RESOURCE(member) offsetof(struct read_resource, resource.member)
static const struct xml_field resource_fields[] = {
	{ "alias", XML_TRIMMED, RESOURCE(alias), true },
	{ "type", XML_TEXT, RESOURCE(type), true },
	{ "factory", XML_TEXT, RESOURCE(factory), true },
	{ "description", XML_TEXT, RESOURCE(description), false },
	{ "singleton", XML_BOOL, RESOURCE(singleton), true },
	{ "parameters", XML_ELEMENT, offsetof(struct read_resource, parameters), false },
	/* ours */
	{ "auth", XML_TEXT, RESOURCE(auth), false },
	{ "template", XML_TEXT, RESOURCE(template), false },
};
static const struct model_text resource_sizes[] = {
	{ "alias", RESOURCE(alias), 1, 255, true, NULL },
	{ "type", RESOURCE(type), 1, 1000, true, NULL },
	{ "factory", RESOURCE(factory), 1, 1000, true, NULL },
	{ "description", RESOURCE(description), 0, 250, false, NULL },
	{ "auth", RESOURCE(auth), 1, 20, false, NULL },
	{ "template", RESOURCE(template), 0, 50, false, NULL },
};
const struct xml_fields configuration_xml_resource = { TABLE("resource", resource_fields),
						       SIZES(resource_sizes) };
