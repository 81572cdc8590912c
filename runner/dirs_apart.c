/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/dirs_apart.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

/* The nearest directory that is there, and what is missing below it: "" or "/a/b". */
struct place {
	char *base, *rest;
};

/* Behind text comes "/" and the name, without doubled slashes and dots. */
static char *
with_name(const char *name, size_t len, const char *behind)
{
	if (len == 0 || (len == 1 && name[0] == '.'))
		return str_dup(behind);
	return str_printf("/%.*s%s", (int)len, name, behind);
}

static struct place
place_of(const char *path)
{
	struct place place = { str_dup(path), str_dup("") };
	struct stat st;

	while (stat(place.base, &st) == -1) {
		char *slash = strrchr(place.base, '/');
		char *rest;

		if (slash == NULL)
			break;
		rest = with_name(slash + 1, strlen(slash + 1), place.rest);
		free(place.rest);
		place.rest = rest;
		slash[slash == place.base && slash[1] != '\0' ? 1 : 0] = '\0';
		if (place.base[0] == '\0')
			break;
	}
	return place;
}

static void
place_free(struct place *place)
{
	free(place->base);
	free(place->rest);
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is the directory of fd that one, or below it?  Closes fd. */
static bool
is_at_or_below(int fd, const struct stat *outer)
{
	struct stat here, above;
	bool found = false, goes_on = fd != -1 && fstat(fd, &here) == 0;

	while (goes_on && !(found = is_same(&here, outer))) {
		int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		fd_close(&fd);
		fd = up;
		goes_on = fd != -1 && fstat(fd, &above) == 0 && !is_same(&above, &here);
		here = above;
	}
	fd_close(&fd);
	return found;
}

/* 0: apart; 1: inner lies in outer; 2: they are the same. */
static int
relation(const char *outer_path, const char *inner_path)
{
	struct place outer = place_of(outer_path), inner = place_of(inner_path);
	struct stat outer_st, inner_st;
	size_t len = strlen(outer.rest);
	int found = 0;

	if (stat(outer.base, &outer_st) == 0 && stat(inner.base, &inner_st) == 0) {
		bool same = is_same(&outer_st, &inner_st);

		if (same && strcmp(outer.rest, inner.rest) == 0)
			found = 2;
		else if (len > 0)
			found =
			    same && str_starts(inner.rest, outer.rest) && inner.rest[len] == '/';
		else
			found = is_at_or_below(open(inner.base, O_PATH | O_DIRECTORY | O_CLOEXEC),
					       &outer_st);
	}
	place_free(&outer);
	place_free(&inner);
	return found;
}

int
dirs_apart(const struct named_dir *dirs, size_t n, size_t *pair, struct err *err)
{
	for (; *pair < n * n; (*pair)++) {
		const struct named_dir *outer = &dirs[*pair / n], *inner = &dirs[*pair % n];
		int found;

		if (outer == inner || !outer->is_cleared || outer->path == NULL ||
		    inner->path == NULL)
			continue;
		found = relation(outer->path, inner->path);
		/* Two that are the same are told once. */
		if (found == 0 || (found == 2 && inner->is_cleared && inner < outer))
			continue;
		(*pair)++;
		return err_set(err, ERR_INVALID,
			       "%s \"%s\" %s %s \"%s\", in which the runner removes what it takes "
			       "for that of jobs that are over: give it a directory of its own",
			       inner->key, inner->path, found == 2 ? "is" : "lies in", outer->key,
			       outer->path);
	}
	return 0;
}
