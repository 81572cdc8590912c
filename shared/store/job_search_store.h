/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_search_store.h: jobs by what they are, in pages, live and past ones together.
 *
 * All that one call reads is of one snapshot: no job is missed or seen twice because it ends meanwhile.
 */
#ifndef STORE_JOB_SEARCH_STORE_H
#define STORE_JOB_SEARCH_STORE_H

#include <stddef.h>
#include <stdint.h>

struct db;
struct err;
struct job_query;
struct memory;

/* Totals up to this one are always exact. */
#define JOB_SEARCH_COUNT_MAX 10000

struct job_ids {
	int64_t *items;
	size_t len;
};

/*
 * The page of jobs that query asks for, with its total, into the members of query that are the answer.
 * query has passed job_query_check().  A total that would take long to count is estimated, and said to
 * be, unless query wants it exact.  With query->after there is no total unless it is wanted so.  0; -1
 * with ERR_TOO_LARGE when more than JOB_QUERY_PAGE_MAX jobs would have to be answered; ERR_BUSY when it
 * takes longer than the database allows.
 */
int job_search(struct db *db, struct job_query *query, struct memory *memory, struct err *err);

/* The ids only, in the order of the query; at most JOB_QUERY_IDS_MAX, as above. */
int job_search_ids(struct db *db, const struct job_query *query, struct memory *memory,
		   struct job_ids *out, struct err *err);

#endif
