/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_query.c: what a query must say. */
#include "model/job_query.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

const char *const job_sort_column_names[] = {
	"",        "ID",          "APPLICATIONNAME", "QUEUENAME",
	"STATUS",  "DATEENQUEUE", "DATEATTRIBUTION", "DATEEXECUTION",
	"DATEEND", "USERNAME",    "PARENTID",        "SESSIONID",
	NULL,
};

const char *const job_sort_order_names[] = { "", "ASCENDING", "DESCENDING", NULL };

const struct job_query job_query_defaults = {
	.page_size = { true, JOB_QUERY_PAGE_DEFAULT },
	.past = true,
};

static int
check_statuses(const struct text_list *statuses, struct err *err)
{
	for (size_t i = 0; i < statuses->len; i++)
		if (job_state_from_name(statuses->items[i]) == JOB_STATE_NONE)
			return err_set(err, ERR_INVALID,
				       "statuses[%zu]: \"%.*s\" is no state of a job", i,
				       STR_CUT(statuses->items[i], 40));
	return 0;
}

static int
check_after(const struct job_query *query, struct err *err)
{
	bool descending;

	if (!query->after.set)
		return 0;
	if (query->first_row.value > 0)
		return err_set(err, ERR_INVALID, "after and firstRow exclude each other");
	if (!job_query_is_by_id(query, &descending))
		return err_set(err, ERR_INVALID, "after goes with sorting by ID only");
	return 0;
}

int
job_query_check(const struct job_query *query, struct err *err)
{
	if (!query->live && !query->past)
		return err_set(err, ERR_INVALID,
			       "queryLiveInstances and queryHistoryInstances are both false: "
			       "there is nowhere to look");
	if (query->application_names.len > JOB_QUERY_NAMES_MAX)
		return err_set(err, ERR_INVALID, "applicationName: more than %d names",
			       JOB_QUERY_NAMES_MAX);
	for (size_t i = 0; i < query->sorts.len; i++)
		if (query->sorts.items[i].column == JOB_SORT_NONE)
			return err_set(err, ERR_INVALID, "sortby[%zu].col is missing", i);
	return check_statuses(&query->statuses, err) == -1 ? -1 : check_after(query, err);
}

bool
job_query_has_filter(const struct job_query *query)
{
	const char *const texts[] = {
		query->user,
		query->session_id,
		query->definition_keyword1,
		query->definition_keyword2,
		query->definition_keyword3,
		query->definition_module,
		query->definition_application,
		query->keyword1,
		query->keyword2,
		query->keyword3,
		query->module,
		query->application,
		query->queue_name,
		query->node_name,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] != NULL)
			return true;
	return query->id.set || query->parent_id.set || query->queue_id.set ||
	       query->application_names.len > 0 || query->statuses.len > 0 ||
	       query->enqueued_before.set || query->enqueued_after.set ||
	       query->started_before.set || query->started_after.set || query->ended_before.set ||
	       query->ended_after.set;
}

bool
job_query_is_by_id(const struct job_query *query, bool *descending_out)
{
	if (query->sorts.len > 0 && query->sorts.items[0].column != JOB_SORT_ID)
		return false;
	*descending_out =
	    query->sorts.len > 0 && query->sorts.items[0].order == JOB_ORDER_DESCENDING;
	return true;
}
