/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_instance.h: one job, waiting, running or over. */
#ifndef MODEL_JOB_INSTANCE_H
#define MODEL_JOB_INSTANCE_H

#include "model/job_state.h"
#include "model/value.h"

struct queue;

/* What the answer to an enqueue says for a position: nobody knows it yet. */
#define JOB_POSITION_UNKNOWN INT64_MAX

/* An attempt that failed, or whose node was lost, before the present or last one. */
struct job_attempt {
	int64_t attempt;
	const char *node_name;
	struct opt_time started_at, ended_at;
	struct opt_int64 exit_code, signal;
	const char *reason;
};
struct job_attempt_list {
	struct job_attempt *items;
	size_t len;
};

struct job_instance {
	int64_t id;
	const char *application_name; /* its definition's name when it was enqueued */
	int64_t parent; /* 0: none */
	const char *user;
	const char *session_id;
	const char *trace_id;
	enum job_state state;
	int64_t position; /* an ordering number, not a rank; 0 once over */
	struct opt_int64 priority; /* not set when 0 */
	const struct queue *queue;
	const char *queue_name;
	const char *keyword1, *keyword2, *keyword3;
	const char *definition_keyword1, *definition_keyword2, *definition_keyword3;
	const char *module;
	const char *email;
	const char *application;
	struct text_map parameters;
	int64_t progress;
	struct text_list messages;
	struct opt_time enqueued_at;
	struct opt_time started_at;
	struct opt_time ended_at;
	struct opt_time run_after;
	const char *node_name;
	bool highlander;
	bool from_schedule;
	/* Ours, JQM has none of these. */
	struct opt_int64 exit_code; /* how its process ended: a code or a signal, never both */
	struct opt_int64 signal;
	const char *end_reason; /* in words, when there is more to say than the code */
	const char *submitted_by; /* the account behind it, whatever user it names */
	struct opt_int64 schedule_id; /* of the schedule that made it */
	struct opt_int64 restart_of; /* the crashed job it stands in for */
	const char *concurrency_key;
	struct text_list wait_for; /* what it was told to wait for: "success:12" */
	int64_t max_attempts;
	int64_t failures, node_losses; /* earlier attempts */
	struct job_attempt_list attempts; /* these, oldest first */
	bool late; /* it was said that it runs too long */
	int64_t attempt; /* 0: never started; 2: started again after its node was lost */
};

struct job_instance_list {
	struct job_instance *items;
	size_t len;
};

#endif
