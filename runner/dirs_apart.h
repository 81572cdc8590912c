/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/dirs_apart.h: directories in which the runner removes what it takes for its own lie apart from all others.
 *
 * The sweep removes what is called like a job in temp_dir, a purge what it finds of a job in joblog_dir and delivery_store: so
 * nothing else of ours may be one of these three, or in one.  They themselves may lie in state_dir, say.
 */
#ifndef RUNNER_DIRS_APART_H
#define RUNNER_DIRS_APART_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct named_dir {
	const char *key; /* of its setting */
	const char *path; /* NULL: not given */
	bool is_cleared; /* the runner removes things in it */
};

/*
 * Compared are devices and inodes, so links, mounts of the same directory and slashes deceive nobody; of one that is not
 * there yet the nearest directory that is, and the rest of its path.  0; -1 ERR_INVALID: names two settings.
 * Each pair is told once: look with *pair 0 at first, and again until the answer is 0.
 */
int dirs_apart(const struct named_dir *dirs, size_t n, size_t *pair, struct err *err);

#endif
