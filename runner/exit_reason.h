/* SPDX-License-Identifier: Apache-2.0 */
/* runner/exit_reason.h: from the keeper's report to the words of history. */
#ifndef RUNNER_EXIT_REASON_H
#define RUNNER_EXIT_REASON_H

struct job_end;
struct keeper_report;

/*
 * Fill state, code, signal, reason, times and measures of end from report.  kill_reason: why we ordered
 * the kill; "": we do not know (any more).
 */
void exit_reason_fill(struct job_end *end, const struct keeper_report *report,
		      const char *kill_reason);

#endif
