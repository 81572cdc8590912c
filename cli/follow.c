/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/follow.h"

#include <assert.h>
#include <stddef.h>

#include "base/err.h"

struct follower {
	const struct follow_source *source;
	int64_t offsets[FOLLOW_STREAMS_MAX];
	struct follow_result *result;
	int wait_ms;
	bool failing;
	int64_t failing_since_ms; /* when it is */
};

static void
notice(const struct follower *f, const char *text)
{
	if (f->source->notice != NULL)
		f->source->notice(f->source->arg, text);
}

/*
 * Read stream up to its present end, of a job that is not over for a bounded time.  1: it had
 * something; 0: nothing; -1 with err.
 */
static int
read_stream(struct follower *f, int stream, bool over, struct err *err)
{
	enum follow_answer answer = FOLLOW_MORE;
	int got = 0;

	for (int reads = 0; answer == FOLLOW_MORE && (over || reads < FOLLOW_READS_MAX); reads++) {
		int64_t before = f->offsets[stream];

		answer = FOLLOW_NOTHING;
		if (f->source->read(f->source->arg, stream, &f->offsets[stream], &answer, err) ==
		    -1)
			return -1;
		if (answer == FOLLOW_SHORTER) {
			notice(f, "the job emptied its log, which begins anew here");
			answer = FOLLOW_MORE;
		}
		if (answer == FOLLOW_MORE || f->offsets[stream] > before)
			got = 1;
	}
	f->result->absent[stream] = answer == FOLLOW_ABSENT;
	return got;
}

/* One round over all streams, then is it over?  1: over and all read; 0: go on; -1 with err. */
static int
look(struct follower *f, int n_streams, struct err *err)
{
	/* Asked before reading: what is read after the end of the job is all there is. */
	int over = f->source->is_over(f->source->arg, err);
	int got;

	if (over == -1)
		return -1;
	for (int i = 0; i < n_streams; i++) {
		got = read_stream(f, i, over == 1, err);
		if (got == -1)
			return -1;
		if (got == 1)
			f->wait_ms = FOLLOW_WAIT_MIN_MS;
	}
	return over;
}

static void
pause_then_longer(struct follower *f)
{
	f->source->wait(f->source->arg, f->wait_ms);
	f->wait_ms *= 2;
	if (f->wait_ms > FOLLOW_WAIT_MAX_MS)
		f->wait_ms = FOLLOW_WAIT_MAX_MS;
}

/* The server did not answer: 0 to try again, -1 when that has gone on for too long. */
static int
bear_failure(struct follower *f, const struct err *err)
{
	int64_t now_ms = f->source->now_ms(f->source->arg);

	if (!f->failing) {
		f->failing = true;
		f->failing_since_ms = now_ms;
		notice(f, err->text);
	}
	return now_ms - f->failing_since_ms < FOLLOW_PATIENCE_MS ? 0 : -1;
}

int
follow(const struct follow_source *source, int n_streams, struct follow_result *result,
       struct err *err)
{
	struct follower f = { .source = source, .result = result, .wait_ms = FOLLOW_WAIT_MIN_MS };
	int over;

	assert(n_streams >= 0 && n_streams <= FOLLOW_STREAMS_MAX);
	*result = (struct follow_result){ { false, false } };
	for (;;) {
		err_clear(err);
		over = look(&f, n_streams, err);
		if (over == 1)
			return 0;
		if (over == 0)
			f.failing = false;
		else if (err->kind != ERR_BUSY || bear_failure(&f, err) == -1)
			return -1;
		pause_then_longer(&f);
	}
}
