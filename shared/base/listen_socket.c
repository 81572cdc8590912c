/* SPDX-License-Identifier: Apache-2.0 */
#include "base/listen_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

#define BACKLOG 511
#define SOCKET_UMASK 0117 /* leaves 0660 */
#define NEW_SUFFIX ".new"

/*
 * Locks of this kind belong to the process: they end with it and are not inherited by the workers,
 * so a worker that outlives its master for a moment does not make it look alive.
 */
static int
lock_path(struct listen_socket *ls, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct flock holder = lock;
	char *name = str_printf("%s.lock", ls->path);
	int rc = -1;

	ls->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (ls->lock_fd == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not open lock file \"%s\"", name);
	} else if (fcntl(ls->lock_fd, F_SETLK, &lock) == 0) {
		rc = 0;
	} else if (errno == EACCES || errno == EAGAIN) {
		if (fcntl(ls->lock_fd, F_GETLK, &holder) == -1 || holder.l_type == F_UNLCK)
			holder.l_pid = 0;
		(void)err_set(err, ERR_CONFLICT, "socket \"%s\" is served by process %d already",
			      ls->path, (int)holder.l_pid);
	} else {
		(void)err_errno(err, ERR_INTERNAL, "could not lock file \"%s\"", name);
	}
	free(name);
	return rc;
}

/* Only a socket may be replaced. */
static int
check_old_file(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT
			   ? 0
			   : err_errno(err, ERR_INTERNAL, "cannot look at \"%s\"", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_CONFLICT, "\"%s\" exists and is not a socket", path);
	return 0;
}

/* Bind and listen under another name, then rename: path is never without a listener. */
static int
bind_path(struct listen_socket *ls, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t umask_before;
	int rc;

	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s" NEW_SUFFIX,
			     ls->path) >= sizeof(address.sun_path))
		return err_set(err, ERR_INVALID, "path \"%s\" is too long for a unix socket",
			       ls->path);
	(void)unlink(address.sun_path);
	umask_before = umask(SOCKET_UMASK);
	rc = bind(ls->fd, (const struct sockaddr *)&address, sizeof(address));
	(void)umask(umask_before);
	if (rc == -1)
		return err_errno(err, ERR_INTERNAL, "could not make socket \"%s\"",
				 address.sun_path);
	if (listen(ls->fd, BACKLOG) == -1 || rename(address.sun_path, ls->path) == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not listen on socket \"%s\"", ls->path);
		(void)unlink(address.sun_path);
		return -1;
	}
	return 0;
}

static int
open_path(struct listen_socket *ls, struct err *err)
{
	if (lock_path(ls, err) == -1 || check_old_file(ls->path, err) == -1)
		return -1;
	ls->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ls->fd == -1)
		return err_errno(err, ERR_INTERNAL, "could not make a socket");
	return bind_path(ls, err);
}

static int
take_handed_over(struct listen_socket *ls, struct err *err)
{
	int listens = 0, flags;
	socklen_t len = sizeof(listens);

	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == -1 || !listens)
		return err_set(err, ERR_INVALID,
			       "no setting names a socket, and descriptor 0 is not a listening "
			       "one");
	flags = fcntl(STDIN_FILENO, F_GETFL);
	if (flags == -1 || fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) == -1)
		return err_errno(err, ERR_INTERNAL, "could not set up the socket handed over");
	ls->fd = STDIN_FILENO;
	return 0;
}

/* Does descriptor 0 listen at path already?  A service manager opened it for us. */
static bool
is_handed_over_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNSPEC };
	socklen_t len = sizeof(address), listens_len = sizeof(int);
	int listens = 0;

	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_len) == 0 &&
	       listens && getsockname(STDIN_FILENO, (struct sockaddr *)&address, &len) == 0 &&
	       address.sun_family == AF_UNIX &&
	       strncmp(address.sun_path, path, sizeof(address.sun_path)) == 0;
}

int
listen_socket_open(struct listen_socket *ls, const char *path, struct err *err)
{
	if (path == NULL || is_handed_over_at(path))
		return take_handed_over(ls, err);
	ls->path = str_dup(path);
	if (open_path(ls, err) == 0)
		return 0;
	listen_socket_close(ls);
	return -1;
}

void
listen_socket_unlink(struct listen_socket *ls)
{
	if (ls->path != NULL && ls->lock_fd != -1)
		(void)unlink(ls->path);
}

void
listen_socket_close(struct listen_socket *ls)
{
	fd_close(&ls->fd);
	fd_close(&ls->lock_fd);
	free(ls->path);
	ls->path = NULL;
}
