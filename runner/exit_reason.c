/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/exit_reason.h"

#include <inttypes.h>
#include <string.h>

#include "model/job_end.h"
#include "wire/keeper_wire.h"

static void
set_own_end(struct job_end *end, const struct keeper_report *report)
{
	if (report->signal > 0)
		job_end_set(end, JOB_END_CRASHED, "killed by signal %d (%s)", report->signal,
			    strsignal(report->signal));
	else if (report->exit_code == 0)
		end->state = JOB_END_ENDED;
	else
		job_end_set(end, JOB_END_CRASHED, "exit code %d", report->exit_code);
}

void
exit_reason_fill(struct job_end *end, const struct keeper_report *report, const char *kill_reason)
{
	end->has_run = true;
	end->started_us = report->started_us;
	end->ended_us = report->ended_us;
	end->user_us = report->user_us;
	end->system_us = report->system_us;
	end->max_rss_kb = report->max_rss_kb;
	if (report->signal >= 1 && report->signal <= 64)
		end->signal = report->signal;
	else if (report->exit_code >= 0 && report->exit_code <= 255)
		end->exit_code = report->exit_code;

	switch (report->cause) {
	case KEEPER_CAUSE_ORDER:
		job_end_set(end, JOB_END_KILLED, "%s",
			    kill_reason[0] != '\0' ? kill_reason : "killed by its node");
		break;
	case KEEPER_CAUSE_TIMEOUT:
		job_end_set(end, JOB_END_KILLED, "ran longer than %" PRId64 " s",
			    report->run_max_ms / 1000);
		break;
	case KEEPER_CAUSE_LOG_LIMIT:
		job_end_set(end, JOB_END_KILLED, "output exceeds %" PRId64 " bytes",
			    report->log_max_bytes);
		break;
	case KEEPER_CAUSE_MEMORY:
		job_end_set(end, JOB_END_KILLED, "used more than %" PRId64 " bytes of memory",
			    report->memory_max_bytes);
		break;
	case KEEPER_CAUSE_CPU:
		job_end_set(end, JOB_END_KILLED, "used more than %" PRId64 " s of processor time",
			    report->cpu_max_s);
		break;
	case KEEPER_CAUSE_PROCESSES:
		job_end_set(end, JOB_END_KILLED, "had more than %" PRId64 " processes and threads",
			    report->processes_max);
		break;
	case KEEPER_CAUSE_KEEPER_DIED:
		end->lost = true;
		job_end_set(end, JOB_END_CRASHED, "its keeper died");
		break;
	case KEEPER_CAUSE_LEASE:
		end->lost = true;
		job_end_set(end, JOB_END_CRASHED, "its node could not renew its lease");
		break;
	default:
		set_own_end(end, report);
		break;
	}
	if (report->left > 0)
		job_end_set(end, end->state, "%d of its processes could not be killed",
			    report->left);
}
