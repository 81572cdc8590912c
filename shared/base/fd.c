/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define READ_CHUNK_BYTES 16384

void
fd_close(int *fd)
{
	int saved = errno;

	if (*fd != -1)
		(void)close(*fd); /* Linux frees the number whatever close() says */
	*fd = -1;
	errno = saved;
}

int
fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

int
fd_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t done = write(fd, at, len);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return -1;
		at += done;
		len -= (size_t)done;
	}
	return 0;
}

int
fd_read_all(int fd, struct buf *buf, struct err *err)
{
	char chunk[READ_CHUNK_BYTES];
	ssize_t got;

	for (;;) {
		got = read(fd, chunk, sizeof(chunk));
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_errno(err, ERR_INTERNAL, "could not read");
		if (got == 0)
			return buf_check(buf, err);
		buf_append(buf, chunk, (size_t)got);
		if (buf_check(buf, err) == -1)
			return -1;
	}
}

int
fd_read_file(const char *path, struct buf *buf, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return err_errno(err,
				 errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_INTERNAL,
				 "could not open file \"%s\"", path);
	rc = fd_read_all(fd, buf, err);
	if (rc == -1)
		(void)err_prefix(err, "file \"%s\"", path);
	fd_close(&fd);
	return rc;
}

/* Make the entry of path in its directory survive a power failure.  0, or -1 with errno. */
static int
sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *parent = slash == NULL   ? str_dup(".")
		       : slash == path ? str_dup("/")
				       : str_printf("%.*s", (int)(slash - path), path);
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd == -1 ? -1 : fsync(fd);

	if (rc == -1 && fd != -1 && errno == EINVAL)
		rc = 0; /* a file system without such a promise */
	fd_close(&fd);
	free(parent);
	return rc;
}

int
fd_write_file(const char *path, mode_t mode, const void *data, size_t len, struct err *err)
{
	char *temp = str_printf("%s.XXXXXX", path);
	int fd = mkostemp(temp, O_CLOEXEC);
	int rc = -1;

	if (fd == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not create a file beside \"%s\"", path);
		free(temp);
		return -1;
	}
	if (fchmod(fd, mode) == -1 || fd_write_all(fd, data, len) == -1 || fsync(fd) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not write file \"%s\"", temp);
		goto cleanup;
	}
	if (rename(temp, path) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not replace file \"%s\"", path);
		goto cleanup;
	}
	temp[0] = '\0';
	if (sync_parent(path) == -1) {
		(void)err_errno(err, ERR_UNCERTAIN, "could not sync the directory of \"%s\"", path);
		goto cleanup;
	}
	rc = 0;

cleanup:
	if (temp[0] != '\0')
		(void)unlink(temp);
	fd_close(&fd);
	free(temp);
	return rc;
}

/* One directory of the way.  0, or -1 with err. */
static int
make_dir(const char *path, mode_t mode, struct err *err)
{
	struct stat st;
	int saved;

	if (mkdir(path, mode) == 0)
		return 0;
	saved = errno; /* EEXIST mostly, but a read-only file system may speak first */
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = saved;
	return err_errno(err, ERR_INTERNAL, "could not create directory \"%s\"", path);
}

int
fd_make_dirs(const char *path, mode_t mode, struct err *err)
{
	char *part = str_dup(path);
	int rc = 0;

	for (char *slash = strchr(part + (part[0] == '/'), '/'); slash != NULL && rc == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		rc = make_dir(part, mode, err);
		*slash = '/';
	}
	if (rc == 0)
		rc = make_dir(part, mode, err);
	free(part);
	return rc;
}

void
fd_spread_dirs(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int flags = 0; /* the kernel's idea of these two calls, whatever their numbers say */

	if (fd == -1)
		return;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_TOPDIR_FL) == 0) {
		flags |= FS_TOPDIR_FL;
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	fd_close(&fd);
}
