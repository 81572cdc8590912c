/* SPDX-License-Identifier: Apache-2.0 */
/* runner/accounts_check.h: could jobs of other accounts run here, as far as can be seen without a keeper? */
#ifndef RUNNER_ACCOUNTS_CHECK_H
#define RUNNER_ACCOUNTS_CHECK_H

struct check_report;
struct runner_config;

/* runner:accounts_file, and the ways such jobs must be able to go; nothing is said when that is not given. */
void accounts_check(const struct runner_config *config, struct check_report *report);

#endif
