/* SPDX-License-Identifier: Apache-2.0 */
#include "base/joblog_cut.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/str.h"

#define HEAD_PART 4 /* of the limit, the head is one in so many */
#define SLACK_PART 8
#define SLACK_MAX 8192
#define BLOCK 4096
#define NEAR 4096 /* so far a line's end is looked for */
#define CHARACTER_MAX 4
#define BYTES_MAX (INT64_C(1) << 60)
#define NOTE_NAME "user.jqm.log_cut"

static int64_t
head_bytes(int64_t max_bytes)
{
	return max_bytes / HEAD_PART;
}

static int64_t
tail_bytes(int64_t max_bytes)
{
	return max_bytes - head_bytes(max_bytes);
}

/* So much more than its limit a log may have: less is not worth the line about it. */
static int64_t
tolerated_bytes(int64_t max_bytes)
{
	return max_bytes / SLACK_PART < SLACK_MAX ? max_bytes / SLACK_PART : SLACK_MAX;
}

struct joblog_gap
joblog_excess(int64_t size, int64_t max_bytes)
{
	struct joblog_gap gap = { size, size };

	if (size - tolerated_bytes(max_bytes) > max_bytes) {
		gap.from = head_bytes(max_bytes);
		gap.to = size - tail_bytes(max_bytes);
	}
	return gap;
}

struct joblog_gap
joblog_punchable(int64_t size, int64_t max_bytes)
{
	struct joblog_gap gap = joblog_excess(size, max_bytes);

	if (gap.from == gap.to)
		return gap;
	gap.from = (gap.from + BLOCK - 1) / BLOCK * BLOCK;
	/* The byte before the tail stays: it tells whether a line begins there. */
	gap.to = (gap.to - 1) / BLOCK * BLOCK;
	if (gap.to < gap.from)
		gap.to = gap.from;
	return gap;
}

struct joblog_gap
joblog_hole(int fd, int64_t begin, int64_t end)
{
	struct joblog_gap gap = { end, end };
	off_t from = begin < end ? lseek(fd, (off_t)begin, SEEK_HOLE) : -1;
	off_t to;

	if (from == -1 || from >= end)
		return gap;
	to = lseek(fd, from, SEEK_DATA); /* fails when nothing but the hole follows */
	gap.from = from;
	if (to != -1 && to < end)
		gap.to = to;
	return gap;
}

/* Up to want bytes before or from at on; how many, 0 when they cannot be read. */
static size_t
look(int fd, char *out, size_t want, int64_t at)
{
	ssize_t n = want > 0 ? pread(fd, out, want, (off_t)at) : 0;

	return n > 0 ? (size_t)n : 0;
}

static size_t
window(int64_t bytes)
{
	return bytes / 2 < NEAR ? (size_t)(bytes / 2) : NEAR;
}

/* Where the last line, else the last whole character, of text[len] ends. */
static size_t
last_end(const char *text, size_t len)
{
	const char *feed = len == 0 ? NULL : memrchr(text, '\n', len);

	if (feed != NULL)
		return (size_t)(feed - text) + 1;
	for (size_t back = 1; back <= CHARACTER_MAX && back <= len; back++) {
		unsigned char c = (unsigned char)text[len - back];

		if ((c & 0xc0) == 0x80)
			continue; /* one of its later bytes */
		/* Its first one: keep it if the whole of it is here, or if it is none anyway. */
		return c >= 0xc0 && str_utf8_step(text + len - back, back) == 0 ? len - back : len;
	}
	return len;
}

/* Where, behind before[0], the first whole line, else the first character, of before[len] begins. */
static size_t
first_begin(const char *before, size_t len)
{
	const char *feed = memchr(before, '\n', len);
	size_t at = 1;

	if (feed != NULL)
		return (size_t)(feed - before) + 1;
	while (at < len && at < CHARACTER_MAX && ((unsigned char)before[at] & 0xc0) == 0x80)
		at++;
	return at;
}

struct joblog_gap
joblog_widen(int fd, struct joblog_gap gap, int64_t begin, int64_t end)
{
	char text[NEAR + 1];
	size_t want = window(gap.from - begin);

	if (gap.from >= gap.to)
		return gap;
	if (look(fd, text, want, gap.from - (int64_t)want) == want)
		gap.from -= (int64_t)(want - last_end(text, want));
	want = window(end - gap.to) + 1;
	if (look(fd, text, want, gap.to - 1) == want)
		gap.to += (int64_t)first_begin(text, want) - 1;
	return gap;
}

size_t
joblog_marker(char out[JOBLOG_MARKER_SIZE], int64_t cut_bytes, int64_t max_bytes)
{
	int len;

	if (max_bytes > 0)
		len = snprintf(out, JOBLOG_MARKER_SIZE,
			       "\n[... %" PRId64 " bytes cut out here by JQM: the log was longer "
			       "than %" PRId64 " bytes ...]\n",
			       cut_bytes, max_bytes);
	else
		len = snprintf(out, JOBLOG_MARKER_SIZE,
			       "\n[... %" PRId64 " bytes cut out here by JQM: the log is longer "
			       "than its limit ...]\n",
			       cut_bytes);
	return len > 0 ? (size_t)len : 0;
}

int
joblog_note_write(int fd, const struct joblog_note *note)
{
	return fsetxattr(fd, NOTE_NAME, note, sizeof(*note), 0);
}

bool
joblog_note_read(int fd, struct joblog_note *out)
{
	struct stat st;

	return fgetxattr(fd, NOTE_NAME, out, sizeof(*out)) == (ssize_t)sizeof(*out) &&
	       out->gap.from >= 0 && out->gap.from <= out->gap.to && out->gap.to < BYTES_MAX &&
	       out->tail_at >= out->gap.from && out->tail_at <= out->size && fstat(fd, &st) == 0 &&
	       st.st_size == out->size;
}
