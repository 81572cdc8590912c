/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/orders.h"

#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "keeper/keeper.h"
#include "keeper/handover.h"
#include "keeper/kill_tree.h"
#include "keeper/limits.h"

#define NICE_MAX 19
#define COUNT_MAX INT32_MAX /* of seconds and processes: no sum of them may overflow */

static void
refuse(struct keeper *keeper, const struct keeper_job *job, int error, const char *step)
{
	struct keeper_not_started why = { .job = *job, .error = error };

	(void)str_copy(why.step, sizeof(why.step), step);
	runner_link_refuse(keeper, &why);
}

static bool
is_sane(const struct keeper_start *start)
{
	return start->program[0] == '/' && start->cwd[0] == '/' && start->stdout_path[0] == '/' &&
	       start->stderr_path[0] == '/' && start->nice >= 0 && start->nice <= NICE_MAX &&
	       start->umask >= -1 && start->umask <= 0777 && start->run_max_ms >= 0 &&
	       start->grace_ms >= 0 && start->log_max_bytes >= 0 && start->file_max_bytes >= 0 &&
	       start->memory_max_bytes >= 0 && start->cpu_max_s >= 0 &&
	       start->cpu_max_s <= COUNT_MAX && start->processes_max >= 0 &&
	       start->processes_max <= COUNT_MAX;
}

static void
start(struct keeper *keeper, const struct keeper_start *order)
{
	struct keeper_not_started why = { .job = order->job };
	int32_t at = job_find(&keeper->jobs, order->job.job_id, order->job.attempt);

	if (at != -1) { /* known: say what is known */
		runner_link_tell(keeper, at,
				 job_is_live(&keeper->jobs, at) ? TELL_STARTED : TELL_ENDED);
		return;
	}
	if (keeper->stopping) {
		refuse(keeper, &order->job, ESHUTDOWN, "the keeper is stopping");
		return;
	}
	if (clock_mono_ms() >= keeper->lease.end_from_ms) { /* nor what a runner slept over */
		refuse(keeper, &order->job, ETIME, "the node's lease was not renewed");
		return;
	}
	if (!is_sane(order)) {
		refuse(keeper, &order->job, EINVAL, "invalid order");
		return;
	}
	if ((at = job_new(&keeper->jobs, order, keeper->marks_usable)) == -1) {
		refuse(keeper, &order->job, EAGAIN, "no free slot");
		return;
	}
	if (spawn_job(keeper, at, order, &why) == -1) {
		job_forget(&keeper->jobs, at);
		runner_link_refuse(keeper, &why);
		return;
	}
	runner_link_tell(keeper, at, TELL_STARTED);
}

static void
pause_job(struct keeper *keeper, int32_t at)
{
	struct run *run = job_run(&keeper->jobs, at);

	if (run->phase != RUN_QUIET || run->first_gone)
		return;
	if (!run->paused)
		limits_pause(keeper, at, clock_mono_ms());
	run->paused = true;
	tree_pause(keeper, at);
}

static void
resume_job(struct keeper *keeper, int32_t at)
{
	struct run *run = job_run(&keeper->jobs, at);

	if (run->paused)
		limits_resume(keeper, at, clock_mono_ms());
	run->paused = false;
	tree_resume(keeper, at);
}

static void
signal_job(struct keeper *keeper, const struct keeper_signal *order)
{
	int32_t at = job_find(&keeper->jobs, order->job.job_id, order->job.attempt);

	if (at == -1 || !job_is_live(&keeper->jobs, at))
		return; /* its end is told anyway, or it was forgotten */
	switch ((enum keeper_signal_kind)order->kind) {
	case KEEPER_KILL:
		tree_kill(keeper, at, KEEPER_CAUSE_ORDER,
			  order->grace_ms < 0 ? job_slot(&keeper->jobs, at)->grace_ms
					      : order->grace_ms);
		break;
	case KEEPER_PAUSE:
		pause_job(keeper, at);
		break;
	case KEEPER_RESUME:
		resume_job(keeper, at);
		break;
	}
}

static void
forget(struct keeper *keeper, const struct keeper_job *job)
{
	int32_t at = job_find(&keeper->jobs, job->job_id, job->attempt);

	if (at == -1)
		return;
	if (job_is_live(&keeper->jobs, at)) {
		log_warn("forget_refused",
			 "job=%" PRId64 " attempt=%" PRId32 " reason=\"it is live\"", job->job_id,
			 job->attempt);
		return;
	}
	runner_link_untell(keeper, at);
	job_forget(&keeper->jobs, at);
}

/* The looks at the timers that were planned for the old one find out by themselves. */
static void
take_lease(struct keeper *keeper, const struct keeper_lease *lease)
{
	keeper->lease = *lease;
	runner_link_tell_figures(keeper);
	if (keeper->jobs.live > 0)
		keeper_due(keeper, lease->end_from_ms);
}

int
order_obey(struct keeper *keeper, const struct keeper_msg *msg, struct err *err)
{
	switch (msg->type) {
	case KEEPER_START:
		start(keeper, &msg->u.start);
		return 0;
	case KEEPER_SIGNAL:
		signal_job(keeper, &msg->u.signal);
		return 0;
	case KEEPER_FORGET:
		forget(keeper, &msg->u.job);
		return 0;
	case KEEPER_TAKE_BACK:
		handover_take_back(keeper, msg->u.job.job_id);
		return 0;
	case KEEPER_DRAIN:
		keeper->draining = true;
		return 0;
	case KEEPER_LEASE:
		take_lease(keeper, &msg->u.lease);
		return 0;
	default:
		return err_set(err, ERR_INVALID, "a runner does not send messages of type %d",
			       (int)msg->type);
	}
}
