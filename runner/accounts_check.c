/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/accounts_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "conf/check_report.h"
#include "conf/settings.h"
#include "runner/runner.h"

static void
check_list(const char *path, struct check_report *report)
{
	struct stat st;

	if (stat(path, &st) == -1)
		check_note(report,
			   "runner:accounts_file \"%s\": %s: no job runs as another account", path,
			   strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & 022) != 0)
		check_wrong(
		    report,
		    "runner:accounts_file \"%s\": must be a file of root's that nobody else "
		    "may write: the keeper refuses it",
		    path);
	else
		check_ok(report, "runner:accounts_file \"%s\"", path);
}

/* May everybody pass each directory of the path? */
static void
check_way(const char *key, const char *path, struct check_report *report)
{
	char *part = path == NULL ? NULL : str_dup(path);
	struct stat st;

	for (char *slash = part; slash != NULL; slash = strchr(slash + 1, '/')) {
		if (slash == part)
			continue;
		*slash = '\0';
		if (stat(part, &st) == 0 && (st.st_mode & S_IXOTH) == 0)
			check_wrong(report,
				    "%s: jobs of other accounts cannot pass \"%s\" (chmod o+x)",
				    key, part);
		*slash = '/';
	}
	free(part);
}

void
accounts_check(const struct runner_config *config, struct check_report *report)
{
	const char *path = settings_text(config->settings, "runner:accounts_file");

	if (path == NULL)
		return;
	check_list(path, report);
	check_way("runner:temp_dir", config->temp_dir, report);
	check_way("runner:job_repository", config->job_repository, report);
}
