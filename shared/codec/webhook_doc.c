/* SPDX-License-Identifier: Apache-2.0 */
/* codec/webhook_doc.c: webhooks and their deliveries on the wire. */
#include "codec/docs.h"
#include "model/webhook.h"

#define DOC(object, s, rows, text) const struct wire_object object = WIRE_OBJECT(s, rows, text)
#define TEXT(m, n, max, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, max, d)

#define S struct webhook
static const struct wire_field webhook_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the webhook"),
	TEXT(name, "name", 100, "unique name"),
	TEXT(description, "description", 1000, "free text"),
	TEXT(url, "url", 2000, "where to: http or https"),
	WIRE_ROW_BOOL(S, enabled, "enabled", "is anything told and sent"),
	WIRE_ROW_TEXT_LIST(S, states, "states", "state", 20,
			   "which ends are told: ENDED, CRASHED, KILLED, CANCELLED"),
	WIRE_ROW_OPT_INT64(S, job_def_id, "jobDefId", 0, INT64_MAX, "jobs of that definition only"),
	WIRE_ROW_OPT_INT64(S, queue_id, "queueId", 0, INT64_MAX, "jobs that ended in that queue"),
	WIRE_ROW_OPT_INT64(S, account_id, "accountId", 0, INT64_MAX, "jobs that account submitted"),
	TEXT(new_secret, "newSecret", 200,
	     "to set another one: whsec_ and 24 to 64 bytes in base64; never told"),
	WIRE_ROW_DATE(S, old_secret_until, "oldSecretUntil",
		      "the secret before still signs until then; not read"),
	TEXT(problem, "problem", 0, "why it was disabled; not read"),
	WIRE_ROW_DATE(S, failing_since, "failingSince",
		      "since when nothing could be delivered; not read"),
};
#undef S
DOC(webhook_doc, webhook, webhook_fields, "where ends of jobs are posted to");

#define S struct webhook_attempt
static const struct wire_field attempt_fields[] = {
	WIRE_ROW_INT64(S, try, "try", "which one, from 1"),
	WIRE_ROW_DATE(S, date, "date", "when it was over"),
	TEXT(node, "node", 0, "which node sent it"),
	WIRE_ROW_OPT_INT64(S, took_ms, "tookMs", 0, INT64_MAX, "how long it took"),
	WIRE_ROW_OPT_INT64(S, status, "status", 0, 999, "of the answer; none: there was none"),
	TEXT(reason, "reason", 0, "why it was not delivered, or what is odd about the answer"),
	TEXT(answer, "answer", 0, "the beginning of the answer, made readable"),
};
static const struct wire_object attempt_doc =
    WIRE_OBJECT(webhook_attempt, attempt_fields, "one try to deliver something");
#undef S

#define S struct webhook_delivery
static const struct wire_field delivery_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the delivery"),
	TEXT(event_id, "eventId", 0, "what the header webhook-id says, at each try"),
	TEXT(event, "event", 0, "job.ended, job.crashed, job.killed, job.cancelled or ping"),
	WIRE_ROW_OPT_INT64(S, job_id, "jobId", 0, INT64_MAX, "which job has ended; none: a ping"),
	TEXT(state, "state", 0, "PENDING, DELIVERED or GIVEN_UP"),
	WIRE_ROW_INT64(S, tries, "tries", "how often it was tried"),
	WIRE_ROW_DATE(S, created, "creationDate", "when the job ended"),
	WIRE_ROW_DATE(S, next_try, "nextTryDate", "when it is tried next"),
	WIRE_ROW_DATE(S, over, "endDate", "since when it is delivered or given up"),
	TEXT(body, "body", 0, "what is sent; none: it was not tried yet"),
	WIRE_ROW_OBJECT_LIST(S, attempts, "attempts", "attempt", struct webhook_attempt_list,
			     &attempt_doc, "the last twenty tries"),
};
#undef S
DOC(webhook_delivery_doc, webhook_delivery, delivery_fields, "something told to a webhook");
