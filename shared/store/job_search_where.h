/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_search_where.h: the filters of a query as FROM and WHERE, and a query's values as parameters: what the
 * statements of job_search_sql.c have in common.
 */
#ifndef STORE_JOB_SEARCH_WHERE_H
#define STORE_JOB_SEARCH_WHERE_H

#include "store/job_search_sql.h"

/* "$7::bigint": the value is bound there. */
void search_put_int(struct search_sql *sql, int64_t value);

/* " AND column op ", behind a WHERE. */
void search_and_column(struct search_sql *sql, const char *column, const char *op);

/* Does the query ask for something of that dictionary? */
bool search_asks(const struct job_query *query, enum search_dictionary dictionary);

/* The rows of it that are meant: "SELECT s.id FROM ... WHERE ...". */
void search_put_dictionary(struct search_sql *sql, const struct job_query *query,
			   enum search_dictionary dictionary);

/* " FROM ... WHERE ...": past or live jobs (j) that the query means; joins stands between the two. */
void search_put_source(struct search_sql *sql, const struct job_query *query,
		       const struct search_names *names, bool past, const char *joins);

#endif
