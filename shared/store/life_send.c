/* SPDX-License-Identifier: Apache-2.0 */
#include "store/life_send.h"

#include "store/int_param.h"

void
life_send(struct db_async *db, const struct db_stmt *stmt, struct node_life life, const char *more,
	  db_done_fn *done, void *arg)
{
	char node[INT_PARAM_SIZE], incarnation[INT_PARAM_SIZE];
	const char *const params[] = { int_param(node, life.node_id),
				       int_param(incarnation, life.incarnation), more };

	db_async_send(db, stmt, params, done, arg);
}
