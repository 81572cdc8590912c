/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

int
state_dir_lock(const char *state_dir, int *fd_out, struct err *err)
{
	char *path = str_printf("%s/lock", state_dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = 0;

	if (fd == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not open \"%s\"", path);
	else if (flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		rc =
		    err_set(err, ERR_CONFLICT, "another jqm-runner uses \"%s\" already", state_dir);
	else if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not lock \"%s\"", path);
	if (rc == 0)
		*fd_out = fd_take(&fd);
	fd_close(&fd);
	free(path);
	return rc;
}

static bool
is_uuid(const char *text)
{
	if (strlen(text) != INSTANCE_ID_SIZE - 1)
		return false;
	for (int i = 0; text[i] != '\0'; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
			return false;
	}
	return true;
}

/* The first line of path, if it is a UUID. */
static int
read_uuid(const char *path, char out[INSTANCE_ID_SIZE], struct err *err)
{
	struct buf buf = BUF_INIT(256);
	int rc = fd_read_file(path, &buf, err);

	if (rc == 0) {
		char *text = str_dup(buf_text(&buf));

		text[strcspn(text, "\n")] = '\0';
		if (is_uuid(text))
			(void)str_copy(out, INSTANCE_ID_SIZE, text);
		else
			rc = err_set(err, ERR_INVALID, "file \"%s\" holds no UUID", path);
		free(text);
	}
	buf_free(&buf);
	return rc;
}

int
state_dir_known_instance(const char *state_dir, char out[INSTANCE_ID_SIZE], struct err *err)
{
	char *path = str_printf("%s/instance-id", state_dir);
	int rc = read_uuid(path, out, err);

	free(path);
	return rc;
}

int
state_dir_instance(const char *state_dir, char out[INSTANCE_ID_SIZE], struct err *err)
{
	char *path = str_printf("%s/instance-id", state_dir);
	char line[INSTANCE_ID_SIZE + 1];
	int rc = read_uuid(path, out, err);

	if (rc == -1 && err->kind == ERR_NOT_FOUND) {
		err_clear(err);
		rc = read_uuid("/proc/sys/kernel/random/uuid", out, err);
		if (rc == 0) {
			memcpy(line, out, INSTANCE_ID_SIZE - 1);
			line[INSTANCE_ID_SIZE - 1] = '\n';
			rc = fd_write_file(path, 0600, line, INSTANCE_ID_SIZE, err);
		}
	}
	free(path);
	return rc;
}
