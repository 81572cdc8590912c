/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_run_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "db/db.h"
#include "runner/exit_reason.h"
#include "runner/job_environment.h"
#include "runner/job_run_place.h"
#include "runner/keeper_link.h"
#include "runner/runner.h"
#include "runner/shortage.h"

#define MARK_AFTER_MS 10 /* many jobs are over by then */
#define MARK_RETRY_MS 200

/* What START carried is not needed any more. */
static void
drop_order(struct job_run *run)
{
	free(run->cwd);
	run->cwd = NULL;
	job_command_free(&run->command);
	job_environment_free(run->environment);
	run->environment = NULL;
}

void
job_run_is_live(struct runner *runner, struct job_run *run, const struct keeper_report *report)
{
	if (run->phase != JOB_RUN_STARTING && run->phase != JOB_RUN_RUNNING)
		return;
	if (run->phase == JOB_RUN_STARTING) {
		log_debug("job_started", "job=%lld attempt=%d pid=%d definition=\"%s\"",
			  (long long)run->order.id, run->order.attempt, report->pid,
			  run->order.definition_name);
		claim_poller_start_worked(&runner->poller);
	}
	run->phase = JOB_RUN_RUNNING;
	run->started_us = report->started_us;
	run->log_max_bytes = report->log_max_bytes;
	run->job = report->job;
	run->in_keeper = true;
	run->mark_at_ms = run->order.running || run->orphan ? 0 : clock_mono_ms() + MARK_AFTER_MS;
	drop_order(run);
	if (run->kill_reason[0] != '\0')
		job_run_kill(runner, run, run->kill_reason);
	else if (run->pause_ordered)
		job_run_pause(runner, run, true);
}

void
job_run_is_over(struct runner *runner, struct job_run *run, const struct keeper_report *report)
{
	if (run->phase != JOB_RUN_STARTING && run->phase != JOB_RUN_RUNNING)
		return; /* told once more */
	run->job = report->job;
	run->started_us = report->started_us;
	run->in_keeper = true;
	run->mark_at_ms = 0;
	drop_order(run);
	exit_reason_fill(&run->end, report, run->kill_reason);
	run->log_max_bytes = report->log_max_bytes;
	memcpy(run->logs, report->logs, sizeof(run->logs));
	/* Another account may still hold one of them open. */
	run->dir.dirty = report->left > 0 || run->order.run_as[0] != '\0';
	log_info("job_ended", "job=%lld attempt=%d exit_code=%d signal=%d cause=%s left=%d",
		 (long long)run->order.id, run->order.attempt, report->exit_code, report->signal,
		 keeper_cause_name(report->cause), report->left);
	if (!run->orphan)
		slots_note_end(&runner->slots, run->order.queue_id,
			       report->ended_us - report->started_us,
			       clock_mono_us() - run->busy_since_us);
	job_run_leave_place(runner, run);
	run->phase = run->orphan || runner->stop == STOP_FENCED ? JOB_RUN_CLEANING : JOB_RUN_ENDED;
	run_table_push(&runner->runs, run);
}

/* Nothing of it has begun. */
static void
start_again(struct runner *runner, struct job_run *run)
{
	run->phase = JOB_RUN_PREPARED;
	if (runner->stop != STOP_NONE)
		run->phase = JOB_RUN_RETURNING;
	else if (run->kill_reason[0] != '\0')
		job_run_kill(runner, run, run->kill_reason);
	run_table_push(&runner->runs, run);
}

void
job_run_is_lost(struct runner *runner, struct job_run *run)
{
	if (run->phase == JOB_RUN_STARTING) {
		job_run_leave_place(runner, run);
		run->in_keeper = false;
		start_again(runner, run); /* the order never arrived */
		return;
	}
	if (run->phase != JOB_RUN_RUNNING)
		return;
	job_run_leave_place(runner, run);
	run->end.has_run = run->started_us != 0;
	run->end.started_us = run->started_us;
	run->end.ended_us = clock_wall_us();
	run->end.lost = true;
	job_end_set(&run->end, JOB_END_CRASHED, "its keeper died and left no trace of it");
	run->mark_at_ms = 0;
	run->in_keeper = false;
	run->phase = run->orphan ? JOB_RUN_CLEANING : JOB_RUN_ENDED;
	run_table_push(&runner->runs, run);
}

static struct job_run *
find(struct runner *runner, struct keeper_job job)
{
	return run_table_find(&runner->runs, job.job_id, job.attempt);
}

void
job_run_watch_started(struct runner *runner, const struct keeper_report *report)
{
	struct job_run *run = find(runner, report->job);

	if (run != NULL)
		job_run_is_live(runner, run, report);
	else if (!recovery_update(&runner->recovery, report))
		recovery_orphan(runner, report);
}

void
job_run_watch_ended(struct runner *runner, const struct keeper_report *report)
{
	struct job_run *run = find(runner, report->job);

	if (run != NULL)
		job_run_is_over(runner, run, report);
	else if (!recovery_update(&runner->recovery, report))
		recovery_orphan(runner, report);
}

/* Of the keeper's steps those that are about something with a name: what the reason should tell. */
static const char *
thing_of_step(const struct job_run *run, const char *step)
{
	if (strcmp(step, "could not execute") == 0)
		return run->command.program;
	if (strcmp(step, KEEPER_STEP_DIRECTORY) == 0)
		return run->cwd;
	return NULL;
}

/* The reason in fresh memory. */
static char *
explain_not_started(const struct job_run *run, const struct keeper_not_started *why)
{
	const char *error = strerror(why->error);
	const char *thing = thing_of_step(run, why->step);

	if (str_starts(why->step, KEEPER_STEP_ACCOUNT))
		return str_printf("could not run as account \"%s\": %s", run->order.run_as,
				  why->step + strlen(KEEPER_STEP_ACCOUNT));
	if (thing != NULL)
		return str_printf("%s \"%s\": %s", why->step, thing, error);
	return str_printf("%s: %s", why->step, error);
}

/* It is the node's repository that could not be entered, by the node's own account. */
static bool
is_of_repository(const struct runner *runner, const struct job_run *run, const char *step)
{
	return strcmp(step, KEEPER_STEP_DIRECTORY) == 0 && run->cwd != NULL &&
	       strcmp(run->cwd, runner->config.job_repository) == 0 && run->order.run_as[0] == '\0';
}

/* Could it start at another time, or on another machine?  Where its outputs and the repository are is the node's choice. */
static bool
may_start_elsewhere(const struct runner *runner, const struct job_run *run,
		    const struct keeper_not_started *why)
{
	bool is_place = strcmp(why->step, KEEPER_STEP_OUTPUT) == 0 ||
			strcmp(why->step, KEEPER_STEP_ERRORS) == 0 ||
			is_of_repository(runner, run, why->step);

	return is_place ? shortage_is_at_place(why->error) : shortage_is(why->error);
}

void
job_run_watch_not_started(struct runner *runner, const struct keeper_not_started *why)
{
	struct job_run *run = find(runner, why->job);
	char *reason;
	bool elsewhere;

	if (run == NULL || run->phase != JOB_RUN_STARTING)
		return;
	run->in_keeper = false;
	job_run_leave_place(runner, run);
	if (why->error == ELOOP && job_workdir_drop_links(&run->dir)) {
		start_again(runner, run);
		return;
	}
	reason = explain_not_started(run, why);
	elsewhere = may_start_elsewhere(runner, run, why);
	drop_order(run); /* run->cwd among it */
	if (elsewhere)
		job_run_put_back(runner, run, reason);
	else
		job_run_fail(run, reason);
	free(reason);
	run_table_push(&runner->runs, run);
}

void
job_run_pause(struct runner *runner, struct job_run *run, bool pause)
{
	if (run->phase != JOB_RUN_RUNNING || (run->paused == pause && !run->pause_unknown) ||
	    !keeper_link_is_up(runner->keeper))
		return;
	keeper_link_signal(runner->keeper, run->job, pause ? KEEPER_PAUSE : KEEPER_RESUME, -1);
	run->paused = pause;
	run->pause_unknown = false;
}

/* --- telling the database --- */

/* Its start is told for itself; else its end says so, too. */
static bool
may_be_marked(const struct job_run *run)
{
	return run->phase == JOB_RUN_RUNNING ||
	       (run->phase == JOB_RUN_TRIMMED && run->uncollected_since_ms != 0 &&
		run->end.has_run);
}

void
job_run_mark_again(struct job_run *run)
{
	if (may_be_marked(run) && run->mark_at_ms == 0)
		run->mark_at_ms = clock_mono_ms();
}

void
job_run_marked(struct runner *runner, const struct job_key *keys, size_t n,
	       const struct db_result *rows, const struct err *err)
{
	if (n > 0 && rows == NULL)
		log_warn("start_not_recorded", "jobs=%zu reason=\"%s\"", n, err->text);
	for (size_t i = 0; i < n; i++) {
		struct job_run *run = run_table_find(&runner->runs, keys[i].id, keys[i].attempt);

		if (run == NULL || !may_be_marked(run))
			continue;
		if (rows != NULL && job_turn_names(rows, JOB_TURN_STARTED, run->order.id))
			run->order.running = true;
		else
			run->mark_at_ms = clock_mono_ms() + MARK_RETRY_MS; /* a repeat harms not */
	}
}

size_t
job_run_gather_started(struct runner *runner, struct job_started *out, size_t max)
{
	int64_t now_us = clock_wall_us();
	size_t n = 0;

	for (struct job_run *run = runner->runs.all; run != NULL && n < max; run = run->all_next) {
		if (run->mark_at_ms == 0 || !may_be_marked(run))
			continue;
		out[n].key = (struct job_key){ run->order.id, run->order.attempt };
		out[n++].ago_us = now_us - run->started_us;
		run->mark_at_ms = 0;
	}
	return n;
}

int64_t
job_run_next_mark_ms(const struct runner *runner)
{
	int64_t next_ms = EVENT_NEVER_MS;

	for (const struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		if (run->mark_at_ms != 0 && run->mark_at_ms < next_ms && may_be_marked(run))
			next_ms = run->mark_at_ms;
	return next_ms;
}
