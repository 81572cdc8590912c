/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/admin.h: configuration as administrators see and edit it; JQM's DTOs and what ours adds.
 *
 * A document that changes an object need not have all of it: sql/schema/0023 says what an absent
 * member means, the tables what may be stored.  model/node.h has nodes.
 */
#ifndef MODEL_ADMIN_H
#define MODEL_ADMIN_H

#include "model/parameter_type.h"
#include "model/value.h"

struct admin_queue {
	int64_t id;
	const char *name, *description;
	bool default_queue;
	struct opt_int64 ageing_s; /* a waiting job gains a priority each time */
};

struct admin_mapping {
	int64_t id, node_id, queue_id;
	const char *node_name, *queue_name; /* not read */
	int64_t max_jobs, polling_interval_ms;
	bool enabled;
};

struct admin_resource {
	int64_t id;
	const char *name, *auth, *type, *factory, *description, *template;
	bool singleton;
	struct text_map parameters; /* values may be NULL */
};

struct admin_parameter {
	int64_t id;
	const char *key, *value;
};

struct admin_schedule {
	int64_t id;
	const char *cron_expression;
	struct opt_time last_updated, next_fire;
	struct opt_int64 queue_id, priority;
	struct text_map parameters;
	struct opt_int64 job_def_id;
	const char *time_zone, *day_rule, *overlap, *misfire, *problem;
	struct opt_int64 misfire_window_s;
	bool enabled;
};
struct admin_schedule_list {
	struct admin_schedule *items;
	size_t len;
};

struct admin_definition {
	int64_t id;
	const char *description, *class_name, *name, *application, *module;
	const char *keyword1, *keyword2, *keyword3, *path, *path_type;
	bool can_be_restarted, highlander, enabled, external;
	struct opt_int64 queue_id, alert_after_min, execution_context_id, priority;
	struct admin_schedule_list schedules;
	struct text_map parameters;
	const char *java_opts;
	/* Limits, retries, lost nodes: as in model/job_def.h. */
	struct opt_int64 run_max_s, grace_ms, log_max_bytes, files_max_bytes, files_max_count;
	struct opt_int64 memory_max_bytes, cpu_max_s, processes_max;
	const char *umask; /* octal */
	const char *working_directory;
	struct opt_int64 attempts_max, retry_delay_s, retry_delay_max_s, node_losses_max;
	const char *retry_backoff, *on_node_loss, *concurrency_key;
	const char *run_as; /* account of the system; NULL: JQM's own */
	const char *signature; /* crypto/signature.h; NULL: not signed */
	struct int64_list retry_exit_codes;
	struct parameter_type_list parameter_types;
};

/* Of a Java job's start: descriptors bring them; shown, not changed here. */
struct admin_handler {
	const char *class_name, *event;
	struct text_map parameters;
};
struct admin_handler_list {
	struct admin_handler *items;
	size_t len;
};

struct admin_context {
	int64_t id;
	const char *name, *hidden_classes, *allowed_runners;
	const char *extra_classpath_dirs, *excluded_class_prefixes;
	bool child_first, tracing, persistent;
	struct admin_handler_list handlers; /* not read */
};

struct admin_user {
	int64_t id;
	const char *login;
	const char *new_password; /* read only from callers, never told */
	const char *certificate_thumbprint; /* JQM's; always NULL */
	bool locked, internal, has_password, built_in;
	struct opt_time expiration_date, creation_date;
	const char *free_text, *email;
	struct int64_list roles;
};

struct admin_role {
	int64_t id;
	const char *name, *description;
	struct text_list permissions;
	bool built_in;
};

struct admin_limit {
	int64_t id;
	const char *key, *description;
	struct opt_int64 max_running, rate, rate_period_s;
	int64_t running;
};

struct usage_stats {
	int64_t active_nodes, queues, paused_jobs, submitted_jobs, running_jobs, scheduled_jobs,
	    late_jobs;
};

struct queue_load {
	int64_t id;
	const char *name;
	int64_t waiting, running, held, scheduled, capacity;
	struct opt_time waiting_since; /* the one that waits longest */
};
struct queue_load_list {
	struct queue_load *items;
	size_t len;
};

struct history_slot {
	const char *start; /* RFC 3339 */
	int64_t ended, crashed, killed, cancelled;
	/* Of those that ran: mean and longest. */
	struct opt_int64 wait_ms, wait_max_ms, run_ms, run_max_ms;
};
struct history_slot_list {
	struct history_slot *items;
	size_t len;
};

#endif
