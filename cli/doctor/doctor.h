/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/doctor/doctor.h: what the checks of jqm doctor share.
 *
 * A group of checks is a function of its own file, with a row in the table of doctor.c.  It looks, says what
 * it found by doctor_say(), and never fails as a whole: what cannot be looked at is a finding, too.
 */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/doctor/finding.h"
#include "cli/up/account.h"
#include "cli/up/home.h"

struct cli;
struct db;
struct err;
struct settings;

struct doctor {
	struct cli *cli;
	bool fix;
	bool report; /* what is found is told to the database */
	int64_t began_ms; /* when it was, on the clock of clock_mono_ms(); only with report */
	bool is_root; /* root's rights are still there: owners can be changed */
	struct home home; /* path NULL: an installation that --config describes */
	char *config_path;
	struct account account; /* whose installation it is */
	char *account_name; /* its name, or its number */
	struct settings *settings; /* NULL: not readable */
	struct db *db; /* as the role that sees most; NULL: no database answers */
	const char *db_role; /* that role */
	const char *check; /* the group that runs */
	struct findings findings;
};

/* Add a finding; repair NULL: none is needed. */
void doctor_say(struct doctor *doctor, enum finding_kind kind, const char *what, const char *repair,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* What could not be read in the database: worth a note when only the right to is missing, else wrong. */
void doctor_unread(struct doctor *doctor, const char *what, const struct err *err);

/* Which installation is meant, and whose it is, into doctor.  0; -1 with err. */
int doctor_find(struct doctor *doctor, struct err *err);

/* The setting, NULL when it is not given or there are no settings. */
const char *doctor_setting(const struct doctor *doctor, const char *key);

/* With --report: before anything is looked at. */
void doctor_report_begin(struct doctor *doctor);

/* Tell the database what was found, in the place of this node's last report.  0; -1 with err, and that stays. */
int doctor_report(const struct doctor *doctor, struct err *err);

/* The groups. */
void doctor_check_configuration(struct doctor *doctor);
void doctor_check_files(struct doctor *doctor);
void doctor_check_account(struct doctor *doctor);
void doctor_check_sockets(struct doctor *doctor);
void doctor_check_database(struct doctor *doctor); /* sets db */
void doctor_check_rights(struct doctor *doctor);
void doctor_check_switches(struct doctor *doctor);
void doctor_check_certificates(struct doctor *doctor);
void doctor_check_nodes(struct doctor *doctor);
void doctor_check_tables(struct doctor *doctor);
void doctor_check_clock(struct doctor *doctor);
void doctor_check_disk(struct doctor *doctor);
void doctor_check_logs(struct doctor *doctor);
void doctor_check_programs(struct doctor *doctor);

#endif
