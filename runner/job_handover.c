/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_handover.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "runner/job_run.h"
#include "runner/keeper_link.h"
#include "runner/runner.h"

#define ORDER_AGAIN_MS 500
#define PATIENCE_MS 60000

/* A directory of ours may have the group of the one it was made in, if that one hands it on. */
static bool
is_group_of_parent(const char *path, gid_t group)
{
	char *parent = path_dir(path);
	struct stat st;
	bool is = lstat(parent, &st) == 0 && st.st_gid == group;

	free(parent);
	return is;
}

bool
job_handover_is_lent(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1 || !S_ISDIR(st.st_mode))
		return false;
	return st.st_uid != geteuid() ||
	       (st.st_gid != getegid() && !is_group_of_parent(path, st.st_gid));
}

bool
job_handover_is_over(struct runner *runner, struct job_run *run)
{
	int64_t now_ms = clock_mono_ms();

	if (!job_handover_is_lent(run->dir.temp) && !job_handover_is_lent(run->dir.delivery)) {
		run->handover_since_ms = 0;
		return true;
	}
	if (run->handover_since_ms == 0)
		run->handover_since_ms = now_ms;
	if (now_ms - run->handover_since_ms >= PATIENCE_MS) {
		log_warn("directories_not_taken_back", "job=%lld attempt=%d",
			 (long long)run->order.id, run->order.attempt);
		return true;
	}
	if (now_ms >= run->handover_order_ms && keeper_link_is_up(runner->keeper)) {
		run->handover_order_ms = now_ms + ORDER_AGAIN_MS;
		keeper_link_take_back(runner->keeper, run->job);
	}
	return false;
}
