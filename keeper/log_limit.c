/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/log_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/joblog_cut.h"
#include "keeper/keeper.h"
#include "keeper/kill_tree.h"

#define LOOK_MS_MIN 20
#define LOOK_MS_MAX 1000
#define WRITER_BYTES_PER_MS 65536 /* what a job that was quiet so far might begin to write */
#define QUIET_JOBS_PER_MS 12 /* a job that writes slowly waits 1 ms more for so many others */
#define STEP_PART 64 /* of the limit, a hole grows by at least one in so many: few, large steps */
#define SLACK_PART 8 /* so much more than the limit may be there before the next look */
#define BYTES_MAX (INT64_C(1) << 60) /* sums and products of a few of these do not overflow */
#define STEP_BYTES_MIN 4096

void
log_limit_begin(struct keeper *keeper, int32_t at, int *out_fd, int *err_fd)
{
	struct run *run = job_run(&keeper->jobs, at);

	if (job_slot(&keeper->jobs, at)->log_max_bytes == 0)
		return;
	run->log_fds[KEEPER_STDOUT] = fd_take(out_fd);
	run->log_fds[KEEPER_STDERR] = fd_take(err_fd);
	run->log_seen_ms = clock_mono_ms();
	run->log_look_ms = run->log_seen_ms + LOOK_MS_MIN;
	keeper_due(keeper, run->log_look_ms);
}

/* What the looks of one time found, of both outputs the worse. */
struct findings {
	int64_t grown; /* since the last look */
	int64_t room; /* until more is there than may be */
	bool cannot; /* be punched */
};

/* Not now, perhaps later: the disk is full, a signal came. */
static bool
may_pass(int error)
{
	return error == EINTR || error == EAGAIN || error == ENOSPC || error == EDQUOT ||
	       error == ENOMEM;
}

/* Punch what is too much out of a file of size bytes.  Wholly each time: that costs no more. */
static void
punch(int fd, int64_t size, int64_t max_bytes, struct keeper_log *log, struct findings *found)
{
	struct joblog_gap gap = joblog_punchable(size, max_bytes);
	int64_t step = max_bytes / STEP_PART;

	if (step < STEP_BYTES_MIN)
		step = STEP_BYTES_MIN;
	if (gap.to - (log->tail_start > gap.from ? log->tail_start : gap.from) < step)
		return;
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)gap.from,
		      (off_t)(gap.to - gap.from)) == 0) {
		log->head_end = gap.from;
		log->tail_start = gap.to;
	} else if (!may_pass(errno)) {
		found->cannot = true;
	}
}

static void
look_at(int fd, int64_t *seen_bytes, int64_t max_bytes, struct keeper_log *log,
	struct findings *found)
{
	struct stat st;
	int64_t room, kept;

	if (fstat(fd, &st) == -1)
		return;
	if (st.st_size < *seen_bytes) { /* by the job itself: what was cut is gone, too */
		log->truncated++;
		log->head_end = log->tail_start = 0;
	} else if (st.st_size - *seen_bytes > found->grown) {
		found->grown = st.st_size - *seen_bytes;
	}
	*seen_bytes = st.st_size;
	punch(fd, st.st_size, max_bytes, log, found);
	kept = st.st_size - (log->tail_start - log->head_end);
	room = max_bytes < BYTES_MAX ? max_bytes + max_bytes / SLACK_PART : BYTES_MAX;
	room -= kept < BYTES_MAX ? kept : BYTES_MAX;
	if (room < found->room)
		found->room = room;
}

static struct findings
look_at_both(struct keeper *keeper, int32_t at)
{
	struct slot *slot = job_slot(&keeper->jobs, at);
	struct run *run = job_run(&keeper->jobs, at);
	struct findings found = { 0, INT64_MAX, false };

	for (int i = 0; i < KEEPER_STREAMS; i++)
		look_at(run->log_fds[i], &run->log_seen_bytes[i], slot->log_max_bytes,
			&slot->logs[i], &found);
	return found;
}

/*
 * When to look again: before the job, at four times its present speed or the speed assumed of a
 * quiet one, can have filled the room it has left.  A job that writes fast is looked at as often as
 * can be; the others share a bounded number of looks.  Times are rounded up, so that jobs come
 * together: each pass of the keeper walks over all of them.
 */
static int64_t
next_look_ms(const struct keeper *keeper, const struct run *run, const struct findings *found,
	     int64_t now_ms)
{
	int64_t passed_ms = now_ms > run->log_seen_ms ? now_ms - run->log_seen_ms : 1;
	int64_t grown = found->grown < BYTES_MAX ? found->grown : BYTES_MAX;
	int64_t speed = 4 * (grown / passed_ms);
	int64_t least_ms = LOOK_MS_MIN;
	int64_t wait_ms;

	if (speed < WRITER_BYTES_PER_MS) {
		speed = WRITER_BYTES_PER_MS;
		least_ms += keeper->jobs.live / QUIET_JOBS_PER_MS;
	}
	wait_ms = found->room / speed;
	if (wait_ms < least_ms)
		wait_ms = least_ms;
	if (wait_ms > LOOK_MS_MAX)
		wait_ms = LOOK_MS_MAX;
	return (now_ms + wait_ms + LOOK_MS_MIN - 1) / LOOK_MS_MIN * LOOK_MS_MIN;
}

void
log_limit_look(struct keeper *keeper, int32_t at, int64_t now_ms)
{
	struct run *run = job_run(&keeper->jobs, at);
	struct findings found;

	if (now_ms >= run->log_look_ms) {
		found = look_at_both(keeper, at);
		run->log_look_ms = next_look_ms(keeper, run, &found, now_ms);
		run->log_seen_ms = now_ms;
		if (found.cannot) {
			run->log_look_ms = NEVER_MS;
			tree_kill(keeper, at, KEEPER_CAUSE_LOG_LIMIT,
				  job_slot(&keeper->jobs, at)->grace_ms);
		}
	}
	keeper_due(keeper, run->log_look_ms);
}

void
log_limit_end(struct keeper *keeper, int32_t at)
{
	if (job_run(&keeper->jobs, at)->log_fds[KEEPER_STDOUT] != -1)
		(void)look_at_both(keeper, at);
}
