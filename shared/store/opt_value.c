/* SPDX-License-Identifier: Apache-2.0 */
#include "store/opt_value.h"

#include "db/db.h"

struct opt_int64
opt_int64_of(const struct db_result *rows, int row, int col)
{
	struct opt_int64 number = { !db_is_null(rows, row, col), db_int64(rows, row, col) };

	return number;
}

struct opt_time
opt_time_of(const struct db_result *rows, int row, int col)
{
	struct opt_time date = { !db_is_null(rows, row, col), db_int64(rows, row, col) };

	return date;
}
