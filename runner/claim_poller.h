/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/claim_poller.h: when to look for work.
 *
 * A queue is looked at when a slot of it becomes free, when a NOTIFY names it, when its mapping
 * changes, when housekeeping has seen that jobs wait in it, and at the latest after its polling interval; always
 * for exactly the free slots, and a few more where jobs are brief (slots.h).
 *
 * Before we sleep on an empty queue we raise its flag ("tell me"), look once more, and sleep; with
 * the flag up every enqueue notifies.  The flag comes down when a look found as much as was asked
 * for: a busy runner looks again by itself and enqueues need not notify.  A flag that could not be
 * raised (a long transaction has enqueued) is tried again after 50 ms, some times; then the interval
 * counts.
 *
 * Where jobs come that none of us may start (a limit of the cluster, a large job before them, other nodes
 * that are quicker), each of them would cost its client a NOTIFY, which lets one commit go after the other, and the database
 * our look in vain. So after eight such looks in a row the flag comes down for 50 ms, or fifty times as long as
 * the look took, a second at most; then we look, and raise it again.
 */
#ifndef RUNNER_CLAIM_POLLER_H
#define RUNNER_CLAIM_POLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/event_loop.h"
#include "store/job_turn_store.h"

struct err;
struct runner;

struct claim_poller {
	struct runner *runner;
	struct event_timer timer;
	int64_t not_before_ms; /* starts fail: no claims until then */
	int64_t backoff_ms;
	bool
	    uncertain; /* what is ours: a claim's answer was lost, say.  Read back before the next one */
};

void claim_poller_init(struct claim_poller *poller, struct runner *runner);

/* A slot of this queue became free. */
void claim_poller_room(struct claim_poller *poller, int64_t queue_id);
/* A NOTIFY named the queue. */
void claim_poller_notified(struct claim_poller *poller, const char *queue_id);
/*
 * Housekeeping has looked into all our queues; jobs wait in these.  While it does so, each second, queues whose
 * interval is not shorter need no look of their own.
 */
void claim_poller_looked(struct claim_poller *poller, const int64_t *queue_ids, size_t n);
/* Its mapping was read; is_new: for the first time, or its interval changed. */
void claim_poller_mapped(struct claim_poller *poller, int64_t queue_id, bool is_new);
/* A new connection: no flag is sure, no NOTIFY was heard meanwhile, and it may be another server that knows less. */
void claim_poller_reconnected(struct claim_poller *poller);
/* The database may have other jobs in our hands than we know: read back before the next claim. */
void claim_poller_doubt(struct claim_poller *poller);
/* That was done. */
void claim_poller_certain(struct claim_poller *poller);
/* Starts fail for reasons of the machine; or work again. */
void claim_poller_start_failed(struct claim_poller *poller);
void claim_poller_start_worked(struct claim_poller *poller);

/*
 * How long the end of a job of this queue may wait for company before it is told.  0: its place may be
 * missed.  Little, where nobody waits for the place: a job that was just enqueued is asked for first.  Longer,
 * where enough jobs are in hand to go on with.
 */
int64_t claim_poller_end_wait_ms(const struct claim_poller *poller, int64_t queue_id);

/* The queues to be asked in the next turn, for how many jobs each; and see when to come again. */
size_t claim_poller_gather(struct claim_poller *poller, struct job_wanted *out, size_t max);
/* The answer: orders become runs; rows NULL: err says why there are none. */
void claim_poller_answered(struct claim_poller *poller, const struct job_wanted *wanted, size_t n,
			   const struct db_result *rows, const struct err *err);

#endif
