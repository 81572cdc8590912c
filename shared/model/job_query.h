/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/job_query.h: which jobs, in which order, which page of them; and the answer.  JQM's filters
 * with JQM's meanings:
 *
 *	text	NULL: any; "": none or an empty one; with a % in it: a LIKE pattern (_ is one character, there
 *		is no escape); else equal
 *	number	not set: any; -1: none at all (for a parent: 0 too); else equal
 *	date	both ends are included; a job without such a date is never found by it
 *	lists	empty: any; else one of them
 */
#ifndef MODEL_JOB_QUERY_H
#define MODEL_JOB_QUERY_H

#include "model/job_instance.h"
#include "model/value.h"

struct err;

enum job_sort_column {
	JOB_SORT_NONE, /* not said */
	JOB_SORT_ID,
	JOB_SORT_APPLICATIONNAME,
	JOB_SORT_QUEUENAME,
	JOB_SORT_STATUS,
	JOB_SORT_DATEENQUEUE,
	JOB_SORT_DATEATTRIBUTION,
	JOB_SORT_DATEEXECUTION,
	JOB_SORT_DATEEND,
	JOB_SORT_USERNAME,
	JOB_SORT_PARENTID,
	JOB_SORT_SESSIONID
};
extern const char *const job_sort_column_names[];

enum job_sort_order { JOB_ORDER_NONE, JOB_ORDER_ASCENDING, JOB_ORDER_DESCENDING };
extern const char *const job_sort_order_names[];

struct job_sort {
	enum job_sort_order order; /* NONE: ascending */
	enum job_sort_column column;
};
struct job_sort_list {
	struct job_sort *items;
	size_t len;
};

#define JOB_QUERY_PAGE_DEFAULT 50
#define JOB_QUERY_PAGE_MAX 20000 /* jobs in full; who wants more asks for pages */
#define JOB_QUERY_IDS_MAX 1000000 /* ids */
#define JOB_QUERY_NAMES_MAX 1000 /* of application_names */

struct job_query {
	struct opt_int64 id;
	struct opt_int64 parent_id;
	struct text_list application_names;
	const char *user;
	const char *session_id;
	const char *definition_keyword1, *definition_keyword2, *definition_keyword3;
	const char *definition_module, *definition_application;
	const char *keyword1, *keyword2, *keyword3, *module, *application;
	const char *queue_name, *node_name;
	struct opt_int64 queue_id;
	struct opt_time enqueued_before, enqueued_after;
	struct opt_time started_before, started_after;
	struct opt_time ended_before, ended_after;
	struct text_list statuses; /* names of states */
	struct opt_int64 first_row; /* not set: 0 */
	struct opt_int64 page_size; /* not set: all */
	struct job_sort_list sorts; /* none: by id */
	bool live, past; /* where to look */
	/* Ours: the page behind the job of this id, sorted by id. */
	struct opt_int64 after;
	bool exact_total; /* whatever it costs */
	/* Not on the wire: what the caller may see, see jqm.in_scope(); NULL: all. */
	const struct text_list *scope;
	/* The answer. */
	struct opt_int64 total; /* of all that match, on whatever page */
	bool total_is_estimate;
	struct job_instance_list instances;
};

/* What absent members of a query mean. */
extern const struct job_query job_query_defaults;

/*
 * What no single member can say: somewhere is looked; each sort names a column; states are states;
 * after goes with id as the first sort and without a first row.  0, or -1 with ERR_INVALID that names the
 * member.
 */
int job_query_check(const struct job_query *query, struct err *err);

/* Is any filter set (statuses count, paging, sorts and sources do not)? */
bool job_query_has_filter(const struct job_query *query);

/* The jobs come by id, and so on: what else they are sorted by does not matter.  Newest first? */
bool job_query_is_by_id(const struct job_query *query, bool *descending_out);

#endif
