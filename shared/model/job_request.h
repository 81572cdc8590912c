/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_request.h: one wish to run a job. */
#ifndef MODEL_JOB_REQUEST_H
#define MODEL_JOB_REQUEST_H

#include "model/job_state.h"
#include "model/value.h"

struct err;

/*
 * Absent members (NULL, not set) leave the choice to the definition.  Lengths and the range of the
 * priority are in the wire table (codec/job_request_doc.c) and once more in jqm.enqueue().
 */
struct job_request {
	const char *application_name; /* the definition */
	const char *session_id;
	const char *trace_id;
	const char *application;
	const char *user;
	const char *module;
	const char *keyword1, *keyword2, *keyword3;
	const char *email;
	const char *queue_name;
	struct opt_int64 parent_job_id; /* 0 is "none" too */
	struct opt_int64 schedule_id;
	enum job_state start_state; /* NONE, SUBMITTED or HOLDED */
	struct opt_int64 priority; /* 0: the definition's */
	struct text_map parameters;
	struct opt_time run_after;
	struct text_list wait_for; /* see job_wait_parse() */
	struct opt_int64 max_attempts;
	const char *concurrency_key;
	const char *idempotency_key; /* the same again within its life: the job of the first time */
	/* Not on the wire, the server knows: */
	const char *idempotency_owner; /* who sends it */
	const char *submitter; /* the account behind it, whatever user it names; NULL: none */
	const struct text_list
	    *scope; /* what that one may enqueue, see jqm.in_scope(); NULL: all */
	const char *recurrence; /* make a schedule; the rest says how: */
	const char *time_zone, *day_rule, *overlap, *misfire;
	struct opt_int64 misfire_window_s;
};

#define WAIT_FOR_MAX 100

/* An end of an older job that this one waits for. */
struct job_wait {
	const char *condition; /* success, failure (anything else) or end */
	int64_t id;
};

/* "12", "success:12", "failure:12", "end:12".  0, or -1 with ERR_INVALID that quotes text. */
int job_wait_parse(const char *text, struct job_wait *out, struct err *err);

/*
 * What no single member can say: a definition is named, or a schedule, and not a recurrence besides; a job
 * starts as SUBMITTED or HOLDED; a date and HOLDED exclude each other; what is meant for a schedule comes
 * with a recurrence, what is meant for one job without; at most WAIT_FOR_MAX jobs are waited for, each
 * once.  0, or -1 with ERR_INVALID that names the member.
 */
int job_request_check(const struct job_request *request, struct err *err);

/* It asks for a schedule, not for a job. */
bool job_request_is_recurrent(const struct job_request *request);

/* The state the job will have when enqueued, as long as what it waits for is not over already. */
enum job_state job_request_first_state(const struct job_request *request);

#endif
