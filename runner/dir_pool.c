/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/dir_pool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"

#define SPARES_MAX 256
#define DIR_BYTES_MAX 4096 /* one that has held many names stays slow */

/* The path of spare number n. */
static int
spare_path(const struct dir_pool *pool, unsigned n, char out[PATH_MAX])
{
	int len = snprintf(out, PATH_MAX, "%s/.spare-%u", pool->parent, n);

	return len > 0 && len < PATH_MAX ? 0 : -1;
}

/* It holds nothing but "." and "..". */
static bool
is_empty(int fd)
{
	char names[1024];
	ssize_t first = getdents64(fd, names, sizeof(names));
	size_t entries = 0;

	for (ssize_t at = 0; at < first; entries++)
		at += ((struct dirent64 *)(void *)(names + at))->d_reclen;
	return entries == 2 && getdents64(fd, names, sizeof(names)) == 0;
}

static bool
is_pristine(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool is;

	is = fd != -1 && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	     (st.st_mode & 07777 & ~(mode_t)S_ISGID) == 0700 &&
	     /* it may come from the parent */ st.st_size <= DIR_BYTES_MAX &&
	     flistxattr(fd, NULL, 0) <= 0 && is_empty(fd);
	fd_close(&fd);
	return is;
}

void
dir_pool_init(struct dir_pool *pool, const char *parent)
{
	char spare[PATH_MAX];

	pool->parent = parent;
	pool->n = 0;
	while (pool->n < SPARES_MAX && spare_path(pool, pool->n, spare) == 0 && is_pristine(spare))
		pool->n++;
}

void
dir_pool_clear(struct dir_pool *pool)
{
	char spare[PATH_MAX];

	while (pool->n > 0 && spare_path(pool, --pool->n, spare) == 0)
		(void)rmdir(spare);
}

int
dir_pool_take(struct dir_pool *pool, const char *path)
{
	char spare[PATH_MAX];

	while (pool->n > 0 && spare_path(pool, --pool->n, spare) == 0) {
		if (renameat2(AT_FDCWD, spare, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno == EEXIST) {
			pool->n++;
			return -1;
		}
	}
	return mkdir(path, 0700);
}

bool
dir_pool_give(struct dir_pool *pool, const char *path)
{
	char spare[PATH_MAX];

	if (pool->n == SPARES_MAX || spare_path(pool, pool->n, spare) == -1 || !is_pristine(path) ||
	    renameat2(AT_FDCWD, path, AT_FDCWD, spare, RENAME_NOREPLACE) == -1)
		return false;
	pool->n++;
	return true;
}
