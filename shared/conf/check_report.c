/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/check_report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"

static void __attribute__((format(printf, 3, 0)))
say(struct check_report *report, const char *kind, const char *fmt, va_list args)
{
	(void)fprintf(report->out, "%s: ", kind);
	(void)vfprintf(report->out, fmt, args);
	(void)fputc('\n', report->out);
}

void
check_ok(struct check_report *report, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(report, "ok", fmt, args);
	va_end(args);
}

void
check_note(struct check_report *report, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(report, "note", fmt, args);
	va_end(args);
}

void
check_wrong(struct check_report *report, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(report, "wrong", fmt, args);
	va_end(args);
	report->wrong++;
}

/* Could this missing path be made?  The nearest directory that is there decides. */
static void
check_missing(struct check_report *report, const char *key, const char *path)
{
	char *above = str_dup(path);
	struct stat status;
	char *slash;

	if (lstat(path, &status) == 0) {
		check_wrong(report, "%s \"%s\" is a link to nothing", key, path);
		free(above);
		return;
	}
	do {
		slash = strrchr(above, '/');
		above[slash == NULL || slash == above ? 1 : slash - above] = '\0';
	} while (slash != NULL && slash != above && stat(above, &status) == -1 && errno == ENOENT);
	if (access(above, W_OK | X_OK) == 0 && stat(above, &status) == 0 && S_ISDIR(status.st_mode))
		check_note(report, "%s \"%s\" is missing; it is made at start", key, path);
	else
		check_wrong(report, "%s \"%s\" is missing and cannot be made below \"%s\"", key,
			    path, above);
	free(above);
}

void
check_directory(struct check_report *report, const char *key, const char *path, enum check_use use)
{
	int mode = use == CHECK_READ ? R_OK | X_OK : R_OK | W_OK | X_OK;
	struct stat status;

	if (path == NULL)
		return;
	if (stat(path, &status) == -1 && errno == ENOENT && use == CHECK_MAKE)
		check_missing(report, key, path);
	else if (stat(path, &status) == -1)
		check_wrong(report, "%s \"%s\": %s", key, path, strerror(errno));
	else if (!S_ISDIR(status.st_mode))
		check_wrong(report, "%s \"%s\" is no directory", key, path);
	else if ((status.st_mode & S_IWOTH) != 0)
		check_wrong(report, "%s \"%s\" can be written by everybody: chmod o-w", key, path);
	else if (access(path, mode) == -1)
		check_wrong(report, "%s \"%s\" is not %s for this account: %s", key, path,
			    use == CHECK_READ ? "readable" : "writable", strerror(errno));
	else
		check_ok(report, "%s \"%s\"", key, path);
}

void
check_directory_of(struct check_report *report, const char *key, const char *path,
		   enum check_use use)
{
	char *what = str_printf("directory of %s", key);
	char *directory = path == NULL ? NULL : path_dir(path);

	check_directory(report, what, directory, use);
	free(directory);
	free(what);
}

int
check_ended(const struct check_report *report)
{
	if (report->wrong == 0)
		(void)fputs("nothing is wrong\n", report->out);
	else
		(void)fprintf(report->out, "%d wrong\n", report->wrong);
	return report->wrong == 0 ? 0 : 1;
}
