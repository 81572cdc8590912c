/* SPDX-License-Identifier: Apache-2.0 */
/* cli/job_log.h: the logs of a job: one as it is now, or piece by piece while it grows. */
#ifndef CLI_JOB_LOG_H
#define CLI_JOB_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/follow.h"
#include "client/include/jqm.h"

struct err;
struct out_stream;

/* Show one log as it is now, of that attempt or (0) the newest: 0; -1 with err. */
int job_log_show(struct jqm *server, int64_t id, enum jqm_log which, int32_t attempt,
		 struct out_stream *out, struct err *err);

/* One log that is followed. */
struct job_log {
	struct jqm *server;
	int64_t id;
	enum jqm_log which;
	struct out_stream *out;
	int32_t attempt; /* whose log is shown; 0: not known yet */
	/* While the one after an attempt that is over is looked for: up to which, and the place left. */
	int32_t search_to; /* 0: it is not */
	int32_t ended;
	int64_t ended_offset;
	int64_t *told; /* the last attempt whose end was told, by any log of the job */
	char absent[400]; /* why there is none, in the server's words; "": there is one */
	/* Told what does not stand in the log: a part is missing, another attempt begins. */
	void (*notice)(void *arg, const char *text);
	void *arg;
};

/*
 * Pass on what there is from *offset on, as source->read of follow.h; offsets count what the job
 * wrote.  When the job is tried again, the logs of all attempts that began follow each other.
 */
int job_log_read(struct job_log *log, int64_t *offset, enum follow_answer *answer_out,
		 struct err *err);

#endif
