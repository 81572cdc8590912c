/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/log_trim.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "model/job_end.h"

#define SLICE 65536

struct log_trim {
	char *path, *new_path;
	const char *name;
	int64_t max_bytes;
	struct joblog_gap punched;
	struct joblog_gap gap; /* what is left out */
	int64_t size, at; /* of the old file; at: what has been copied */
	int fd, out_fd; /* -1 before the first step */
};

static bool
is_sparse(const struct stat *st)
{
	return (int64_t)st->st_blocks * 512 < st->st_size;
}

struct log_trim *
log_trim_new(const struct log_trim_spec *spec)
{
	struct log_trim *trim;
	struct stat st;

	if (lstat(spec->path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    (st.st_size <= spec->max_bytes && spec->punched.from == spec->punched.to &&
	     !is_sparse(&st)))
		return NULL;
	if ((trim = calloc(1, sizeof(*trim))) == NULL)
		abort();
	trim->path = str_dup(spec->path);
	trim->new_path = str_printf("%s.cut", spec->path);
	trim->name = spec->name;
	trim->max_bytes = spec->max_bytes;
	trim->punched = spec->punched;
	trim->fd = trim->out_fd = -1;
	return trim;
}

void
log_trim_free(struct log_trim *trim)
{
	if (trim == NULL)
		return;
	fd_close(&trim->fd);
	fd_close(&trim->out_fd);
	free(trim->path);
	free(trim->new_path);
	free(trim);
}

static void
say(const struct log_trim *trim, struct job_end *end, struct joblog_gap gap)
{
	job_end_say(end,
		    "%s was longer than %" PRId64 " bytes: of what it wrote, %" PRId64
		    " bytes behind byte %" PRId64 " were cut out",
		    trim->name, trim->max_bytes, gap.to - gap.from, gap.from);
}

static int
fail(struct log_trim *trim, struct job_end *end, const char *what)
{
	struct err err = ERR_INIT;

	(void)err_errno(&err, ERR_INTERNAL, "%s", what);
	if (trim->out_fd != -1)
		(void)unlink(trim->new_path);
	job_end_say(end, "the middle of %s is missing, and no file without it could be made: %s",
		    trim->name, err.text);
	return 1;
}

static struct joblog_gap
both(struct joblog_gap a, struct joblog_gap b)
{
	if (a.from == a.to)
		return b;
	if (b.from == b.to)
		return a;
	return (struct joblog_gap){ a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to };
}

/* What is to be left out of the file; its own hole counts where the keeper could say nothing. */
static struct joblog_gap
find_gap(const struct log_trim *trim, const struct stat *st)
{
	struct joblog_gap missing = trim->punched;

	if (missing.to > trim->size) /* a process nobody could kill has shortened it */
		missing.from = missing.to = 0;
	if (missing.from == missing.to && is_sparse(st))
		missing = joblog_hole(trim->fd, 0, trim->size);
	return joblog_widen(trim->fd, both(joblog_excess(trim->size, trim->max_bytes), missing), 0,
			    trim->size);
}

/* An earlier try did it already. */
static bool
was_done(const struct log_trim *trim, struct joblog_gap *gap_out)
{
	struct joblog_gap end = trim->punched;
	struct joblog_note note;

	if (joblog_note_read(trim->fd, &note)) {
		*gap_out = note.gap;
		return true;
	}
	if (end.from == end.to)
		return false;
	*gap_out = trim->punched;
	if (end.to > trim->size)
		end.to = trim->size;
	return joblog_hole(trim->fd, end.from, end.to).from == end.to;
}

/* 0: go on copying; 1: there is nothing to do, or it cannot be done. */
static int
begin(struct log_trim *trim, struct job_end *end)
{
	struct joblog_gap gap;
	struct stat st;

	trim->fd = open(trim->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (trim->fd == -1 || fstat(trim->fd, &st) == -1)
		return fail(trim, end, "could not open it");
	trim->size = st.st_size;
	if (was_done(trim, &gap)) {
		say(trim, end, gap);
		return 1;
	}
	trim->gap = find_gap(trim, &st);
	if (trim->gap.from == trim->gap.to)
		return 1; /* fewer blocks than bytes for another reason: compressed */
	if (unlink(trim->new_path) == -1 && errno != ENOENT)
		return fail(trim, end, "could not remove what is left of an earlier one");
	trim->out_fd =
	    open(trim->new_path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (trim->out_fd == -1 || fchmod(trim->out_fd, st.st_mode & 0777) == -1)
		return fail(trim, end, "could not make it");
	return 0;
}

/* The line in place of the gap, and the note about both. */
static int
mark(struct log_trim *trim)
{
	struct joblog_note note = { trim->gap, trim->gap.from, 0 };
	char text[JOBLOG_MARKER_SIZE];
	size_t len = joblog_marker(text, trim->gap.to - trim->gap.from, trim->max_bytes);

	note.tail_at += (int64_t)len;
	note.size = note.tail_at + trim->size - trim->gap.to;
	(void)joblog_note_write(trim->out_fd, &note); /* not every file system keeps it */
	trim->at = trim->gap.to;
	return fd_write_all(trim->out_fd, text, len);
}

/* Up to a slice of what is to be kept: bytes, 0 at its end, -1 with errno. */
static int64_t
copy(struct log_trim *trim)
{
	static char data[SLICE];
	int64_t end = trim->at < trim->gap.from ? trim->gap.from : trim->size;
	size_t want = end - trim->at < SLICE ? (size_t)(end - trim->at) : SLICE;
	ssize_t n = pread(trim->fd, data, want, (off_t)trim->at);

	if (n > 0 && fd_write_all(trim->out_fd, data, (size_t)n) == -1)
		return -1;
	if (n > 0)
		trim->at += n;
	return n;
}

static int
finish(struct log_trim *trim, struct job_end *end)
{
	if (rename(trim->new_path, trim->path) == -1)
		return fail(trim, end, "could not put it in the old one's place");
	say(trim, end, trim->gap);
	return 1;
}

int
log_trim_step(struct log_trim *trim, int64_t budget_bytes, struct job_end *end)
{
	if (trim->fd == -1 && begin(trim, end) == 1)
		return 1;
	while (budget_bytes > 0) {
		int64_t n;

		if (trim->at == trim->gap.from && mark(trim) == -1)
			return fail(trim, end, "could not write it");
		if ((n = copy(trim)) == -1 && errno != EINTR)
			return fail(trim, end, "could not copy it");
		if (n == 0 && trim->at < trim->size) { /* a process nobody could kill */
			errno = EBUSY;
			return fail(trim, end, "it became shorter");
		}
		if (n == 0)
			return finish(trim, end);
		budget_bytes -= n > 0 ? n : 1;
	}
	return 0;
}
