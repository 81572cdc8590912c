/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/key_dir.h"

#include <dirent.h>
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

#define KEY_FILE_MAX ((size_t)64 * 1024)

struct reading {
	key_dir_fn *fn;
	void *arg;
	bool ours;
};

static int
check_owner(struct reading *r, const struct stat *st, const char *path, struct err *err)
{
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(err, ERR_DENIED, "\"%s\" belongs to somebody else", path);
	if ((st->st_mode & 022) != 0)
		return err_set(err, ERR_DENIED, "\"%s\" can be written by others: chmod go-w it",
			       path);
	r->ours |= st->st_uid != 0;
	return 0;
}

/* fd is an open file; closed. */
static int
read_file(struct reading *r, int fd, const char *path, const char *name, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct stat st;
	int rc = -1;

	if (fstat(fd, &st) == -1)
		(void)err_errno(err, ERR_INTERNAL, "could not look at \"%s\"", path);
	else if (!S_ISREG(st.st_mode))
		(void)err_set(err, ERR_DENIED, "\"%s\" is no regular file", path);
	else if (check_owner(r, &st, path, err) == 0 && fd_read_all(fd, &text, err) == 0 &&
		 r->fn(r->arg, name, buf_text(&text), err) == 0)
		rc = 0;
	else
		(void)err_prefix(err, "key file \"%s\"", path);
	buf_free(&text);
	fd_close(&fd);
	return rc;
}

static int
is_key(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       (str_ends(entry->d_name, ".pem") || str_ends(entry->d_name, ".pub"));
}

static int
read_entry(struct reading *r, const char *dir, int dir_fd, const char *name, struct err *err)
{
	char *path = str_printf("%s/%s", dir, name);
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	int rc = fd == -1 ? err_errno(err, ERR_DENIED, "could not open \"%s\"", path)
			  : read_file(r, fd, path, name, err);

	free(path);
	return rc;
}

/* dir_fd is an open directory. */
static int
read_entries(struct reading *r, const char *path, int dir_fd, struct err *err)
{
	struct dirent **list = NULL;
	int n = scandirat(dir_fd, ".", &list, is_key, alphasort);
	int rc = n == -1 ? err_errno(err, ERR_INTERNAL, "could not list \"%s\"", path) : 0;

	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = read_entry(r, path, dir_fd, list[i]->d_name, err);
		free(list[i]);
	}
	free(list);
	return rc;
}

int
key_dir_read(const char *path, key_dir_fn *fn, void *arg, bool *ours_out, struct err *err)
{
	struct reading r = { .fn = fn, .arg = arg };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *slash = strrchr(path, '/');
	struct stat st;
	int rc;

	if (fd == -1)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED,
				 "could not open \"%s\"", path);
	if (fstat(fd, &st) == -1 || !S_ISDIR(st.st_mode)) {
		rc = read_file(&r, fd, path, slash == NULL ? path : slash + 1, err);
	} else {
		rc = check_owner(&r, &st, path, err);
		if (rc == 0)
			rc = read_entries(&r, path, fd, err);
		fd_close(&fd);
	}
	*ours_out = r.ours;
	return rc;
}
