/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_search_dates.h: what dates asked for mean for a range of ids.
 *
 * Ids nearly follow the moment of enqueueing, and nothing tells the planner: with a date asked for it
 * would walk along the ids, past all that are too young, until it meets the first that is old enough.
 */
#ifndef STORE_JOB_SEARCH_DATES_H
#define STORE_JOB_SEARCH_DATES_H

#include <stdbool.h>

#include "model/value.h"

struct job_query;

/* Does a query ask for dates at all? */
bool search_asks_dates(const struct job_query *query);

/*
 * In a range whose jobs were enqueued from first to last, about: is it quicker to find by date and to sort
 * what was found, than to walk along the ids (towards lower ones when descending)?  Both find the same.
 */
bool search_sorts_found(const struct job_query *query, struct opt_time first, struct opt_time last,
			bool descending);

#endif
