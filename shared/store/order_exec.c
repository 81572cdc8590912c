/* SPDX-License-Identifier: Apache-2.0 */
#include "store/order_exec.h"

#include "db/db.h"
#include "store/int_param.h"

int
order_exec(struct db *db, const struct db_stmt *stmt, int64_t id, const char *by,
	   struct db_result **rows_out, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id_text, id), by };

	return db_exec(db, stmt, params, rows_out, err);
}
