/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/job_read.c: one job, short lists of jobs, what a job said and left. */
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/exchange.h"
#include "fcgi/document.h"
#include "fcgi/handlers/handlers.h"
#include "model/deliverable.h"
#include "model/job_instance.h"
#include "model/job_query.h"
#include "store/deliverable_store.h"
#include "store/job_instance_store.h"
#include "store/job_search_store.h"

/* JQM's lists without paging end here. */
#define LIST_MAX 50
/* The longest page by key. */
#define PAGE_MAX 1000

int
job_status_text(struct exchange *x, struct err *err)
{
	struct job_place place;
	int64_t id;

	if (exchange_query_int(x, "id", 0, INT64_MAX, 0, &id, err) == -1 ||
	    exchange_may_see_job(x, id, err) == -1 ||
	    job_instance_place(x->db, id, exchange_memory(x), &place, err) == -1)
		return -1;
	exchange_answer_text(x, 200, job_state_name(place.state));
	return 0;
}

int
job_read_one(struct exchange *x, struct err *err)
{
	struct job_instance job;
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 || exchange_may_see_job(x, id, err) == -1 ||
	    job_instance_read(x->db, id, exchange_memory(x), &job, err) == -1)
		return -1;
	return document_answer(x, &job_instance_doc, &job, err);
}

/* Which jobs; 0: not said. */
struct list_query {
	int64_t parent; /* its children only */
	int64_t waits_for; /* those only that were told to wait for it */
	int64_t oldest; /* of these so many */
	int64_t newest; /* so many, newest first; else by id */
	int64_t before, after; /* the page: ids below, or above; INT64_MAX and 0 for all */
};

/* JQM's clients ask without parameters; ours page by key: ?newest=50&before=1234, ?parent=7&after=1234,
 * ?waitsFor=7&oldest=50&after=1234 */
static int
read_list_query(struct exchange *x, struct list_query *out, struct err *err)
{
	if (exchange_query_int(x, "parent", 1, INT64_MAX, 0, &out->parent, err) == -1 ||
	    exchange_query_int(x, "waitsFor", 1, INT64_MAX, 0, &out->waits_for, err) == -1 ||
	    exchange_query_int(x, "oldest", 1, PAGE_MAX, 0, &out->oldest, err) == -1 ||
	    exchange_query_int(x, "newest", 1, PAGE_MAX, 0, &out->newest, err) == -1 ||
	    exchange_query_int(x, "before", 1, INT64_MAX, INT64_MAX, &out->before, err) == -1 ||
	    exchange_query_int(x, "after", 1, INT64_MAX, 0, &out->after, err) == -1)
		return -1;
	if (out->before != INT64_MAX && out->newest == 0)
		return err_set(err, ERR_INVALID,
			       "query parameter \"before\" needs \"newest\" beside it");
	if (out->waits_for != 0 && (out->parent != 0 || out->newest != 0))
		return err_set(err, ERR_INVALID,
			       "query parameter \"waitsFor\" goes with neither \"parent\" nor "
			       "\"newest\"");
	if (out->oldest != 0 && out->waits_for == 0)
		return err_set(err, ERR_INVALID,
			       "query parameter \"oldest\" needs \"waitsFor\" beside it");
	if (out->after != 0 && ((out->parent == 0 && out->waits_for == 0) || out->newest != 0))
		return err_set(err, ERR_INVALID,
			       "query parameter \"after\" needs \"parent\" or \"waitsFor\" "
			       "beside it, and no \"newest\"");
	return 0;
}

/* A job sees its own subtree only, so it has to name whose children it wants. */
static int
permit_list(struct exchange *x, const struct list_query *query, struct err *err)
{
	if (query->parent != 0)
		return exchange_may_see_job(x, query->parent, err);
	if (query->waits_for != 0 && x->identity.kind != IDENTITY_JOB)
		return exchange_may_see_job(x, query->waits_for, err);
	if (x->identity.kind == IDENTITY_JOB)
		return err_set(err, ERR_DENIED,
			       "a job's own token lists children only: ?parent=ID");
	return 0;
}

/* The same lists for a caller with limits: a search, which knows them. */
static int
list_in_scope(struct exchange *x, const struct list_query *list, struct job_instance_list *out,
	      struct err *err)
{
	struct job_sort by_id = { list->newest != 0 ? JOB_ORDER_DESCENDING : JOB_ORDER_ASCENDING,
				  JOB_SORT_ID };
	int64_t max = list->newest != 0 ? list->newest : list->parent != 0 ? PAGE_MAX : LIST_MAX;
	int64_t from = list->newest != 0 ? list->before : list->after;
	struct job_query query = job_query_defaults;

	query.scope = x->scope;
	query.live = query.past = true;
	query.parent_id = (struct opt_int64){ list->parent != 0, list->parent };
	query.page_size = (struct opt_int64){ true, max };
	query.sorts = (struct job_sort_list){ &by_id, 1 };
	query.after = (struct opt_int64){ true, from };
	if (job_search(x->db, &query, exchange_memory(x), err) == -1)
		return -1;
	*out = query.instances;
	return 0;
}

int
job_list_all(struct exchange *x, struct err *err)
{
	struct memory *memory = exchange_memory(x);
	struct job_instance_list jobs;
	struct list_query query;
	int rc;

	if (read_list_query(x, &query, err) == -1 || permit_list(x, &query, err) == -1)
		return -1;
	if (query.waits_for != 0)
		rc = job_instance_list_dependents(
		    x->db, query.waits_for, x->scope, query.after,
		    query.oldest != 0 ? (size_t)query.oldest : PAGE_MAX, memory, &jobs, err);
	else if (x->scope != NULL)
		rc = list_in_scope(x, &query, &jobs, err);
	else if (query.parent != 0 && query.newest != 0)
		rc = job_instance_list_children_newest(x->db, query.parent, query.before,
						       (size_t)query.newest, memory, &jobs, err);
	else if (query.parent != 0)
		rc = job_instance_list_children(x->db, query.parent, query.after, PAGE_MAX, memory,
						&jobs, err);
	else if (query.newest != 0)
		rc = job_instance_list_newest(x->db, query.before, (size_t)query.newest, memory,
					      &jobs, err);
	else
		rc = job_instance_list_all(x->db, LIST_MAX, memory, &jobs, err);
	if (rc == -1)
		return -1;
	return document_answer_list(x, &job_instance_doc, jobs.items, jobs.len, err);
}

int
job_list_active(struct exchange *x, struct err *err)
{
	struct job_query query = job_query_defaults;
	struct job_instance_list jobs;
	int64_t oldest;

	if (exchange_query_int(x, "oldest", 1, PAGE_MAX, LIST_MAX, &oldest, err) == -1)
		return -1;
	if (x->scope != NULL) {
		query.scope = x->scope;
		query.live = true;
		query.past = false;
		query.page_size = (struct opt_int64){ true, oldest };
		if (job_search(x->db, &query, exchange_memory(x), err) == -1)
			return -1;
		jobs = query.instances;
	} else if (job_instance_list_live(x->db, (size_t)oldest, exchange_memory(x), &jobs, err) ==
		   -1) {
		return -1;
	}
	return document_answer_list(x, &job_instance_doc, jobs.items, jobs.len, err);
}

int
job_list_messages(struct exchange *x, struct err *err)
{
	struct job_instance job;
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 || exchange_may_see_job(x, id, err) == -1 ||
	    job_instance_read(x->db, id, exchange_memory(x), &job, err) == -1)
		return -1;
	return document_answer_texts(x, &job.messages, err);
}

int
job_list_files(struct exchange *x, struct err *err)
{
	struct memory *memory = exchange_memory(x);
	struct deliverable_list files;
	struct job_place place;
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1 || exchange_may_see_job(x, id, err) == -1 ||
	    job_instance_place(x->db, id, memory, &place, err) == -1 ||
	    deliverable_list_of_job(x->db, id, memory, &files, err) == -1)
		return -1;
	return document_answer_list(x, &deliverable_doc, files.items, files.len, err);
}
