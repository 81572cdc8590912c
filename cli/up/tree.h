/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/tree.h: whole directories; symbolic links are never followed. */
#ifndef UP_TREE_H
#define UP_TREE_H

#include <stdbool.h>
#include <sys/types.h>

struct err;

/* Remove path and all below it; missing is success. */
int tree_remove(const char *path, struct err *err);

/* Is fd an open directory with nothing in it?  Its position stays. */
bool tree_is_empty(int fd);

/* Give path and all below it to uid and gid; path itself last. */
int tree_give(const char *path, uid_t uid, gid_t gid, struct err *err);

/*
 * Make to hold the same directories and regular files as from: mode 0755 or 0644 as they can be
 * executed or not, files replaced by rename, left alone when of the same size and time.
 */
int tree_copy(const char *from, const char *to, struct err *err);

/* One file of tree_copy(). */
int tree_copy_file(const char *from, const char *to, struct err *err);

#endif
