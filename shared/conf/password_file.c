/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/password_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define PASSWORD_FILE_MAX 4096

static int
check_closed(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_errno(err, ERR_INTERNAL, "could not look at password file \"%s\"", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DENIED, "password file \"%s\" is no regular file", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_DENIED, "password file \"%s\" belongs to somebody else",
			       path);
	if ((st.st_mode & 077) != 0)
		return err_set(err, ERR_DENIED,
			       "password file \"%s\" can be read by others: chmod 600 it", path);
	return 0;
}

static char *
first_line(const char *text)
{
	return str_printf("%.*s", (int)strcspn(text, "\r\n"), text);
}

char *
password_file_read(const char *path, struct err *err)
{
	struct buf buf = BUF_INIT(PASSWORD_FILE_MAX);
	char *password = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1) {
		(void)err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED,
				"could not open password file \"%s\"", path);
		return NULL;
	}
	if (check_closed(fd, path, err) == -1)
		goto cleanup;
	if (fd_read_all(fd, &buf, err) == -1) {
		(void)err_prefix(err, "password file \"%s\"", path);
		goto cleanup;
	}
	if (strlen(buf_text(&buf)) != buf.len)
		(void)err_set(err, ERR_INVALID, "password file \"%s\" holds no text", path);
	else if (strcspn(buf_text(&buf), "\r\n") == 0)
		(void)err_set(err, ERR_INVALID, "the first line of password file \"%s\" is empty",
			      path);
	else
		password = first_line(buf_text(&buf));

cleanup:
	fd_close(&fd);
	if (buf.data != NULL)
		explicit_bzero(buf.data, buf.size);
	buf_free(&buf);
	return password;
}
