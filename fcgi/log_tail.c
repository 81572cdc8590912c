/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/log_tail.c: backwards, block by block, file by file, until enough lines are seen. */
#include "fcgi/log_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log_file.h"
#include "base/str.h"

#define BLOCK_BYTES 65536

/* len bytes at offset, all of them: a log only grows. */
static int
read_at(int fd, char *data, size_t len, off_t offset, struct err *err)
{
	while (len > 0) {
		ssize_t n = pread(fd, data, len, offset);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(err, ERR_INTERNAL, "could not read the log");
		if (n == 0)
			return err_set(err, ERR_BUSY, "the log was cut while it was read");
		data += n;
		offset += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Where the last max_lines lines of [oldest, end) begin; the line feed at the very end ends the
 * last line, it does not begin another. */
static int
find_start(int fd, off_t oldest, off_t end, size_t max_lines, off_t *start_out, struct err *err)
{
	char block[BLOCK_BYTES];
	off_t at = end;
	size_t feeds = 0;

	while (at > oldest) {
		size_t len = at - oldest < BLOCK_BYTES ? (size_t)(at - oldest) : BLOCK_BYTES;

		at -= (off_t)len;
		if (read_at(fd, block, len, at, err) == -1)
			return -1;
		for (size_t i = len; i-- > 0;) {
			if (block[i] != '\n' || at + (off_t)i + 1 == end)
				continue;
			if (++feeds == max_lines) {
				*start_out = at + (off_t)i + 1;
				return 0;
			}
		}
	}
	*start_out = oldest;
	return 0;
}

/* Lines of text[len], last one first. */
static void
append_reversed(const char *text, size_t len, struct buf *out)
{
	while (len > 0) {
		size_t line_len = text[len - 1] == '\n' ? len - 1 : len;
		const char *feed = line_len == 0 ? NULL : memrchr(text, '\n', line_len);
		size_t from = feed == NULL ? 0 : (size_t)(feed - text) + 1;

		buf_append(out, text + from, line_len - from);
		buf_putc(out, '\n');
		len = from;
	}
}

int
log_tail(int fd, size_t max_lines, size_t max_bytes, struct buf *out, struct err *err)
{
	struct stat status;
	off_t oldest, start = 0;
	char *text = NULL;
	size_t len;
	int rc = -1;

	if (fstat(fd, &status) == -1)
		return err_errno(err, ERR_INTERNAL, "could not look at the log");
	if (max_lines == 0 || status.st_size == 0)
		return 0;
	oldest = status.st_size > (off_t)max_bytes ? status.st_size - (off_t)max_bytes : 0;
	if (find_start(fd, oldest, status.st_size, max_lines, &start, err) == -1)
		return -1;
	len = (size_t)(status.st_size - start);
	if ((text = malloc(len)) == NULL)
		return err_set(err, ERR_BUSY, "no memory to read the log");
	if (read_at(fd, text, len, start, err) == 0) {
		const char *feed = start == oldest && oldest > 0 ? memchr(text, '\n', len) : NULL;
		size_t cut = feed == NULL ? 0 : (size_t)(feed - text) + 1;

		append_reversed(text + cut, len - cut, out);
		rc = buf_check(out, err);
	}
	free(text);
	return rc;
}

static size_t
count_lines(const struct buf *buf)
{
	size_t lines = 0;

	for (size_t i = 0; i < buf->len; i++)
		lines += buf->data[i] == '\n';
	return lines;
}

/* Of path, or with n > 0 of path.n: the descriptor, -1 with ERR_NOT_FOUND or another error. */
static int
open_nth(const char *path, int n, struct err *err)
{
	char *name = n == 0 ? str_dup(path) : str_printf("%s.%d", path, n);
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1)
		(void)err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL,
				"could not open \"%s\"", name);
	free(name);
	return fd;
}

/* Is fd the file that *last says?  It is what *last says afterwards. */
static bool
is_last(int fd, struct stat *last)
{
	struct stat now;
	bool same;

	if (fstat(fd, &now) == -1)
		return false;
	same = now.st_dev == last->st_dev && now.st_ino == last->st_ino;
	*last = now;
	return same;
}

int
log_tail_all(const char *path, size_t max_lines, size_t max_bytes, struct buf *out, struct err *err)
{
	struct stat last = { 0 };
	int missing = 0, found = 0, rc = 0;

	/* One may be missing for a moment, while it is renamed. */
	for (int n = 0; n <= LOG_FILE_KEEP_MAX && missing < 2 && rc == 0; n++) {
		size_t lines = count_lines(out);
		struct err why = ERR_INIT;
		int fd;

		if (found > 0 && (lines >= max_lines || out->len >= max_bytes))
			break;
		fd = open_nth(path, n, &why);
		if (fd == -1 && why.kind != ERR_NOT_FOUND) {
			*err = why;
			return -1;
		}
		missing = fd == -1 ? missing + 1 : 0;
		found += fd != -1;
		if (fd != -1 && !is_last(fd, &last))
			rc = log_tail(fd, max_lines - lines, max_bytes - out->len, out, err);
		fd_close(&fd);
	}
	if (found == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no log \"%s\"", path);
	return rc;
}
