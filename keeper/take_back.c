/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/take_back.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#define DEPTH_MAX 32
#define PASSES_MAX \
	10000 /* each goes DEPTH_MAX deeper; then somebody makes it deeper as fast as we walk */

struct walk {
	uid_t owner; /* whose it was */
	int root_fd;
	unsigned moved; /* directories that were too deep, and are in the root now */
	int error; /* the last one */
};

/* An O_PATH descriptor's own: chown needs none to read it. */
static int
make_ours(int fd, gid_t group)
{
	return fchownat(fd, "", geteuid(), group, AT_EMPTY_PATH);
}

/* Open for reading what an O_PATH descriptor of a directory of ours is; its owner before may have closed it. */
static int
open_own_dir(int path_fd)
{
	char self[48];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	if (chmod(self, S_IRWXU) == -1)
		return -1;
	return open(self, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Into the root, under a name that is free. */
static void
move_up(struct walk *walk, int dir_fd, const char *name)
{
	for (unsigned tries = 0; tries < 1000; tries++) {
		char up[32];

		(void)snprintf(up, sizeof(up), ".jqm-deep-%u", walk->moved++);
		if (renameat2(dir_fd, name, walk->root_fd, up, RENAME_NOREPLACE) == 0)
			return;
		if (errno != EEXIST)
			break;
	}
	walk->error = errno;
}

static void walk_dir(struct walk *walk, int fd, int depth);

static void
take_entry(struct walk *walk, int dir_fd, const char *name, int depth)
{
	int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int below;

	if (fd == -1 || fstat(fd, &st) == -1) {
		if (errno != ENOENT)
			walk->error = errno;
	} else if (st.st_uid != walk->owner && st.st_uid != geteuid()) {
		/* Somebody else's, a link of his perhaps: it can be removed, that is enough. */
	} else if (S_ISREG(st.st_mode) && depth == 0 && st.st_nlink == 1) {
		if (make_ours(fd, getegid()) == -1)
			walk->error = errno;
	} else if (S_ISDIR(st.st_mode)) {
		if (make_ours(fd, getegid()) == -1 || (below = open_own_dir(fd)) == -1)
			walk->error = errno;
		else if (depth + 1 < DEPTH_MAX)
			walk_dir(walk, below, depth + 1);
		else {
			move_up(walk, dir_fd, name);
			fd_close(&below);
		}
	}
	fd_close(&fd);
}

/* All that is in fd, which is closed. */
static void
walk_dir(struct walk *walk, int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;

	if (dir == NULL) {
		walk->error = errno;
		fd_close(&fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			take_entry(walk, dirfd(dir), entry->d_name, depth);
	(void)closedir(dir);
}

/* Until a pass found nothing that was too deep. */
static void
walk_all(struct walk *walk)
{
	unsigned before;
	int passes = 0;

	do {
		int fd = openat(walk->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		before = walk->moved;
		walk->error = 0;
		if (fd == -1) {
			walk->error = errno;
			return;
		}
		walk_dir(walk, fd, 0);
	} while (walk->moved != before && ++passes < PASSES_MAX);
}

/* Who had it, or has it: (uid_t)-1 when it is ours. */
static uid_t
owner_of(const struct stat *st)
{
	if (st->st_uid != geteuid())
		return st->st_uid;
	return st->st_gid != getegid() ? (uid_t)st->st_gid : (uid_t)-1;
}

int
take_back(int dir_fd, const char *name)
{
	struct walk walk = { .root_fd = -1 };
	int fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int rc = -1;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	if (fstat(fd, &st) == -1)
		goto cleanup;
	walk.owner = owner_of(&st);
	if (walk.owner == (uid_t)-1) {
		rc = 0;
		goto cleanup;
	}
	errno = EPERM;
	if (walk.owner == 0 || make_ours(fd, (gid_t)walk.owner) == -1 ||
	    (walk.root_fd = open_own_dir(fd)) == -1)
		goto cleanup;
	walk_all(&walk);
	errno = walk.error;
	rc = walk.error == 0 ? make_ours(fd, getegid()) : -1;
cleanup:
	fd_close(&walk.root_fd);
	fd_close(&fd);
	return rc;
}
