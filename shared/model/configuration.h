/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/configuration.h: what JQM's files of queues, resources and whole clusters describe (docs/xml.md).
 *
 * A line tells where a document describes it; 0: not from a document.
 */
#ifndef MODEL_CONFIGURATION_H
#define MODEL_CONFIGURATION_H

#include "model/value.h"

struct configuration_node {
	int64_t line;
	const char *name, *interface, *job_directory, *tmp_directory, *file_directory, *log_level;
	struct opt_int64 port, jmx_registry_port, jmx_server_port;
	bool enabled, api_simple, api_client, api_admin, template;
};
struct configuration_node_list {
	struct configuration_node *items;
	size_t len;
};

struct configuration_mapping {
	int64_t line;
	const char *node;
	struct opt_int64 max_jobs, polling_interval_ms;
	bool enabled;
};
struct configuration_mapping_list {
	struct configuration_mapping *items;
	size_t len;
};

struct configuration_queue {
	int64_t line;
	const char *name, *description;
	struct opt_int64 time_to_live; /* JQM's; stored only; not set: stays as it is */
	struct opt_int64 ageing_s; /* not set: stays as it is */
	struct configuration_mapping_list mappings; /* others stay */
	struct text_list jobs; /* definitions whose queue it becomes */
};
struct configuration_queue_list {
	struct configuration_queue *items;
	size_t len;
};

/* Of the cluster or of a resource. */
struct configuration_parameter {
	int64_t line;
	const char *key;
	const char *value; /* NULL: not told, stays as it is */
};
struct configuration_parameter_list {
	struct configuration_parameter *items;
	size_t len;
};

struct configuration_resource {
	int64_t line;
	const char *alias, *type, *factory, *description;
	const char *auth; /* NULL: CONTAINER */
	const char *template; /* NULL: stays as it is */
	bool singleton;
	struct configuration_parameter_list parameters; /* all it has */
};
struct configuration_resource_list {
	struct configuration_resource *items;
	size_t len;
};

/* Names are unique in each list, nodes in the mappings of a queue, keys in parameters. */
struct configuration {
	const char *default_queue; /* NULL: stays as it is */
	int64_t default_queue_line;
	struct configuration_node_list nodes;
	struct configuration_queue_list queues;
	struct configuration_parameter_list parameters;
	struct configuration_resource_list resources;
};

#endif
