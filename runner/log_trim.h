/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/log_trim.h: the log of a job that is over becomes an ordinary file, in bounded slices.
 *
 * A log over its limit, or out of which the keeper punched the middle, is written anew as head, a line
 * that says what is missing, and tail (base/joblog_cut.h) into PATH.cut, which then takes its name.
 * A runner killed in between leaves the log as it was, or whole: whoever comes next begins anew, or
 * finds by the file's note (else by its having no hole) that there is nothing left to do.
 */
#ifndef RUNNER_LOG_TRIM_H
#define RUNNER_LOG_TRIM_H

#include <stdint.h>

#include "base/joblog_cut.h"

struct job_end;
struct log_trim;

struct log_trim_spec {
	const char *path;
	const char *name; /* "stdout", for the messages */
	int64_t max_bytes; /* > 0 */
	struct joblog_gap punched; /* as the keeper says; from == to: it says nothing */
};

/* NULL: it is an ordinary file within its limit (or there is none).  Copies what it needs. */
struct log_trim *log_trim_new(const struct log_trim_spec *spec);

/*
 * Go on for up to budget_bytes.  0: call again; 1: done, and a message in end says what was cut, or why
 * it could not be: then the log stays as it is.
 */
int log_trim_step(struct log_trim *trim, int64_t budget_bytes, struct job_end *end);
void log_trim_free(struct log_trim *trim);

#endif
