/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/runner_stop.h"

#include <stdint.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "runner/job_run.h"
#include "runner/job_run_place.h"
#include "runner/runner.h"

#define MARGIN_MS 15000 /* beyond the grace, for ends to be archived */
#define LEAVE_MS 2000 /* for the last statements; fenced, for the keeper to tell that all is over */

bool
runner_stop_ends_jobs(enum runner_stop stop)
{
	return stop == STOP_KILL || stop == STOP_ORDERED;
}

static void
kill_all(struct runner *runner, const char *why)
{
	struct job_run *next;

	for (struct job_run *run = runner->runs.all; run != NULL; run = next) {
		next = run->all_next;
		if (run->phase == JOB_RUN_CLAIMED || run->phase == JOB_RUN_PREPARED) {
			job_run_withdraw(runner, run);
		} else if (runner->stop != STOP_LEAVE) {
			job_run_kill(runner, run, why);
		}
	}
}

/* Fenced: what we could still tell of them is another runner's business, whenever it comes about. */
static void
disown_ended(struct runner *runner)
{
	struct job_run *next;

	for (struct job_run *run = runner->runs.all; run != NULL; run = next) {
		next = run->all_next;
		if (run->phase >= JOB_RUN_ENDED && run->phase <= JOB_RUN_FINISHING) {
			job_run_drop_end(runner, run);
		} else if (run->phase == JOB_RUN_RETURNED) {
			job_run_free(runner, run);
		}
	}
}

static int64_t
stop_patience_ms(const struct runner *runner)
{
	int64_t grace_ms = runner->hurry ? 0 : runner->config.grace_ms;

	if (runner->stop == STOP_LEAVE)
		return LEAVE_MS;
	for (const struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		if (job_run_grace_ms(runner, run) > grace_ms)
			grace_ms = job_run_grace_ms(runner, run);
	return grace_ms + (runner->stop == STOP_FENCED ? LEAVE_MS : MARGIN_MS);
}

void
runner_stop(struct runner *runner, enum runner_stop stop, const char *why)
{
	if (stop <= runner->stop)
		return;
	if (stop == STOP_FENCED) {
		log_error("fenced", "reason=\"%s\"", why);
		runner->exit_code = 1;
	} else {
		log_info("stopping", "reason=\"%s\" jobs=%zu", why, runner->runs.count);
		runner->exit_code = stop == STOP_ORDERED ? RUNNER_EXIT_ORDERED : 0;
	}
	runner->stop = stop;
	(void)str_copy(runner->stop_reason, sizeof(runner->stop_reason),
		       stop == STOP_FENCED    ? "its node was taken over"
		       : stop == STOP_ORDERED ? why
					      : "node stopped");
	runner_stop_more(runner);
}

void
runner_stop_more(struct runner *runner)
{
	if (runner->stop == STOP_NONE)
		return;
	runner->stop_timer.due_ms = clock_mono_ms() + stop_patience_ms(runner);
	kill_all(runner, runner->stop_reason);
}

void
runner_stop_signalled(struct runner *runner, const char *why)
{
	if (!runner->signalled) {
		runner->signalled = true;
		runner_stop(runner, STOP_KILL, why);
		return;
	}
	if (runner->hurry || runner->stop == STOP_LEAVE)
		return;
	log_info("stopping_at_once", "reason=\"%s\" jobs=%zu", why, runner->runs.count);
	runner->hurry = true;
	for (struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		run->kill_sent = false;
	runner_stop_more(runner);
}

void
runner_give_up(struct runner *runner, const char *event, const char *why)
{
	log_error(event, "reason=\"%s\"", why);
	runner->exit_code = 1;
	runner->ending = true;
}

/* Runs that the end of this runner still waits for. */
static bool
has_unfinished(const struct runner *runner)
{
	for (const struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		if (runner->stop != STOP_LEAVE || run->phase >= JOB_RUN_ENDED)
			return true;
	return false;
}

/* Jobs may be ours in the database that we do not know yet; stop_timer ends the wait for them. */
static bool
is_unsure(const struct runner *runner)
{
	return runner_stop_ends_jobs(runner->stop) &&
	       (runner->session.state == SESSION_RECOVERING || runner->poller.uncertain ||
		runner->turn.under_way);
}

void
runner_stop_go_on(struct runner *runner)
{
	bool registered =
	    runner->session.state == SESSION_RECOVERING || runner->session.state == SESSION_ACTIVE;

	if (runner->stop == STOP_NONE || runner->ending)
		return;
	if (runner->stop == STOP_FENCED)
		disown_ended(runner);
	if (registered && (has_unfinished(runner) || is_unsure(runner)))
		return;
	if (runner->session.state == SESSION_ACTIVE && runner_stop_ends_jobs(runner->stop) &&
	    !temp_sweep_at_end(&runner->sweep))
		return;
	if (!runner_stop_ends_jobs(runner->stop) || !registered) {
		runner->left = true;
	} else if (runner->session.beat_timer.due_ms != EVENT_NEVER_MS) {
		node_session_leave(&runner->session);
		runner->stop_timer.due_ms = clock_mono_ms() + LEAVE_MS;
	}
	runner->ending = runner->left;
}

static void
stop_due(void *arg, int64_t now_ms)
{
	struct runner *runner = arg;

	(void)now_ms;
	if (runner->runs.count > 0 && runner->stop != STOP_LEAVE)
		log_warn("stopped_early", "jobs=%zu", runner->runs.count);
	runner->ending = true;
}

void
runner_stop_init(struct runner *runner)
{
	runner->stop_timer =
	    (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = stop_due, .arg = runner };
	event_loop_add_timer(&runner->loop, &runner->stop_timer);
}
