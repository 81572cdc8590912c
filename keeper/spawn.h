/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/spawn.h: start the first process of a job. */
#ifndef KEEPER_SPAWN_H
#define KEEPER_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "keeper/spare_outputs.h"

struct err;
struct keeper;
struct keeper_not_started;
struct keeper_start;

/* What a job inherits from the keeper's own start rather than from what the keeper made of it. */
struct spawn_base {
	int null_fd; /* /dev/null, read-only */
	mode_t umask;
	int priority;
	bool unprivileged; /* the keeper has no capability, and so has no job */
	long ticks_a_second; /* of start times in /proc */
	bool ticks_are_right; /* a start time we could tell without /proc was the one there */
	struct rlimit nofile;
	sigset_t ignored; /* by whoever started the keeper, and by the keeper */
	struct spare_outputs spares;
};

#define SPAWN_BASE_INIT                                                           \
	{                                                                         \
		.null_fd = -1, .spares = {.fd = { -1, -1 }, .due_ms = INT64_MAX } \
	}

/* Note what we were started with, then set our own umask (outputs are 0640) and descriptor limit. */
int spawn_base_init(struct spawn_base *base, struct err *err);
void spawn_base_free(struct spawn_base *base);

/*
 * spawn_job(keeper, at, start, why): start the job in slot at, which is STARTING.
 *
 * Success   returns 0.  execve() has succeeded: the job is LIVE with its start time, its timers run.
 * Failure   returns -1, why has errno and the step.  No child, no descriptor, no cgroup; the slot is
 *           as it was.  Outputs opened before the failing step exist, empty.
 */
int spawn_job(struct keeper *keeper, int32_t at, const struct keeper_start *start,
	      struct keeper_not_started *why);

#endif
