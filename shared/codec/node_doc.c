/* SPDX-License-Identifier: Apache-2.0 */
/* codec/node_doc.c: struct node on the wire: JQM's fields (and its misspelling), then ours. */
#include "codec/docs.h"
#include "model/node.h"

#define S struct node
#define TEXT(m, n, max, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, max, d)
#define PORT(m, n, d) WIRE_ROW(n, INT64, ALWAYS, WIRE_AT(S, m, int64_t), d, .min = 0, .max = 65535)

static const struct wire_field fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the node"),
	TEXT(name, "name", 255, "unique name"),
	TEXT(dns, "dns", 255, "where it listens, and is reached"),
	PORT(port, "port", "of its web API"),
	TEXT(output_directory, "outputDirectory", 1024, "delivered files"),
	TEXT(tmp_directory, "tmpDirectory", 1024, "directories of running jobs"),
	TEXT(job_repository, "jobRepoDirectory", 1024,
	     "what definitions start, and where jobs begin"),
	TEXT(log_level, "rootLogLevel", 10, "least serious events to log"),
	WIRE_ROW_DATE(S, last_seen_alive, "lastSeenAlive", "its runner's last heartbeat"),
	PORT(jmx_registry_port, "jmxRegistryPort", "of JQM; stored only"),
	PORT(jmx_server_port, "jmxServerPort", "of JQM; stored only"),
	WIRE_ROW_BOOL(S, stop, "stop", "its runner is to end"),
	WIRE_ROW_BOOL(S, enabled, "enabled", "takes jobs"),
	WIRE_ROW_BOOL(S, load_api_simple, "loapApiSimple", "serves the simple API"),
	WIRE_ROW_BOOL(S, load_api_client, "loadApiClient", "serves the client API"),
	WIRE_ROW_BOOL(S, load_api_admin, "loadApiAdmin", "serves the admin API"),
	WIRE_ROW_BOOL(S, reports_running, "reportsRunning", "a runner serves it"),
	WIRE_ROW_BOOL(S, template, "template", "a pattern for other nodes"),
	WIRE_ROW_BOOL(S, draining, "draining", "ends when its last job has"),
	WIRE_ROW_BOOL(S, alive, "alive", "a runner serves it"),
	WIRE_ROW_INT64(S, running_jobs, "runningJobs", "jobs in its hands"),
};

const struct wire_object node_doc = {
	.name = "node",
	.list_name = "nodes",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "a machine with a runner",
};
