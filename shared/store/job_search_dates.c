/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_search_dates.h"

#include <stddef.h>
#include <stdint.h>

#include "model/job_query.h"

/* A job passed over is looked up in the table, one that is found and sorted is read in the index alone. */
#define WALK_COST 3

/* All the dates asked for as one stretch of time: jobs start and end soon after they were enqueued. */
struct window {
	int64_t from, to;
};

static struct window
window_of(const struct job_query *query)
{
	const struct opt_time *after[] = { &query->enqueued_after, &query->started_after,
					   &query->ended_after };
	const struct opt_time *before[] = { &query->enqueued_before, &query->started_before,
					    &query->ended_before };
	struct window window = { INT64_MIN, INT64_MAX };

	for (size_t i = 0; i < 3; i++) {
		if (after[i]->set && after[i]->us > window.from)
			window.from = after[i]->us;
		if (before[i]->set && before[i]->us < window.to)
			window.to = before[i]->us;
	}
	return window;
}

bool
search_asks_dates(const struct job_query *query)
{
	struct window window = window_of(query);

	return window.from != INT64_MIN || window.to != INT64_MAX;
}

bool
search_sorts_found(const struct job_query *query, struct opt_time first, struct opt_time last,
		   bool descending)
{
	struct window window = window_of(query);
	double within, to_skip;

	if (!first.set || !last.set || window.from > last.us || window.to < first.us)
		return true;
	if (window.from < first.us)
		window.from = first.us;
	if (window.to > last.us)
		window.to = last.us;
	within = (double)(window.to - window.from);
	to_skip = (double)(descending ? last.us - window.to : window.from - first.us);
	return within < WALK_COST * to_skip;
}
