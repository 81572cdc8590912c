/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/owner_database.h"

#include <stddef.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/up/cluster.h"
#include "cli/up/home.h"
#include "cli/up/open_home.h"
#include "conf/settings.h"
#include "db/db.h"

static char *
conninfo_of_config(const char *path, struct err *err)
{
	struct settings *settings = settings_read(path, err);
	const char *conninfo;
	char *out = NULL;

	if (settings != NULL &&
	    settings_require(settings, "database:conninfo", &conninfo, err) == 0)
		out = db_conninfo_as(conninfo, "jqm_owner");
	settings_free(settings);
	return out;
}

char *
owner_database(struct cli *cli, int *code_out)
{
	struct home home = HOME_INIT;
	struct err err = ERR_INIT;
	char *conninfo = NULL;

	if (cli->config_path != NULL) {
		conninfo = conninfo_of_config(cli->config_path, &err);
		if (conninfo == NULL) {
			(void)cli_fail(cli, &err);
			*code_out = CLI_FAILED;
		}
		return conninfo;
	}
	if (open_home(cli, &home, code_out) == 0)
		conninfo = cluster_conninfo(&home, "jqm");
	home_free(&home);
	return conninfo;
}
