/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/disk_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "runner/event_loop.h"
#include "runner/job_run.h"
#include "runner/runner.h"

#define DEPTH_MAX 32
#define ENTRIES_A_PASS 500
#define PASS_MS 50
#define ROUND_MS 1000

struct disk_watch {
	struct runner *runner;
	struct event_timer timer;
	int64_t round_at_ms; /* when this round began */
	int64_t job_id; /* being looked at; 0: none */
	int32_t attempt;
	int64_t below_id; /* of this round, only jobs with a smaller id are left */
	int trees_done; /* of its two */
	int64_t bytes;
	DIR *stack[DEPTH_MAX];
	int depth;
};

static void
close_stack(struct disk_watch *watch)
{
	while (watch->depth > 0)
		(void)closedir(watch->stack[--watch->depth]);
}

static void
push(struct disk_watch *watch, int dir_fd, const char *name)
{
	int fd;
	DIR *dir;

	if (watch->depth == DEPTH_MAX)
		return;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd == -1 ? NULL : fdopendir(fd);
	if (dir != NULL)
		watch->stack[watch->depth++] = dir;
	else
		fd_close(&fd);
}

/* The next entry of the tree, or up one directory. */
static void
look(struct disk_watch *watch)
{
	DIR *dir = watch->stack[watch->depth - 1];
	const struct dirent *entry = readdir(dir);
	struct stat st;

	if (entry == NULL) {
		(void)closedir(watch->stack[--watch->depth]);
		return;
	}
	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
	    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return;
	watch->bytes += (int64_t)st.st_blocks * 512;
	if (S_ISDIR(st.st_mode))
		push(watch, dirfd(dir), entry->d_name);
}

/* The running job with the largest id below the one before. */
static struct job_run *
next_run(struct disk_watch *watch)
{
	struct job_run *best = NULL;

	for (struct job_run *run = watch->runner->runs.all; run != NULL; run = run->all_next)
		if (run->phase == JOB_RUN_RUNNING && !run->orphan &&
		    run->order.id < watch->below_id &&
		    job_run_files_max_bytes(watch->runner, run) > 0 &&
		    (best == NULL || run->order.id > best->order.id))
			best = run;
	return best;
}

static void
check(struct disk_watch *watch, struct job_run *run)
{
	int64_t max_bytes = job_run_files_max_bytes(watch->runner, run);
	char reason[sizeof(run->kill_reason)];

	if (max_bytes == 0 || watch->bytes <= max_bytes)
		return;
	(void)snprintf(reason, sizeof(reason), "disk quota of %" PRId64 " bytes exceeded",
		       max_bytes);
	job_run_kill(watch->runner, run, reason);
}

/* false: the round is over. */
static bool
begin_next(struct disk_watch *watch)
{
	const struct job_run *run = next_run(watch);

	if (run == NULL)
		return false;
	watch->job_id = watch->below_id = run->order.id;
	watch->attempt = run->order.attempt;
	watch->trees_done = 0;
	watch->bytes = 0;
	return true;
}

/* One small thing for the job being looked at. */
static void
step(struct disk_watch *watch)
{
	struct job_run *run = run_table_find(&watch->runner->runs, watch->job_id, watch->attempt);

	if (run == NULL || run->phase != JOB_RUN_RUNNING) {
		close_stack(watch);
		watch->job_id = 0;
		return;
	}
	if (watch->depth > 0) {
		look(watch);
	} else if (watch->trees_done < 2) {
		push(watch, AT_FDCWD, watch->trees_done == 0 ? run->dir.temp : run->dir.delivery);
		watch->trees_done++;
	} else {
		watch->job_id = 0;
	}
	check(watch, run);
}

void
disk_watch_pass(struct disk_watch *watch)
{
	int64_t now_ms = clock_mono_ms();

	watch->timer.due_ms = now_ms + PASS_MS;
	for (int i = 0; i < ENTRIES_A_PASS; i++) {
		if (watch->job_id != 0) {
			step(watch);
		} else if (now_ms < watch->round_at_ms || !begin_next(watch)) {
			if (now_ms >= watch->round_at_ms) { /* the next round */
				watch->round_at_ms = now_ms + ROUND_MS;
				watch->below_id = INT64_MAX;
			}
			watch->timer.due_ms = watch->round_at_ms;
			return;
		}
	}
}

static void
due(void *arg, int64_t now_ms)
{
	(void)now_ms;
	disk_watch_pass(arg);
}

struct disk_watch *
disk_watch_new(struct runner *runner)
{
	struct disk_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		abort();
	watch->runner = runner;
	watch->below_id = INT64_MAX;
	watch->timer = (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = due, .arg = watch };
	watch->timer.due_ms = clock_mono_ms();
	event_loop_add_timer(&runner->loop, &watch->timer);
	return watch;
}

void
disk_watch_free(struct disk_watch *watch)
{
	if (watch == NULL)
		return;
	close_stack(watch);
	free(watch);
}
