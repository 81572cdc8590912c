/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define DIRECTORIES_OPEN_MAX 16
#define COPY_CHUNK_BYTES 65536

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int
tree_remove(const char *path, struct err *err)
{
	if (nftw(path, remove_one, DIRECTORIES_OPEN_MAX, FTW_DEPTH | FTW_PHYS) == -1 &&
	    errno != ENOENT)
		return err_errno(err, ERR_INTERNAL, "could not remove \"%s\"", path);
	return 0;
}

bool
tree_is_empty(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy == -1 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool empty = dir != NULL;

	while (empty && (entry = readdir(dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (dir != NULL)
		(void)closedir(dir);
	else
		fd_close(&copy);
	return empty;
}

/* nftw() has no argument for its callback. */
static struct {
	uid_t uid;
	gid_t gid;
} new_owner;

static int
give_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return lchown(path, new_owner.uid, new_owner.gid);
}

int
tree_give(const char *path, uid_t uid, gid_t gid, struct err *err)
{
	new_owner.uid = uid;
	new_owner.gid = gid;
	/* The new owner of a directory could exchange what lies in it: nobody gets one before it is done. */
	if (nftw(path, give_one, DIRECTORIES_OPEN_MAX, FTW_DEPTH | FTW_PHYS) == -1)
		return err_errno(err, ERR_INTERNAL, "could not change the owner of \"%s\"", path);
	return 0;
}

static int
copy_bytes(int from, int to)
{
	char chunk[COPY_CHUNK_BYTES];
	ssize_t got;

	while ((got = read(from, chunk, sizeof(chunk))) > 0)
		if (fd_write_all(to, chunk, (size_t)got) == -1)
			return -1;
	return got == 0 ? 0 : -1;
}

int
tree_copy_file(const char *from, const char *to, struct err *err)
{
	struct stat source, target;
	char *temp = str_printf("%s.new", to);
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, rc = -1;

	if (in == -1 || fstat(in, &source) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not read \"%s\"", from);
		goto cleanup;
	}
	if (stat(to, &target) == 0 && target.st_size == source.st_size &&
	    target.st_mtim.tv_sec == source.st_mtim.tv_sec &&
	    target.st_mtim.tv_nsec == source.st_mtim.tv_nsec) {
		rc = 0;
		goto cleanup;
	}
	const struct timespec times[2] = { source.st_mtim, source.st_mtim };

	(void)unlink(temp);
	out = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out == -1 || copy_bytes(in, out) == -1 ||
	    fchmod(out, (source.st_mode & 0100) != 0 ? 0755 : 0644) == -1 ||
	    futimens(out, times) == -1 || rename(temp, to) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not copy \"%s\" to \"%s\"", from, to);
		(void)unlink(temp);
		goto cleanup;
	}
	rc = 0;

cleanup:
	fd_close(&in);
	fd_close(&out);
	free(temp);
	return rc;
}

/* Remove from `to` what `from` has not. */
static int
drop_strangers(const char *from, const char *to, struct err *err)
{
	DIR *dir = opendir(to);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL)
		return err_errno(err, ERR_INTERNAL, "could not read directory \"%s\"", to);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		char *source = str_printf("%s/%s", from, entry->d_name);
		char *target = str_printf("%s/%s", to, entry->d_name);

		if (entry->d_name[0] != '.' && access(source, F_OK) == -1)
			rc = tree_remove(target, err);
		free(source);
		free(target);
	}
	(void)closedir(dir);
	return rc;
}

int
tree_copy(const char *from, const char *to, struct err *err)
{
	DIR *dir = opendir(from);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL)
		return err_errno(err, ERR_INTERNAL, "could not read directory \"%s\"", from);
	if ((mkdir(to, 0755) == -1 && errno != EEXIST) || chmod(to, 0755) == -1)
		rc = err_errno(err, ERR_INTERNAL, "could not create directory \"%s\"", to);
	else
		rc = drop_strangers(from, to, err);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		struct stat st;
		char *source, *target;

		if (entry->d_name[0] == '.')
			continue;
		source = str_printf("%s/%s", from, entry->d_name);
		target = str_printf("%s/%s", to, entry->d_name);
		if (lstat(source, &st) == -1)
			rc = err_errno(err, ERR_INTERNAL, "could not examine \"%s\"", source);
		else if (S_ISDIR(st.st_mode))
			rc = tree_copy(source, target, err);
		else if (S_ISREG(st.st_mode))
			rc = tree_copy_file(source, target, err);
		free(source);
		free(target);
	}
	(void)closedir(dir);
	return rc;
}
