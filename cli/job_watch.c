/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/job_watch.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/follow.h"
#include "cli/job_log.h"
#include "cli/out_stream.h"
#include "cli/output.h"
#include "cli/server.h"

/* A job ended by a signal, as shells have it. */
#define SIGNAL_CODE_BASE 128

struct watching {
	const struct job_watch *watch;
	struct job_log logs[FOLLOW_STREAMS_MAX];
	int64_t attempt_told; /* the end of this one */
	struct jqm_job *job; /* at its end; NULL: it is not over */
	struct buf *json;
};

/* What the handler says: made before, since a handler may not make texts. */
static char interrupted_text[160];
static size_t interrupted_len;

static void
on_interrupt(int signal_number)
{
	ssize_t ignored = write(STDERR_FILENO, interrupted_text, interrupted_len);

	(void)ignored;
	_exit(SIGNAL_CODE_BASE + signal_number);
}

static void
catch_interrupt(int64_t id)
{
	struct sigaction action;
	int n = snprintf(interrupted_text, sizeof(interrupted_text),
			 "\njqm: job %" PRId64 " goes on; \"jqm log %" PRId64
			 " --follow\" shows it again, \"jqm kill %" PRId64 "\" ends it\n",
			 id, id, id);

	interrupted_len = n < 0 ? 0 : (size_t)n;
	if (interrupted_len >= sizeof(interrupted_text))
		interrupted_len = sizeof(interrupted_text) - 1;
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_interrupt;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static int
source_read(void *arg, int stream, int64_t *offset, enum follow_answer *answer_out, struct err *err)
{
	struct watching *w = arg;

	return job_log_read(&w->logs[stream], offset, answer_out, err);
}

static int
source_is_over(void *arg, struct err *err)
{
	struct watching *w = arg;
	struct jqm_error error;
	struct jqm_job *job = NULL;
	const char *answer;
	size_t len;

	if (jqm_job_read(w->watch->server, w->watch->id, &job, &error) == -1)
		return server_refused(&error, err);
	if (!job->over) {
		jqm_job_free(job);
		return 0;
	}
	/* It is asked once more when what was written until then could not be read at once. */
	jqm_job_free(w->job);
	w->job = job;
	answer = jqm_answer(w->watch->server, &len);
	if (w->json != NULL && answer != NULL) {
		buf_free(w->json);
		buf_append(w->json, answer, len);
	}
	return 1;
}

static void
source_wait(void *arg, int ms)
{
	(void)arg;
	(void)poll(NULL, 0, ms);
}

static int64_t
source_now_ms(void *arg)
{
	(void)arg;
	return clock_mono_ms();
}

static void
source_notice(void *arg, const char *text)
{
	const struct watching *w = arg;

	(void)fprintf(stderr, "jqm %s: ", w->watch->cli->verb);
	output_text(stderr, text);
	(void)fputc('\n', stderr);
}

static void
add_log(struct watching *w, int stream, enum jqm_log which, struct out_stream *out)
{
	w->logs[stream] = (struct job_log){ .server = w->watch->server,
					    .id = w->watch->id,
					    .which = which,
					    .out = out,
					    .told = &w->attempt_told,
					    .notice = source_notice,
					    .arg = w };
}

int
job_watch(const struct job_watch *watch, struct jqm_job **job_out, struct buf *json,
	  struct err *err)
{
	struct watching w = { .watch = watch, .json = json };
	struct follow_source source = { &w,          source_read,   source_is_over,
					source_wait, source_now_ms, source_notice };
	struct follow_result result;
	int n = 0, rc;

	if (watch->out != NULL)
		add_log(&w, n++, JQM_STDOUT, watch->out);
	if (watch->err_out != NULL)
		add_log(&w, n++, JQM_STDERR, watch->err_out);
	catch_interrupt(watch->id);
	rc = follow(&source, n, &result, err);
	for (int i = 0; i < n; i++)
		if (out_stream_end(w.logs[i].out, err) == -1)
			rc = -1;
	if (rc == 0 && n > 0 && result.absent[0] && w.logs[0].absent[0] != '\0')
		source_notice(&w, w.logs[0].absent);
	if (rc == 0 && job_out != NULL)
		*job_out = w.job;
	else
		jqm_job_free(w.job);
	return rc;
}

int
job_end_code(const struct cli *cli, const struct jqm_job *job)
{
	int code = CLI_NEVER_RAN;

	if (job->signalled)
		code = SIGNAL_CODE_BASE + job->signal;
	else if (job->exited && (job->exit_code != 0 || strcmp(job->state, JQM_ENDED) == 0))
		code = job->exit_code & 0xff;
	if (code != CLI_OK) {
		(void)fprintf(stderr, "jqm %s: job %" PRId64 " is %s", cli->verb, job->id,
			      job->state);
		if (job->end_reason != NULL && job->end_reason[0] != '\0') {
			(void)fputs(": ", stderr);
			output_text(stderr, job->end_reason);
		}
		(void)fputc('\n', stderr);
	}
	return code;
}
