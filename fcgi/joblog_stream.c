/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/joblog_stream.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/joblog_cut.h"
#include "fcgi/exchange.h"

struct joblog_stream {
	struct body_stream stream; /* first: one is the other */
	int fd;
	int64_t at, end;
	struct joblog_gap gap; /* the next one, as it was when it was found; from == end: none */
	bool found; /* gap is known */
};

/* The next gap, made wider to whole lines. */
static void
find_gap(struct joblog_stream *s)
{
	struct joblog_gap hole = joblog_hole(s->fd, s->at, s->end);

	s->gap = joblog_widen(s->fd, hole, s->at, s->end);
	s->found = true;
}

/* The line about what is missing by now: its length. */
static ssize_t
step_over_gap(struct joblog_stream *s, char *data)
{
	struct joblog_gap hole = joblog_hole(s->fd, s->at, s->end);
	int64_t to = s->gap.to;
	int64_t missing;

	if (hole.from < hole.to && hole.to > to)
		to = joblog_widen(s->fd, hole, s->at, s->end).to;
	missing = to - s->at;
	s->at = to;
	s->found = false;
	return (ssize_t)joblog_marker(data, missing, 0);
}

static ssize_t
read_some(struct joblog_stream *s, char *data, size_t size)
{
	int64_t left = s->gap.from - s->at;
	ssize_t n = pread(s->fd, data, left < (int64_t)size ? (size_t)left : size, (off_t)s->at);

	if (n > 0 && joblog_hole(s->fd, s->at, s->at + n).from < s->at + n) {
		s->found = false; /* the hole has grown over it */
		errno = EINTR;
		return -1;
	}
	if (n > 0)
		s->at += n;
	return n;
}

static ssize_t
stream_read(struct body_stream *stream, char *data, size_t size)
{
	struct joblog_stream *s = (struct joblog_stream *)(void *)stream;
	ssize_t n;

	assert(size >= JOBLOG_MARKER_SIZE);
	do {
		if (!s->found)
			find_gap(s);
		if (s->at >= s->end)
			return 0;
		if (s->at >= s->gap.from)
			return step_over_gap(s, data);
		n = read_some(s, data, size);
	} while (n == -1 && errno == EINTR);
	return n;
}

static void
stream_close(struct body_stream *stream)
{
	struct joblog_stream *s = (struct joblog_stream *)(void *)stream;

	fd_close(&s->fd);
}

struct body_stream *
joblog_stream_new(struct exchange *x, int fd, int64_t size)
{
	struct joblog_stream *s = exchange_alloc(x, sizeof(*s));

	s->stream = (struct body_stream){ stream_read, stream_close };
	s->fd = fd;
	s->end = size;
	return &s->stream;
}
