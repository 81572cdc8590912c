/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/tree_remove.h: remove a directory a job left, whatever is in it, in bounded slices.
 *
 * Follows no link and leaves the directory never: every step is relative to an open directory and
 * names one entry of it.  A directory we may not enter gets u+rwx first.  Depth does not matter:
 * a directory that is not empty moves up to the root of the tree and is emptied there, so three
 * descriptors are open at most.
 */
#ifndef RUNNER_TREE_REMOVE_H
#define RUNNER_TREE_REMOVE_H

#include <stdbool.h>

struct err;
struct tree_remove;

/* Begin to remove PARENT/NAME (no slash in NAME); a missing one is removed at once. */
struct tree_remove *tree_remove_new(const char *parent, const char *name);

/*
 * Remove up to budget entries.  1: the tree is gone; 0: call again; -1: it cannot be removed wholly,
 * err says what stays and why: ERR_BUSY when there is nothing wrong with the tree, but PARENT (or all of its file
 * system) may not be written now, else ERR_INTERNAL.
 */
int tree_remove_step(struct tree_remove *tree, unsigned budget, struct err *err);
void tree_remove_free(struct tree_remove *tree);

/*
 * Open the directory NAME in dir_fd for reading; no link is followed; it and what it is to hold may
 * be changed afterwards (u+rwx is given if it was missing).  -1 with errno.
 */
int dir_open_beneath(int dir_fd, const char *name);

#endif
