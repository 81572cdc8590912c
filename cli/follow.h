/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/follow.h: show a log while it grows, until its job is over: every byte once, in order.
 *
 * Knows no HTTP and reads no clock: the source answers, which makes the logic testable.
 */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

struct err;

#define FOLLOW_STREAMS_MAX 2
#define FOLLOW_WAIT_MIN_MS 100
#define FOLLOW_WAIT_MAX_MS 1000
/* Of a log that grows as fast as it is read, so many pieces before the others have their turn. */
#define FOLLOW_READS_MAX 64
/* Unreachable for so long the server is given up. */
#define FOLLOW_PATIENCE_MS 60000

enum follow_answer {
	FOLLOW_BYTES, /* zero or more bytes were passed on */
	FOLLOW_MORE, /* the same, and there is more to be read at once */
	FOLLOW_NOTHING, /* nothing behind that offset */
	FOLLOW_ABSENT, /* no log yet (or never) */
	FOLLOW_SHORTER /* the log ends before that offset, for the job emptied it: *offset is 0 now */
};

struct follow_source {
	void *arg;
	/*
	 * Pass on what stream (0 or 1) has from *offset on; each byte passed on moves *offset, also when
	 * -1 is returned in the middle.  -1 with ERR_BUSY: may be tried again.
	 */
	int (*read)(void *arg, int stream, int64_t *offset, enum follow_answer *answer_out,
		    struct err *err);
	/* Is the job over?  1, 0, or -1 with err (ERR_BUSY: may be tried again). */
	int (*is_over)(void *arg, struct err *err);
	/* Wait so many ms. */
	void (*wait)(void *arg, int ms);
	/* A clock that never goes back: tries take time too. */
	int64_t (*now_ms)(void *arg);
	/* Tell the user something that is no end: the job emptied its log, the server does not answer.
	 * May be NULL. */
	void (*notice)(void *arg, const char *text);
};

struct follow_result {
	bool absent[FOLLOW_STREAMS_MAX]; /* there was no such log to the end */
};

/*
 * Follow n_streams (0: only wait) until the job is over and all that was written until then has been
 * passed on.  0; -1 with the source's err.
 */
int follow(const struct follow_source *source, int n_streams, struct follow_result *result,
	   struct err *err);

#endif
