/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_order.h: all a runner must know to run one job (a row of jqm.job_order). */
#ifndef MODEL_JOB_ORDER_H
#define MODEL_JOB_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* What its definition allows a run; -1: the definition says nothing. */
struct job_limits {
	int64_t run_max_s; /* then it is killed */
	int64_t grace_ms; /* from TERM to KILL */
	int64_t log_max_bytes; /* of each output: head and tail are kept */
	int64_t files_max_bytes, files_max_count; /* delivered; 0: no limit */
	int64_t memory_max_bytes;
	int64_t cpu_max_s; /* processor time */
	int64_t processes_max;
	int64_t umask;
};

/* The definition's limit, or otherwise when it says nothing. */
int64_t job_limit(int64_t of_definition, int64_t otherwise);

struct job_parameter {
	char *key;
	char *value;
	bool secret; /* goes into the environment only; value is sealed until somebody opens it */
};

/*
 * Owns every string.  No string is NULL (what the row left open is ""); parameters stand in byte
 * order of their keys.
 */
struct job_order {
	int64_t id;
	int32_t attempt;
	int64_t queue_id;
	int64_t parent_id; /* 0: none */
	int32_t definition_priority; /* 0: none */
	int32_t priority; /* its own: 1 to 10, 10 first; 0: none */
	int64_t waited_us; /* from when it could have been started until it was claimed */
	int32_t consumption; /* units of its queue's mapping: 1 of most jobs */
	struct job_limits limits;
	bool running; /* state RUNNING, not ATTRIBUTED */
	bool lease_bound; /* another may run in its place once its node is given up */
	bool definition_enabled;
	char *instruction; /* RUN, KILL or PAUSE */
	char *instruction_by;
	char *queue_name;
	char *definition_name;
	char *path;
	char *path_type;
	char *definition_module;
	char *definition_keyword[3];
	char *module;
	char *keyword[3];
	char *user_name;
	char *trace_id;
	char *items; /* of the node's discrete resource, parted by commas */
	char *items_name; /* of that resource */
	char *signature; /* of the definition; "": none */
	char *working_directory; /* "": the job repository; may be relative to it */
	char *run_as; /* account of the system; "": the keeper's own */
	char *token; /* secret: the job's password at our API */
	struct job_parameter *parameters;
	size_t n_parameters;
};

/* An order that names a job and nothing else (every text ""). */
void job_order_init(struct job_order *order, int64_t id, int32_t attempt);

/*
 * Read "61=31 62~32" (hexadecimal key=value pairs parted by blanks, ~ for a secret, sealed value; "" is none) into
 * order->parameters, which must be empty.  0; -1 ERR_INVALID, and there are none.
 */
int job_order_read_parameters(struct job_order *order, const char *hex, struct err *err);

/* Free what it owns, the token cleared first; the struct itself is the caller's. */
void job_order_free(struct job_order *order);

#endif
