/* SPDX-License-Identifier: Apache-2.0 */
/* store/opt_value.h: columns that may be NULL, as members that may be absent. */
#ifndef STORE_OPT_VALUE_H
#define STORE_OPT_VALUE_H

#include "model/value.h"

struct db_result;

/* In a statement: a timestamptz as microseconds since 1970 UTC. */
#define DB_US(column) "(extract(epoch FROM " column ") * 1000000)::bigint"

struct opt_int64 opt_int64_of(const struct db_result *rows, int row, int col);
/* A column of DB_US(). */
struct opt_time opt_time_of(const struct db_result *rows, int row, int col);

#endif
