/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/tree_remove.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "runner/shortage.h"

#define SCANS_MAX 10000 /* something fills the tree as fast as we empty it: give up */

struct tree_remove {
	int parent_fd;
	char *parent, *name;
	DIR *root; /* NULL before the first step */
	DIR *sub; /* the directory of root that is being emptied */
	char sub_name[NAME_MAX + 1];
	unsigned moved; /* numbers names for directories that moved up */
	unsigned scans;
	bool progress; /* this scan of root changed something */
	unsigned stuck; /* entries this scan could not remove, and why the last one */
	int stuck_errno;
	char stuck_name[NAME_MAX + 1];
};

int
dir_open_beneath(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char self[48];
	struct stat st;
	int out, saved;

	if (fd == -1)
		return -1;
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IRWXU) != S_IRWXU)
		(void)chmod(self, (st.st_mode & 07777) | S_IRWXU);
	out = open(self, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	saved = errno;
	fd_close(&fd);
	errno = saved;
	return out;
}

static DIR *
dir_of(int fd)
{
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL)
		fd_close(&fd);
	return dir;
}

struct tree_remove *
tree_remove_new(const char *parent, const char *name)
{
	struct tree_remove *tree = calloc(1, sizeof(*tree));

	if (tree == NULL)
		abort();
	tree->parent_fd = -1;
	tree->parent = str_dup(parent);
	tree->name = str_dup(name);
	return tree;
}

void
tree_remove_free(struct tree_remove *tree)
{
	if (tree == NULL)
		return;
	if (tree->sub != NULL)
		(void)closedir(tree->sub);
	if (tree->root != NULL)
		(void)closedir(tree->root);
	fd_close(&tree->parent_fd);
	free(tree->parent);
	free(tree->name);
	free(tree);
}

static void
note_stuck(struct tree_remove *tree, const char *name)
{
	tree->stuck++;
	tree->stuck_errno = errno;
	(void)str_copy(tree->stuck_name, sizeof(tree->stuck_name), name);
}

/* 1 gone, 0 a directory that is not empty (or cannot be told), -1 with errno. */
static int
remove_entry(int dir_fd, const char *name)
{
	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return 1;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 1;
	return errno == ENOTEMPTY || errno == EEXIST || errno == EACCES ? 0 : -1;
}

/* A directory of sub becomes one of root under a name of ours. */
static int
move_up(struct tree_remove *tree, const char *name)
{
	int fd = dir_open_beneath(dirfd(tree->sub), name); /* moving needs the right to write */
	char up[32];

	if (fd == -1)
		return -1;
	fd_close(&fd);
	for (int tries = 0; tries < 1000; tries++) {
		(void)snprintf(up, sizeof(up), ".jqm-%u", tree->moved++);
		if (renameat2(dirfd(tree->sub), name, dirfd(tree->root), up, RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

static void
close_sub(struct tree_remove *tree)
{
	assert(tree->root != NULL);
	(void)closedir(tree->sub);
	tree->sub = NULL;
	if (unlinkat(dirfd(tree->root), tree->sub_name, AT_REMOVEDIR) == 0)
		tree->progress = true;
	else if (errno != ENOENT)
		note_stuck(tree, tree->sub_name);
}

static void
empty_sub(struct tree_remove *tree, const char *name)
{
	switch (remove_entry(dirfd(tree->sub), name)) {
	case 1:
		tree->progress = true;
		return;
	case 0:
		if (move_up(tree, name) == 0) {
			tree->progress = true;
			return;
		}
		break;
	default:
		break;
	}
	note_stuck(tree, name);
}

static void
empty_root(struct tree_remove *tree, const char *name)
{
	switch (remove_entry(dirfd(tree->root), name)) {
	case 1:
		tree->progress = true;
		return;
	case 0:
		tree->sub = dir_of(dir_open_beneath(dirfd(tree->root), name));
		if (tree->sub != NULL) {
			(void)str_copy(tree->sub_name, sizeof(tree->sub_name), name);
			return;
		}
		break;
	default:
		break;
	}
	note_stuck(tree, name);
}

/* 1: nothing to do any more, 0: root is open, -1. */
static int
open_root(struct tree_remove *tree, struct err *err)
{
	tree->parent_fd = open(tree->parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree->parent_fd == -1)
		return errno == ENOENT ? 1
				       : err_errno(err, shortage_kind(true),
						   "could not open directory \"%s\"", tree->parent);
	if (unlinkat(tree->parent_fd, tree->name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 1;
	if (errno == ENOTDIR && (unlinkat(tree->parent_fd, tree->name, 0) == 0 || errno == ENOENT))
		return 1;
	tree->root = dir_of(dir_open_beneath(tree->parent_fd, tree->name));
	if (tree->root == NULL)
		return err_errno(err, ERR_INTERNAL, "could not open directory \"%s/%s\"",
				 tree->parent, tree->name);
	return 0;
}

/* Root was read to its end: 1 gone, 0 once more, -1 it stays. */
static int
end_of_scan(struct tree_remove *tree, struct err *err)
{
	enum err_kind kind;

	if (unlinkat(tree->parent_fd, tree->name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 1;
	if (tree->progress && ++tree->scans < SCANS_MAX) {
		rewinddir(tree->root);
		tree->progress = false;
		tree->stuck = 0;
		return 0;
	}
	kind = shortage_kind(true);
	if (tree->stuck > 0) {
		errno = tree->stuck_errno;
		kind =
		    errno == EROFS ? ERR_BUSY : ERR_INTERNAL; /* else it may be another account's */
	}
	return err_errno(err, kind, "could not remove directory \"%s/%s\", %u left%s%s%s",
			 tree->parent, tree->name, tree->stuck,
			 tree->stuck > 0 ? " such as \"" : "",
			 tree->stuck > 0 ? tree->stuck_name : "", tree->stuck > 0 ? "\"" : "");
}

int
tree_remove_step(struct tree_remove *tree, unsigned budget, struct err *err)
{
	int rc;

	if (tree->root == NULL && (rc = open_root(tree, err)) != 0)
		return rc;
	assert(tree->root != NULL);
	while (budget-- > 0) {
		const struct dirent *entry = readdir(tree->sub != NULL ? tree->sub : tree->root);

		if (entry == NULL && tree->sub != NULL) {
			close_sub(tree);
			continue;
		}
		if (entry == NULL) {
			if ((rc = end_of_scan(tree, err)) != 0)
				return rc;
			continue;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (tree->sub != NULL)
			empty_sub(tree, entry->d_name);
		else
			empty_root(tree, entry->d_name);
	}
	return 0;
}
