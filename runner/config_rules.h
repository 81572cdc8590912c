/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/config_rules.h: what a configuration must not say, seen from here: without the database, and before anything is
 * made.  The start refuses the first of it; --check tells all of it.
 */
#ifndef RUNNER_CONFIG_RULES_H
#define RUNNER_CONFIG_RULES_H

struct check_report;
struct err;
struct runner_config;

/* report NULL: 0, or -1 with the first that is wrong.  With one: each has its line there, and the answer is 0. */
int runner_config_rules(const struct runner_config *config, const char *state_dir,
			const char *log_dir, struct check_report *report, struct err *err);

#endif
