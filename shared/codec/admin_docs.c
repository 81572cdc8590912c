/* SPDX-License-Identifier: Apache-2.0 */
/* codec/admin_docs.c: what administrators edit, on the wire: JQM's members in its order, then ours. */
#include "codec/docs.h"
#include "model/admin.h"

#define DOC(object, s, rows, text) const struct wire_object object = WIRE_OBJECT(s, rows, text)
#define ID(what) WIRE_ROW_INT64(S, id, "id", "number of the " what)
#define TEXT(m, n, max, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, max, d)
#define NUMBER(m, n, lo, hi, d) \
	WIRE_ROW(n, INT64, ALWAYS, WIRE_AT(S, m, int64_t), d, .min = (lo), .max = (hi))

#define S struct admin_queue
static const struct wire_field queue_fields[] = {
	ID("queue"),
	TEXT(name, "name", 255, "unique name"),
	TEXT(description, "description", 1000, "free text"),
	WIRE_ROW_BOOL(S, default_queue, "defaultQueue", "for definitions that name none"),
	WIRE_ROW_OPT_INT64(S, ageing_s, "ageingSeconds", 1, 31536000,
			   "a waiting job gains a priority each time this has passed"),
};
#undef S
DOC(admin_queue_doc, admin_queue, queue_fields, "where jobs wait");

#define S struct admin_mapping
static const struct wire_field mapping_fields[] = {
	ID("mapping"),
	WIRE_ROW_INT64(S, node_id, "nodeId", "which node"),
	NUMBER(max_jobs, "nbThread", 0, 100000, "jobs of the queue at the same time"),
	NUMBER(polling_interval_ms, "pollingInterval", 1, 86400000,
	       "how often it looks at the latest, ms"),
	WIRE_ROW_INT64(S, queue_id, "queueId", "serves which queue"),
	TEXT(node_name, "nodeName", 0, "of the node; not read"),
	TEXT(queue_name, "queueName", 0, "of the queue; not read"),
	WIRE_ROW_BOOL(S, enabled, "enabled", "does it"),
};
#undef S
DOC(admin_mapping_doc, admin_mapping, mapping_fields, "which node runs jobs of which queue");

#define S struct admin_resource
static const struct wire_field resource_fields[] = {
	ID("resource"),
	TEXT(name, "name", 255, "unique name"),
	TEXT(auth, "auth", 20, "CONTAINER unless given"),
	TEXT(type, "type", 1000, "Java class"),
	TEXT(factory, "factory", 1000, "Java class"),
	TEXT(description, "description", 250, "free text"),
	WIRE_ROW_BOOL(S, singleton, "singleton", "one for all jobs"),
	TEXT(template, "template", 50, "what it was made from"),
	WIRE_ROW("parameters", MAP, ALWAYS, WIRE_AT(S, parameters, struct text_map),
		 "of the factory", .min = 0, .max = 1000, .key_max = 255),
};
#undef S
DOC(admin_resource_doc, admin_resource, resource_fields,
    "a resource of JQM's Java jobs; stored, not used by our runner");

#define S struct admin_parameter
static const struct wire_field parameter_fields[] = {
	ID("parameter"),
	TEXT(key, "key", 255, "unique key"),
	TEXT(value, "value", 1000, "its value"),
};
#undef S
DOC(admin_parameter_doc, admin_parameter, parameter_fields, "a parameter of the whole cluster");

/* Whether persistent is not said matters to nobody: the database has the default. */
#define S struct admin_context
static const struct wire_field handler_fields[] = {
	WIRE_ROW_TEXT(struct admin_handler, class_name, "className", OPTIONAL, 0, "Java class"),
	WIRE_ROW_TEXT(struct admin_handler, event, "event", OPTIONAL, 0, "always JI_STARTING"),
	WIRE_ROW_MAP(struct admin_handler, parameters, "parameters", "what it is given"),
};
static const struct wire_object handler_doc = {
	.name = "admin_handler",
	.size = sizeof(struct admin_handler),
	.fields = handler_fields,
	.fields_len = sizeof(handler_fields) / sizeof(handler_fields[0]),
	.description = "what runs when a Java job starts",
};
static const struct wire_field context_fields[] = {
	ID("execution context"),
	TEXT(name, "name", 255, "unique name"),
	WIRE_ROW_BOOL(S, child_first, "childFirst", "how Java classes are found"),
	TEXT(hidden_classes, "hiddenClasses", 1024, "patterns of classes, comma-separated"),
	WIRE_ROW_BOOL(S, tracing, "tracingEnabled", "is it logged how"),
	WIRE_ROW_BOOL(S, persistent, "persistent", "kept after a job"),
	TEXT(allowed_runners, "allowedRunners", 1024, "Java classes, comma-separated"),
	TEXT(extra_classpath_dirs, "extraClasspathDirs", 1024, "directories, comma-separated"),
	TEXT(excluded_class_prefixes, "excludedClassPrefixes", 1024, "comma-separated"),
	WIRE_ROW_OBJECT_LIST(S, handlers, "handlers", "handler", struct admin_handler_list,
			     &handler_doc, "not read: descriptors bring them"),
};
#undef S
DOC(admin_context_doc, admin_context, context_fields,
    "Java class loading; stored for definitions that name it");

#define S struct admin_user
static const struct wire_field user_fields[] = {
	ID("account"),
	TEXT(login, "login", 255, "unique name"),
	TEXT(new_password, "newPassword", 500, "to set another one; never told"),
	TEXT(certificate_thumbprint, "certificateThumbprint", 0, "always null, not read"),
	WIRE_ROW_BOOL(S, locked, "locked", "nobody can log in with it"),
	WIRE_ROW_BOOL(S, internal, "internal", "a technical account"),
	WIRE_ROW("expirationDate", DATE, OPTIONAL, WIRE_AT(S, expiration_date, struct opt_time),
		 "nobody can log in after that", .loose = true),
	WIRE_ROW_DATE(S, creation_date, "creationDate", "since when it exists; not read"),
	TEXT(free_text, "freeText", 254, "whose it is"),
	TEXT(email, "email", 254, "mail address"),
	WIRE_ROW_INT64_LIST(S, roles, "roles", 0, 0, "numbers of its roles"),
	WIRE_ROW_BOOL(S, has_password, "hasPassword", "was one ever set; not read"),
	WIRE_ROW_BOOL(S, built_in, "builtIn", "cannot be renamed or deleted; not read"),
};
#undef S
DOC(admin_user_doc, admin_user, user_fields, "who may log in");

#define S struct admin_role
static const struct wire_field role_fields[] = {
	ID("role"),
	TEXT(name, "name", 255, "unique name"),
	TEXT(description, "description", 254, "free text"),
	WIRE_ROW_TEXT_LIST(S, permissions, "permissions", "permission", 300,
			   "object:verb, * for any"),
	WIRE_ROW_BOOL(S, built_in, "builtIn", "cannot be renamed or deleted; not read"),
};
#undef S
DOC(admin_role_doc, admin_role, role_fields, "what accounts may do");

#define S struct admin_limit
static const struct wire_field limit_fields[] = {
	ID("limit"),
	TEXT(key, "key", 100, "of the jobs it is for"),
	TEXT(description, "description", 1000, "free text"),
	WIRE_ROW_OPT_INT64(S, max_running, "maxRunning", 0, 100000,
			   "jobs with the key at the same time"),
	WIRE_ROW_OPT_INT64(S, rate, "rate", 1, 10000, "starts in a period"),
	WIRE_ROW_OPT_INT64(S, rate_period_s, "ratePeriodSeconds", 1, 31536000, "the period"),
	WIRE_ROW_INT64(S, running, "running", "jobs with the key that run now; not read"),
};
#undef S
DOC(admin_limit_doc, admin_limit, limit_fields, "a limit of the whole cluster");

#define S struct usage_stats
static const struct wire_field usage_fields[] = {
	WIRE_ROW_INT64(S, active_nodes, "activeNodes", "nodes that take jobs"),
	WIRE_ROW_INT64(S, queues, "queues", "queues there are"),
	WIRE_ROW_INT64(S, paused_jobs, "pausedJobs", "jobs on hold"),
	WIRE_ROW_INT64(S, submitted_jobs, "submittedJobs", "jobs that wait for their turn"),
	WIRE_ROW_INT64(S, running_jobs, "runningJobs", "jobs that run"),
	WIRE_ROW_INT64(S, scheduled_jobs, "scheduledJobs", "jobs that wait for a date or others"),
	WIRE_ROW_INT64(S, late_jobs, "lateJobs", "jobs that run longer than they should"),
};
#undef S
DOC(usage_stats_doc, usage_stats, usage_fields, "the cluster now, in numbers");

#define S struct queue_load
static const struct wire_field load_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the queue"),
	TEXT(name, "name", 0, "its name"),
	WIRE_ROW_INT64(S, waiting, "waiting", "jobs that wait for their turn"),
	WIRE_ROW_INT64(S, running, "running", "jobs that run or were taken by a node"),
	WIRE_ROW_INT64(S, held, "held", "jobs on hold"),
	WIRE_ROW_INT64(S, scheduled, "scheduled", "jobs that wait for a date or others"),
	WIRE_ROW_INT64(S, capacity, "capacity", "how many may run at the same time"),
	WIRE_ROW_DATE(S, waiting_since, "waitingSince",
		      "since when the one that waits longest could have begun"),
};
#undef S
DOC(queue_load_doc, queue_load, load_fields, "what a queue has to do");

#define MS(m, n, d) WIRE_ROW_OPT_INT64(S, m, n, 0, INT64_MAX, d)
#define S struct history_slot
static const struct wire_field slot_fields[] = {
	TEXT(start, "slotStart", 0, "when it begins"),
	WIRE_ROW_INT64(S, ended, "ended", "jobs that ended well in it"),
	WIRE_ROW_INT64(S, crashed, "crashed", "jobs that crashed"),
	WIRE_ROW_INT64(S, killed, "killed", "jobs that were killed"),
	WIRE_ROW_INT64(S, cancelled, "cancelled", "jobs that were cancelled"),
	MS(wait_ms, "waitMs", "mean time that those that ran had waited since they could begin"),
	MS(wait_max_ms, "waitMaxMs", "the longest of these"),
	MS(run_ms, "runMs", "mean time that they ran"),
	MS(run_max_ms, "runMaxMs", "the longest of these"),
};
#undef S
DOC(history_slot_doc, history_slot, slot_fields, "how jobs ended in a part of the last hours");
