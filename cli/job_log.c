/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/job_log.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/out_stream.h"
#include "cli/server.h"

/* Bytes on their way to a stream. */
struct passing {
	struct out_stream *out;
	struct err *err; /* of the stream */
	const struct job_log *log; /* NULL: it is not followed */
	const struct jqm_log_place *place; /* with log */
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

static int
pass(void *arg, const void *data, size_t len)
{
	struct passing *passing = arg;

	if (!passing->started && passing->log != NULL && passing->place->cut > 0)
		tell_missing(passing->log, passing->place->cut);
	passing->started = true;
	return out_stream_write(passing->out, data, len, passing->err);
}

/* rc of a call that passed bytes on, as err: that of the stream when it was the stream that failed. */
static int
passed(int rc, const struct jqm_error *error, struct err *err)
{
	return rc == -1 && error->kind == JQM_STOPPED ? -1 : server_said(rc, error, err);
}

int
job_log_show(struct jqm *server, int64_t id, enum jqm_log which, int32_t attempt,
	     struct out_stream *out, struct err *err)
{
	struct passing passing = { .out = out, .err = err };
	struct jqm_error error;
	int rc = jqm_log_show(server, id, which, attempt, pass, &passing, &error);

	rc = passed(rc, &error, err);
	return rc == 0 ? out_stream_end(out, err) : -1;
}

static void
tell_end(const struct job_log *log)
{
	char text[100];

	if (log->attempt <= *log->told)
		return;
	*log->told = log->attempt;
	(void)snprintf(text, sizeof(text), "that was attempt %" PRId32 "; the job is tried again",
		       log->attempt);
	log->notice(log->arg, text);
}

/* Nothing is there from *offset on, of an attempt that may have been followed by another one. */
static enum follow_answer
at_the_end(struct job_log *log, int64_t *offset, const struct jqm_log_place *place)
{
	if (place->newest_attempt > log->attempt) {
		tell_end(log);
		log->ended = log->attempt;
		log->ended_offset = *offset;
		log->search_to = place->newest_attempt;
		log->attempt++;
		*offset = 0;
		return FOLLOW_MORE;
	}
	if (place->written < 0 || place->written >= *offset)
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
	struct jqm_log_place place = JQM_LOG_PLACE_INIT;
	struct passing passing = { .out = log->out, .err = err, .log = log, .place = &place };
	struct jqm_error error;
	int rc;

	place.attempt = log->attempt;
	place.next = *offset;
	rc = jqm_log_continue(log->server, log->id, log->which, &place, pass, &passing, &error);
	*offset = place.next;
	*answer_out = FOLLOW_BYTES;
	if (rc == 0 || passing.started) {
		log->search_to = 0;
		log->attempt = place.attempt;
	}
	if (rc == -1 && error.kind == JQM_NOT_FOUND) {
		*answer_out = log->search_to > 0 ? search_on(log, offset) : FOLLOW_ABSENT;
		(void)str_copy(log->absent, sizeof(log->absent), error.text);
		return 0;
	}
	if (rc == 0 && !passing.started)
		*answer_out = at_the_end(log, offset, &place);
	else if (rc == 0 && (place.next < place.written || place.newest_attempt > log->attempt))
		*answer_out = FOLLOW_MORE;
	return passed(rc, &error, err);
}
