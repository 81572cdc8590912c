/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "db/db.h"
#include "runner/job_run.h"
#include "runner/job_run_watch.h"
#include "runner/keeper_link.h"
#include "runner/runner.h"
#include "runner/runner_stop.h"
#include "store/job_back_store.h"
#include "store/job_order_row.h"
#include "wire/keeper_wire.h"

#define RETRY_MS 500
#define END_RETRY_MS 100
#define TOLD_ENOUGH 5 /* times, then it is said in the log */

static struct keeper_report *
find(const struct recovery *recovery, int64_t job_id, int32_t attempt)
{
	for (size_t i = 0; i < recovery->len; i++)
		if (recovery->listed[i].job.job_id == job_id &&
		    recovery->listed[i].job.attempt == attempt)
			return &recovery->listed[i];
	return NULL;
}

bool
recovery_update(struct recovery *recovery, const struct keeper_report *report)
{
	struct keeper_report *known = NULL;

	if (recovery->pending)
		known = find(recovery, report->job.job_id, report->job.attempt);
	if (known == NULL)
		return false;
	*known = *report;
	return true;
}

void
recovery_orphan(struct runner *runner, const struct keeper_report *report)
{
	struct job_run *run = job_run_new_orphan(runner, report);

	log_warn("job_not_ours", "job=%lld attempt=%d state=%s", (long long)report->job.job_id,
		 report->job.attempt, run->phase == JOB_RUN_RUNNING ? "live" : "ended");
	if (run->phase == JOB_RUN_RUNNING)
		job_run_kill(runner, run, "not known to the database");
}

/* --- lists --- */

static void
keep_list(struct recovery *recovery, const struct keeper_report *reports, size_t n)
{
	free(recovery->listed);
	recovery->listed = calloc(n + 1, sizeof(struct keeper_report));
	if (recovery->listed == NULL)
		abort();
	if (n > 0)
		memcpy(recovery->listed, reports, n * sizeof(struct keeper_report));
	recovery->len = n;
}

static void
apply(struct runner *runner, const struct keeper_report *report)
{
	if (report->state == KEEPER_SLOT_LIVE)
		job_run_watch_started(runner, report);
	else
		job_run_watch_ended(runner, report);
}

/* The keeper came back: what does it know of our runs? */
static void
compare(struct runner *runner, const struct keeper_report *reports, size_t n)
{
	struct job_run *next;

	for (struct job_run *run = runner->runs.all; run != NULL; run = next) {
		bool known = false;

		next = run->all_next;
		run->kill_sent = false;
		run->pause_unknown = true;
		for (size_t i = 0; i < n && !known; i++)
			known = reports[i].job.job_id == run->order.id &&
				reports[i].job.attempt == run->order.attempt;
		if (!known)
			job_run_is_lost(runner, run);
	}
	for (size_t i = 0; i < n; i++)
		apply(runner, &reports[i]);
}

void
recovery_listed(struct runner *runner, const struct keeper_report *reports, size_t n)
{
	node_session_tell_lease(&runner->session);
	if (runner->session.state == SESSION_ACTIVE) {
		compare(runner, reports, n);
		return;
	}
	keep_list(&runner->recovery, reports, n);
	runner->recovery.pending = true;
	node_session_begin(&runner->session);
}

/* --- sessions of connections that were lost --- */

static void retry(void *arg, int64_t now_ms);

/* None was lost since they were told. */
static bool
told_all(const struct runner *runner)
{
	int64_t pids[DB_ASYNC_LOST_MAX];
	size_t n = db_async_lost(runner->db, pids);

	return n == runner->recovery.n_told &&
	       memcmp(pids, runner->recovery.told, n * sizeof(pids[0])) == 0;
}

static void
lost_ended(void *arg, const struct db_result *rows, const struct err *err)
{
	struct runner *runner = arg;
	struct recovery *recovery = &runner->recovery;

	recovery->ending = false;
	if (rows == NULL) {
		log_warn("lost_session_not_ended", "reason=\"%s\"", err->text);
		recovery->retry_timer.due_ms = clock_mono_ms() + RETRY_MS;
	} else if (lost_session_end_left(rows) > 0) {
		if (++recovery->times_told == TOLD_ENOUGH)
			log_warn("lost_session_lives",
				 "sessions=%lld note=\"no job is claimed before it ends\"",
				 (long long)lost_session_end_left(rows));
		recovery->retry_timer.due_ms = clock_mono_ms() + END_RETRY_MS;
	} else {
		recovery->times_told = 0;
		if (told_all(runner))
			db_async_forget_lost(runner->db);
		retry(runner, clock_mono_ms());
	}
}

/* They have ended.  Else they are told to, and retry() is called when they have. */
static bool
lost_are_gone(struct runner *runner)
{
	struct recovery *recovery = &runner->recovery;

	if (recovery->ending)
		return false;
	recovery->n_told = db_async_lost(runner->db, recovery->told);
	if (recovery->n_told == 0)
		return true;
	recovery->ending = true;
	lost_session_end_send(runner->db, recovery->told, recovery->n_told, lost_ended, runner);
	return false;
}

/* --- taking back --- */

/* Asked for again soon.  It may be that history has no partition for a job that was lost, and then nobody else makes one. */
static void
not_taken_back(struct runner *runner, const struct err *err)
{
	log_warn("take_back_failed", "reason=\"%s\"", err->text);
	if (err->kind == ERR_BUSY)
		node_session_make_room(&runner->session);
	runner->recovery.retry_timer.due_ms = clock_mono_ms() + RETRY_MS;
}

/* A job of the last runner becomes a run of ours. */
static void
adopt(struct runner *runner, struct job_order *order, const struct keeper_report *report)
{
	struct job_run *run = job_run_new(runner, order, JOB_RUN_RUNNING);

	run->pause_unknown = true;
	log_info("job_adopted", "job=%lld attempt=%d pid=%d state=%s", (long long)run->order.id,
		 run->order.attempt, report->pid,
		 report->state == KEEPER_SLOT_LIVE ? "live" : "ended");
	if (strcmp(run->order.instruction, "KILL") == 0)
		(void)snprintf(run->kill_reason, sizeof(run->kill_reason), "killed%s%s",
			       run->order.instruction_by[0] == '\0' ? "" : " by ",
			       run->order.instruction_by);
	if (report->state == KEEPER_SLOT_LIVE)
		job_run_is_live(runner, run, report);
	else
		job_run_is_over(runner, run, report);
}

static void
adopt_all(struct runner *runner, const struct db_result *rows)
{
	struct recovery *recovery = &runner->recovery;

	recovery->pending = false;
	for (int row = 0; row < db_rows(rows); row++) {
		struct job_order order;
		struct err err = ERR_INIT;
		const struct keeper_report *report;

		if (job_order_read(rows, row, &order, &err) == -1) {
			log_error("job_unreadable", "reason=\"%s\"", err.text);
			continue;
		}
		report = find(recovery, order.id, order.attempt);
		if (report != NULL)
			adopt(runner, &order, report);
		else /* it was listed when we asked, by a keeper that is dead by now */
			job_run_is_lost(runner, job_run_new(runner, &order, JOB_RUN_RUNNING));
	}
	for (size_t i = 0; i < recovery->len; i++) {
		const struct keeper_report *report = &recovery->listed[i];

		if (run_table_find(&runner->runs, report->job.job_id, report->job.attempt) == NULL)
			recovery_orphan(runner, report);
	}
	recovery_free(recovery);
}

static void
taken_back(void *arg, const struct db_result *rows, const struct err *err)
{
	struct runner *runner = arg;

	if (rows != NULL) {
		adopt_all(runner, rows);
		node_session_activate(&runner->session);
		runner_stop_more(runner);
	} else if (err->kind == ERR_CONFLICT) {
		runner_give_up(runner, "node_refused", err->text);
	} else {
		not_taken_back(runner, err);
	}
}

void
recovery_take_back(struct runner *runner)
{
	struct recovery *recovery = &runner->recovery;
	struct job_key *known;

	if (!lost_are_gone(runner))
		return;
	known = calloc(recovery->len + 1, sizeof(known[0]));
	if (known == NULL)
		abort();
	for (size_t i = 0; i < recovery->len; i++)
		known[i] = (struct job_key){ recovery->listed[i].job.job_id,
					     recovery->listed[i].job.attempt };
	job_take_back_send(runner->db, runner->session.life, known, recovery->len, taken_back,
			   runner);
	free(known);
}

/* --- reading back --- */

/* Until its end is told it is ours in the database, or was lost there. */
static bool
is_held(const struct job_run *run)
{
	return run->phase <= JOB_RUN_RUNNING && !run->orphan;
}

/* Its row is not ours, or not there: somebody may have it by now.  What may run beside others' lives on. */
static void
disown(struct runner *runner, struct job_run *run)
{
	log_warn("job_unknown", "job=%lld attempt=%d phase=%s lease_bound=%d",
		 (long long)run->order.id, run->order.attempt, job_run_phase_name(run->phase),
		 run->order.lease_bound);
	if (run->phase < JOB_RUN_STARTING)
		job_run_withdraw(runner, run);
	else if (run->order.lease_bound)
		job_run_kill(runner, run, "not known to the database");
}

/* rows: what the database has in our hands. */
static void
settle(struct runner *runner, const struct db_result *rows)
{
	struct job_run *next;

	for (struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		run->read_back = false;
	for (int row = 0; row < db_rows(rows); row++) {
		struct job_run *run =
		    run_table_find(&runner->runs, db_int64(rows, row, JOB_ORDER_COL_ID),
				   (int32_t)db_int64(rows, row, JOB_ORDER_COL_ATTEMPT));

		if (run == NULL)
			continue;
		run->read_back = true;
		if (strcmp(db_text(rows, row, JOB_ORDER_COL_STATE), "RUNNING") != 0)
			job_run_mark_again(run);
	}
	for (struct job_run *run = runner->runs.all; run != NULL; run = next) {
		next = run->all_next;
		if (is_held(run) && !run->read_back)
			disown(runner, run);
	}
}

static void
read_back(void *arg, const struct db_result *rows, const struct err *err)
{
	struct runner *runner = arg;

	runner->recovery.reading_back = false;
	if (rows != NULL) {
		settle(runner, rows);
		claim_poller_certain(&runner->poller);
		return;
	}
	not_taken_back(runner, err);
}

void
recovery_read_back(struct runner *runner)
{
	struct job_key *known;
	size_t n = 0;

	if (runner->recovery.reading_back ||
	    runner->recovery.retry_timer.due_ms != EVENT_NEVER_MS || !lost_are_gone(runner))
		return;
	known = calloc(runner->runs.count + 1, sizeof(known[0]));
	if (known == NULL)
		abort();
	/* Of an orphan and of an end that was told there should be no row: if there is one, it has no other end to come. */
	for (const struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		if (run->phase != JOB_RUN_CLEANING && !run->orphan)
			known[n++] = (struct job_key){ run->order.id, run->order.attempt };
	runner->recovery.reading_back = true;
	job_take_back_send(runner->db, runner->session.life, known, n, read_back, runner);
	free(known);
}

static void
retry(void *arg, int64_t now_ms)
{
	struct runner *runner = arg;

	(void)now_ms;
	if (runner->session.state == SESSION_RECOVERING)
		recovery_take_back(runner);
	else
		recovery_read_back(runner);
}

void
recovery_init(struct recovery *recovery, struct runner *runner)
{
	memset(recovery, 0, sizeof(*recovery));
	recovery->retry_timer =
	    (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = retry, .arg = runner };
	event_loop_add_timer(&runner->loop, &recovery->retry_timer);
}

void
recovery_free(struct recovery *recovery)
{
	free(recovery->listed);
	recovery->listed = NULL;
	recovery->len = 0;
}
