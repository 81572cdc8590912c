/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/joblog_answer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/joblog_cut.h"
#include "fcgi/error_response.h"
#include "fcgi/exchange.h"
#include "fcgi/joblog_file.h"
#include "fcgi/joblog_stream.h"
#include "fcgi/log_mask.h"
#include "fcgi/range.h"

#define PIECE_MAX (1024 * 1024)
#define TRIES_MAX 50 /* while a job writes so fast that what is read is gone when it was read */

/* A piece of a log as it was written, and where in its file it is. */
struct piece {
	int64_t begin, end;
	int64_t at;
};

/* Of a log that was written anew. */
static struct piece
piece_of_noted(const struct joblog_note *note, struct range wanted)
{
	struct piece piece = { wanted.begin, wanted.end, wanted.begin };

	if (piece.begin < note->gap.from) {
		piece.end = piece.end < note->gap.from ? piece.end : note->gap.from;
		return piece;
	}
	if (piece.begin < note->gap.to)
		piece.begin = note->gap.to;
	piece.at = note->tail_at + (piece.begin - note->gap.to);
	return piece;
}

/* Of one that may have a hole, at this moment. */
static struct piece
piece_of_file(int fd, struct range wanted)
{
	struct piece piece = { wanted.begin, wanted.end, 0 };
	struct joblog_gap hole = joblog_hole(fd, piece.begin, piece.end);

	if (hole.from == piece.begin) {
		piece.begin = hole.to;
		hole = joblog_hole(fd, piece.begin, piece.end);
	}
	piece.end = hole.from;
	piece.at = piece.begin;
	return piece;
}

/* Where pieces come from. */
struct source {
	int fd;
	const struct joblog_note *note; /* NULL: it may have a hole */
	const struct log_mask *mask; /* NULL: nothing is masked */
	char *margin; /* as log_mask_pread() wants it */
};

static ssize_t
read_at(const struct source *source, char *data, size_t len, int64_t at)
{
	if (source->mask != NULL)
		return log_mask_pread(source->mask, source->fd, data, len, (off_t)at,
				      source->margin);
	return pread(source->fd, data, len, (off_t)at);
}

/* What there is of wanted into data, up to the next gap.  Its bytes, 0: nothing is there. */
static ssize_t
read_piece(const struct source *source, struct range wanted, char *data, size_t room,
	   struct piece *piece, struct err *err)
{
	const struct joblog_note *note = source->note;
	int fd = source->fd;

	for (int tries = 0; tries < TRIES_MAX; tries++) {
		size_t len;
		ssize_t n;

		*piece = note != NULL ? piece_of_noted(note, wanted) : piece_of_file(fd, wanted);
		if (piece->begin >= piece->end)
			return 0;
		len = piece->end - piece->begin < (int64_t)room
			  ? (size_t)(piece->end - piece->begin)
			  : room;
		if ((n = read_at(source, data, len, piece->at)) == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(err, ERR_INTERNAL, "could not read the log");
		if (n > 0 && (note != NULL ||
			      joblog_hole(fd, piece->at, piece->at + n).from == piece->at + n))
			return n;
	}
	return err_set(err, ERR_BUSY, "the log changes faster than it can be read");
}

static void
answer_piece(struct exchange *x, const struct piece *piece, const char *data, size_t len,
	     int64_t total)
{
	exchange_answer_bytes(x, 206, "application/octet-stream", data, len);
	exchange_header(x, "Content-Range",
			exchange_printf(x, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, piece->begin,
					piece->begin + (int64_t)len - 1, total));
}

static void
say_attempts(struct exchange *x, const struct joblog_wanted *wanted, int32_t attempt)
{
	struct joblog_file newest;
	struct err ignored = ERR_INIT;

	if (joblog_file_find(wanted->directory, wanted->job_id, 0, wanted->stream, false, &newest,
			     &ignored) == -1)
		newest.attempt = attempt;
	fd_close(&newest.fd);
	exchange_header(x, "JQM-Attempt", exchange_printf(x, "%" PRId32, attempt));
	exchange_header(x, "JQM-Newest-Attempt", exchange_printf(x, "%" PRId32, newest.attempt));
}

/* Not so far, maybe later: how much there is is said, and words for who reads them. */
static void
answer_outside(struct exchange *x, int64_t total)
{
	struct err outside = ERR_INIT;

	(void)err_set(&outside, ERR_INVALID,
		      "the range is outside the log, which has %" PRId64 " bytes", total);
	x->response.refusal = REFUSAL_RANGE;
	error_response_build(x, &outside);
	exchange_header(x, "Content-Range", exchange_printf(x, "bytes */%" PRId64, total));
}

static int
answer_as_written(struct exchange *x, const struct joblog_wanted *wanted,
		  const struct joblog_file *file, struct err *err)
{
	struct joblog_note note;
	bool noted = joblog_note_read(file->fd, &note);
	int64_t total = noted ? note.gap.to + (note.size - note.tail_at) : file->size;
	struct piece piece = { 0, 0, 0 };
	struct source source;
	struct range range;
	size_t room = 0;
	char *data;
	ssize_t n;

	if (!range_read(x->request.range, total, &range))
		return err_set(err, ERR_INVALID,
			       "offsets=written needs one range, as in \"Range: bytes=0-\"");
	if (range.begin < range.end)
		room = range.end - range.begin < PIECE_MAX ? (size_t)(range.end - range.begin)
							   : PIECE_MAX;
	data = exchange_alloc(x, room);
	source = (struct source){ file->fd, noted ? &note : NULL, wanted->mask, NULL };
	if (wanted->mask != NULL)
		source.margin = exchange_alloc(x, room + 2 * wanted->mask->longest);
	n = read_piece(&source, range, data, room, &piece, err);
	if (n == -1)
		return -1;
	if (n > 0)
		answer_piece(x, &piece, data, (size_t)n, total);
	else
		answer_outside(x, total);
	say_attempts(x, wanted, file->attempt);
	return 0;
}

/* Would nginx send something else than what the job wrote? */
static bool
has_hole_in_answer(const struct exchange *x, const struct joblog_file *file)
{
	struct range range;

	if (file->fd == -1 || joblog_hole(file->fd, 0, file->size).from == file->size)
		return false;
	if (x->request.if_range[0] != '\0' || !range_read(x->request.range, file->size, &range))
		return true;
	return range.begin < range.end &&
	       joblog_hole(file->fd, range.begin, range.end).from < range.end;
}

/* All of it; how long it is can be said when nothing of it is missing. */
static void
answer_masked(struct exchange *x, const struct joblog_wanted *wanted, struct joblog_file *file)
{
	bool whole = joblog_hole(file->fd, 0, file->size).from == file->size;
	struct body_stream *log = joblog_stream_new(x, fd_take(&file->fd), file->size);

	exchange_answer_stream(x, log_mask_stream_new(x, wanted->mask, log), wanted->file_name);
	if (whole)
		exchange_header(x, "Content-Length", exchange_printf(x, "%" PRId64, file->size));
}

int
joblog_answer(struct exchange *x, const struct joblog_wanted *wanted, struct err *err)
{
	struct joblog_file file;
	int rc =
	    joblog_file_find(wanted->directory, wanted->job_id, wanted->attempt, wanted->stream,
			     wanted->as_written || wanted->mask != NULL, &file, err);

	if (rc == 0 && wanted->as_written)
		rc = answer_as_written(x, wanted, &file, err);
	else if (rc == 0 && wanted->mask != NULL)
		answer_masked(x, wanted, &file);
	else if (rc == 0 && has_hole_in_answer(x, &file))
		exchange_answer_stream(x, joblog_stream_new(x, fd_take(&file.fd), file.size),
				       wanted->file_name);
	else if (rc == 0)
		exchange_answer_file(x, wanted->location, file.path, wanted->file_name, NULL);
	fd_close(&file.fd);
	return rc;
}
