/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/config_check.h: what would keep this program from answering, found without changing anything. */
#ifndef FCGI_CONFIG_CHECK_H
#define FCGI_CONFIG_CHECK_H

struct check_report;
struct settings;

/* Report on directories, socket and database.  conninfo NULL: not given, the database is not asked. */
void fcgi_config_check(const struct settings *settings, const char *conninfo,
		       struct check_report *report);

#endif
