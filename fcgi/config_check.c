/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/config_check.h"

#include <stddef.h>

#include "base/err.h"
#include "conf/check_report.h"
#include "conf/settings.h"
#include "db/db.h"
#include "db/migrate.h"

static void
check_files(const struct settings *settings, const char *key, struct check_report *report)
{
	const char *path = settings_text(settings, key);

	if (path == NULL)
		check_note(report, "%s is not given: its files are not served", key);
	check_directory(report, key, path, CHECK_READ);
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
	check_socket(report, "fcgi:socket", settings_text(settings, "fcgi:socket"));
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
