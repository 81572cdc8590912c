/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/job_run_finish.c: history, then the directories, then the keeper's slot, in this order.
 *
 * An answer that was lost is followed by the same statement again: it finds nothing the second
 * time.  An end the database refuses is sent alone, then, when its content is what is refused, without files and
 * messages, then for ever: it is never lost.
 */
#include "runner/job_run_finish.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "db/db.h"
#include "runner/batch.h"
#include "runner/job_run.h"
#include "runner/keeper_link.h"
#include "runner/runner.h"
#include "store/job_back_store.h"
#include "store/job_turn_store.h"

#define REMOVE_BUDGET 500
#define RETRY_MS 200
#define REFUSED_RETRY_MS 5000
#define FAULT_PATIENCE_MS \
	(3600 * 1000) /* without a break; then its files and messages are given up */
#define COMPANY_MAX 50 /* more in one statement save little each, and somebody waits for these */

static bool
may_repeat(const struct err *err)
{
	return err->kind == ERR_BUSY || err->kind == ERR_UNCERTAIN;
}

/*
 * It was told alone: is it what it says that is refused?  That we may not tell it is not, and passes; a fault of the
 * database (or what a trigger of somebody's says) may pass, too.
 */
static bool
is_of_its_content(struct job_run *run, const struct err *err)
{
	int64_t now_ms = clock_mono_ms();

	if (err->kind != ERR_INTERNAL) {
		run->refused_since_ms = 0;
		return err->kind != ERR_DENIED;
	}
	if (run->refused_since_ms == 0)
		run->refused_since_ms = now_ms;
	return now_ms >= run->refused_since_ms + FAULT_PATIENCE_MS;
}

/* Until it is told nothing more is claimed in its place: ends that wait would pile up without bound. */
static void
hold_slot(struct runner *runner, struct job_run *run)
{
	if (run->has_slot)
		return;
	slots_take(&runner->slots, run->order.queue_id, run->order.consumption);
	run->has_slot = true;
}

/* The database said no to a turn this run was in, and perhaps to what else was in it. */
static void
refused(struct runner *runner, struct job_run *run, const struct err *err)
{
	int64_t wait_ms = 0;

	hold_slot(runner, run);
	if (run->care == FINISH_BATCHED) {
		run->care = FINISH_ALONE;
	} else if (run->care == FINISH_ALONE && is_of_its_content(run, err)) {
		run->care = FINISH_STRIPPED;
		job_end_strip(&run->end);
		job_end_say(&run->end, "the database refused this job's files and messages");
	} else {
		wait_ms = REFUSED_RETRY_MS;
	}
	log_error("finish_refused", "job=%lld attempt=%d reason=\"%s\"", (long long)run->order.id,
		  run->order.attempt, err->text);
	run->phase = JOB_RUN_COLLECTED;
	run->parked_until_ms = clock_mono_ms() + wait_ms;
}

/* It could not be done now, or perhaps it was done. */
static void
repeat_later(struct job_run *run, size_t batch_len, const struct err *err)
{
	bool busy = err->kind == ERR_BUSY; /* somebody has the row of one of them */

	if (busy && run->care == FINISH_BATCHED)
		run->care = FINISH_ALONE;
	run->refused_since_ms = 0;
	run->phase = JOB_RUN_COLLECTED;
	run->parked_until_ms =
	    clock_mono_ms() + (busy && batch_len == 1 ? REFUSED_RETRY_MS : RETRY_MS);
}

void
job_run_finished(struct runner *runner, const struct job_key *keys, size_t n,
		 const struct db_result *rows, const struct err *err)
{
	bool repeat = rows == NULL && may_repeat(err);

	if (n > 0 && repeat)
		log_warn("finish_repeated", "jobs=%zu reason=\"%s\"", n, err->text);
	if (n > 0 && repeat &&
	    err->kind == ERR_BUSY) /* it may be that no partition is there for one */
		node_session_make_room(&runner->session);
	for (size_t i = 0; i < n; i++) {
		struct job_run *run = run_table_find(&runner->runs, keys[i].id, keys[i].attempt);

		if (run == NULL || run->phase != JOB_RUN_FINISHING)
			continue;
		if (repeat) {
			repeat_later(run, n, err);
		} else if (rows == NULL) {
			refused(runner, run, err);
		} else {
			if (!job_turn_names(rows, JOB_TURN_ENDED, run->order.id)) {
				log_warn("finish_found_nothing", "job=%lld attempt=%d",
					 (long long)run->order.id, run->order.attempt);
				run->orphan = true;
			} else {
				figures_ended(&runner->figures, run->order.queue_id, &run->end);
			}
			job_run_release_slot(runner, run); /* it was refused before */
			run->phase = JOB_RUN_CLEANING;
			run_table_push(&runner->runs, run);
		}
	}
}

int64_t
job_run_ends_due_ms(const struct runner *runner)
{
	int64_t due_ms = EVENT_NEVER_MS;
	int64_t now_ms = clock_mono_ms();
	int n = 0;

	for (const struct job_run *run = runner->runs.all; run != NULL; run = run->all_next) {
		int64_t by_ms;

		if (run->phase != JOB_RUN_COLLECTED || run->parked_until_ms > now_ms ||
		    run->care != FINISH_BATCHED)
			continue;
		by_ms = run->collected_ms +
			claim_poller_end_wait_ms(&runner->poller, run->order.queue_id);
		if (++n == COMPANY_MAX || by_ms <= now_ms)
			return now_ms;
		if (by_ms < due_ms)
			due_ms = by_ms;
	}
	return due_ms;
}

size_t
job_run_gather_ended(struct runner *runner, bool alone, const struct job_end **out,
		     struct job_key *keys, size_t max)
{
	int64_t now_ms = clock_mono_ms();
	size_t n = 0;

	for (struct job_run *run = runner->runs.all; run != NULL && n < max; run = run->all_next) {
		if (run->phase != JOB_RUN_COLLECTED || run->parked_until_ms > now_ms ||
		    (run->care != FINISH_BATCHED) != alone)
			continue;
		keys[n] = (struct job_key){ run->order.id, run->order.attempt };
		out[n++] = &run->end;
		run->phase = JOB_RUN_FINISHING;
		run->parked_until_ms = 0;
		if (!alone) /* what is asked with it takes its place */
			job_run_release_slot(runner, run);
	}
	return n;
}

/* --- what is left --- */

/* 0: more to do. */
static int
remove_directories(struct job_run *run)
{
	struct err err = ERR_INIT;
	int rc = job_workdir_remove(&run->dir, REMOVE_BUDGET, &err);

	if (rc == -1)
		log_warn("directory_stays", "job=%lld reason=\"%s\"", (long long)run->order.id,
			 err.text);
	return rc;
}

/*
 * Nobody here knows what became of the files of an orphan, nor whether an attempt that left its directories had collected
 * files that were never registered, or begun to cut its log: the sweep asks, and the directories are what it goes by.
 */
static bool
is_for_the_sweep(const struct job_run *run)
{
	return run->orphan || run->dir.found || (run->adopted && run->order.attempt > 1);
}

enum step_result
job_run_clean(struct runner *runner, struct job_run *run)
{
	if (is_for_the_sweep(run))
		temp_sweep_want(&runner->sweep);
	else if (remove_directories(run) == 0)
		return STEP_AGAIN;
	if (run->in_keeper)
		keeper_link_forget(runner->keeper, run->job);
	job_run_free(runner, run);
	return STEP_GONE;
}

enum step_result
job_run_return(struct runner *runner, struct job_run *run)
{
	job_workdir_drop_logs(&run->dir); /* a keeper that could not start it has made them */
	if (run_table_find_other(&runner->runs, run) != NULL)
		return STEP_DONE; /* the directories are not its own yet */
	if (run->dir.found || !run->dir.tried)
		return STEP_DONE; /* they are an earlier attempt's */
	return remove_directories(run) == 0 ? STEP_AGAIN : STEP_DONE;
}

/* What an earlier attempt left is no business of a run any more. */
static void
leave(struct runner *runner, struct job_run *run)
{
	bool is_left = run->dir.found || (!run->dir.tried && job_workdir_is_there(&run->dir));

	job_run_free(runner, run);
	if (is_left)
		temp_sweep_want(&runner->sweep);
}

static void
returned(void *arg, const struct db_result *rows, const struct err *err)
{
	struct batch *batch = arg;
	struct runner *runner = batch->runner;

	if (rows == NULL)
		log_warn("give_back_repeated", "jobs=%zu reason=\"%s\"", batch->n, err->text);
	for (size_t i = 0; i < batch->n; i++) {
		struct job_run *run =
		    run_table_find(&runner->runs, batch->keys[i].id, batch->keys[i].attempt);

		if (run == NULL || run->phase != JOB_RUN_RETURNED)
			continue;
		if (rows != NULL)
			leave(runner, run);
		else
			run->parked_until_ms = clock_mono_ms() + RETRY_MS;
	}
	batch_free(batch);
}

void
job_run_return_batch(struct runner *runner)
{
	struct batch *batch = NULL;
	int64_t now_ms = clock_mono_ms();

	if (runner->session.state != SESSION_ACTIVE)
		return;
	for (struct job_run *run = runner->runs.all; run != NULL; run = run->all_next) {
		if (run->phase != JOB_RUN_RETURNED || run->parked_until_ms > now_ms)
			continue;
		if (batch == NULL)
			batch = batch_new(runner);
		batch->keys[batch->n++] = (struct job_key){ run->order.id, run->order.attempt };
		run->parked_until_ms = INT64_MAX; /* until the answer */
		if (batch->n == BATCH_MAX)
			break;
	}
	if (batch != NULL)
		job_give_back_send(runner->db, runner->session.life, batch->keys, batch->n,
				   returned, batch);
}
