/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/recovery.h: keeper and database brought together.
 *
 * After each connection the keeper lists its table.  The first list of a runner's life is what
 * the last runner left: the database is asked which of these jobs are ours (take_back), those are
 * adopted, all others are killed and forgotten.  A later list (the keeper was restarted) is compared
 * with our runs.  A claim whose answer was lost is cleared up by take_back, too.
 *
 * So is what a server has forgotten that took over from another one without its last commits: after each connection, and when
 * an order names a job we do not have, it is asked what it has in our hands.  An end that it has lost was told and cannot be
 * told again: the job was lost, and its definition's rule says what comes next.  A claim that it has lost may be made again,
 * then our run of it goes on (job_run_claim.h).
 *
 * What is read back must stay so.  A connection that was lost while something was asked may belong to a server process
 * that was only slow, and claims a job, or gives ours back, when nobody expects it any more.  So it is told to end,
 * and nothing is read back, nor claimed, before it has.
 */
#ifndef RUNNER_RECOVERY_H
#define RUNNER_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "runner/event_loop.h"

struct keeper_report;
struct runner;

struct recovery {
	struct keeper_report *listed; /* of the first list, kept up to date until it is adopted */
	size_t len;
	bool pending; /* the first take_back was not answered yet */
	bool reading_back; /* a later one is on its way */
	bool ending; /* sessions of lost connections are told to end: */
	int64_t told[DB_ASYNC_LOST_MAX];
	size_t n_told;
	int times_told; /* they were, and some of them had not ended */
	struct event_timer retry_timer;
};

void recovery_init(struct recovery *recovery, struct runner *runner);
void recovery_free(struct recovery *recovery);

/* The keeper's table, once per connection. */
void recovery_listed(struct runner *runner, const struct keeper_report *reports, size_t n);

/* The node is registered: ask for its jobs. */
void recovery_take_back(struct runner *runner);

/*
 * It is not sure what is ours, and no claim is under way: give back, or end as lost, what we do not know of; what the database
 * does not know of is not started, and killed if nothing may run beside it.
 */
void recovery_read_back(struct runner *runner);

/* News of a job that is listed and not adopted yet: true, it is noted. */
bool recovery_update(struct recovery *recovery, const struct keeper_report *report);

/* A job in the keeper's hands that is not ours: kill it if it lives, clear it away, forget it. */
void recovery_orphan(struct runner *runner, const struct keeper_report *report);

#endif
