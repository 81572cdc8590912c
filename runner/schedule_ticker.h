/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/schedule_ticker.h: due schedules become waiting jobs, once in the cluster.
 *
 * Every runner looks each second (housekeeping) and computes what is due; the database takes the word of
 * the first (sql/schema/0014).  So there is no master, and nothing is lost with one.
 */
#ifndef RUNNER_SCHEDULE_TICKER_H
#define RUNNER_SCHEDULE_TICKER_H

#include <stdbool.h>
#include <stddef.h>

struct db_result;
struct runner;

struct schedule_ticker {
	struct runner *runner;
	size_t under_way; /* what was told and not answered yet */
	bool more; /* there is more to be told than that */
	bool heard; /* some of it was news */
};

void schedule_ticker_init(struct schedule_ticker *ticker, struct runner *runner);

/* The answer of housekeeping_send(). */
void schedule_ticker_due(struct schedule_ticker *ticker, const struct db_result *rows);

#endif
