/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/log.h: one event per line on stderr (which may be a file, see log_file.h):
 *	2026-01-31T10:20:30.123Z level program event key=value key="quoted value"
 * Only whoever owns a loop logs (request pipeline, job run, main); nobody below does.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Name the program once, at start (borrowed for ever).  Level starts at INFO. */
void log_init(const char *program);

/* TRACE, DEBUG, INFO, WARN, ERROR, FATAL in any case (JQM's names): 0, or -1 and level unchanged. */
int log_level_set(const char *name);

/*
 * Write one line.  event is a fixed word ("job_claimed"); fmt gives the rest, conventionally
 * key=value pairs.  Control characters and non-UTF-8 bytes of the result are escaped as \xNN, so a
 * caller's text can never start a second line.  Lines are cut at 4,000 bytes.  Keeps errno.
 */
void log_event(enum log_level level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define LOG_VALUE_SIZE 2100

/*
 * text so that it cannot end the quotes it stands in: " and \ get a backslash before them; cut when
 * out is full.  NULL counts as "".  Returns out.
 */
const char *log_value(char out[LOG_VALUE_SIZE], const char *text);

#define log_error(event, ...) log_event(LOG_LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) log_event(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...) log_event(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) log_event(LOG_LEVEL_DEBUG, event, __VA_ARGS__)

#endif
