/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "conf/settings.h"

static int
check_closed(int fd, const char *path, const char *what, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_errno(err, ERR_INTERNAL, "could not look at %s \"%s\"", what, path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DENIED, "%s \"%s\" is no regular file", what, path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_DENIED, "%s \"%s\" belongs to somebody else", what, path);
	if ((st.st_mode & 077) != 0)
		return err_set(err, ERR_DENIED, "%s \"%s\" can be read by others: chmod 600 it",
			       what, path);
	return 0;
}

int
secret_file_read(const char *path, const char *what, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd == -1)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED,
				 "could not open %s \"%s\"", what, path);
	rc = check_closed(fd, path, what, err);
	if (rc == 0 && (rc = fd_read_all(fd, out, err)) == -1)
		(void)err_prefix(err, "%s \"%s\"", what, path);
	if (rc == 0 && strlen(buf_text(out)) != out->len)
		rc = err_set(err, ERR_INVALID, "%s \"%s\" holds no text", what, path);
	fd_close(&fd);
	return rc;
}

int
secret_file_refuse_open(const struct settings *settings, const char *key, struct err *err)
{
	const char *path = settings_text(settings, key);
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc = 0;

	if (fd != -1 && (rc = check_closed(fd, path, "file", err)) == -1)
		(void)err_prefix(err, "setting %s", key);
	fd_close(&fd);
	return rc;
}

char *
secret_file_path(const struct settings *settings, const char *key, const char *credential)
{
	const char *file = settings_text(settings, key);
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char *path;

	if (file != NULL)
		return str_dup(file);
	if (credentials == NULL)
		return NULL;
	path = str_printf("%s/%s", credentials, credential);
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}
