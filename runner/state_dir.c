/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define UUID_BYTES 16

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

int
state_dir_check_lock(const char *state_dir, struct err *err)
{
	char *path = str_printf("%s/lock", state_dir);
	struct stat st;
	int fd = -1, rc = 0;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		rc = err_set(err, ERR_INVALID, "its lock \"%s\" is no regular file", path);
	else if ((fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)) == -1 && errno != ENOENT)
		rc = err_errno(err, ERR_DENIED, "could not open its lock \"%s\"", path);
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

	out[0] = '\0';
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

/* The 16 bytes of a UUID into out; it has been checked. */
static void
uuid_bytes(unsigned char out[UUID_BYTES], const char *uuid)
{
	char hex[2 * UUID_BYTES + 1];
	size_t len = 0;

	for (; *uuid != '\0'; uuid++)
		if (*uuid != '-')
			hex[len++] = *uuid;
	hex[len] = '\0';
	memset(out, 0, UUID_BYTES);
	(void)str_unhex(out, UUID_BYTES, hex);
}

static void
uuid_text(char out[INSTANCE_ID_SIZE], const unsigned char bytes[UUID_BYTES])
{
	char hex[2 * UUID_BYTES + 1];

	str_hex(hex, bytes, UUID_BYTES);
	(void)snprintf(out, INSTANCE_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		       hex + 16, hex + 20);
}

/* Mix into id where its lock can be: this boot of this machine, this file. */
static int
bind_to_place(char id[INSTANCE_ID_SIZE], const char *path, struct err *err)
{
	unsigned char bytes[UUID_BYTES], boot[UUID_BYTES], file[UUID_BYTES];
	char boot_id[INSTANCE_ID_SIZE];
	uint64_t number;
	struct stat st;

	if (read_uuid("/proc/sys/kernel/random/boot_id", boot_id, err) == -1)
		return -1;
	if (stat(path, &st) == -1)
		return err_errno(err, ERR_INTERNAL, "could not look at \"%s\"", path);
	number = (uint64_t)st.st_dev;
	memcpy(file, &number, sizeof(number));
	number = (uint64_t)st.st_ino;
	memcpy(file + sizeof(number), &number, sizeof(number));
	uuid_bytes(bytes, id);
	uuid_bytes(boot, boot_id);
	for (size_t i = 0; i < UUID_BYTES; i++)
		bytes[i] ^= boot[i] ^ file[i];
	uuid_text(id, bytes);
	return 0;
}

int
state_dir_known_instance(const char *state_dir, char out[INSTANCE_ID_SIZE], struct err *err)
{
	char *path = str_printf("%s/instance-id", state_dir);
	int rc = read_uuid(path, out, err);

	if (rc == 0)
		rc = bind_to_place(out, path, err);
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
	if (rc == 0)
		rc = bind_to_place(out, path, err);
	free(path);
	return rc;
}
