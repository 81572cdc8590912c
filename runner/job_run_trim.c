/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_trim.c: before the end of a job is told, its logs become ordinary files. */
#include "runner/job_run.h"
#include "runner/log_trim.h"
#include "runner/runner.h"

#define TRIM_BUDGET_BYTES (2 * 1024 * 1024) /* some milliseconds */
#define TRIMS_MAX 16 /* each holds two descriptors */

static struct log_trim *
begin(struct job_run *run, int stream)
{
	static const char *const names[] = { "stdout", "stderr" };
	const struct keeper_log *log = &run->logs[stream];
	const struct log_trim_spec spec = {
		.path = stream == KEEPER_STDOUT ? run->dir.stdout_log : run->dir.stderr_log,
		.name = names[stream],
		.max_bytes = run->log_max_bytes,
		.punched = { log->head_end, log->tail_start },
	};

	if (log->truncated > 0)
		job_end_say(&run->end,
			    "the job emptied its own %s (by \"> /dev/%s\" perhaps, where \">>\" "
			    "would have added to it): what was in it is lost",
			    names[stream], names[stream]);
	return log_trim_new(&spec);
}

enum step_result
job_run_trim(struct runner *runner, struct job_run *run)
{
	if (run->order.run_as[0] != '\0' && run->trimmed == 0 && run->trim == NULL)
		job_workdir_close_logs(&run->dir);
	for (; run->log_max_bytes > 0 && run->trimmed < KEEPER_STREAMS; run->trimmed++) {
		if (run->trim == NULL) {
			if (runner->trims == TRIMS_MAX)
				return STEP_LATER;
			if ((run->trim = begin(run, run->trimmed)) == NULL)
				continue;
			runner->trims++;
		}
		if (log_trim_step(run->trim, TRIM_BUDGET_BYTES, &run->end) == 0)
			return STEP_AGAIN;
		log_trim_free(run->trim);
		run->trim = NULL;
		runner->trims--;
	}
	return STEP_DONE;
}
