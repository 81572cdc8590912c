/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_collect.c: the files of an ended job, whatever its end. */
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "runner/collector.h"
#include "runner/job_handover.h"
#include "runner/job_run.h"
#include "runner/job_run_watch.h"
#include "runner/runner.h"

#define COLLECT_BUDGET_BYTES (2 * 1024 * 1024) /* some milliseconds */
#define COLLECTORS_MAX 32 /* each holds a few descriptors */
#define LACKING_RETRY_MIN_MS 5000
#define LACKING_RETRY_MAX_MS 60000
#define LACKING_PATIENCE_MS (3600 * 1000) /* then what cannot be stored is given up */

/* Most deliver nothing: their directories serve the next ones at once. */
static bool
has_nothing(struct job_run *run)
{
	if (!run->dir.made && !run->adopted)
		return true; /* nor has it begun: what may be there is of another attempt */
	return job_workdir_give(&run->dir);
}

/* Who wants it dead, or the node down, does not want it to wait. */
static bool
gives_up(const struct runner *runner, const struct job_run *run)
{
	return run->files_given_up || runner_stop_ends_jobs(runner->stop) ||
	       (run->uncollected_since_ms != 0 &&
		clock_mono_ms() >= run->uncollected_since_ms + LACKING_PATIENCE_MS);
}

/* The longer it lasts the longer it waits: each try reads all of its files again. */
static int64_t
pause_ms(const struct job_run *run)
{
	int64_t ms = (clock_mono_ms() - run->uncollected_since_ms) / 4;

	if (ms < LACKING_RETRY_MIN_MS)
		return LACKING_RETRY_MIN_MS;
	return ms < LACKING_RETRY_MAX_MS ? ms : LACKING_RETRY_MAX_MS;
}

static void
start_collector(struct runner *runner, struct job_run *run)
{
	const struct collector_spec spec = {
		.delivery_dir = run->dir.delivery,
		.store = runner->config.delivery_store,
		.definition_name = run->order.definition_name,
		.job_id = run->order.id,
		.attempt = run->order.attempt,
		.max_bytes = job_run_files_max_bytes(runner, run),
		.max_count =
		    job_limit(run->order.limits.files_max_count, runner->config.files_max_count),
		.gives_up = gives_up(runner, run),
	};

	run->collector = collector_new(&spec);
	runner->collectors++;
}

static void
end_collector(struct runner *runner, struct job_run *run)
{
	collector_free(run->collector);
	run->collector = NULL;
	runner->collectors--;
}

/* The files stay where the job made them, and it is not over before they are stored. */
static enum step_result
try_later(struct runner *runner, struct job_run *run, const struct err *err)
{
	char reason[LOG_VALUE_SIZE];

	if (run->uncollected_since_ms == 0) {
		run->uncollected_since_ms = clock_mono_ms();
		if (run->end.has_run && !run->order.running)
			job_run_mark_again(run); /* who looks does not see it wait for its start */
		log_error("collect_waits", "job=%lld attempt=%d reason=\"%s\"",
			  (long long)run->order.id, run->order.attempt,
			  log_value(reason, err->text));
	}
	end_collector(runner, run);
	job_run_park(runner, run, gives_up(runner, run) ? 0 : pause_ms(run));
	return STEP_PARKED;
}

enum step_result
job_run_collect(struct runner *runner, struct job_run *run)
{
	struct err err = ERR_INIT;

	if (run->collector == NULL && has_nothing(run)) {
		run->collected_ms = clock_mono_ms();
		return STEP_DONE;
	}
	if (run->collector == NULL && (run->adopted || run->dir.for_another) &&
	    !job_handover_is_over(runner, run))
		return STEP_LATER;
	if (run->collector == NULL && runner->collectors == COLLECTORS_MAX)
		return STEP_LATER;
	if (run->collector == NULL)
		start_collector(runner, run);
	switch (collector_step(run->collector, COLLECT_BUDGET_BYTES, &run->end, &err)) {
	case -1:
		return try_later(runner, run, &err);
	case 0:
		return STEP_AGAIN;
	default:
		end_collector(runner, run);
		run->collected_ms = clock_mono_ms();
		return STEP_DONE;
	}
}
