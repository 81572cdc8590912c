/* SPDX-License-Identifier: Apache-2.0 */
/* runner/exit_reason.h: from the keeper's report to the words of history. */
#ifndef RUNNER_EXIT_REASON_H
#define RUNNER_EXIT_REASON_H

#include <stdint.h>

struct job_end;
struct keeper_report;

struct exit_hints {
	const char *kill_reason; /* why we ordered the kill; "": we do not know (any more) */
	int64_t run_max_ms;
	int64_t log_max_bytes;
};

/* Fill state, code, signal, reason, times and measures of end from report. */
void exit_reason_fill(struct job_end *end, const struct keeper_report *report,
		      const struct exit_hints *hints);

#endif
