/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/served.h"

#include "base/err.h"
#include "model/memory.h"
#include "store/node_health_store.h"

bool
served_by_status(long status)
{
	return status == 200 || status == 401 || status == 404;
}

int
served_by_runner(struct db *db, const char *node, struct err *err)
{
	struct node_health health = { .known = false };
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = node_health_read(db, node, &pool.memory, &health, err);
	if (rc == 0 && !health.alive)
		rc = err_set(err, ERR_BUSY, "no runner has registered node \"%s\"", node);
	else if (rc == 0 && health.late_queue != NULL)
		rc =
		    err_set(err, ERR_BUSY, "the runner of node \"%s\" is late to poll queue \"%s\"",
			    node, health.late_queue);
	pool_free(&pool);
	return rc;
}
