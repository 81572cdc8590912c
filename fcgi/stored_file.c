/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/stored_file.c: the kernel keeps the look-up inside the store. */
#include "fcgi/stored_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"

bool
stored_path_has_dots(const char *path)
{
	for (size_t len; *path != '\0'; path += len + (path[len] != '\0')) {
		len = strcspn(path, "/");
		if (len == 2 && path[0] == '.' && path[1] == '.')
			return true;
	}
	return false;
}

static int
open_below(int directory_fd, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, directory_fd, path, &how, sizeof(how));
}

int
stored_file_open(const char *directory, const char *path, int *fd_out, struct stat *status_out,
		 struct err *err)
{
	int directory_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = -1;
	int rc = -1;

	if (directory_fd == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not open directory \"%s\"", directory);
	} else if ((fd = open_below(directory_fd, path)) == -1) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EXDEV)
			(void)err_set(err, ERR_NOT_FOUND, "there is no such file");
		else
			(void)err_errno(err, ERR_INTERNAL, "could not open \"%s\" in \"%s\"", path,
					directory);
	} else if (fstat(fd, status_out) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not look at \"%s\" in \"%s\"", path,
				directory);
	} else if (!S_ISREG(status_out->st_mode) && !S_ISLNK(status_out->st_mode)) {
		(void)err_set(err, ERR_NOT_FOUND, "there is no such file");
	} else {
		*fd_out = fd_take(&fd);
		rc = 0;
	}
	fd_close(&fd);
	fd_close(&directory_fd);
	return rc;
}

int
stored_file_check(const char *directory, const char *path, struct err *err)
{
	struct stat status;
	int fd = -1;

	if (stored_file_open(directory, path, &fd, &status, err) == -1)
		return -1;
	fd_close(&fd);
	return S_ISREG(status.st_mode) ? 0 : err_set(err, ERR_NOT_FOUND, "there is no such file");
}
