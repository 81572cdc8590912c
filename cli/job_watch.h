/* SPDX-License-Identifier: Apache-2.0 */
/* cli/job_watch.h: wait for a job's end, showing its logs meanwhile if asked. */
#ifndef CLI_JOB_WATCH_H
#define CLI_JOB_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct cli;
struct err;
struct jqm;
struct jqm_job;
struct out_stream;

/* Which logs, and where their bytes go; both NULL: none. */
struct job_watch {
	const struct cli *cli; /* for notices */
	struct jqm *server;
	int64_t id;
	struct out_stream *out; /* standard output of the job */
	struct out_stream *err_out; /* its standard error */
};

/*
 * Return when the job is over and its logs were shown to their end; *job_out (jqm_job_free(); may be NULL) and
 * json (the server's answer, if it keeps any; may be NULL) tell its end.  While it runs, an interrupt (Ctrl-C) ends this program, saying that the job
 * goes on.  -1 with err: ERR_NOT_FOUND when there is no such job.
 */
int job_watch(const struct job_watch *watch, struct jqm_job **job_out, struct buf *json,
	      struct err *err);

/* The exit code that stands for the end of job (cli.h); words about it, unless it went well, to
 * standard error. */
int job_end_code(const struct cli *cli, const struct jqm_job *job);

#endif
