/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_collect.c: the files of an ended job, whatever its end. */
#include "base/clock.h"
#include "runner/collector.h"
#include "runner/job_handover.h"
#include "runner/job_run.h"
#include "runner/runner.h"

#define COLLECT_BUDGET_BYTES (2 * 1024 * 1024) /* some milliseconds */
#define COLLECTORS_MAX 32 /* each holds a few descriptors */

/* Most deliver nothing: their directories serve the next ones at once. */
static bool
has_nothing(struct job_run *run)
{
	if (!run->dir.made && !run->adopted)
		return true; /* nor has it begun: what may be there is of another attempt */
	return job_workdir_give(&run->dir);
}

enum step_result
job_run_collect(struct runner *runner, struct job_run *run)
{
	if (run->collector == NULL && has_nothing(run)) {
		run->collected_ms = clock_mono_ms();
		return STEP_DONE;
	}
	if (run->collector == NULL && (run->adopted || run->dir.for_another) &&
	    !job_handover_is_over(runner, run))
		return STEP_LATER;
	if (run->collector == NULL) {
		const struct collector_spec spec = {
			.delivery_dir = run->dir.delivery,
			.store = runner->config.delivery_store,
			.definition_name = run->order.definition_name,
			.job_id = run->order.id,
			.attempt = run->order.attempt,
			.max_bytes = job_run_files_max_bytes(runner, run),
			.max_count = job_limit(run->order.limits.files_max_count,
					       runner->config.files_max_count),
		};

		if (runner->collectors == COLLECTORS_MAX)
			return STEP_LATER;
		run->collector = collector_new(&spec);
		runner->collectors++;
	}
	if (collector_step(run->collector, COLLECT_BUDGET_BYTES, &run->end) == 0)
		return STEP_AGAIN;
	collector_free(run->collector);
	run->collector = NULL;
	runner->collectors--;
	run->collected_ms = clock_mono_ms();
	return STEP_DONE;
}
