/* SPDX-License-Identifier: Apache-2.0 */
/* base/path.h: where files are, from their paths. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

struct err;

/* The directory of path, "." when it names none.  The caller frees it. */
char *path_dir(const char *path);

/* The directory of the running program's file.  The caller frees it; NULL with err. */
char *path_program_dir(struct err *err);

#endif
