/* SPDX-License-Identifier: Apache-2.0 */
/* codec/job_def_view_doc.c: struct job_def_view on the wire.  No limits: the server writes it. */
#include "codec/docs.h"
#include "model/job_def_view.h"
#include "model/queue.h"

#define MAP_ROW(s, d)                                                                     \
	WIRE_ROW(("parameters"), MAP, ALWAYS, WIRE_AT(s, parameters, struct text_map), d, \
		 .max = INT64_MAX, .key_max = INT64_MAX)

#define S struct job_def_view
static const struct wire_field fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the definition"),
	WIRE_ROW_TEXT(S, description, "description", OPTIONAL, 0, "free text"),
	WIRE_ROW_BOOL(S, can_be_restarted, "canBeRestarted", "may a crashed job be run again"),
	WIRE_ROW_OBJECT(S, queue, "queue", struct queue, &queue_doc, "where its jobs wait"),
	WIRE_ROW_TEXT(S, application_name, "applicationName", ALWAYS, 0, "its unique name"),
	WIRE_ROW_TEXT(S, application, "application", OPTIONAL, 0, "classification"),
	WIRE_ROW_TEXT(S, module, "module", OPTIONAL, 0, "classification"),
	WIRE_ROW_TEXT(S, keyword1, "keyword1", OPTIONAL, 0, "classification"),
	WIRE_ROW_TEXT(S, keyword2, "keyword2", OPTIONAL, 0, "classification"),
	WIRE_ROW_TEXT(S, keyword3, "keyword3", OPTIONAL, 0, "classification"),
	WIRE_ROW_BOOL(S, highlander, "highlander", "never two of its jobs at the same time"),
	MAP_ROW(S, "what its jobs get unless the request says otherwise"),
	WIRE_ROW_OBJECT_LIST(S, schedules, "schedules", NULL, struct schedule_list, &schedule_doc,
			     "when it runs by itself"),
};

const struct wire_object job_def_view_doc = {
	.name = "jobDef",
	.list_name = "jobDefs",
	.size = sizeof(S),
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "a job definition, as who wants to run it sees it",
};
