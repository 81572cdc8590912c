/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/job_workdir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "model/joblog_name.h"
#include "runner/dir_pool.h"
#include "runner/shortage.h"
#include "runner/tree_remove.h"

#define LOG_MODE 0640

static const char *const streams[] = { "stdout", "stderr" };

static char *
log_path(const char *joblog_dir, int64_t job_id, int32_t attempt, const char *stream)
{
	char name[JOBLOG_NAME_SIZE];

	joblog_name(name, job_id, attempt, stream);
	return str_printf("%s/%s", joblog_dir, name);
}

void
job_workdir_init(struct job_workdir *dir, struct dir_pool *pool, const char *joblog_dir,
		 int64_t job_id, int32_t attempt)
{
	const char *temp_dir = pool->parent;
	int32_t named = attempt > 1 ? attempt : 0;

	memset(dir, 0, sizeof(*dir));
	dir->job_id = job_id;
	dir->attempt = attempt;
	dir->pool = pool;
	dir->joblog_dir = str_dup(joblog_dir);
	dir->parent = str_dup(temp_dir);
	dir->temp = str_printf("%s/%" PRId64, temp_dir, job_id);
	dir->delivery = str_printf("%s/%" PRId64 "_delivery", temp_dir, job_id);
	dir->stdout_log = log_path(joblog_dir, job_id, named, streams[0]);
	dir->stderr_log = log_path(joblog_dir, job_id, named, streams[1]);
	dir->log_dir = str_dup(dir->stdout_log);
	*strrchr(dir->log_dir, '/') = '\0';
	for (int i = 0; i < 2 && named > 0; i++) {
		dir->newest_logs[i] = log_path(joblog_dir, job_id, 0, streams[i]);
		dir->first_logs[i] = log_path(joblog_dir, job_id, 1, streams[i]);
	}
}

void
job_workdir_free(struct job_workdir *dir)
{
	tree_remove_free(dir->removing);
	free(dir->trouble);
	free(dir->parent);
	free(dir->joblog_dir);
	free(dir->temp);
	free(dir->delivery);
	free(dir->log_dir);
	free(dir->stdout_log);
	free(dir->stderr_log);
	for (int i = 0; i < 2; i++) {
		free(dir->newest_logs[i]);
		free(dir->first_logs[i]);
	}
	memset(dir, 0, sizeof(*dir));
}

/* ERR_CONFLICT: something is there already.  All else is the node's fault, and no job's. */
static int
make_one(struct job_workdir *dir, const char *path, struct err *err)
{
	if (dir->for_another)
		dir_pool_vacate(dir->pool, path);
	if ((dir->for_another ? mkdir(path, 0750) : dir_pool_take(dir->pool, path)) == 0)
		return 0;
	return err_errno(err, errno == EEXIST ? ERR_CONFLICT : ERR_BUSY,
			 "could not make directory \"%s\"", path);
}

static int
make_log_dir(struct job_workdir *dir, struct err *err)
{
	if (mkdir(dir->log_dir, 0750) == 0 || errno == EEXIST)
		return 0;
	if (errno == ENOENT && fd_make_dirs(dir->log_dir, 0750, err) == 0)
		return 0;
	return err_errno(err, ERR_BUSY, "could not make directory \"%s\"", dir->log_dir);
}

/* newest becomes a link to log, which is beside it; there is always one of that name.  0, or -1 and errno. */
static int
lead_to(const char *newest, const char *log)
{
	char *link = str_printf("%s.new", newest);
	int rc;

	(void)unlink(link);
	if ((rc = symlink(strrchr(log, '/') + 1, link)) == 0)
		rc = rename(link, newest);
	free(link);
	return rc;
}

/* Let newest lead to this attempt's log; what has that name is the first attempt's, or a link. */
static int
take_name(const char *newest, const char *first, const char *log, struct err *err)
{
	struct stat st;
	int rc = 0;

	if (lstat(newest, &st) == 0 && S_ISREG(st.st_mode) && access(first, F_OK) == -1)
		rc = rename(newest, first);
	if (rc == 0)
		rc = lead_to(newest, log);
	if (rc == -1)
		(void)err_errno(err, shortage_kind(true),
				"could not give log \"%s\" to a new attempt", newest);
	return rc;
}

/* newest may lead to the log of this attempt, which has none: to the last one before it that is here. */
static void
give_name_back(const struct job_workdir *dir, const char *newest, const char *stream)
{
	char target[JOBLOG_NAME_SIZE] = "";
	bool found = false;

	if (readlink(newest, target, sizeof(target) - 1) == -1 ||
	    joblog_attempt_of_link(target, dir->job_id, stream) != dir->attempt)
		return;
	for (int32_t before = dir->attempt - 1; before > 0 && !found; before--) {
		char *log = log_path(dir->joblog_dir, dir->job_id, before, stream);

		found = access(log, F_OK) == 0;
		if (found)
			(void)lead_to(newest, log);
		free(log);
	}
	if (!found)
		(void)unlink(newest);
}

bool
job_workdir_drop_links(const struct job_workdir *dir)
{
	const char *const logs[] = { dir->stdout_log, dir->stderr_log };
	struct stat st;
	bool dropped = false;

	for (int i = 0; i < 2; i++)
		if (lstat(logs[i], &st) == 0 && S_ISLNK(st.st_mode) && unlink(logs[i]) == 0)
			dropped = true;
	return dropped;
}

/* The newest logs are this attempt's from now on. */
static int
take_names(const struct job_workdir *dir, struct err *err)
{
	const char *const logs[] = { dir->stdout_log, dir->stderr_log };

	for (int i = 0; i < 2 && dir->newest_logs[i] != NULL; i++)
		if (take_name(dir->newest_logs[i], dir->first_logs[i], logs[i], err) == -1)
			return -1;
	return 0;
}

static int
make_all(struct job_workdir *dir, struct err *err)
{
	if (make_one(dir, dir->temp, err) == -1 || make_one(dir, dir->delivery, err) == -1)
		return -1;
	return make_log_dir(dir, err) == -1 || take_names(dir, err) == -1 ? -1 : 1;
}

int
job_workdir_make(struct job_workdir *dir, unsigned budget, struct err *err)
{
	int rc = dir->dirty ? job_workdir_remove(dir, budget, err) : 1;

	dir->tried = true;
	if (rc == 1)
		rc = make_all(dir, err);
	dir->made = rc == 1;
	if (rc != -1 || dir->dirty || err->kind != ERR_CONFLICT)
		return rc;
	err_clear(err);
	dir->dirty = dir->found = true; /* nobody knows who had what is there */
	return 0;
}

static bool
is_there(const struct job_workdir *dir, const char *path)
{
	return access(path, F_OK) == 0 && !dir_pool_has(dir->pool, path);
}

bool
job_workdir_is_there(const struct job_workdir *dir)
{
	return is_there(dir, dir->temp) || is_there(dir, dir->delivery);
}

bool
job_workdir_give(struct job_workdir *dir)
{
	if (!dir->made || dir->dirty)
		return false;
	dir->given[1] = dir->given[1] || dir_pool_give(dir->pool, dir->delivery);
	dir->given[0] = dir->given[0] || (dir->given[1] && dir_pool_give(dir->pool, dir->temp));
	return dir->given[1];
}

static void
keep_trouble(struct job_workdir *dir, const struct err *why)
{
	if (dir->trouble == NULL)
		dir->trouble = malloc(sizeof(*dir->trouble));
	if (dir->trouble == NULL)
		abort();
	*dir->trouble = *why;
}

int
job_workdir_remove(struct job_workdir *dir, unsigned budget, struct err *err)
{
	/* the part of the path behind parent and a slash */
	size_t at = strlen(dir->parent) + 1;

	for (; dir->removed < 2; dir->removed++) {
		const char *path = dir->removed == 0 ? dir->temp : dir->delivery;
		struct err why = ERR_INIT;

		if (dir->given[dir->removed] ||
		    (dir->removing == NULL && !dir->dirty && dir_pool_give(dir->pool, path)))
			continue;
		if (dir->removing == NULL)
			dir->removing = tree_remove_new(dir->parent, path + at);
		switch (tree_remove_step(dir->removing, budget, &why)) {
		case 0:
			return 0;
		case -1:
			keep_trouble(dir, &why);
			break;
		default:
			break;
		}
		tree_remove_free(dir->removing);
		dir->removing = NULL;
	}
	dir->removed = 0;
	if (dir->trouble == NULL)
		return 1;
	*err = *dir->trouble;
	free(dir->trouble);
	dir->trouble = NULL;
	return -1;
}

void
job_workdir_drop_logs(const struct job_workdir *dir)
{
	(void)unlink(dir->stdout_log);
	(void)unlink(dir->stderr_log);
	for (int i = 0; i < 2 && dir->newest_logs[i] != NULL; i++)
		give_name_back(dir, dir->newest_logs[i], streams[i]);
}

void
job_workdir_close_logs(const struct job_workdir *dir)
{
	const char *const logs[] = { dir->stdout_log, dir->stderr_log };

	for (int i = 0; i < 2; i++) {
		int fd = open(logs[i], O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

		if (fd != -1 && fremovexattr(fd, "system.posix_acl_access") == 0)
			(void)fchmod(fd, LOG_MODE); /* its mask stood in the place of the group */
		fd_close(&fd);
	}
}

void
job_workdir_touch_logs(const struct job_workdir *dir, const char *text)
{
	struct err ignored = ERR_INIT;
	int fd;

	if (fd_make_dirs(dir->log_dir, 0750, &ignored) == -1)
		return;
	(void)job_workdir_drop_links(dir);
	(void)take_names(dir, &ignored);
	fd = open(dir->stdout_log, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOG_MODE);
	fd_close(&fd);
	fd =
	    open(dir->stderr_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, LOG_MODE);
	if (fd != -1 && text != NULL) {
		char *line = str_printf("%s\n", text);

		(void)fd_write_all(fd, line, strlen(line));
		free(line);
	}
	fd_close(&fd);
}
