/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/job_search.c: jobs by what they are. */
#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/document.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "model/job_query.h"
#include "store/job_search_store.h"

/* A query to fill in, for scripts. */
int
job_query_blank(struct exchange *x, struct err *err)
{
	struct job_query query = job_query_defaults;

	return document_answer(x, &job_query_doc, &query, err);
}

/* A caller with limits asks among what it may see. */
static int
check(struct exchange *x, struct job_query *query, struct err *err)
{
	query->scope = x->scope;
	return job_query_check(query, err);
}

/* The question is the answer, with the jobs in it. */
int
job_query_run(struct exchange *x, struct err *err)
{
	const struct wire_object *answer_type;
	struct job_query query;

	if (document_read_as(x, &job_query_doc, &query, &answer_type, err) == -1 ||
	    check(x, &query, err) == -1 || job_search(x->db, &query, exchange_memory(x), err) == -1)
		return -1;
	return document_answer(x, answer_type, &query, err);
}

int
job_query_ids(struct exchange *x, struct err *err)
{
	struct job_query query;
	struct job_ids ids;

	if (document_read(x, &job_query_doc, &query, err) == -1 || check(x, &query, err) == -1 ||
	    job_search_ids(x->db, &query, exchange_memory(x), &ids, err) == -1)
		return -1;
	return document_answer_ids(x, ids.items, ids.len, err);
}

/* The oldest live jobs of a user; % is a wildcard. */
int
job_list_of_user(struct exchange *x, struct err *err)
{
	struct job_query query = job_query_defaults;

	query.scope = x->scope;
	query.live = true;
	query.past = false;
	query.user = x->path_values[0];
	if (job_search(x->db, &query, exchange_memory(x), err) == -1)
		return -1;
	return document_answer_list(x, &job_instance_doc, query.instances.items,
				    query.instances.len, err);
}
