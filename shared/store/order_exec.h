/* SPDX-License-Identifier: Apache-2.0 */
/* store/order_exec.h: statements that order something of one object, in somebody's name. */
#ifndef STORE_ORDER_EXEC_H
#define STORE_ORDER_EXEC_H

#include <stdint.h>

struct db;
struct db_result;
struct db_stmt;
struct err;

/*
 * Run stmt, whose parameters are the number of the object and, if it has two, who orders it; rows_out as db_exec().
 * 0 or -1.
 */
int order_exec(struct db *db, const struct db_stmt *stmt, int64_t id, const char *by,
	       struct db_result **rows_out, struct err *err);

#endif
