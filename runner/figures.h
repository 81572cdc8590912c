/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/figures.h: what this runner counts of itself and of the jobs that it runs, for /ws/metrics.
 *
 * Numbers in memory, from 0 when the runner starts, which only grow; they are told to the database with each
 * heartbeat, in a statement of their own, so that they cost neither a job nor the lease anything.
 */
#ifndef RUNNER_FIGURES_H
#define RUNNER_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "model/job_end.h"
#include "wire/keeper_wire.h"

struct buf;
struct runner;

#define JOB_END_STATES (JOB_END_KILLED + 1)

struct queue_figures {
	int64_t queue_id;
	uint64_t claimed;
	uint64_t refused; /* of claimed, by definition_guard.h */
	uint64_t ended[JOB_END_STATES];
	struct histogram waited, ran; /* histogram_jobs */
};

struct figures {
	struct queue_figures *queues;
	size_t len, size;
	struct keeper_figures keeper; /* as it told last */
	bool keeper_known;
	bool telling; /* a statement is on its way */
};

/* A job was claimed; it could have been started waited_us before. */
void figures_claimed(struct figures *figures, int64_t queue_id, int64_t waited_us);

/* A job was not started: its definition is not signed as the node wants. */
void figures_refused(struct figures *figures, int64_t queue_id);

/* History knows how an attempt ended. */
void figures_ended(struct figures *figures, int64_t queue_id, const struct job_end *end);

/* What the keeper has told of itself, in place of what it told before. */
void figures_of_keeper(struct figures *figures, const struct keeper_figures *keeper);

/* loop: of the runner; trips: to the database.  As jqm.node_tell() wants it. */
void figures_write(const struct figures *figures, const struct histogram *loop,
		   const struct histogram *trips, struct buf *out);

/* Tell the database, unless the last telling is not answered yet. */
void figures_tell(struct runner *runner);

void figures_free(struct figures *figures);

#endif
