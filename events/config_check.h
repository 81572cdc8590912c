/* SPDX-License-Identifier: Apache-2.0 */
/* events/config_check.h: what jqm-events --check finds. */
#ifndef EVENTS_CONFIG_CHECK_H
#define EVENTS_CONFIG_CHECK_H

struct check_report;
struct settings;

/* Changes nothing. */
void events_config_check(const struct settings *settings, const char *conninfo,
			 struct check_report *report);

#endif
