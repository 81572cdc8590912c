/* SPDX-License-Identifier: Apache-2.0 */
#include "events/config_check.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/err.h"
#include "conf/check_report.h"
#include "conf/events_socket.h"
#include "conf/settings.h"
#include "db/db.h"
#include "db/migrate.h"

void
events_config_check(const struct settings *settings, const char *conninfo,
		    struct check_report *report)
{
	struct db *db = db_new(conninfo, "jqm-events --check");
	char *path = events_socket_path(settings);
	struct err err = ERR_INIT;
	enum migrate_verdict verdict = migrate_check_ours(db, &err);

	check_directory_of(report, "events:log_file", settings_text(settings, "events:log_file"),
			   CHECK_WRITE);
	check_socket(report, "events:socket", path[0] == '\0' ? NULL : path);
	if (verdict == MIGRATE_SAME)
		check_ok(report, "database");
	else if (verdict == MIGRATE_UNKNOWN)
		check_note(report, "the database's schema was not compared: %s", err.text);
	else
		check_wrong(report, "database: %s", err.text);
	free(path);
	db_free(db);
}
