/* SPDX-License-Identifier: Apache-2.0 */
/* codec/job_instance_doc.c: struct job_instance on the wire.  No limits: the server writes it. */
#include "codec/docs.h"
#include "model/job_instance.h"
#include "model/queue.h"

#define S struct job_attempt
static const struct wire_field attempt_fields[] = {
	WIRE_ROW_INT64(S, attempt, "attempt", "its number"),
	WIRE_ROW_TEXT(S, node_name, "nodeName", OPTIONAL, 0, "node that had it"),
	WIRE_ROW_DATE(S, started_at, "beganRunningDate", "when its process started"),
	WIRE_ROW_DATE(S, ended_at, "endDate", "when it was over"),
	WIRE_ROW_OPT_INT64(S, exit_code, "exitCode", 0, 0, "exit code of its process"),
	WIRE_ROW_OPT_INT64(S, signal, "signal", 0, 0, "signal that ended its process"),
	WIRE_ROW_TEXT(S, reason, "endReason", OPTIONAL, 0, "why it failed"),
};
#undef S

static const struct wire_object job_attempt_doc = {
	.name = "attempt",
	.size = sizeof(struct job_attempt),
	.fields = attempt_fields,
	.fields_len = sizeof(attempt_fields) / sizeof(attempt_fields[0]),
	.description = "an attempt that failed and was followed by another",
};

#define S struct job_instance
#define TEXT(m, n, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, 0, d)

static const struct wire_field fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the job"),
	TEXT(application_name, "applicationName", "name of the job definition"),
	WIRE_ROW_INT64(S, parent, "parent", "number of the parent job; 0: none"),
	TEXT(user, "user", "for whom it runs"),
	TEXT(session_id, "sessionID", "from the request"),
	TEXT(trace_id, "traceId", "from the request"),
	WIRE_ROW_ENUM(S, state, "state", ALWAYS, job_state_names, "where the job is in its life"),
	WIRE_ROW_INT64(S, position, "position", "orders jobs of equal priority; 0 once over"),
	WIRE_ROW_OPT_INT64(S, priority, "priority", 0, 0, "1 to 10, 10 first"),
	WIRE_ROW_OBJECT(S, queue, "queue", struct queue, &queue_doc, "queue it waits or waited in"),
	TEXT(queue_name, "queueName", "its queue's name"),
	TEXT(keyword1, "keyword1", "from the request"),
	TEXT(keyword2, "keyword2", "from the request"),
	TEXT(keyword3, "keyword3", "from the request"),
	TEXT(definition_keyword1, "definitionKeyword1", "from the definition"),
	TEXT(definition_keyword2, "definitionKeyword2", "from the definition"),
	TEXT(definition_keyword3, "definitionKeyword3", "from the definition"),
	TEXT(module, "module", "from the request"),
	TEXT(email, "email", "who is told when it is over"),
	TEXT(application, "application", "from the request"),
	WIRE_ROW(("parameters"), MAP, ALWAYS, WIRE_AT(S, parameters, struct text_map),
		 "the definition's and the request's", .max = INT64_MAX, .key_max = INT64_MAX),
	WIRE_ROW_INT64(S, progress, "progress", "as the job reports it; 0 at first"),
	WIRE_ROW_TEXT_LIST(S, messages, "messages", "message", 0,
			   "what the job or the system said about it"),
	WIRE_ROW_DATE(S, enqueued_at, "enqueueDate", "when it entered its queue"),
	WIRE_ROW_DATE(S, started_at, "beganRunningDate", "when its process started"),
	WIRE_ROW_DATE(S, ended_at, "endDate", "when it was over"),
	WIRE_ROW_DATE(S, run_after, "runAfter", "not started before"),
	TEXT(node_name, "nodeName", "node that runs or ran it"),
	WIRE_ROW_BOOL(S, highlander, "highlander", "never two at the same time"),
	WIRE_ROW_BOOL(S, from_schedule, "fromSchedule", "had a schedule or a runAfter date"),
	WIRE_ROW_OPT_INT64(S, exit_code, "exitCode", 0, 0, "exit code of its process"),
	WIRE_ROW_OPT_INT64(S, signal, "signal", 0, 0, "signal that ended its process"),
	TEXT(end_reason, "endReason", "why it ended so, when the code does not tell"),
	WIRE_ROW_INT64(S, attempt, "attempt", "how often it was given to a node"),
	WIRE_ROW_INT64(S, max_attempts, "maxAttempts", "how often it is tried while it fails"),
	WIRE_ROW_INT64(S, failures, "failures", "earlier attempts that failed"),
	WIRE_ROW_INT64(S, node_losses, "nodeLosses", "earlier attempts whose node was lost"),
	WIRE_ROW_OBJECT_LIST(S, attempts, "attempts", "attempt", struct job_attempt_list,
			     &job_attempt_doc, "all of these, the oldest first"),
	WIRE_ROW_TEXT_LIST(S, wait_for, "waitFor", "job", 0, "what it was told to wait for"),
	WIRE_ROW_OPT_INT64(S, schedule_id, "scheduleId", 0, 0, "schedule that made it"),
	WIRE_ROW_OPT_INT64(S, restart_of, "restartOf", 0, 0, "crashed job it stands in for"),
	TEXT(concurrency_key, "concurrencyKey", "limit of the cluster it counts for"),
	WIRE_ROW_BOOL(S, late, "late", "it runs longer than its definition calls reasonable"),
	TEXT(submitted_by, "submittedBy", "the account behind it, whatever user it names"),
};

const struct wire_object job_instance_doc = {
	.name = "jobInstance",
	.list_name = "jobInstances",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "one job: waiting, running or over",
};
