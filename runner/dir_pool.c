/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/dir_pool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

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
	pool->n = pool->n_fresh = 0;
	while (pool->n < SPARES_MAX && spare_path(pool, pool->n, spare) == 0 && is_pristine(spare))
		pool->n++;
}

/* Take number i out of the fresh ones. */
static char *
take_fresh(struct dir_pool *pool, unsigned i)
{
	char *path = pool->fresh[i];

	pool->fresh[i] = pool->fresh[--pool->n_fresh];
	return path;
}

/* Path becomes the next spare; false: it stays what it is. */
static bool
name_spare(struct dir_pool *pool, const char *path)
{
	char spare[PATH_MAX];

	if (pool->n == SPARES_MAX || spare_path(pool, pool->n, spare) == -1 ||
	    renameat2(AT_FDCWD, path, AT_FDCWD, spare, RENAME_NOREPLACE) == -1)
		return false;
	pool->n++;
	return true;
}

static void
settle_fresh(struct dir_pool *pool, unsigned i)
{
	char *path = take_fresh(pool, i);

	if (!name_spare(pool, path))
		(void)rmdir(path);
	free(path);
}

void
dir_pool_settle(struct dir_pool *pool)
{
	while (pool->n_fresh > 0)
		settle_fresh(pool, pool->n_fresh - 1);
}

/* The number of the fresh one of that path; n_fresh: there is none. */
static unsigned
find_fresh(const struct dir_pool *pool, const char *path)
{
	unsigned i = 0;

	while (i < pool->n_fresh && strcmp(pool->fresh[i], path) != 0)
		i++;
	return i;
}

bool
dir_pool_has(const struct dir_pool *pool, const char *path)
{
	return find_fresh(pool, path) < pool->n_fresh;
}

void
dir_pool_vacate(struct dir_pool *pool, const char *path)
{
	unsigned i = find_fresh(pool, path);

	if (i < pool->n_fresh)
		settle_fresh(pool, i);
}

void
dir_pool_clear(struct dir_pool *pool)
{
	char spare[PATH_MAX];

	dir_pool_settle(pool);
	while (pool->n > 0 && spare_path(pool, --pool->n, spare) == 0)
		(void)rmdir(spare);
}

/* 1: the directory from has that path now; 0: it is gone; -1: another one has. */
static int
rename_to(const char *from, const char *path)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 1;
	return errno == EEXIST ? -1 : 0;
}

int
dir_pool_take(struct dir_pool *pool, const char *path)
{
	char spare[PATH_MAX];
	int rc = 0;

	dir_pool_vacate(pool, path);
	while (rc == 0 && pool->n_fresh > 0) {
		rc = rename_to(pool->fresh[pool->n_fresh - 1], path);
		if (rc != -1)
			free(take_fresh(pool, pool->n_fresh - 1));
	}
	while (rc == 0 && pool->n > 0 && spare_path(pool, pool->n - 1, spare) == 0) {
		rc = rename_to(spare, path);
		if (rc != -1)
			pool->n--;
	}
	if (rc == 0)
		return mkdir(path, 0700);
	return rc == 1 ? 0 : -1;
}

bool
dir_pool_give(struct dir_pool *pool, const char *path)
{
	if (!is_pristine(path))
		return false;
	if (pool->n_fresh == DIR_POOL_FRESH_MAX)
		return name_spare(pool, path);
	pool->fresh[pool->n_fresh++] = str_dup(path);
	return true;
}
