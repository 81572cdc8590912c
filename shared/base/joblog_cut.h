/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/joblog_cut.h: a job's log without its middle.
 *
 * Of a log longer than its limit a quarter of the limit is kept from its beginning, the rest of it from
 * its end.  While the job runs the keeper punches what is between out of the file: the bytes go, the
 * offsets of all others stay.  At the end of the job the runner writes the log anew: head, one line
 * that says how much is missing, tail.  Whoever reads it meanwhile finds the gap in the file.
 */
#ifndef BASE_JOBLOG_CUT_H
#define BASE_JOBLOG_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes from and to - 1, and all between, are not there; from == to: none are missing. */
struct joblog_gap {
	int64_t from, to;
};

/* What a log of size bytes has too much, by its limit of max_bytes (> 0); a little more is not too much. */
struct joblog_gap joblog_excess(int64_t size, int64_t max_bytes);

/* Of that, what can be punched out: whole blocks of a file system. */
struct joblog_gap joblog_punchable(int64_t size, int64_t max_bytes);

/* The first hole of the file at or behind begin and before end; { end, end }: there is none. */
struct joblog_gap joblog_hole(int fd, int64_t begin, int64_t end);

/*
 * A gap made wider so that what is before it ends, and what is behind it begins, with a line where one
 * ends within 4096 bytes, and never inside a UTF-8 character.  The log is read from begin to end; at
 * most half of what is on either side is given up for it.
 */
struct joblog_gap joblog_widen(int fd, struct joblog_gap gap, int64_t begin, int64_t end);

/* The line in place of cut_bytes; max_bytes 0: the limit is not known.  Returns its length. */
#define JOBLOG_MARKER_SIZE 160
size_t joblog_marker(char out[JOBLOG_MARKER_SIZE], int64_t cut_bytes, int64_t max_bytes);

/*
 * What a log that was written anew says about itself, in an extended attribute: the gap, counted as
 * the job wrote; where in this file the byte stands that was number gap.to then; the file's size.
 */
struct joblog_note {
	struct joblog_gap gap;
	int64_t tail_at, size;
};
int joblog_note_write(int fd, const struct joblog_note *note); /* 0; -1 with errno */

/*
 * False: there is none, or it is of another content.  A job can write any there that is possible:
 * gap.from <= gap.to < 2^60 and gap.from <= tail_at <= the size of the file.
 */
bool joblog_note_read(int fd, struct joblog_note *out);

#endif
