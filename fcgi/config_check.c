/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/config_check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"
#include "conf/check_report.h"
#include "conf/settings.h"
#include "db/db.h"
#include "db/migrate.h"

/* listen_socket.h binds the path with ".new" behind it first. */
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - sizeof(".new"))

static void
check_files(const struct settings *settings, const char *key, struct check_report *report)
{
	const char *path = settings_text(settings, key);

	if (path == NULL)
		check_note(report, "%s is not given: its files are not served", key);
	check_directory(report, key, path, CHECK_READ);
}

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

static void
check_socket(const char *path, struct check_report *report)
{
	struct stat status;

	if (path == NULL) {
		check_note(report, "fcgi:socket is not given: descriptor 0 must be the socket");
		return;
	}
	if (is_kept_by_others(path))
		check_note(report, "fcgi:socket \"%s\" is kept by who starts this program", path);
	else
		check_directory_of(report, "fcgi:socket", path, CHECK_WRITE);
	if (strlen(path) > SOCKET_PATH_MAX)
		check_wrong(report, "fcgi:socket \"%s\" is too long for a unix socket", path);
	else if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		check_wrong(report, "fcgi:socket \"%s\" exists and is not a socket", path);
}

void
fcgi_config_check(const struct settings *settings, const char *conninfo,
		  struct check_report *report)
{
	struct err err = ERR_INIT;

	check_files(settings, "fcgi:delivery_store", report);
	check_files(settings, "fcgi:joblog_dir", report);
	check_directory_of(report, "fcgi:log_file", settings_text(settings, "fcgi:log_file"),
			   CHECK_WRITE);
	check_socket(settings_text(settings, "fcgi:socket"), report);
	if (conninfo != NULL) {
		struct db *db = db_new(conninfo, "jqm-fcgi --check");
		enum migrate_verdict verdict = migrate_check_ours(db, &err);

		if (verdict == MIGRATE_SAME)
			check_ok(report, "database");
		else if (verdict == MIGRATE_UNKNOWN)
			check_note(report, "the database's schema was not compared: %s", err.text);
		else
			check_wrong(report, "database: %s", err.text);
		db_free(db);
	}
}
