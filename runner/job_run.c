/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run.c: birth, way and end of a run; the table of its phases. */
#include "runner/job_run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "runner/collector.h"
#include "runner/job_environment.h"
#include "runner/job_run_place.h"
#include "runner/keeper_link.h"
#include "runner/log_trim.h"
#include "runner/runner.h"

#define LATER_MS 50

/* step NULL: something outside moves the run on. */
static const struct {
	const char *name;
	enum step_result (*step)(struct runner *runner, struct job_run *run);
	enum job_run_phase next;
} phases[JOB_RUN_PHASES] = {
	[JOB_RUN_CLAIMED] = { "claimed", job_run_prepare, JOB_RUN_PREPARED },
	[JOB_RUN_PREPARED] = { "prepared", job_run_spawn, JOB_RUN_STARTING },
	[JOB_RUN_STARTING] = { "starting", NULL, JOB_RUN_RUNNING },
	[JOB_RUN_RUNNING] = { "running", NULL, JOB_RUN_ENDED },
	[JOB_RUN_ENDED] = { "ended", job_run_trim, JOB_RUN_TRIMMED },
	[JOB_RUN_TRIMMED] = { "trimmed", job_run_collect, JOB_RUN_COLLECTED },
	[JOB_RUN_COLLECTED] = { "collected", NULL, JOB_RUN_FINISHING },
	[JOB_RUN_FINISHING] = { "finishing", NULL, JOB_RUN_CLEANING },
	[JOB_RUN_CLEANING] = { "cleaning", job_run_clean, JOB_RUN_CLEANING },
	[JOB_RUN_RETURNING] = { "returning", job_run_return, JOB_RUN_RETURNED },
	[JOB_RUN_RETURNED] = { "returned", NULL, JOB_RUN_RETURNED },
};

const char *
job_run_phase_name(enum job_run_phase phase)
{
	return phases[phase].name;
}

static struct job_run *
new_run(struct runner *runner, int64_t id, int32_t attempt)
{
	struct job_run *run = calloc(1, sizeof(*run));

	if (run == NULL)
		abort();
	job_end_init(&run->end, id, attempt);
	job_workdir_init(&run->dir, &runner->dir_pool, runner->config.joblog_dir, id, attempt);
	run->job.job_id = id;
	run->job.attempt = attempt;
	run->job.incarnation = runner->session.life.incarnation;
	return run;
}

struct job_run *
job_run_new(struct runner *runner, struct job_order *order, enum job_run_phase phase)
{
	struct job_run *run = new_run(runner, order->id, order->attempt);

	run->order = *order;
	memset(order, 0, sizeof(*order));
	run->pause_ordered = strcmp(run->order.instruction, "PAUSE") == 0;
	run->phase = phase;
	run_table_add(&runner->runs, run);
	run_table_push(&runner->runs, run);
	slots_take(&runner->slots, run->order.queue_id, run->order.consumption);
	run->has_slot = true;
	run->adopted = phase == JOB_RUN_RUNNING;
	if (run->adopted)
		job_run_has_place(runner, run);
	return run;
}

struct job_run *
job_run_new_orphan(struct runner *runner, const struct keeper_report *report)
{
	struct job_run *run = new_run(runner, report->job.job_id, report->job.attempt);

	job_order_init(&run->order, report->job.job_id, report->job.attempt);
	run->job = report->job;
	run->orphan = run->in_keeper = true;
	run->phase = report->state == KEEPER_SLOT_LIVE ? JOB_RUN_RUNNING : JOB_RUN_CLEANING;
	run_table_add(&runner->runs, run);
	run_table_push(&runner->runs, run);
	return run;
}

void
job_run_release_slot(struct runner *runner, struct job_run *run)
{
	if (!run->has_slot)
		return;
	run->has_slot = false;
	slots_release(&runner->slots, run->order.queue_id, run->order.consumption);
	claim_poller_room(&runner->poller, run->order.queue_id);
}

void
job_run_free(struct runner *runner, struct job_run *run)
{
	run_table_remove(&runner->runs, run);
	job_run_leave_place(runner, run);
	job_run_release_slot(runner, run);
	if (run->trim != NULL)
		runner->trims--;
	if (run->collector != NULL)
		runner->collectors--;
	log_trim_free(run->trim);
	collector_free(run->collector);
	free(run->cwd);
	job_command_free(&run->command);
	job_environment_free(run->environment);
	job_workdir_free(&run->dir);
	job_end_free(&run->end);
	job_order_free(&run->order);
	free(run);
}

void
job_run_park(struct runner *runner, struct job_run *run, int64_t ms)
{
	run->parked_until_ms = clock_mono_ms() + ms;
	run_table_push(&runner->runs, run);
}

void
job_run_advance(struct runner *runner, struct job_run *run)
{
	while (phases[run->phase].step != NULL) {
		switch (phases[run->phase].step(runner, run)) {
		case STEP_DONE:
			run->phase = phases[run->phase].next;
			break;
		case STEP_MOVED:
			break;
		case STEP_AGAIN:
			run_table_push(&runner->runs, run);
			return;
		case STEP_LATER:
			job_run_park(runner, run, LATER_MS);
			return;
		case STEP_PARKED:
		case STEP_GONE:
			return;
		}
	}
}

int64_t
job_run_grace_ms(const struct runner *runner, const struct job_run *run)
{
	int64_t node_ms = runner->config.grace_ms;
	int64_t own_ms = job_limit(run->order.limits.grace_ms, node_ms);

	if (runner->hurry)
		return 0;
	return runner->stop == STOP_FENCED && own_ms > node_ms ? node_ms : own_ms;
}

int64_t
job_run_files_max_bytes(const struct runner *runner, const struct job_run *run)
{
	return job_limit(run->order.limits.files_max_bytes, runner->config.files_max_bytes);
}

void
job_run_withdraw(struct runner *runner, struct job_run *run)
{
	job_run_leave_place(runner, run);
	run->phase = JOB_RUN_RETURNING;
	run->parked_until_ms = 0;
	run_table_push(&runner->runs, run);
}

void
job_run_drop_end(struct runner *runner, struct job_run *run)
{
	run->phase = JOB_RUN_CLEANING;
	run->orphan = true;
	run->parked_until_ms = 0;
	run_table_push(&runner->runs, run);
}

void
job_run_put_back(struct runner *runner, struct job_run *run, const char *reason)
{
	log_warn("job_not_started", "job=%lld attempt=%d reason=\"%s\"", (long long)run->order.id,
		 run->order.attempt, reason);
	claim_poller_start_failed(&runner->poller);
	run->phase = JOB_RUN_RETURNING;
}

void
job_run_fail(struct job_run *run, const char *reason)
{
	log_warn("job_not_started", "job=%lld attempt=%d reason=\"%s\"", (long long)run->order.id,
		 run->order.attempt, reason);
	job_end_set(&run->end, JOB_END_CRASHED, "%s", reason);
	job_end_say(&run->end, "%s", reason);
	job_workdir_touch_logs(&run->dir, reason);
	run->phase = JOB_RUN_ENDED;
}

void
job_run_kill(struct runner *runner, struct job_run *run, const char *reason)
{
	switch (run->phase) {
	case JOB_RUN_CLAIMED:
	case JOB_RUN_PREPARED:
		if (run_table_find_other(&runner->runs, run) != NULL) {
			/* it is settled after that one: what lies in its directories is not its own */
			(void)str_copy(run->kill_reason, sizeof(run->kill_reason), reason);
			return;
		}
		job_run_leave_place(runner, run);
		job_end_set(&run->end, JOB_END_KILLED, "%s", reason);
		run->phase = JOB_RUN_ENDED;
		run->parked_until_ms = 0;
		run_table_push(&runner->runs, run);
		return;
	case JOB_RUN_STARTING:
	case JOB_RUN_RUNNING:
		if (run->kill_reason[0] == '\0')
			(void)str_copy(run->kill_reason, sizeof(run->kill_reason), reason);
		if (run->phase == JOB_RUN_RUNNING && !run->kill_sent &&
		    keeper_link_is_up(runner->keeper)) {
			keeper_link_signal(runner->keeper, run->job, KEEPER_KILL,
					   job_run_grace_ms(runner, run));
			run->kill_sent = true;
			log_info("job_kill", "job=%lld attempt=%d reason=\"%s\"",
				 (long long)run->order.id, run->order.attempt, run->kill_reason);
		}
		return;
	case JOB_RUN_TRIMMED:
		if (run->uncollected_since_ms == 0 || runner->stop == STOP_FENCED)
			return;
		run->files_given_up = true;
		run->parked_until_ms = 0;
		run_table_push(&runner->runs, run);
		return;
	default:
		return;
	}
}
