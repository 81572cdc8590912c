/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

char *
path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return str_dup(".");
	return str_printf("%.*s", slash == path ? 1 : (int)(slash - path), path);
}

char *
path_program_dir(struct err *err)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len == -1) {
		(void)err_errno(err, ERR_INTERNAL, "could not find the running program");
		return NULL;
	}
	self[len] = '\0';
	return path_dir(self);
}
