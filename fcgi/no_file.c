/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/no_file.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "conf/settings.h"
#include "fcgi/exchange.h"
#include "model/error_report.h"

int
no_file(struct exchange *x, struct err *err, const char *what, const char *why)
{
	x->response.error_code = ERROR_CODE_NO_FILE;
	return err_set(err, ERR_NOT_FOUND, "%s %s", what, why);
}

int
no_file_unless_here(struct exchange *x, struct err *err, const char *what, const char *node_name)
{
	const char *here = settings_text(x->settings, "node:name");

	if (here != NULL && strcmp(here, node_name) == 0)
		return 0;
	return no_file(x, err, what,
		       exchange_printf(x, "is on node \"%s\" and not on this one", node_name));
}
