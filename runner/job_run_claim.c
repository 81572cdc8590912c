/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_run_claim.h"

#include "base/err.h"
#include "base/log.h"
#include "runner/job_run.h"
#include "runner/runner.h"
#include "store/job_order_row.h"

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
	figures_claimed(&runner->figures, order.queue_id, order.waited_us);
	run = job_run_new(runner, &order, JOB_RUN_CLAIMED);
	if (runner->stop != STOP_NONE)
		run->phase = JOB_RUN_RETURNING; /* it came too late */
	log_debug("job_claimed", "job=%lld attempt=%d", (long long)run->order.id,
		  run->order.attempt);
}
