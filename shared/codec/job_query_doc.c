/* SPDX-License-Identifier: Apache-2.0 */
/* codec/job_query_doc.c: struct job_query on the wire, question and answer in one; the order is 3.5's. */
#include "codec/docs.h"
#include "model/job_query.h"

/* Longer than any column that is compared with it. */
#define PATTERN_CHARS_MAX 1000

#define S struct job_sort
static const struct wire_field sort_fields[] = {
	WIRE_ROW_ENUM(S, order, "order", OPTIONAL, job_sort_order_names, "ASCENDING when absent"),
	WIRE_ROW_ENUM(S, column, "col", OPTIONAL, job_sort_column_names, "what to sort by"),
};
#undef S

static const struct wire_object job_sort_doc = {
	.name = "sortitem",
	.size = sizeof(struct job_sort),
	.fields = sort_fields,
	.fields_len = sizeof(sort_fields) / sizeof(sort_fields[0]),
	.description = "a column to sort by",
};

#define S struct job_query
#define TEXT(m, n, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, PATTERN_CHARS_MAX, d)
#define NUMBER(m, n, d) WIRE_ROW_OPT_INT64(S, m, n, INT64_MIN, INT64_MAX, d)

static const struct wire_field fields[] = {
	NUMBER(id, "jobInstanceId", "number of the job"),
	NUMBER(parent_id, "parentId", "number of its parent; -1 or 0: none"),
	WIRE_ROW("applicationName", TEXT_LIST, ALWAYS,
		 WIRE_AT(S, application_names, struct text_list),
		 "name of its definition, one of them; % is a wildcard, as in all texts",
		 .max = PATTERN_CHARS_MAX, .loose = true),
	TEXT(user, "user", "for whom it runs; \"\": nobody, as in all texts"),
	TEXT(session_id, "sessionId", "from the request"),
	TEXT(definition_keyword1, "jobDefKeyword1", "of the definition"),
	TEXT(definition_keyword2, "jobDefKeyword2", "of the definition"),
	TEXT(definition_keyword3, "jobDefKeyword3", "of the definition"),
	TEXT(definition_module, "jobDefModule", "of the definition"),
	TEXT(definition_application, "jobDefApplication", "of the definition"),
	TEXT(keyword1, "instanceKeyword1", "from the request"),
	TEXT(keyword2, "instanceKeyword2", "from the request"),
	TEXT(keyword3, "instanceKeyword3", "from the request"),
	TEXT(module, "instanceModule", "from the request"),
	TEXT(application, "instanceApplication", "from the request"),
	TEXT(queue_name, "queueName", "its queue's name, of a past job as it was then"),
	TEXT(node_name, "nodeName", "node that runs or ran it"),
	NUMBER(queue_id, "queueId", "number of its queue; -1: it is gone"),
	WIRE_ROW_DATE(S, enqueued_before, "enqueuedBefore", "entered its queue then or earlier"),
	WIRE_ROW_DATE(S, enqueued_after, "enqueuedAfter", "entered its queue then or later"),
	WIRE_ROW_DATE(S, started_before, "beganRunningBefore", "started then or earlier"),
	WIRE_ROW_DATE(S, started_after, "beganRunningAfter", "started then or later"),
	WIRE_ROW_DATE(S, ended_before, "endedBefore", "over then or earlier"),
	WIRE_ROW_DATE(S, ended_after, "endedAfter", "over then or later"),
	WIRE_ROW_TEXT_LIST(S, statuses, "statuses", "status", 20, "one of these states"),
	WIRE_ROW_OPT_INT64(S, first_row, "firstRow", 0, INT64_MAX, "rows to leave out; 0"),
	WIRE_ROW_OPT_INT64(S, page_size, "pageSize", 0, INT64_MAX, "rows at most; null: all"),
	WIRE_ROW_OBJECT_LIST(S, sorts, "sortby", "sortitem", struct job_sort_list, &job_sort_doc,
			     "in this order; none: by id"),
	WIRE_ROW_BOOL(S, live, "queryLiveInstances", "look at jobs that are not over"),
	WIRE_ROW_BOOL(S, past, "queryHistoryInstances", "look at jobs that are over"),
	NUMBER(after, "after", "the page behind the job of this number; sorted by id only"),
	WIRE_ROW_BOOL(S, exact_total, "exactTotal", "count all, however many there are"),
	NUMBER(total, "resultSize", "answer: how many match, on whatever page"),
	WIRE_ROW_BOOL(S, total_is_estimate, "resultSizeEstimated",
		      "answer: there are many, the number is about right"),
	WIRE_ROW_OBJECT_LIST(S, instances, "instances", "instance", struct job_instance_list,
			     &job_instance_doc, "answer: the jobs of the page"),
};

const struct wire_object job_query_doc = {
	.name = "queryBaseImpl",
	.other_name = "query",
	.size = sizeof(S),
	.defaults = &job_query_defaults,
	.fields = fields,
	.fields_len = sizeof(fields) / sizeof(fields[0]),
	.description = "which jobs; answered with them",
};
