/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/open_home.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/up/as_root.h"
#include "cli/up/home.h"

int
open_home(struct cli *cli, struct home *home, int *code_out)
{
	struct err err = ERR_INIT;

	*code_out = CLI_FAILED;
	log_init("jqm");
	if (home_locate(cli->home, home, &err) == 0 &&
	    (access(home->path, F_OK) == -1 || as_root_become_owner(home, &err) == 0)) {
		/* The name of the sockets' directory may depend on who we are. */
		char *path = str_dup(home->path);
		int rc;

		home_free(home);
		rc = home_locate(path, home, &err);
		free(path);
		if (rc == 0)
			return 0;
	}
	(void)cli_fail(cli, &err);
	return -1;
}
