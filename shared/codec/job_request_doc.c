/* SPDX-License-Identifier: Apache-2.0 */
/* codec/job_request_doc.c: struct job_request on the wire. */
#include "codec/docs.h"
#include "model/job_request.h"

#define S struct job_request

static const struct wire_field fields[] = {
	WIRE_ROW_TEXT(S, application_name, "applicationName", OPTIONAL, 255,
		      "name of the job definition to run"),
	WIRE_ROW_TEXT(S, session_id, "sessionID", OPTIONAL, 255, "free text to find the job by"),
	WIRE_ROW_TEXT(S, trace_id, "traceId", OPTIONAL, 2048,
		      "identifier of the caller's trace, given to the job; when absent that of the "
		      "header traceparent, or the parent's"),
	WIRE_ROW_TEXT(S, application, "application", OPTIONAL, 50, "classification"),
	WIRE_ROW_TEXT(S, user, "user", OPTIONAL, 255,
		      "for whom the job runs; the caller's login when absent"),
	WIRE_ROW_TEXT(S, module, "module", OPTIONAL, 50, "classification"),
	WIRE_ROW_TEXT(S, keyword1, "keyword1", OPTIONAL, 50, "classification"),
	WIRE_ROW_TEXT(S, keyword2, "keyword2", OPTIONAL, 50, "classification"),
	WIRE_ROW_TEXT(S, keyword3, "keyword3", OPTIONAL, 50, "classification"),
	WIRE_ROW_TEXT(S, email, "email", OPTIONAL, 255, "who is told when the job is over"),
	WIRE_ROW_TEXT(S, queue_name, "queueName", OPTIONAL, 255,
		      "queue instead of the definition's"),
	WIRE_ROW_OPT_INT64(S, parent_job_id, "parentJobId", 0, INT64_MAX,
			   "job that this one belongs to; 0 is none"),
	WIRE_ROW_OPT_INT64(S, schedule_id, "scheduleId", 0, INT64_MAX,
			   "schedule of which to run one occurrence now"),
	WIRE_ROW_ENUM(S, start_state, "startState", OPTIONAL, job_state_names,
		      "HOLDED to wait until resumed; else SUBMITTED"),
	WIRE_ROW_OPT_INT64(S, priority, "priority", 0, 10,
			   "1 to 10, 10 first; 0 or absent: the definition's"),
	WIRE_ROW_MAP(S, parameters, "parameters",
		     "added to the definition's parameters, replacing those of the same key"),
	WIRE_ROW_DATE(S, run_after, "runAfter", "do not start before"),
	WIRE_ROW_TEXT_LIST(S, wait_for, "waitFor", "job", 60,
			   "jobs to wait for: 12 or success:12, failure:12, end:12"),
	WIRE_ROW_OPT_INT64(S, max_attempts, "maxAttempts", 1, 100,
			   "how often it is tried while it fails; the definition's when absent"),
	WIRE_ROW_TEXT(S, concurrency_key, "concurrencyKey", OPTIONAL, 100,
		      "limit of the cluster it counts for; the definition's when absent"),
	WIRE_ROW_TEXT(
	    S, idempotency_key, "idempotencyKey", OPTIONAL, 255,
	    "sent again within its life, by the same caller: answered with the first job"),
	WIRE_ROW_TEXT(S, recurrence, "recurrence", OPTIONAL, 255,
		      "cron expression: make a schedule instead of a job"),
	WIRE_ROW_TEXT(S, time_zone, "timeZone", OPTIONAL, 64,
		      "of a recurrence: IANA zone of its times; the nodes' when absent"),
	WIRE_ROW_TEXT(S, day_rule, "dayRule", OPTIONAL, 3,
		      "of a recurrence: AND (both day fields must match) or OR"),
	WIRE_ROW_TEXT(S, overlap, "overlap", OPTIONAL, 7,
		      "of a recurrence, while its last job is not over: ALLOW, SKIP or REPLACE"),
	WIRE_ROW_TEXT(S, misfire, "misfire", OPTIONAL, 4,
		      "of a recurrence, for times no node was there: SKIP, ONCE or ALL"),
	WIRE_ROW_OPT_INT64(S, misfire_window_s, "misfireWindowSeconds", 60, 31536000,
			   "of a recurrence: times missed longer ago are dropped"),
};

const struct wire_object job_request_doc = {
	.name = "jobRequestBaseImpl",
	.other_name = "jobRequest",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "one wish to run a job",
};
