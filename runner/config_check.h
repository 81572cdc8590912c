/* SPDX-License-Identifier: Apache-2.0 */
/* runner/config_check.h: what would keep this runner from its work, found without changing anything. */
#ifndef RUNNER_CONFIG_CHECK_H
#define RUNNER_CONFIG_CHECK_H

struct check_report;
struct runner_config;

/* What the configuration says; NULL where a setting that must be given is not, or there is no keeper of ours. */
struct config_check {
	const struct runner_config *config;
	const char *state_dir, *log_dir, *keeper_program;
};

/* Report on directories, keeper, database and node.  The database is asked, for as long as it takes to
 * connect; nothing is written anywhere. */
void runner_config_check(const struct config_check *check, struct check_report *report);

#endif
