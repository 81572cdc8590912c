/* SPDX-License-Identifier: Apache-2.0 */
/* base/fd.h: descriptors with an owner; whole reads and writes; small files. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct err;

/* Close *fd unless it is -1, and make it -1.  Keeps errno. */
void fd_close(int *fd);

/* Return *fd and make it -1: ownership moves. */
int fd_take(int *fd);

/* Write all len bytes, going on after EINTR and short writes.  0, or -1 with errno. */
int fd_write_all(int fd, const void *data, size_t len);

/* Append to buf until end of file.  0; -1 with err (ERR_TOO_LARGE when buf's cap is reached). */
int fd_read_all(int fd, struct buf *buf, struct err *err);

/* Read a whole small file into buf.  0, or -1: ERR_NOT_FOUND, ERR_TOO_LARGE, ERR_INTERNAL. */
int fd_read_file(const char *path, struct buf *buf, struct err *err);

/*
 * Replace path by these bytes atomically (temporary file beside it, fsync, rename), with mode.
 * 0; -1 and the old file is untouched; -1 with ERR_UNCERTAIN: replaced, but its directory could not
 * be synced, so a power failure may bring the old file back.
 */
int fd_write_file(const char *path, mode_t mode, const void *data, size_t len, struct err *err);

/*
 * mkdir -p with mode (less the umask) for every directory made.  Existing directories, and links to
 * directories, are left as they are.
 */
int fd_make_dirs(const char *path, mode_t mode, struct err *err);

/*
 * A hint to file systems that know it (chattr +T: ext4): directories made in this one lie apart, each in its own part of
 * the disk.  ext4 makes a file many times slower where others were removed in the last minutes.  Nothing is said
 * where it cannot be given.
 */
void fd_spread_dirs(const char *path);

#endif
