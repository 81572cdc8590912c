/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_search_sql.h: a query of jobs as SQL.  The text is put together from constants only; whatever
 * the query holds becomes a parameter.
 *
 * Names are looked up in their dictionaries first (search_names_sql()), so that the planner sees the few
 * ids that are meant and can tell a frequent one from a rare one.
 */
#ifndef STORE_JOB_SEARCH_SQL_H
#define STORE_JOB_SEARCH_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct job_query;
struct memory;

#define SEARCH_PARAMS_MAX 64
#define SEARCH_SQL_BYTES_MAX 32768
/* Ids of a dictionary that are given as such; with more of them the dictionary is joined. */
#define SEARCH_IDS_MAX 1000

/* One statement in the making. */
struct search_sql {
	struct buf text;
	const char *params[SEARCH_PARAMS_MAX];
	int n_params;
	struct memory *memory;
};
void search_sql_init(struct search_sql *sql, struct memory *memory);
void search_sql_free(struct search_sql *sql);

/* Dictionaries of history. */
enum search_dictionary {
	SEARCH_DEFINITIONS,
	SEARCH_USERS,
	SEARCH_QUEUES,
	SEARCH_NODES,
	SEARCH_DICTIONARIES
};

/* What was found in one. */
struct search_ids {
	bool asked; /* the query has a filter on it */
	bool too_many; /* more than SEARCH_IDS_MAX: ids are not all */
	int64_t *ids;
	size_t len;
};

/* The limits of a caller, by what jqm.scope_ids() calls them: q, s, u. */
enum search_scope_kind {
	SEARCH_SCOPE_QUEUES,
	SEARCH_SCOPE_DEFINITIONS,
	SEARCH_SCOPE_SUBMITTERS,
	SEARCH_SCOPE_KINDS
};

struct search_names {
	struct search_ids of[SEARCH_DICTIONARIES];
	struct search_ids scope[SEARCH_SCOPE_KINDS]; /* when the query has one */
};

/* The statement that finds the ids a query means in a dictionary; false: it does not ask there. */
bool search_names_sql(struct search_sql *sql, const struct job_query *query,
		      enum search_dictionary dictionary);

/* Where to look, and between which ids (first included, end not). */
struct search_range {
	bool past; /* else live jobs */
	int64_t first_id, end_id;
	bool sort_found; /* find by other indexes and sort, rather than walk along the ids */
};

/* Ids of at most limit jobs of one source and range, sorted by id. */
void search_ids_sql(struct search_sql *sql, const struct job_query *query,
		    const struct search_names *names, const struct search_range *range,
		    int64_t limit);

/* The same from all the sources the query names, sorted as it says, without the first offset. */
void search_sorted_sql(struct search_sql *sql, const struct job_query *query,
		       const struct search_names *names, int64_t offset, int64_t limit);

/* How many there are in all its sources, counted up to max. */
void search_count_sql(struct search_sql *sql, const struct job_query *query,
		      const struct search_names *names, int64_t max);

/* What the planner thinks of the same: rows of EXPLAIN, one text each. */
void search_estimate_sql(struct search_sql *sql, const struct job_query *query,
			 const struct search_names *names, bool past);

#endif
