/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/limits.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/fd.h"
#include "keeper/keeper.h"
#include "keeper/kill_tree.h"

#define LOOK_MS_MIN 20
#define LOOK_MS_MAX 1000
#define WRITER_BYTES_PER_MS 65536 /* what a job that was quiet so far might begin to write */

static int64_t
later(int64_t now_ms, int64_t ms)
{
	return ms >= NEVER_MS - now_ms ? NEVER_MS : now_ms + ms;
}

void
limits_begin(struct keeper *keeper, int32_t at, int *out_fd, int *err_fd)
{
	const struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);
	int64_t now = clock_mono_ms();

	if (slot->run_max_ms > 0)
		run->timeout_at_ms = later(now, slot->run_max_ms);
	if (slot->log_max_bytes > 0) {
		run->out_fd = fd_take(out_fd);
		run->err_fd = fd_take(err_fd);
		run->log_seen_ms = now;
		run->log_look_ms = now + LOOK_MS_MIN;
	}
	keeper_due(keeper, run->timeout_at_ms);
	keeper_due(keeper, run->log_look_ms);
}

static int64_t
file_bytes(int fd)
{
	struct stat st;

	return fstat(fd, &st) == -1 ? 0 : (int64_t)st.st_size;
}

/*
 * When to look again: before the job, at four times its present speed or the speed assumed of a
 * quiet one, can have filled the room it has left.
 */
static int64_t
next_look_ms(const struct run *run, int64_t bytes, int64_t room, int64_t now_ms)
{
	int64_t passed_ms = now_ms > run->log_seen_ms ? now_ms - run->log_seen_ms : 1;
	int64_t speed = 4 * ((bytes - run->log_seen_bytes) / passed_ms);
	int64_t wait_ms;

	if (speed < WRITER_BYTES_PER_MS)
		speed = WRITER_BYTES_PER_MS;
	wait_ms = room / speed;
	if (wait_ms < LOOK_MS_MIN)
		wait_ms = LOOK_MS_MIN;
	if (wait_ms > LOOK_MS_MAX)
		wait_ms = LOOK_MS_MAX;
	return now_ms + wait_ms;
}

static void
logs_look(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);
	int64_t out = file_bytes(run->out_fd);
	int64_t err = file_bytes(run->err_fd);
	int64_t bytes = out > err ? out : err;

	if (bytes > slot->log_max_bytes) {
		run->log_look_ms = NEVER_MS;
		tree_kill(keeper, at, KEEPER_CAUSE_LOG_LIMIT, slot->grace_ms);
		return;
	}
	run->log_look_ms = next_look_ms(run, bytes, slot->log_max_bytes - bytes, now_ms);
	run->log_seen_ms = now_ms;
	run->log_seen_bytes = bytes;
}

void
limits_look(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	struct run *run = job_run(&keeper->jobs, at);

	if (run->phase != RUN_QUIET)
		return;
	if (!run->paused && now_ms >= run->timeout_at_ms) {
		tree_kill(keeper, at, KEEPER_CAUSE_TIMEOUT, job_slot(&keeper->jobs, at)->grace_ms);
		return;
	}
	if (now_ms >= run->log_look_ms)
		logs_look(keeper, at, now_ms);
	if (!run->paused)
		keeper_due(keeper, run->timeout_at_ms);
	keeper_due(keeper, run->log_look_ms);
}

void
limits_pause(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	job_run(&keeper->jobs, at)->paused_at_ms = now_ms;
}

void
limits_resume(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	struct run *run = job_run(&keeper->jobs, at);

	if (run->timeout_at_ms != NEVER_MS)
		run->timeout_at_ms = later(run->timeout_at_ms, now_ms - run->paused_at_ms);
	keeper_due(keeper, run->timeout_at_ms);
}
