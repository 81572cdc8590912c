/* SPDX-License-Identifier: Apache-2.0 */
/* jqm doctor --report: what was found is told to the database, for who looks at the console. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/process_hide.h"
#include "cli/doctor/doctor.h"
#include "conf/settings.h"
#include "db/db.h"
#include "store/doctor_store.h"

#define JSON_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define NICE 5

void
doctor_report_begin(struct doctor *doctor)
{
	doctor->began_ms = clock_mono_ms();
	/* Beside jobs, which matter more, and which run as the same account.  Where niceness is forbidden, so be it. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	process_hide();
}

int
doctor_report(const struct doctor *doctor, struct err *err)
{
	const char *conninfo = doctor_setting(doctor, "database:conninfo");
	const char *node = doctor_setting(doctor, "node:name");
	struct buf text = BUF_INIT(JSON_MAX_BYTES);
	struct db *db = NULL;
	char *as_runner = NULL;
	int rc = -1;

	if (geteuid() == 0) { /* the account could not be used, which was found */
		(void)err_set(err, ERR_DENIED, "only account %s talks to the database",
			      doctor->account_name);
		goto cleanup;
	}
	if (conninfo == NULL || node == NULL) {
		(void)err_set(err, ERR_INVALID, "\"%s\" names no node, or no database",
			      doctor->config_path);
		goto cleanup;
	}
	findings_json(&doctor->findings, doctor->account_name, &text);
	if (text.failed) {
		(void)err_set(err, ERR_INTERNAL, "there is too much to say");
		goto cleanup;
	}
	as_runner = db_conninfo_as(conninfo, "jqm_runner");
	db = db_new(as_runner, "jqm doctor");
	rc = doctor_report_store(db, node, clock_mono_ms() - doctor->began_ms,
				 settings_int(doctor->settings, "runner:doctor_s"), buf_text(&text),
				 err);

cleanup:
	if (rc == -1)
		err_prefix(err, "could not report");
	db_free(db);
	free(as_runner);
	buf_free(&text);
	return rc;
}
