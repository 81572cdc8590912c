/* SPDX-License-Identifier: Apache-2.0 */
/* conf/check_socket.c: the part of check_report.h that is about sockets to listen on. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/path.h"
#include "conf/check_report.h"

/* base/listen_socket.h binds the path with ".new" behind it first. */
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - sizeof(".new"))

/* A socket in a directory in which we could not make one: a service manager hands it over. */
static bool
is_kept_by_others(const char *path)
{
	char *directory = path_dir(path);
	struct stat status;
	bool kept =
	    lstat(path, &status) == 0 && S_ISSOCK(status.st_mode) && access(directory, W_OK) == -1;

	free(directory);
	return kept;
}

void
check_socket(struct check_report *report, const char *key, const char *path)
{
	struct stat status;

	if (path == NULL) {
		check_note(report, "%s is not given: descriptor 0 must be the socket", key);
		return;
	}
	if (is_kept_by_others(path))
		check_note(report, "%s \"%s\" is kept by who starts this program", key, path);
	else
		check_directory_of(report, key, path, CHECK_WRITE);
	if (strlen(path) > SOCKET_PATH_MAX)
		check_wrong(report, "%s \"%s\" is too long for a unix socket", key, path);
	else if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		check_wrong(report, "%s \"%s\" exists and is not a socket", key, path);
}
