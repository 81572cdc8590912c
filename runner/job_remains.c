/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_remains.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "model/joblog_name.h"
#include "runner/delivery_name.h"

#define GUID_CHARS 36
#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct job_remains {
	char *store, *joblog_dir, *paths;
	int64_t job_id;
	int32_t attempts;
	bool all;
	int store_fd; /* -1: there is none, or all of it was looked at */
	bool unknown_definition;
	DIR *definitions; /* of the store, when the definition is unknown */
	char definition[DELIVERY_DIR_SIZE];
	int definition_fd; /* -1: the next one is wanted */
	int32_t attempt; /* of definition */
	DIR *files; /* of that attempt */
	char files_name[40];
	int32_t log_attempt; /* 0 first: JQM's name */
	int log_dir_fd;
	int failure; /* errno of something that stays; 0 */
};

/* Something was not opened: what is not there is no failure, what cannot be looked at is. */
static void
note_unopened(struct job_remains *r)
{
	if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		r->failure = errno;
}

struct job_remains *
job_remains_new(const struct job_remains_spec *spec)
{
	struct job_remains *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->store = str_dup(spec->store);
	r->joblog_dir = str_dup(spec->joblog_dir);
	r->paths = str_dup(spec->paths == NULL ? "" : spec->paths);
	r->job_id = spec->job_id;
	r->attempts = spec->attempts;
	r->all = spec->all;
	r->log_dir_fd = r->definition_fd = -1;
	r->store_fd = open(r->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->store_fd == -1)
		r->failure = errno; /* it was made when the runner started */
	r->unknown_definition = spec->definition_name == NULL;
	if (!r->unknown_definition) {
		delivery_name_dir(spec->definition_name, r->definition);
		if (r->store_fd != -1 &&
		    (r->definition_fd = openat(r->store_fd, r->definition, OPEN_DIR)) == -1)
			note_unopened(r);
	}
	return r;
}

static void
close_dir(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
	*dir = NULL;
}

void
job_remains_free(struct job_remains *r)
{
	if (r == NULL)
		return;
	close_dir(&r->files);
	close_dir(&r->definitions);
	fd_close(&r->definition_fd);
	fd_close(&r->store_fd);
	fd_close(&r->log_dir_fd);
	free(r->store);
	free(r->joblog_dir);
	free(r->paths);
	free(r);
}

static DIR *
open_dir_at(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, OPEN_DIR);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL)
		fd_close(&fd);
	return dir;
}

static void
remove_file(struct job_remains *r, int dir_fd, const char *name)
{
	if (unlinkat(dir_fd, name, 0) == -1 && errno != ENOENT)
		r->failure = errno;
}

/* --- the store --- */

/* A GUID, and perhaps an extension: as the collector names files. */
static bool
is_ours(const char *name)
{
	for (int i = 0; i < GUID_CHARS; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? name[i] != '-' : strchr("0123456789abcdef", name[i]) == NULL)
			return false;
		if (name[i] == '\0')
			return false;
	}
	return name[GUID_CHARS] == '\0' || name[GUID_CHARS] == '.';
}

static bool
is_registered(const struct job_remains *r, const char *file)
{
	const char *base;
	size_t len = strlen(file);

	/* A GUID is in no other path, whatever the directories are called. */
	for (base = r->paths; (base = strstr(base, file)) != NULL; base += len)
		if (base != r->paths && base[-1] == '/' && (base[len] == '\n' || base[len] == '\0'))
			return true;
	return false;
}

/* The next directory with files of the job: true, r->files is open. */
static bool
next_files(struct job_remains *r, unsigned *budget)
{
	while (r->attempt<r->attempts && * budget> 0) {
		r->attempt++;
		--*budget;
		if (r->attempt == 1)
			(void)snprintf(r->files_name, sizeof(r->files_name), "%" PRId64, r->job_id);
		else
			(void)snprintf(r->files_name, sizeof(r->files_name), "%" PRId64 ".%" PRId32,
				       r->job_id, r->attempt);
		if (r->definition_fd == -1)
			continue;
		if ((r->files = open_dir_at(r->definition_fd, r->files_name)) != NULL)
			return true;
		note_unopened(r);
	}
	return false;
}

static void
end_files(struct job_remains *r)
{
	close_dir(&r->files);
	if (unlinkat(r->definition_fd, r->files_name, AT_REMOVEDIR) == 0)
		(void)unlinkat(r->store_fd, r->definition, AT_REMOVEDIR); /* its last job */
}

/* True: another directory that may hold something of the job is open. */
static bool
next_definition(struct job_remains *r)
{
	const struct dirent *entry;

	fd_close(&r->definition_fd);
	if (!r->unknown_definition)
		return false;
	if (r->definitions == NULL && (r->definitions = open_dir_at(r->store_fd, ".")) == NULL)
		return false;
	while ((entry = readdir(r->definitions)) != NULL) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= DELIVERY_DIR_SIZE)
			continue;
		(void)str_copy(r->definition, sizeof(r->definition), entry->d_name);
		r->attempt = 0;
		r->definition_fd = openat(r->store_fd, r->definition, OPEN_DIR);
		if (r->definition_fd != -1)
			return true;
		note_unopened(r);
	}
	return false;
}

/* 1: nothing of the store is left to look at. */
static int
step_store(struct job_remains *r, unsigned *budget)
{
	const struct dirent *entry;

	while (r->store_fd != -1 && *budget > 0) {
		if (r->files == NULL) {
			if ((r->definition_fd != -1 && next_files(r, budget)) || *budget == 0)
				continue;
			if (!next_definition(r))
				fd_close(&r->store_fd);
			else
				--*budget;
			continue;
		}
		if ((entry = readdir(r->files)) == NULL) {
			end_files(r);
			continue;
		}
		--*budget;
		if (is_ours(entry->d_name) && (r->all || !is_registered(r, entry->d_name)))
			remove_file(r, dirfd(r->files), entry->d_name);
	}
	return r->store_fd == -1 ? 1 : 0;
}

/* --- logs --- */

static void
remove_log(struct job_remains *r, const char *stream)
{
	static const char *const unfinished[] = { ".cut", ".new" };
	char name[JOBLOG_NAME_SIZE], more[JOBLOG_NAME_SIZE + 8];
	const char *base;

	joblog_name(name, r->job_id, r->log_attempt, stream);
	base = strchr(name, '/') + 1;
	for (int i = 0; i < 2; i++) {
		(void)snprintf(more, sizeof(more), "%s%s", base, unfinished[i]);
		remove_file(r, r->log_dir_fd, more);
	}
	if (r->all)
		remove_file(r, r->log_dir_fd, base);
}

/* "12" of "12/0000012345.stdout.log". */
static void
log_dir_name(char out[JOBLOG_NAME_SIZE], int64_t job_id)
{
	joblog_name(out, job_id, 0, "stdout");
	out[strcspn(out, "/")] = '\0';
}

static int
open_log_dir(struct job_remains *r)
{
	char name[JOBLOG_NAME_SIZE];
	int parent = open(r->joblog_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	log_dir_name(name, r->job_id);
	r->log_dir_fd = parent == -1 ? -1 : openat(parent, name, OPEN_DIR);
	if (parent == -1)
		r->failure = errno; /* it was made when the runner started */
	else if (r->log_dir_fd == -1)
		note_unopened(r);
	fd_close(&parent);
	return r->log_dir_fd;
}

static int
step_logs(struct job_remains *r, unsigned *budget)
{
	if (r->log_attempt > r->attempts || (r->log_dir_fd == -1 && open_log_dir(r) == -1))
		return 1;
	for (; r->log_attempt <= r->attempts && *budget > 0; r->log_attempt++) {
		--*budget;
		remove_log(r, "stdout");
		remove_log(r, "stderr");
	}
	return r->log_attempt > r->attempts ? 1 : 0;
}

int
job_remains_step(struct job_remains *r, unsigned budget)
{
	if (step_store(r, &budget) == 0 || step_logs(r, &budget) == 0)
		return 0;
	errno = r->failure;
	return r->failure == 0 ? 1 : -1;
}

void
job_remains_drop_log_dir(const char *joblog_dir, int64_t job_id)
{
	char name[JOBLOG_NAME_SIZE];
	int parent = open(joblog_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	log_dir_name(name, job_id);
	if (parent != -1)
		(void)unlinkat(parent, name, AT_REMOVEDIR);
	fd_close(&parent);
}

bool
job_remains_same_log_dir(int64_t job_id, int64_t other_id)
{
	char name[JOBLOG_NAME_SIZE], other[JOBLOG_NAME_SIZE];

	log_dir_name(name, job_id);
	log_dir_name(other, other_id);
	return strcmp(name, other) == 0;
}
