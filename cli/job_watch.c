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
#include "cli/api_client.h"
#include "cli/cli.h"
#include "cli/follow.h"
#include "cli/job_log.h"
#include "cli/out_stream.h"
#include "cli/output.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/job_instance.h"
#include "model/memory.h"

/* A job ended by a signal, as shells have it. */
#define SIGNAL_CODE_BASE 128

struct watching {
	const struct job_watch *watch;
	struct job_log logs[FOLLOW_STREAMS_MAX];
	int64_t attempt_told; /* the end of this one */
	struct memory *memory; /* where the job at its end goes */
	struct job_instance *job_out;
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

/* Keep the job that text describes, now that it is over. */
static int
keep_job(struct watching *w, const struct buf *text, struct err *err)
{
	if (doc_json_read(&job_instance_doc, buf_text(text), text->len, w->memory, w->job_out,
			  err) == -1)
		return -1;
	if (w->json != NULL)
		buf_append(w->json, buf_text(text), text->len);
	return 1;
}

static int
source_is_over(void *arg, struct err *err)
{
	struct watching *w = arg;
	struct buf text = BUF_INIT(HTTP_BODY_MAX);
	struct job_instance job;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = api_job(w->watch->api, w->watch->id, &pool.memory, &job, &text, err);
	if (rc == 0 && job_state_is_over(job.state))
		rc = keep_job(w, &text, err);
	pool_free(&pool);
	buf_free(&text);
	return rc;
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
add_log(struct watching *w, int stream, const char *name, struct out_stream *out)
{
	w->logs[stream] = (struct job_log){ .api = w->watch->api,
					    .id = w->watch->id,
					    .name = name,
					    .out = out,
					    .told = &w->attempt_told,
					    .notice = source_notice,
					    .arg = w };
}

int
job_watch(const struct job_watch *watch, struct memory *memory, struct job_instance *job_out,
	  struct buf *json, struct err *err)
{
	struct watching w = { .watch = watch, .memory = memory, .job_out = job_out, .json = json };
	struct follow_source source = { &w,          source_read,   source_is_over,
					source_wait, source_now_ms, source_notice };
	struct follow_result result;
	int n = 0, rc;

	if (watch->out != NULL)
		add_log(&w, n++, "stdout", watch->out);
	if (watch->err_out != NULL)
		add_log(&w, n++, "stderr", watch->err_out);
	catch_interrupt(watch->id);
	rc = follow(&source, n, &result, err);
	for (int i = 0; i < n; i++)
		if (out_stream_end(w.logs[i].out, err) == -1)
			rc = -1;
	if (rc == 0 && n > 0 && result.absent[0] && w.logs[0].absent[0] != '\0')
		source_notice(&w, w.logs[0].absent);
	return rc;
}

int
job_end_code(const struct cli *cli, const struct job_instance *job)
{
	int code = CLI_NEVER_RAN;

	if (job->signal.set)
		code = SIGNAL_CODE_BASE + (int)job->signal.value;
	else if (job->exit_code.set && (job->exit_code.value != 0 || job->state == JOB_ENDED))
		code = (int)job->exit_code.value & 0xff;
	if (code != CLI_OK) {
		(void)fprintf(stderr, "jqm %s: job %" PRId64 " is %s", cli->verb, job->id,
			      job_state_name(job->state));
		if (job->end_reason != NULL && job->end_reason[0] != '\0') {
			(void)fputs(": ", stderr);
			output_text(stderr, job->end_reason);
		}
		(void)fputc('\n', stderr);
	}
	return code;
}
