/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/joblog_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "fcgi/stored_file.h"

/* What is looked for, and an O_PATH descriptor of it once it is found. */
struct search {
	const char *directory;
	int64_t job_id;
	const char *stream;
	int fd;
	struct stat status;
};

/* What has the name of that attempt (0: JQM's name), a file or a link. */
static int
look(struct search *s, int32_t attempt, struct joblog_file *out, struct err *err)
{
	fd_close(&s->fd);
	joblog_name(out->path, s->job_id, attempt, s->stream);
	out->attempt = attempt == 0 ? 1 : attempt;
	return stored_file_open(s->directory, out->path, &s->fd, &s->status, err);
}

static int
no_log(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "there is no such file");
}

/* The attempt whose log JQM's name is a link to, 0: none of ours. */
static int32_t
attempt_of_link(const struct search *s)
{
	char target[JOBLOG_NAME_SIZE];
	ssize_t len = readlinkat(s->fd, "", target, sizeof(target) - 1);

	if (len == -1)
		return 0;
	target[len] = '\0';
	return joblog_attempt_of_link(target, s->job_id, s->stream);
}

/* A file under JQM's name is the first attempt's, which gets another name when a later one begins. */
static int
search(struct search *s, int32_t attempt, struct joblog_file *out, struct err *err)
{
	if (attempt > 1)
		return look(s, attempt, out, err);
	if (look(s, 0, out, err) == -1) {
		if (err->kind != ERR_NOT_FOUND || attempt == 0)
			return -1;
		err_clear(err);
	} else if (S_ISREG(s->status.st_mode)) {
		return 0;
	} else if (attempt == 0 && (attempt = attempt_of_link(s)) == 0) {
		return no_log(err);
	}
	return look(s, attempt, out, err);
}

static int
open_for_reading(const struct search *s, struct joblog_file *out, struct err *err)
{
	char self[48];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", s->fd);
	if ((out->fd = open(self, O_RDONLY | O_CLOEXEC)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not read log \"%s\" in \"%s\"",
				 out->path, s->directory);
	return 0;
}

int
joblog_file_find(const char *directory, int64_t job_id, int32_t attempt, const char *stream,
		 bool open_it, struct joblog_file *out, struct err *err)
{
	struct search s = { .directory = directory, .job_id = job_id, .stream = stream, .fd = -1 };
	int rc = search(&s, attempt, out, err);

	out->fd = -1;
	if (rc == 0 && !S_ISREG(s.status.st_mode))
		rc = no_log(err);
	if (rc == 0) {
		out->size = s.status.st_size;
		if (open_it || (int64_t)s.status.st_blocks * 512 < out->size)
			rc = open_for_reading(&s, out, err);
	}
	fd_close(&s.fd);
	return rc;
}
