/* SPDX-License-Identifier: Apache-2.0 */
/* codec/schedule_doc.c: struct schedule on the wire: JQM's fields first.  No limits: the server writes it. */
#include "codec/docs.h"
#include "model/queue.h"
#include "model/schedule.h"

#define S struct schedule
#define TEXT(m, n, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, 0, d)

static const struct wire_field fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the schedule"),
	TEXT(cron_expression, "cronExpression", "when"),
	WIRE_ROW_OPT_INT64(S, priority, "priority", 0, 0, "instead of the definition's"),
	WIRE_ROW_OBJECT(S, queue, "queue", struct queue, &queue_doc, "instead of the definition's"),
	WIRE_ROW(("parameters"), MAP, ALWAYS, WIRE_AT(S, parameters, struct text_map),
		 "added to the definition's", .max = INT64_MAX, .key_max = INT64_MAX),
	TEXT(application_name, "applicationName", "name of the definition it runs"),
	TEXT(time_zone, "timeZone", "IANA zone of its times; empty: that of the nodes"),
	TEXT(day_rule, "dayRule", "AND: both day fields must match; OR: one of them"),
	WIRE_ROW_BOOL(S, enabled, "enabled", "does it run"),
	TEXT(overlap, "overlap", "while its last job is not over: ALLOW, SKIP or REPLACE"),
	TEXT(misfire, "misfire", "for times no node was there: SKIP, ONCE or ALL"),
	WIRE_ROW_INT64(S, misfire_window_s, "misfireWindowSeconds",
		       "times missed longer ago are dropped"),
	WIRE_ROW_DATE(S, next_fire, "nextFireDate", "when it is due next"),
	TEXT(problem, "problem", "what went wrong the last time"),
	WIRE_ROW_DATE(S, last_updated, "lastUpdated", "when it was changed last"),
};

const struct wire_object schedule_doc = {
	.name = "schedule",
	.list_name = "schedules",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "a recurring wish to run a job",
};
