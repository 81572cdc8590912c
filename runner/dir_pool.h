/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/dir_pool.h: empty directories of jobs that are over, for jobs to come.
 *
 * Most jobs leave both of their directories empty.  Making and removing them was the dearest thing
 * the runner did: ext4 looks past each inode that was freed within the last minute before it finds
 * one to give, so a busy runner pays more with each job.  Renaming a directory costs neither.
 *
 * They are PARENT/.spare-0 .. .spare-(n-1); those an earlier runner left are taken over.  The newest few still have
 * the names of their jobs and are renamed once, to that of the next job, unless none comes for a second.
 *
 * They are named from PARENT, which is held open: a rename by two whole paths takes a quarter longer.
 */
#ifndef RUNNER_DIR_POOL_H
#define RUNNER_DIR_POOL_H

#include <stdbool.h>

#define DIR_POOL_FRESH_MAX 16

struct dir_pool {
	const char *parent; /* borrowed */
	int fd; /* of parent; -1: there is none */
	unsigned n;
	char *fresh[DIR_POOL_FRESH_MAX]; /* paths */
	unsigned n_fresh;
};

void dir_pool_init(struct dir_pool *pool, const char *parent);

/* All become spares by name, so that nothing is left of a job that is over; and parent may be another one now. */
void dir_pool_settle(struct dir_pool *pool);

/* Was the directory of that path given, and has it kept its name? */
bool dir_pool_has(const struct dir_pool *pool, const char *path);

/* So that another directory can have the path: the one that was given under it, if it was, becomes a spare by name. */
void dir_pool_vacate(struct dir_pool *pool, const char *path);

/* Remove the spares, and let go of parent. */
void dir_pool_clear(struct dir_pool *pool);

/* Make the directory path (below parent, 0700), which must not exist.  0; -1 with errno. */
int dir_pool_take(struct dir_pool *pool, const char *path);

/*
 * Keep the directory path when it is as dir_pool_take() makes them: a directory of ours, mode 0700,
 * nothing in it and nothing attached to it, and there is room.  True: path is gone, or will be.
 */
bool dir_pool_give(struct dir_pool *pool, const char *path);

#endif
