/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/no_file.h"

#include "base/err.h"
#include "fcgi/exchange.h"
#include "model/error_report.h"

int
no_file(struct exchange *x, struct err *err, const char *what, const char *why)
{
	x->response.error_code = ERROR_CODE_NO_FILE;
	return err_set(err, ERR_NOT_FOUND, "%s %s", what, why);
}
