/* SPDX-License-Identifier: Apache-2.0 */
/* conf/secret_file.h: a file that holds secrets: where it is, and its text, if it is closed to others. */
#ifndef CONF_SECRET_FILE_H
#define CONF_SECRET_FILE_H

#include <stddef.h>

struct buf;
struct err;
struct settings;

/*
 * Append the text of path, a regular file of ours or root's that is closed to others.  what names it in errors
 * ("password file").  0; -1 with ERR_DENIED, ERR_NOT_FOUND, ERR_INVALID (a NUL in it), ERR_TOO_LARGE.
 */
int secret_file_read(const char *path, const char *what, struct buf *out, struct err *err);

/*
 * What a program does first: the file that a setting names is closed to others, or the program does not start.  0, also when
 * none is named or none is there yet; -1 with ERR_DENIED, which names setting, file and what to do.
 */
int secret_file_refuse_open(const struct settings *settings, const char *key, struct err *err);

/* The path of a setting, else of the systemd credential of that name if there is one; fresh memory, NULL: neither. */
char *secret_file_path(const struct settings *settings, const char *key, const char *credential);

#endif
