/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf/check_report.h: what --check of a program finds, a line each, and the directories of its settings.
 *
 *	ok: runner:temp_dir "/var/lib/jqm/tmp"
 *	note: ...	worth knowing, nothing is wrong
 *	wrong: ...	the program would not start, or not do its work
 */
#ifndef CONF_CHECK_REPORT_H
#define CONF_CHECK_REPORT_H

#include <stdio.h>

struct check_report {
	FILE *out; /* borrowed */
	int wrong; /* lines of that kind */
};

void check_ok(struct check_report *report, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void check_note(struct check_report *report, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void check_wrong(struct check_report *report, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

enum check_use {
	CHECK_READ, /* must be there, this account reads in it */
	CHECK_WRITE, /* must be there, this account makes files in it */
	CHECK_MAKE /* the same, and the program makes it at start when it is missing */
};

/*
 * Report on the directory that setting key names: is it there, may this account use it, and not everybody
 * write in it.  Changes nothing.  path NULL: the setting is not given, nothing is said.
 */
void check_directory(struct check_report *report, const char *key, const char *path,
		     enum check_use use);

/* The same of the directory of a file that setting key names. */
void check_directory_of(struct check_report *report, const char *key, const char *path,
			enum check_use use);

/* Report on the unix socket that setting key names, on which the program listens; NULL: it is handed one over. */
void check_socket(struct check_report *report, const char *key, const char *path);

/* Say how it went in one last line; the exit code: 0 when nothing is wrong, else 1. */
int check_ended(const struct check_report *report);

#endif
