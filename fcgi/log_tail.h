/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/log_tail.h: the end of a log file. */
#ifndef FCGI_LOG_TAIL_H
#define FCGI_LOG_TAIL_H

#include <stddef.h>

struct buf;
struct err;

/*
 * Append the last max_lines lines of an open file to out, newest first, each with its line feed
 * (one is added to a last line without).  Reads backwards, at most max_bytes; older lines than fit
 * are left out whole.  0, or -1 (ERR_INTERNAL, ERR_TOO_LARGE from out).
 */
int log_tail(int fd, size_t max_lines, size_t max_bytes, struct buf *out, struct err *err);

/*
 * The same of a log that is set aside when it is large (base/log_file.h): path, then path.1, path.2 and so
 * on until enough lines are seen.  A file that is renamed meanwhile is not read twice.  -1 ERR_NOT_FOUND:
 * there is none of them.
 */
int log_tail_all(const char *path, size_t max_lines, size_t max_bytes, struct buf *out,
		 struct err *err);

#endif
