/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/job_log.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/api_client.h"
#include "cli/out_stream.h"
#include "client/http_refusal.h"

#define PATH_SIZE 120

/* Bytes of one answer on their way to a stream. */
struct passing {
	const struct job_log *log; /* NULL: it is not followed */
	struct out_stream *out;
	const struct http_reply *reply;
	int64_t *offset;
	int64_t skip; /* bytes of this answer that were passed on before */
	bool started;
};

static void
tell_missing(const struct job_log *log, int64_t bytes)
{
	char text[200];

	(void)snprintf(text, sizeof(text),
		       "%" PRId64 " bytes were cut out here before they could be shown: the log is "
		       "longer than its limit",
		       bytes);
	log->notice(log->arg, text);
}

/* The answer may begin elsewhere than asked: no byte twice; what was left out is told. */
static void
start(struct passing *passing)
{
	int64_t begin = passing->reply->status == 206 ? passing->reply->range_start : 0;

	passing->started = true;
	if (begin > *passing->offset) {
		if (passing->log != NULL)
			tell_missing(passing->log, begin - *passing->offset);
		*passing->offset = begin;
	}
	passing->skip = *passing->offset - begin;
}

static int
pass(void *arg, const char *data, size_t len, struct err *err)
{
	struct passing *passing = arg;

	if (!passing->started && http_check_bytes(passing->reply, "log", err) == -1)
		return -1;
	if (passing->reply->status == 206 && passing->reply->range_start < 0)
		return err_set(err, ERR_INTERNAL,
			       "the server does not say which part of the log it sent");
	if (!passing->started)
		start(passing);
	if ((int64_t)len <= passing->skip) {
		passing->skip -= (int64_t)len;
		return 0;
	}
	data += passing->skip;
	len -= (size_t)passing->skip;
	passing->skip = 0;
	if (out_stream_write(passing->out, data, len, err) == -1)
		return -1;
	*passing->offset += (int64_t)len;
	return 0;
}

int
job_log_show(struct api *api, int64_t id, bool stderr_log, int32_t attempt, struct out_stream *out,
	     struct err *err)
{
	const char *name = stderr_log ? "stderr" : "stdout";
	struct http_reply reply = HTTP_REPLY_INIT;
	int64_t offset = 0;
	struct passing passing = { .out = out, .reply = &reply, .offset = &offset };
	char path[PATH_SIZE];
	int rc;

	if (attempt == 0)
		(void)snprintf(path, sizeof(path), "/ws/client/ji/%" PRId64 "/%s", id, name);
	else
		(void)snprintf(path, sizeof(path), "/ws/client/ji/%" PRId64 "/%s?attempt=%" PRId32,
			       id, name, attempt);
	rc = api_fetch(api, path, -1, pass, &passing, &reply, err);
	if (rc == 0 && reply.status == 204)
		rc = err_set(err, ERR_NOT_FOUND, "job %" PRId64 " has no %s", id, name);
	if (rc == 0)
		rc = out_stream_end(out, err);
	http_reply_free(&reply);
	return rc;
}

static void
tell_end(const struct job_log *log)
{
	char text[100];

	if (log->attempt <= *log->told)
		return;
	*log->told = log->attempt;
	(void)snprintf(text, sizeof(text), "that was attempt %" PRId64 "; the job is tried again",
		       log->attempt);
	log->notice(log->arg, text);
}

/* Nothing is there from *offset on, of an attempt that may have been followed by another one. */
static enum follow_answer
at_the_end(struct job_log *log, int64_t *offset, const struct http_reply *reply)
{
	if (reply->newest_attempt > log->attempt) {
		tell_end(log);
		log->ended = log->attempt;
		log->ended_offset = *offset;
		log->search_to = reply->newest_attempt;
		log->attempt++;
		*offset = 0;
		return FOLLOW_MORE;
	}
	if (reply->range_total < 0 || reply->range_total >= *offset)
		return FOLLOW_NOTHING;
	*offset = 0;
	return FOLLOW_SHORTER;
}

/* The attempt looked for has no log: it never began.  Nor had the last one, by now: back again. */
static enum follow_answer
search_on(struct job_log *log, int64_t *offset)
{
	if (log->attempt < log->search_to) {
		log->attempt++;
		return FOLLOW_MORE;
	}
	log->attempt = log->ended;
	*offset = log->ended_offset;
	log->search_to = 0;
	return FOLLOW_NOTHING;
}

int
job_log_read(struct job_log *log, int64_t *offset, enum follow_answer *answer_out, struct err *err)
{
	struct http_reply reply = HTTP_REPLY_INIT;
	struct passing passing = { .log = log, .out = log->out, .reply = &reply, .offset = offset };
	char path[PATH_SIZE];
	int len, rc;

	len = snprintf(path, sizeof(path), "/ws/client/ji/%" PRId64 "/%s?offsets=written", log->id,
		       log->name);
	if (log->attempt > 0)
		(void)snprintf(path + len, sizeof(path) - (size_t)len, "&attempt=%" PRId64,
			       log->attempt);
	rc = api_fetch(log->api, path, *offset, pass, &passing, &reply, err);
	*answer_out = FOLLOW_BYTES;
	if (passing.started || (rc == 0 && reply.status == 416)) {
		log->search_to = 0;
		if (log->attempt == 0)
			log->attempt = reply.attempt;
	}
	if (rc == -1 && err->kind == ERR_NOT_FOUND) {
		rc = 0;
		*answer_out = log->search_to > 0 ? search_on(log, offset) : FOLLOW_ABSENT;
		(void)str_copy(log->absent, sizeof(log->absent), err->text);
	} else if (rc == 0 && reply.status == 204) {
		*answer_out = FOLLOW_ABSENT;
	} else if (rc == 0 && reply.status == 416) {
		*answer_out = at_the_end(log, offset, &reply);
	} else if (rc == 0 && reply.status == 206 &&
		   (*offset < reply.range_total || reply.newest_attempt > log->attempt)) {
		*answer_out = FOLLOW_MORE;
	}
	http_reply_free(&reply);
	return rc;
}
