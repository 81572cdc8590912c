/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/runner_listen.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"

/* Is somebody there?  A socket file without a listener refuses. */
static bool
answers(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes = fd != -1 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	yes = yes || (fd != -1 && errno == EAGAIN);
	fd_close(&fd);
	return yes;
}

/* Make the name free, unless it is another keeper's or no socket's at all. */
static int
name_free(const struct sockaddr_un *address, struct err *err)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT
			   ? 0
			   : err_errno(err, ERR_INTERNAL, "could not look at \"%s\"", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_CONFLICT, "\"%s\" exists and is not a socket", path);
	if (answers(address))
		return err_set(err, ERR_CONFLICT, "another keeper listens at \"%s\"", path);
	if (unlink(path) == -1 && errno != ENOENT)
		return err_errno(err, ERR_INTERNAL, "could not replace socket \"%s\"", path);
	return 0;
}

int
runner_listen(int *fd, const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t before;
	int rc;

	if (str_copy(address.sun_path, sizeof(address.sun_path), path) == -1)
		return err_set(err, ERR_INVALID, "socket name \"%s\" is longer than %zu bytes",
			       path, sizeof(address.sun_path) - 1);
	if (name_free(&address, err) == -1)
		return -1;
	if ((*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not make a socket");
	before = umask(0177);
	rc = bind(*fd, (const struct sockaddr *)&address, sizeof(address));
	(void)umask(before);
	if (rc == -1 || listen(*fd, 16) == -1)
		return err_errno(err, ERR_INTERNAL, "could not listen at \"%s\"", path);
	return 0;
}
