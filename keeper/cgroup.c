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
#include "base/num.h"
#include "base/str.h"

#define PROBE "jqm-probe"
#define ASIDE "jqm-keeper"
#define DEPTH_MAX 8 /* of groups a job may have nested */

static const char *const controllers[] = { "memory", "pids" };

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

/* The beginning of a small file, terminated.  0, or -1. */
static int
read_file(int dir_fd, const char *path, char *out, size_t size)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd == -1)
		return -1;
	len = read(fd, out, size - 1);
	fd_close(&fd);
	out[len < 0 ? 0 : len] = '\0';
	return len < 0 ? -1 : 0;
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

static int
open_group(const char *mount, const char *group)
{
	char path[600];
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s", mount, group);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1 && !probe(fd))
		fd_close(&fd);
	return fd;
}

void
cgroup_detect(struct cgroup *cgroup)
{
	char mount[256], own[256];
	char *last;

	if (!path_in_file("/proc/self/mountinfo", take_mount_point, mount, sizeof(mount)) ||
	    !path_in_file("/proc/self/cgroup", take_own_group, own, sizeof(own)))
		return;
	/* Where the last keeper had stepped aside, and where alone another one can be started then. */
	last = strrchr(own, '/');
	if (strcmp(last, "/" ASIDE) == 0) {
		*last = '\0';
		cgroup->fd = open_group(mount, own);
		cgroup->stepped_aside = cgroup->fd != -1;
		*last = '/';
	}
	if (cgroup->fd == -1)
		cgroup->fd = open_group(mount, own);
}

/* Is this one of the words in a file of the group? */
static bool
has_word(int dir_fd, const char *file, const char *word)
{
	char text[1024];
	char *rest = NULL;
	bool found = false;

	if (read_file(dir_fd, file, text, sizeof(text)) == -1)
		return false;
	for (char *w = strtok_r(text, " \n", &rest); w != NULL && !found;
	     w = strtok_r(NULL, " \n", &rest))
		found = strcmp(w, word) == 0;
	return found;
}

enum standing { NOBODY, WE_ALONE, OTHERS };

/* Which processes are in the group that procs lists?  The guard's counts as ours. */
static enum standing
who_stands_in(const struct cgroup *cgroup, const char *procs)
{
	enum standing standing = NOBODY;
	char text[64];
	char *rest = NULL;

	if (read_file(cgroup->fd, procs, text, sizeof(text)) == -1 ||
	    strlen(text) == sizeof(text) - 1)
		return OTHERS;
	for (char *w = strtok_r(text, "\n", &rest); w != NULL; w = strtok_r(NULL, "\n", &rest)) {
		int64_t pid = 0;

		if (num_int64(w, 1, INT32_MAX, &pid) == -1 ||
		    (pid != getpid() && pid != cgroup->guard))
			return OTHERS;
		standing = WE_ALONE;
	}
	return standing;
}

/* Keeper and guard into the group that procs is of. */
static bool
go_into(const struct cgroup *cgroup, const char *procs)
{
	char pid[24];

	(void)snprintf(pid, sizeof(pid), "%d", (int)cgroup->guard);
	return (cgroup->guard == 0 || write_file(cgroup->fd, procs, pid)) &&
	       write_file(cgroup->fd, procs, "0");
}

/* Is there a controller that could be handed on and is not? */
static bool
is_wanted(const struct cgroup *cgroup, const char *controller)
{
	return has_word(cgroup->fd, "cgroup.controllers", controller) &&
	       !has_word(cgroup->fd, "cgroup.subtree_control", controller);
}

static void
order_controllers(const struct cgroup *cgroup, char sign)
{
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++) {
		char order[16];

		(void)snprintf(order, sizeof(order), "%c%s", sign, controllers[i]);
		(void)write_file(cgroup->fd, "cgroup.subtree_control", order);
	}
}

static bool
step_aside(struct cgroup *cgroup)
{
	if (mkdirat(cgroup->fd, ASIDE, 0755) == -1 && errno != EEXIST)
		return false;
	cgroup->stepped_aside = go_into(cgroup, ASIDE "/cgroup.procs");
	return cgroup->stepped_aside;
}

void
cgroup_take_controllers(struct cgroup *cgroup)
{
	enum standing standing;

	if (cgroup->fd == -1 ||
	    (!is_wanted(cgroup, controllers[0]) && !is_wanted(cgroup, controllers[1])))
		return;
	standing = who_stands_in(cgroup, "cgroup.procs");
	if (standing == NOBODY || (standing == WE_ALONE && step_aside(cgroup)))
		order_controllers(cgroup, '+');
}

const char *
cgroup_controllers(const struct cgroup *cgroup)
{
	bool memory = cgroup->fd != -1 && has_word(cgroup->fd, "cgroup.subtree_control", "memory");
	bool pids = cgroup->fd != -1 && has_word(cgroup->fd, "cgroup.subtree_control", "pids");

	return memory ? (pids ? "memory,pids" : "memory") : pids ? "pids" : "none";
}

void
cgroup_leave_controllers(struct cgroup *cgroup)
{
	if (!cgroup->stepped_aside || who_stands_in(cgroup, ASIDE "/cgroup.procs") != WE_ALONE)
		return;
	order_controllers(cgroup, '-');
	if (go_into(cgroup, "cgroup.procs"))
		(void)unlinkat(cgroup->fd, ASIDE, AT_REMOVEDIR);
	cgroup->stepped_aside = false;
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

	(void)snprintf(path, sizeof(path), "%s/%s", name, file);
	if (cgroup->fd == -1 || read_file(cgroup->fd, path, text, sizeof(text)) == -1)
		return -1;
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
