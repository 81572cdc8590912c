/* SPDX-License-Identifier: Apache-2.0 */
/* conf/password_file.h: a password that stands in a file of its own. */
#ifndef CONF_PASSWORD_FILE_H
#define CONF_PASSWORD_FILE_H

struct err;

/*
 * Read the first line of path, a regular file of ours or root's that is closed to others, into fresh memory;
 * NULL with err (ERR_DENIED, ERR_NOT_FOUND, ERR_INVALID).
 */
char *password_file_read(const char *path, struct err *err);

#endif
