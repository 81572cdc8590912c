/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/home.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/up/process.h"
#include "cli/up/tree.h"
#include "crypto/digest.h"

/* Each value of the configuration must fit on a line, with room behind it for names of ours. */
#define HOME_PATH_MAX 600
/* The longest name we give to a socket. */
#define SOCKET_NAME "/.s.PGSQL.5432"
#define LOCK_FILE_MAX 100

static const char *const directories[] = { "state", "conf",        "run",     "log",
					   "jobs",  "outputfiles", "joblogs", "tmp" };

/*
 * The absolute path of a file that may not exist yet, links resolved as far as it does.  NULL with
 * err.
 */
static char *
resolve(const char *requested, struct err *err)
{
	char *cwd = requested[0] == '/' ? str_dup("") : getcwd(NULL, 0);
	char *head = NULL, *real = NULL, *path = NULL;
	size_t cut;

	if (cwd == NULL) {
		(void)err_errno(err, ERR_INTERNAL, "could not read the current directory");
		return NULL;
	}
	head = str_printf("%s%s%s", cwd, requested[0] == '/' ? "" : "/", requested);
	free(cwd);
	cut = strlen(head);
	for (;;) {
		char kept = head[cut];

		head[cut] = '\0';
		real = realpath(cut == 0 ? "/" : head, NULL);
		head[cut] = kept;
		if (real != NULL || cut == 0 || errno != ENOENT)
			break;
		while (cut > 0 && head[--cut] != '/')
			;
	}
	if (real == NULL) {
		(void)err_errno(err, ERR_INVALID, "home \"%s\"", requested);
	} else {
		size_t end = strlen(head);

		while (end > cut && head[end - 1] == '/')
			head[--end] = '\0';
		if (strstr(head + cut, "/../") != NULL || str_ends(head + cut, "/.."))
			(void)err_set(err, ERR_INVALID,
				      "home \"%s\" goes up from a directory that does not exist",
				      requested);
		else
			path = str_printf("%s%s", strcmp(real, "/") == 0 ? "" : real, head + cut);
	}
	free(real);
	free(head);
	return path;
}

/* No quoting of three file formats agrees on the characters refused here. */
static int
check_path(const char *path, struct err *err)
{
	if (strlen(path) > HOME_PATH_MAX)
		return err_set(err, ERR_INVALID,
			       "the path of the home is longer than %d bytes: \"%.60s...\"",
			       HOME_PATH_MAX, path);
	if (path[0] == '\0' || strcmp(path, "/") == 0)
		return err_set(err, ERR_INVALID, "the root directory cannot be a home");
	for (const char *at = path; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f || strchr("\"'\\$;#{}@%", *at) != NULL)
			return err_set(err, ERR_INVALID,
				       "the path of the home \"%s\" contains \"%c\", which cannot "
				       "stand in configuration files",
				       path, isprint((unsigned char)*at) ? *at : '?');
	if (!str_utf8_valid(path, strlen(path)))
		return err_set(err, ERR_INVALID, "the path of the home is not UTF-8 text");
	return 0;
}

static bool
fits_sockets(const char *path)
{
	struct sockaddr_un address;

	for (const char *at = path; *at != '\0'; at++)
		if (!isalnum((unsigned char)*at) && strchr("/._-+", *at) == NULL)
			return false;
	return strlen(path) + strlen("/state") + strlen(SOCKET_NAME) < sizeof(address.sun_path);
}

int
home_locate(const char *requested, struct home *out, struct err *err)
{
	const char *variable = getenv("JQM_HOME");
	unsigned char digest[DIGEST_SIZE];
	char hash[17];
	char *path;

	if (requested == NULL)
		requested = variable != NULL && variable[0] != '\0' ? variable : "./var";
	if (requested[0] == '\0')
		return err_set(err, ERR_INVALID, "the path of the home is empty");
	path = resolve(requested, err);
	if (path == NULL)
		return -1;
	if (check_path(path, err) == -1) {
		free(path);
		return -1;
	}
	out->path = path;
	if (fits_sockets(path)) {
		out->sockets = str_printf("%s/run", path);
		return 0;
	}
	if (digest_sha256(path, strlen(path), digest) == -1) {
		home_free(out);
		return err_set(err, ERR_INTERNAL, "could not compute a digest");
	}
	str_hex(hash, digest, 8);
	out->sockets = str_printf("/tmp/jqm-%u-%s", (unsigned)geteuid(), hash);
	return 0;
}

void
home_free(struct home *home)
{
	free(home->path);
	free(home->sockets);
	*home = (struct home)HOME_INIT;
}

char *
home_file(const struct home *home, const char *name)
{
	return str_printf("%s/%s", home->path, name);
}

/* A directory of ours alone: made when missing, never through a link. */
static int
own_directory(const char *path, struct err *err)
{
	struct stat st;
	int fd, rc = -1;

	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return err_errno(err, ERR_INTERNAL, "could not create directory \"%s\"", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		(void)err_errno(err, ERR_DENIED, "could not open directory \"%s\"", path);
	else if (st.st_uid != geteuid())
		(void)err_set(err, ERR_DENIED,
			      "directory \"%s\" belongs to uid %u, and this is uid %u", path,
			      (unsigned)st.st_uid, (unsigned)geteuid());
	else if ((st.st_mode & 07777) != 0700 && fchmod(fd, 0700) == -1)
		(void)err_errno(err, ERR_DENIED, "could not close directory \"%s\" to others",
				path);
	else
		rc = 0;
	fd_close(&fd);
	return rc;
}

bool
home_exists(const char *path)
{
	static const char *const marks[] = { "state/up.lock", "conf/jqm.ini", "db/PG_VERSION" };
	bool found = false;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && !found; i++) {
		char *mark = str_printf("%s/%s", path, marks[i]);

		found = access(mark, F_OK) == 0;
		free(mark);
	}
	return found;
}

/* What a first start that was killed may leave before there is a mark: a directory of ours, empty. */
static bool
is_bare_directory(int home_fd, const char *name)
{
	bool ours = false, bare;
	int fd;

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && !ours; i++)
		ours = strcmp(name, directories[i]) == 0;
	if (!ours)
		return false;
	fd = openat(home_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bare = fd != -1 && tree_is_empty(fd);
	fd_close(&fd);
	return bare;
}

/* Whatever stands in path must be ours; a missing or empty directory is fine. */
static int
check_content(const char *path, struct err *err)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL && errno == ENOENT)
		return 0;
	if (dir == NULL)
		return err_errno(err, ERR_DENIED, "could not open home \"%s\"", path);
	while (rc == 0 && !home_exists(path) && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, "lost+found") != 0 &&
		    !is_bare_directory(dirfd(dir), entry->d_name))
			rc = err_set(err, ERR_CONFLICT,
				     "directory \"%s\" is no home of jqm and not empty "
				     "(\"%.60s\"): name a new or an empty one",
				     path, entry->d_name);
	(void)closedir(dir);
	return rc;
}

int
home_make(const struct home *home, struct err *err)
{
	char *slash = strrchr(home->path, '/');
	int rc = check_content(home->path, err);

	if (rc == 0 && slash != home->path) {
		char *parent = str_printf("%.*s", (int)(slash - home->path), home->path);

		rc = fd_make_dirs(parent, 0755, err);
		free(parent);
	}
	if (rc == 0)
		rc = own_directory(home->path, err);
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && rc == 0; i++) {
		char *path = home_file(home, directories[i]);

		rc = own_directory(path, err);
		free(path);
	}
	if (rc == 0)
		rc = own_directory(home->sockets, err);
	return rc;
}

/* The process that the lock file names, checked by its time of birth: a pid alone may be reused. */
static pid_t
lock_owner(const char *path)
{
	struct buf text = BUF_INIT(LOCK_FILE_MAX);
	struct err ignored = ERR_INIT;
	struct process process;
	int64_t pid = 0, born = 0;
	char *blank;

	if (fd_read_file(path, &text, &ignored) == 0 && text.len > 0 &&
	    (blank = strchr(text.data, ' ')) != NULL) {
		*blank = '\0';
		if (num_int64(text.data, 1, INT32_MAX, &pid) == -1 ||
		    num_int64(str_trim(blank + 1), 0, INT64_MAX, &born) == -1 ||
		    process_read((pid_t)pid, &process) == -1 || process.born_ticks != born)
			pid = 0;
	}
	buf_free(&text);
	return (pid_t)pid;
}

/*
 * Locks of the open file, not of the process: asking for the holder takes nothing, even for a moment,
 * from who wants to become it.
 */
static int
lock_whole(int fd, int command, struct flock *lock)
{
	*lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	return fcntl(fd, command, lock);
}

int
home_lock(const struct home *home, struct err *err)
{
	char *path = home_file(home, "state/up.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct process self;
	struct flock lock;
	char text[LOCK_FILE_MAX];
	int len;

	if (fd == -1) {
		(void)err_errno(err, ERR_DENIED, "could not open \"%s\"", path);
	} else if (lock_whole(fd, F_OFD_SETLK, &lock) == -1) {
		bool is_held = errno == EAGAIN || errno == EACCES;
		pid_t owner = is_held ? lock_owner(path) : 0;

		(void)(!is_held
			   ? err_errno(err, ERR_INTERNAL, "could not lock \"%s\"", path)
			   : err_set(err, ERR_CONFLICT,
				     "home \"%s\" is in use by a running \"jqm up\" (process %ld)",
				     home->path, (long)owner));
		fd_close(&fd);
	} else if (process_read(getpid(), &self) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not read /proc");
		fd_close(&fd);
	} else {
		len = snprintf(text, sizeof(text), "%ld %lld\n", (long)getpid(),
			       (long long)self.born_ticks);
		if (ftruncate(fd, 0) == -1 || pwrite(fd, text, (size_t)len, 0) != len) {
			(void)err_errno(err, ERR_INTERNAL, "could not write \"%s\"", path);
			fd_close(&fd);
		}
	}
	free(path);
	return fd;
}

int
home_supervisor(const struct home *home, pid_t *pid_out, struct err *err)
{
	char *path = home_file(home, "state/up.lock");
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct flock lock;
	int rc = 0;

	*pid_out = 0;
	if (fd == -1 && errno != ENOENT && errno != ENOTDIR) {
		rc = err_errno(err, ERR_DENIED, "could not open \"%s\"", path);
	} else if (fd != -1 && lock_whole(fd, F_OFD_GETLK, &lock) == -1) {
		rc = err_errno(err, ERR_INTERNAL, "could not ask who holds \"%s\"", path);
	} else if (fd != -1 && lock.l_type != F_UNLCK) {
		*pid_out = lock_owner(path);
		rc = 1;
	}
	fd_close(&fd);
	free(path);
	return rc;
}

void
home_forget_sockets(const struct home *home)
{
	struct err ignored = ERR_INIT;

	if (!str_starts(home->sockets, home->path))
		(void)tree_remove(home->sockets, &ignored);
}
