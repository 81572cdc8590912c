/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_run_claim.h"

#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "runner/job_run.h"
#include "runner/job_run_watch.h"
#include "runner/runner.h"
#include "store/job_order_row.h"

/* The same job, as far as can be told, and not another one that was given its number. */
static bool
is_the_same(const struct job_order *a, const struct job_order *b)
{
	bool same = a->queue_id == b->queue_id && a->parent_id == b->parent_id &&
		    a->n_parameters == b->n_parameters &&
		    strcmp(a->definition_name, b->definition_name) == 0 &&
		    strcmp(a->path, b->path) == 0 && strcmp(a->user_name, b->user_name) == 0 &&
		    strcmp(a->trace_id, b->trace_id) == 0;

	for (size_t i = 0; same && i < a->n_parameters; i++)
		same = strcmp(a->parameters[i].key, b->parameters[i].key) == 0 &&
		       strcmp(a->parameters[i].value, b->parameters[i].value) == 0;
	return same;
}

/* One whose number another job has by now; nothing of it is told to that one. */
static void
give_way(struct runner *runner, struct job_run *run)
{
	if (run->phase < JOB_RUN_STARTING) {
		job_run_withdraw(runner, run);
	} else if (run->phase <= JOB_RUN_RUNNING && !run->orphan) {
		run->orphan = true;
		job_run_release_slot(runner, run);
		job_run_kill(runner, run, "not known to the database");
	} else if (run->phase <= JOB_RUN_FINISHING) {
		job_run_drop_end(runner, run);
	}
}

/* The database has lost our first claim of it. */
static void
claimed_again(struct runner *runner, struct job_run *run, const struct job_order *order)
{
	bool goes_on =
	    run->phase < JOB_RUN_CLEANING && !run->orphan && is_the_same(&run->order, order);

	log_warn("job_claimed_again", "job=%lld attempt=%d phase=%s goes_on=%d",
		 (long long)order->id, order->attempt, job_run_phase_name(run->phase), goes_on);
	if (!goes_on) {
		give_way(runner, run);
		claim_poller_doubt(
		    &runner
			 ->poller); /* that gives the new one back: its next attempt has another number */
	} else if (run->phase == JOB_RUN_FINISHING) {
		run->phase = JOB_RUN_COLLECTED; /* told too early, and in vain */
	} else {
		job_run_mark_again(run);
	}
}

void
job_run_claim(struct runner *runner, const struct db_result *rows, int row)
{
	struct job_order order;
	struct err err = ERR_INIT;
	struct job_run *run;

	if (job_order_read(rows, row, &order, &err) == -1) {
		log_error("job_unreadable", "reason=\"%s\"", err.text);
		return;
	}
	run = run_table_find(&runner->runs, order.id, order.attempt);
	if (run != NULL) {
		claimed_again(runner, run, &order);
		job_order_free(&order);
		return;
	}
	figures_claimed(&runner->figures, order.queue_id, order.waited_us);
	run = job_run_new(runner, &order, JOB_RUN_CLAIMED);
	if (runner->stop != STOP_NONE)
		run->phase = JOB_RUN_RETURNING; /* it came too late */
	log_debug("job_claimed", "job=%lld attempt=%d", (long long)run->order.id,
		  run->order.attempt);
}
