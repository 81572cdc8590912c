/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define RETRY_MS 1000
/* Of max_bytes: several processes may write that much each before one of them looks. */
#define UNSEEN_SHARE 16

static struct {
	char *path; /* NULL: standard error is not ours */
	int64_t max_bytes, retry_at_ms;
	int64_t look_at_ms; /* monotonic; or when so many bytes more were written: */
	int64_t unseen_bytes, unseen_max;
	int keep;
	dev_t dev; /* of the file standard error is */
	ino_t ino;
} log_file;

/* Only a regular file; a pipe without a reader must not hold us up.  -1 with errno. */
static int
open_file(const char *path, int create)
{
	int fd = open(path, O_WRONLY | create | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	struct stat status;

	if (fd != -1 && (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode))) {
		fd_close(&fd);
		errno = EINVAL;
	}
	return fd;
}

static int
open_path(void)
{
	return open_file(log_file.path, O_CREAT);
}

int
log_file_check(const char *path, struct err *err)
{
	struct stat status;
	int fd;

	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return err_set(err, ERR_INVALID, "\"%s\" is no regular file", path);
	fd = open_file(path, 0);
	if (fd == -1 && errno != ENOENT)
		return err_errno(err, ERR_DENIED, "could not open \"%s\"", path);
	fd_close(&fd);
	return 0;
}

/* Standard error is this file from now on; closes fd. */
static bool
take(int fd)
{
	struct stat status;
	bool taken =
	    fd != -1 && fstat(fd, &status) == 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO;

	if (taken) {
		log_file.dev = status.st_dev;
		log_file.ino = status.st_ino;
	}
	fd_close(&fd);
	return taken;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The oldest first, so that one that dies in between loses none but that one. */
bool
log_file_shift(const char *path, int keep)
{
	bool renamed = false;

	if (keep == 0)
		return unlink(path) == 0;
	for (int n = keep - 1; n >= 0; n--) {
		char *from = n == 0 ? str_dup(path) : str_printf("%s.%d", path, n);
		char *to = str_printf("%s.%d", path, n + 1);

		renamed = rename(from, to) == 0;
		free(from);
		free(to);
	}
	return renamed;
}

/* Unless another process is at it or has done it: the lock is the large file's own. */
static bool
set_aside(void)
{
	int fd = open_path();
	struct stat locked, now;
	bool done;

	if (fd == -1)
		return false;
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		fd_close(&fd);
		return true;
	}
	if (fstat(fd, &locked) == 0 && stat(log_file.path, &now) == 0 && is_same(&locked, &now) &&
	    locked.st_size >= log_file.max_bytes)
		done = log_file_shift(log_file.path, log_file.keep) && take(open_path());
	else
		done = take(open_path());
	fd_close(&fd);
	return done;
}

int
log_file_open(const char *path, int64_t max_bytes, int keep, struct err *err)
{
	char *before = log_file.path;

	log_file.path = str_dup(path);
	if (!take(open_path())) {
		(void)err_errno(err, ERR_INTERNAL, "could not open log file \"%s\"", path);
		free(log_file.path);
		log_file.path = before;
		return -1;
	}
	free(before);
	log_file.max_bytes = max_bytes;
	log_file.keep = keep;
	log_file.retry_at_ms = log_file.look_at_ms = 0;
	return 0;
}

/* How much may be written to a file of that size before it is looked at. */
static int64_t
unseen_max(int64_t size)
{
	int64_t share = log_file.max_bytes / UNSEEN_SHARE, room = log_file.max_bytes - size;

	if (log_file.max_bytes == 0)
		return INT64_MAX;
	return room < share ? room : share;
}

void
log_file_look(void)
{
	struct stat now;
	bool done = true;

	if (log_file.path == NULL ||
	    (log_file.retry_at_ms != 0 && clock_mono_ms() < log_file.retry_at_ms))
		return;
	log_file.unseen_bytes = log_file.unseen_max = 0;
	if (stat(log_file.path, &now) == -1 || now.st_dev != log_file.dev ||
	    now.st_ino != log_file.ino)
		done = take(open_path());
	else if (log_file.max_bytes > 0 && now.st_size >= log_file.max_bytes)
		done = set_aside();
	else
		log_file.unseen_max = unseen_max(now.st_size);
	log_file.look_at_ms = clock_mono_ms() + LOG_FILE_LOOK_MS;
	log_file.retry_at_ms = done ? 0 : clock_mono_ms() + RETRY_MS;
}

void
log_file_writes(void)
{
	if (clock_mono_ms() >= log_file.look_at_ms)
		log_file_look();
}

void
log_file_wrote(size_t bytes)
{
	log_file.unseen_bytes += (int64_t)bytes;
	if (log_file.unseen_bytes >= log_file.unseen_max)
		log_file_look();
}
