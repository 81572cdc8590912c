/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/dir_pool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

#define SPARE_NAME_SIZE 32

/* The name of spare number n, below parent. */
static void
spare_name(unsigned n, char out[SPARE_NAME_SIZE])
{
	(void)snprintf(out, SPARE_NAME_SIZE, ".spare-%u", n);
}

/* Of a path below parent. */
static const char *
name_of(const struct dir_pool *pool, const char *path)
{
	return path + strlen(pool->parent) + 1;
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

/* Read without a trace: a time of access would have to be written for each, since renaming it was a change. */
static bool
is_pristine(const struct dir_pool *pool, const char *name)
{
	int fd =
	    openat(pool->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME);
	struct stat st;
	bool is;

	is = fd != -1 && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	     (st.st_mode & 07777 & ~(mode_t)S_ISGID) == 0700 &&
	     /* it may come from the parent */ st.st_size <= DIR_BYTES_MAX &&
	     flistxattr(fd, NULL, 0) <= 0 && is_empty(fd);
	fd_close(&fd);
	return is;
}

static void
open_parent(struct dir_pool *pool)
{
	pool->fd = open(pool->parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void
dir_pool_init(struct dir_pool *pool, const char *parent)
{
	char spare[SPARE_NAME_SIZE];

	pool->parent = parent;
	pool->n = pool->n_fresh = 0;
	open_parent(pool);
	for (; pool->n < SPARES_MAX; pool->n++) {
		spare_name(pool->n, spare);
		if (!is_pristine(pool, spare))
			return;
	}
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
	char spare[SPARE_NAME_SIZE];

	spare_name(pool->n, spare);
	if (pool->n == SPARES_MAX ||
	    renameat2(pool->fd, name_of(pool, path), pool->fd, spare, RENAME_NOREPLACE) == -1)
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
	struct stat held, now;

	while (pool->n_fresh > 0)
		settle_fresh(pool, pool->n_fresh - 1);
	if (pool->fd != -1 && fstat(pool->fd, &held) == 0 && stat(pool->parent, &now) == 0 &&
	    held.st_dev == now.st_dev && held.st_ino == now.st_ino)
		return;
	fd_close(&pool->fd);
	open_parent(pool);
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
	char spare[SPARE_NAME_SIZE];

	dir_pool_settle(pool);
	while (pool->n > 0) {
		spare_name(--pool->n, spare);
		(void)unlinkat(pool->fd, spare, AT_REMOVEDIR);
	}
	fd_close(&pool->fd);
}

/* 1: the directory from has that name now; 0: it is gone; -1: it stays (EEXIST: another one has the name). */
static int
rename_to(const struct dir_pool *pool, const char *from, const char *name)
{
	if (renameat2(pool->fd, from, pool->fd, name, RENAME_NOREPLACE) == 0)
		return 1;
	return errno == ENOENT ? 0 : -1;
}

int
dir_pool_take(struct dir_pool *pool, const char *path)
{
	const char *name = name_of(pool, path);
	char spare[SPARE_NAME_SIZE];
	int rc = 0;

	dir_pool_vacate(pool, path);
	while (rc == 0 && pool->n_fresh > 0) {
		rc = rename_to(pool, name_of(pool, pool->fresh[pool->n_fresh - 1]), name);
		if (rc != -1)
			free(take_fresh(pool, pool->n_fresh - 1));
	}
	while (rc == 0 && pool->n > 0) {
		spare_name(pool->n - 1, spare);
		rc = rename_to(pool, spare, name);
		if (rc != -1)
			pool->n--;
	}
	if (rc == 1)
		return 0;
	return rc == -1 && errno == EEXIST ? -1 : mkdir(path, 0700);
}

bool
dir_pool_give(struct dir_pool *pool, const char *path)
{
	if (!is_pristine(pool, name_of(pool, path)))
		return false;
	if (pool->n_fresh == DIR_POOL_FRESH_MAX)
		return name_spare(pool, path);
	pool->fresh[pool->n_fresh++] = str_dup(path);
	return true;
}
