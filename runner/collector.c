/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/collector.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "crypto/digest_stream.h"
#include "crypto/random_token.h"
#include "model/job_end.h"
#include "runner/delivery_name.h"
#include "runner/shortage.h"
#include "runner/tree_remove.h"

#define ENTRY_COST 4096 /* of looking at one entry, in bytes hashed */
#define SLICE 65536

/* The file being taken. */
struct taking {
	int fd; /* -1: none */
	int out_fd; /* of the copy; -1 while a second name will do */
	char *name; /* as shown */
	char file_name[RANDOM_GUID_SIZE + DELIVERY_EXT_MAX + 1];
	char guid[RANDOM_GUID_SIZE];
	struct digest_stream *digest;
	int64_t bytes;
};

struct collector {
	char *delivery_dir;
	char *store;
	char dir_name[DELIVERY_DIR_SIZE];
	char job_name[40]; /* of the directory in that one: the job's, or the attempt's */
	int64_t max_bytes, max_count;
	bool gives_up;
	struct err lacks; /* what the node does not have, ERR_NONE while it has all */
	struct job_end found; /* by this collector */
	struct tree_remove *wipe; /* of an earlier try, or of this one */
	bool wiped, unwiped; /* done; something stayed */
	DIR *dir; /* NULL before it is opened */
	int store_fd; /* STORE/<definition>/<job>; -1 before the first file */
	int64_t bytes, count;
	struct taking taking;
};

struct collector *
collector_new(const struct collector_spec *spec)
{
	struct collector *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	c->delivery_dir = str_dup(spec->delivery_dir);
	c->store = str_dup(spec->store);
	delivery_name_dir(spec->definition_name, c->dir_name);
	if (spec->attempt > 1)
		(void)snprintf(c->job_name, sizeof(c->job_name), "%" PRId64 ".%" PRId32,
			       spec->job_id, spec->attempt);
	else
		(void)snprintf(c->job_name, sizeof(c->job_name), "%" PRId64, spec->job_id);
	c->max_bytes = spec->max_bytes;
	c->max_count = spec->max_count;
	c->gives_up = spec->gives_up;
	job_end_init(&c->found, spec->job_id, spec->attempt);
	c->store_fd = -1;
	c->taking.fd = c->taking.out_fd = -1;
	return c;
}

static void
taking_end(struct taking *t)
{
	fd_close(&t->fd);
	fd_close(&t->out_fd);
	digest_stream_free(t->digest);
	free(t->name);
	memset(t, 0, sizeof(*t));
	t->fd = t->out_fd = -1;
}

void
collector_free(struct collector *c)
{
	if (c == NULL)
		return;
	taking_end(&c->taking);
	tree_remove_free(c->wipe);
	if (c->dir != NULL)
		(void)closedir(c->dir);
	fd_close(&c->store_fd);
	job_end_free(&c->found);
	free(c->delivery_dir);
	free(c->store);
	free(c);
}

/*
 * What the job meant to deliver cannot be had: now, or it is lost, and history must not look as if
 * all were well.
 */
static void
fail(struct collector *c, const char *name, const struct err *err)
{
	struct job_end *end = &c->found;

	if (err->kind == ERR_BUSY && !c->gives_up) {
		c->lacks = *err;
		return;
	}
	job_end_say(end, "not delivered: \"%s\": %s", name, err->text);
	if (end->state == JOB_END_ENDED)
		job_end_set(end, JOB_END_CRASHED, "could not deliver \"%s\": %s", name, err->text);
}

static int
wipe(struct collector *c, unsigned budget)
{
	struct err err = ERR_INIT;
	char *parent;

	if (c->wipe == NULL) {
		parent = str_printf("%s/%s", c->store, c->dir_name);
		c->wipe = tree_remove_new(parent, c->job_name);
		free(parent);
	}
	if (tree_remove_step(c->wipe, budget, &err) == 0)
		return 0;
	/* What could not be removed is garbage, not harm: our names are new.  But see look_at(). */
	c->unwiped = err.kind != ERR_NONE;
	tree_remove_free(c->wipe);
	c->wipe = NULL;
	c->wiped = true;
	return 1;
}

/* Where the node's jobs have their directories: 0, or -1 and errno. */
static int
enter_parent(const char *path)
{
	char *parent = str_dup(path);
	char *slash = strrchr(parent, '/');
	int rc = 0;

	if (slash != NULL && slash != parent) {
		*slash = '\0';
		rc = access(parent, X_OK);
	}
	free(parent);
	return rc;
}

/* 1 open, 0 there is none, -1 and it failed. */
static int
open_delivery(struct collector *c)
{
	struct err err = ERR_INIT;
	int fd = dir_open_beneath(AT_FDCWD, c->delivery_dir);
	bool is_none = fd == -1 && errno == ENOENT;

	if (fd != -1 && (c->dir = fdopendir(fd)) != NULL)
		return 1;
	(void)err_errno(&err, shortage_kind(false), "could not open the delivery directory");
	fd_close(&fd);
	if (enter_parent(c->delivery_dir) == -1) /* those of all jobs are away */
		(void)err_errno(&err, shortage_kind(true),
				"could not enter the directory above it");
	else if (is_none)
		return 0;
	fail(c, "*", &err);
	return -1;
}

static int
open_store(struct collector *c, struct err *err)
{
	char *path;
	int rc;

	if (c->store_fd != -1)
		return 0;
	/* Not made if it is not there: its file system is away, and would hide what we put in its place. */
	if (access(c->store, F_OK) == -1)
		return err_errno(err, shortage_kind(true), "could not enter the delivery store");
	path = str_printf("%s/%s/%s", c->store, c->dir_name, c->job_name);
	if ((rc = fd_make_dirs(path, 0750, err)) == -1)
		err->kind = shortage_kind(true);
	else if ((c->store_fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) == -1)
		rc = err_errno(err, shortage_kind(true), "could not open directory \"%s\"", path);
	free(path);
	return rc;
}

static const char *
kind_of(const struct stat *st)
{
	if (S_ISLNK(st->st_mode))
		return "is a symbolic link";
	if (S_ISDIR(st->st_mode))
		return "is a directory";
	if (S_ISFIFO(st->st_mode))
		return "is a named pipe";
	if (S_ISSOCK(st->st_mode))
		return "is a socket";
	if (S_ISREG(st->st_mode))
		return "has a second name (hard link)";
	return "is a device";
}

static bool
over_limit(struct collector *c, const char *name, int64_t size)
{
	struct job_end *end = &c->found;
	bool too_many = c->max_count > 0 && c->count >= c->max_count;
	bool too_big = c->max_bytes > 0 && size > c->max_bytes - c->bytes;

	if (!too_many && !too_big)
		return false;
	job_end_say(end, "not delivered: \"%s\": the job's files exceed %" PRId64 " %s", name,
		    too_many ? c->max_count : c->max_bytes, too_many ? "files" : "bytes");
	if (end->state == JOB_END_ENDED)
		job_end_set(end, JOB_END_CRASHED, "delivered files exceed %" PRId64 " %s",
			    too_many ? c->max_count : c->max_bytes, too_many ? "files" : "bytes");
	return true;
}

/* Open the file behind an O_PATH descriptor for reading, giving us the right to if need be. */
static int
open_file(int path_fd, struct err *err)
{
	char self[48];
	int fd;

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	(void)chmod(self, 0640); /* only the owner can; a copy gets it anyway */
	fd = open(self, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return err_errno(err, shortage_kind(false), "could not open it");
	return fd;
}

/* For a copy: one that begins without room fills the disk for all others until it fails. */
static int
has_room(int out_fd, int64_t size, struct err *err)
{
	struct statvfs fs;

	if (fstatvfs(out_fd, &fs) == 0 && fs.f_frsize != 0 &&
	    (uint64_t)size / fs.f_frsize > fs.f_bavail)
		return err_set(err, ERR_BUSY,
			       "no room for its %" PRId64 " bytes in the delivery store", size);
	return 0;
}

/* Give it a second name in the store, or an empty file to copy into. */
static int
place(struct collector *c, struct taking *t, struct err *err)
{
	char self[48];
	struct stat st;

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", t->fd);
	if (fstat(t->fd, &st) == 0 && st.st_uid == geteuid() &&
	    linkat(AT_FDCWD, self, c->store_fd, t->file_name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	t->out_fd = openat(c->store_fd, t->file_name,
			   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (t->out_fd == -1)
		return err_errno(err, shortage_kind(true),
				 "could not make a file in the delivery store");
	return c->gives_up ? 0 : has_room(t->out_fd, st.st_size, err);
}

static int
taking_begin(struct collector *c, int path_fd, const char *raw_name, struct err *err)
{
	struct taking *t = &c->taking;
	char ext[DELIVERY_EXT_MAX + 2];

	if (open_store(c, err) == -1 || (t->fd = open_file(path_fd, err)) == -1)
		return -1;
	if (random_guid(t->guid) == -1 || (t->digest = digest_stream_new()) == NULL)
		return err_set(err, ERR_INTERNAL, "no random numbers or no digest");
	delivery_name_ext(raw_name, ext);
	(void)snprintf(t->file_name, sizeof(t->file_name), "%s%s", t->guid, ext);
	return place(c, t, err);
}

/* One entry of the delivery directory. */
static void
look_at(struct collector *c, const char *raw_name)
{
	struct err err = ERR_INIT;
	struct stat st;
	char *name = delivery_name_shown(raw_name);
	int path_fd = openat(dirfd(c->dir), raw_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (path_fd == -1 || fstat(path_fd, &st) == -1) {
		(void)err_errno(&err, shortage_kind(false), "could not look at it");
		fail(c, name, &err);
	} else if (S_ISREG(st.st_mode) && st.st_nlink != 1 && c->unwiped) {
		(void)err_set(&err, ERR_BUSY, "its name of an earlier try could not be removed");
		fail(c, name, &err);
	} else if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		job_end_say(&c->found, "not delivered: \"%s\" %s", name, kind_of(&st));
	} else if (!over_limit(c, name, st.st_size)) {
		if (taking_begin(c, path_fd, raw_name, &err) == -1) {
			taking_end(&c->taking);
			fail(c, name, &err);
		} else {
			c->taking.name = name;
			name = NULL;
		}
	}
	fd_close(&path_fd);
	free(name);
}

static void
taking_fail(struct collector *c, const struct err *err)
{
	(void)unlinkat(c->store_fd, c->taking.file_name, 0);
	fail(c, c->taking.name, err);
	taking_end(&c->taking);
}

static void
taking_done(struct collector *c)
{
	struct taking *t = &c->taking;
	struct err err = ERR_INIT;
	char sha256[DIGEST_HEX_SIZE];

	if (digest_stream_hex(t->digest, sha256) == -1) {
		(void)err_set(&err, ERR_INTERNAL, "could not compute its digest");
		taking_fail(c, &err);
		return;
	}
	c->bytes += t->bytes;
	c->count++;
	job_end_add_file(&c->found, t->guid,
			 str_printf("%s/%s/%s", c->dir_name, c->job_name, t->file_name), t->name,
			 t->bytes, sha256);
	t->name = NULL;
	taking_end(t);
}

/* Hash (and copy) a slice; returns the bytes. */
static int64_t
take_slice(struct collector *c)
{
	static char data[SLICE];
	struct taking *t = &c->taking;
	struct err err = ERR_INIT;
	ssize_t n = pread(t->fd, data, sizeof(data), t->bytes);

	if (n == -1 && errno == EINTR)
		return 1;
	if (n == 0) {
		taking_done(c);
		return ENTRY_COST;
	}
	if (n == -1) {
		(void)err_errno(&err, shortage_kind(false), "could not read it");
	} else if (t->out_fd != -1 && fd_write_all(t->out_fd, data, (size_t)n) == -1) {
		(void)err_errno(&err, shortage_kind(true),
				"could not copy it to the delivery store");
	} else if (c->max_bytes > 0 && t->bytes + n > c->max_bytes - c->bytes) {
		(void)err_set(&err, ERR_TOO_LARGE, "it grew over the limit of %" PRId64 " bytes",
			      c->max_bytes);
	} else if (digest_stream_add(t->digest, data, (size_t)n) == -1) {
		(void)err_set(&err, ERR_INTERNAL, "could not compute its digest");
	}
	if (err.kind != ERR_NONE) {
		taking_fail(c, &err);
		return ENTRY_COST;
	}
	t->bytes += n;
	return n;
}

/* NULL: there are no more, or the directory cannot be read further. */
static const struct dirent *
next_entry(struct collector *c)
{
	struct err err = ERR_INIT;
	const struct dirent *entry;

	errno = 0;
	if ((entry = readdir(c->dir)) == NULL && errno != 0) {
		(void)err_errno(&err, shortage_kind(true), "could not read the delivery directory");
		fail(c, "*", &err);
	}
	return entry;
}

/* 1 all is done, 0 there is more; what the node lacks is in c->lacks. */
static int
step(struct collector *c, int64_t budget_bytes)
{
	if (!c->wiped && wipe(c, (unsigned)(budget_bytes / ENTRY_COST) + 1) == 0)
		return 0;
	if (c->dir == NULL && open_delivery(c) != 1)
		return 1;
	while (budget_bytes > 0 && c->lacks.kind == ERR_NONE) {
		const struct dirent *entry;

		if (c->taking.fd != -1) {
			budget_bytes -= take_slice(c);
			continue;
		}
		if ((entry = next_entry(c)) == NULL)
			return 1;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		look_at(c, entry->d_name);
		budget_bytes -= ENTRY_COST;
	}
	return 0;
}

int
collector_step(struct collector *c, int64_t budget_bytes, struct job_end *end, struct err *err)
{
	int done = c->lacks.kind == ERR_NONE ? step(c, budget_bytes) : 0;

	if (c->lacks.kind == ERR_NONE) {
		if (done == 1)
			job_end_join(end, &c->found);
		return done;
	}
	/* What was copied so far takes room that others need until the next try. */
	if (wipe(c, (unsigned)(budget_bytes / ENTRY_COST) + 1) == 0)
		return 0;
	*err = c->lacks;
	return -1;
}
