/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/collector.h: take the files a job left in its delivery directory, in bounded slices.
 *
 * Every regular file directly in the directory is taken; a link, a directory, a device, a pipe, a
 * socket, a file with a second name, a file over the limits is not, and the job's messages say so.
 *
 * A taken file gets a second name (or a copy, on another file system) in the delivery store:
 * STORE/<definition>/<job id>/<GUID>.<ext>, mode 0640 (of attempt 2 and later
 * STORE/<definition>/<job id>.<attempt>/); the first one goes with the delivery directory, after the
 * database knows the file.  So a runner killed in between finds everything as it was and begins anew:
 * what an earlier try at the same attempt left in the store is removed first.
 *
 * What the node lacks for it (room, rights in its store, a working disk) may be there later, and the files are still where the
 * job made them: nothing is given up for that until the caller says so.
 */
#ifndef RUNNER_COLLECTOR_H
#define RUNNER_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct collector;
struct err;
struct job_end;

struct collector_spec {
	const char *delivery_dir; /* of this job */
	const char *store; /* of the node */
	const char *definition_name;
	int64_t job_id;
	int32_t attempt;
	int64_t max_bytes; /* of all files together; 0: no limit */
	int64_t max_count; /* 0: no limit */
	bool gives_up; /* what cannot be stored now is lost, and end says so */
};

/* Copies what it needs. */
struct collector *collector_new(const struct collector_spec *spec);

/*
 * Look at and hash up to budget_bytes (entries count too).  0: call again; 1: all is done, and files
 * and messages are in end; when something the job meant to deliver was not, end becomes CRASHED with
 * the reason.  -1, unless it gives up: the node lacks what err says, end is as it was; begin anew
 * later, with another collector.
 */
int collector_step(struct collector *collector, int64_t budget_bytes, struct job_end *end,
		   struct err *err);
void collector_free(struct collector *collector);

#endif
