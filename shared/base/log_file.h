/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/log_file.h: standard error is a file, set aside when it has become large.
 *
 * path becomes path.1, path.1 becomes path.2, up to path.KEEP; an older one is removed.  Several
 * processes may log to the same path: one of them renames, the others follow with their next line, or with one
 * a tenth of a second later (LOG_FILE_LOOK_MS), as all do when somebody else (logrotate) renamed or removed it.
 * A line is never cut, nor lost while the file it is in is kept.
 * What cannot be renamed or opened is written on to, and tried again a second later.
 */
#ifndef BASE_LOG_FILE_H
#define BASE_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define LOG_FILE_KEEP_MAX 100
#define LOG_FILE_LOOK_MS 100

/*
 * Append to path (made with 0640 less the umask) whatever goes to standard error from now on.
 * max_bytes: set aside once it is that large, 0: never.  keep: 0 to LOG_FILE_KEEP_MAX old ones.
 * 0; -1 and standard error is as it was.
 */
int log_file_open(const char *path, int64_t max_bytes, int keep, struct err *err);

/* Could that be opened, as far as can be seen without making it?  0, also when it is not there; else -1. */
int log_file_check(const char *path, struct err *err);

/* Set another file aside: what it is called now becomes path.1 and so on.  False: it has its name still
 * (errno). */
bool log_file_shift(const char *path, int keep);

/* Look at the file now, as after a signal: set it aside, or follow it.  Nothing without a file. */
void log_file_look(void);

/*
 * Before each line, and behind it with its bytes.  They look if that was long ago, and if so much was written since that
 * the file may be large now: with each line of many a second the look would cost half of what the line costs.
 */
void log_file_writes(void);
void log_file_wrote(size_t bytes);

#endif
