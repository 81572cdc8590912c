/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/stored_file.h: is a file of this node's stores there to be sent? */
#ifndef FCGI_STORED_FILE_H
#define FCGI_STORED_FILE_H

#include <stdbool.h>

struct err;
struct stat;

/* Is ".." one of the path's segments? */
bool stored_path_has_dots(const char *path);

/*
 * What is at path (relative, ours) below directory, reached without any link, as an O_PATH descriptor:
 * a regular file, or a symbolic link.  0; -1: ERR_NOT_FOUND when it is not there or something else is;
 * ERR_INTERNAL when that could not be found out.
 */
int stored_file_open(const char *directory, const char *path, int *fd_out, struct stat *status_out,
		     struct err *err);

/* Is it a regular file?  0; -1 as above. */
int stored_file_check(const char *directory, const char *path, struct err *err);

#endif
