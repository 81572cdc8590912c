/* SPDX-License-Identifier: Apache-2.0 */
/* model/node.h: a machine with a runner, as administrators see it. */
#ifndef MODEL_NODE_H
#define MODEL_NODE_H

#include "model/value.h"

/* As jqm.node_rules() has it. */
#define NODE_NAME_CHARS_MAX 255

struct node {
	int64_t id;
	const char *name;
	const char *dns; /* where it listens, and is reached */
	int64_t port;
	const char *output_directory, *tmp_directory, *job_repository;
	const char *log_level;
	struct opt_time last_seen_alive;
	int64_t jmx_registry_port, jmx_server_port; /* JQM's; stored only */
	bool enabled, stop, draining;
	bool template; /* JQM's: a pattern for other nodes */
	bool load_api_simple, load_api_client, load_api_admin;
	bool reports_running, alive; /* a runner holds its lease: JQM's name for it, and ours */
	int64_t running_jobs; /* in its hands, about to start too */
};
#endif
