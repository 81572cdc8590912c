/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define PROBE "jqm-probe"
#define DEPTH_MAX 8 /* of groups a job may have nested */

/* Of the first line of a small file that take() finds it in, the path into out[size]. */
static bool
path_in_file(const char *file, bool (*take)(const char *line, char *out, size_t size), char *out,
	     size_t size)
{
	struct buf text = BUF_INIT(1 << 20);
	struct err ignored = ERR_INIT;
	bool found = false;
	char *rest = NULL;

	if (fd_read_file(file, &text, &ignored) == 0 && text.data != NULL)
		for (char *line = strtok_r(text.data, "\n", &rest); line != NULL && !found;
		     line = strtok_r(NULL, "\n", &rest))
			found = take(line, out, size);
	buf_free(&text);
	return found;
}

/* Where cgroup v2 is mounted, from mountinfo: "... ROOT POINT OPTIONS ... - cgroup2 ...". */
static bool
take_mount_point(const char *line, char *out, size_t size)
{
	char root[256], point[256];

	return strstr(line, " - cgroup2 ") != NULL &&
	       sscanf(line, "%*s %*s %*s %255s %255s", root, point) == 2 &&
	       strcmp(root, "/") == 0 && str_copy(out, size, point) == 0;
}

/* Our own group below the mount point, from the line "0::/path". */
static bool
take_own_group(const char *line, char *out, size_t size)
{
	return str_starts(line, "0::/") && str_copy(out, size, line + strlen("0::")) == 0;
}

static bool
write_file(int dir_fd, const char *path, const char *text)
{
	int fd = openat(dir_fd, path, O_WRONLY | O_CLOEXEC);
	bool written;

	if (fd == -1)
		return false;
	written = fd_write_all(fd, text, strlen(text)) == 0;
	fd_close(&fd);
	return written;
}

static bool
probe(int fd)
{
	bool usable = mkdirat(fd, PROBE, 0755) == 0 || errno == EEXIST;

	usable = usable && faccessat(fd, PROBE "/cgroup.kill", W_OK, 0) == 0 &&
		 faccessat(fd, "cgroup.procs", W_OK, 0) == 0;
	(void)unlinkat(fd, PROBE, AT_REMOVEDIR);
	return usable;
}

void
cgroup_detect(struct cgroup *cgroup)
{
	char mount[256], own[256], path[600];

	if (!path_in_file("/proc/self/mountinfo", take_mount_point, mount, sizeof(mount)) ||
	    !path_in_file("/proc/self/cgroup", take_own_group, own, sizeof(own)))
		return;
	(void)snprintf(path, sizeof(path), "%s%s", mount, own);
	cgroup->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup->fd != -1 && !probe(cgroup->fd))
		fd_close(&cgroup->fd);
	if (cgroup->fd == -1)
		return;
	/* Refused where a controller is not ours, or processes stand in our group itself. */
	(void)write_file(cgroup->fd, "cgroup.subtree_control", "+memory");
	(void)write_file(cgroup->fd, "cgroup.subtree_control", "+pids");
}

void
cgroup_close(struct cgroup *cgroup)
{
	fd_close(&cgroup->fd);
}

bool
cgroup_usable(const struct cgroup *cgroup)
{
	return cgroup->fd != -1;
}

int
cgroup_make(const struct cgroup *cgroup, const char *name)
{
	char path[256];

	if (cgroup->fd == -1 || (mkdirat(cgroup->fd, name, 0755) == -1 && errno != EEXIST))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/cgroup.procs", name);
	return openat(cgroup->fd, path, O_WRONLY | O_CLOEXEC);
}

bool
cgroup_limit(const struct cgroup *cgroup, const char *name, const char *file, int64_t value)
{
	char path[256], text[24];

	if (cgroup->fd == -1)
		return false;
	(void)snprintf(path, sizeof(path), "%s/%s", name, file);
	(void)snprintf(text, sizeof(text), "%" PRId64, value);
	return write_file(cgroup->fd, path, text);
}

int64_t
cgroup_number(const struct cgroup *cgroup, const char *name, const char *file, const char *key)
{
	char path[256], text[1024];
	size_t key_len = strlen(key);
	int64_t number = -1;
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", name, file);
	if (cgroup->fd == -1 || (fd = openat(cgroup->fd, path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	fd_close(&fd);
	text[len < 0 ? 0 : len] = '\0';
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += line[0] == '\n';
		if (strncmp(line, key, key_len) == 0 && line[key_len] == ' ')
			number = strtoll(line + key_len, NULL, 10);
	}
	return number;
}

void
cgroup_kill(const struct cgroup *cgroup, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/cgroup.kill", name);
	if (cgroup->fd != -1)
		(void)write_file(cgroup->fd, path, "1");
}

static void
remove_below(int parent, const char *name, int depth)
{
	struct dirent *entry;
	DIR *dir;
	int fd;

	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno != EBUSY || depth == 0)
		return;
	if ((fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return;
	if ((dir = fdopendir(fd)) == NULL) {
		fd_close(&fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			remove_below(dirfd(dir), entry->d_name, depth - 1);
	(void)closedir(dir);
	(void)unlinkat(parent, name, AT_REMOVEDIR);
}

void
cgroup_remove(const struct cgroup *cgroup, const char *name)
{
	if (cgroup->fd != -1)
		remove_below(cgroup->fd, name, DEPTH_MAX);
}
