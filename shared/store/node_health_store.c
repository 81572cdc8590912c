/* SPDX-License-Identifier: Apache-2.0 */
/* store/node_health_store.c: one statement, by the database's clock. */
#include "store/node_health_store.h"

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"

/* A mapping that was just made or enabled counts from then.  A disabled node polls nothing. */
DB_STMT(read_stmt) = {
	.name = "node_health_read",
	.text = "SELECT coalesce(n.lease_until > now(), false), (SELECT min(q.name)"
		"  FROM jqm.queue_mapping AS m JOIN jqm.queue AS q ON q.id = m.queue_id"
		" WHERE m.node_id = n.id AND m.enabled AND n.enabled AND m.max_jobs > 0"
		"   AND greatest(m.last_polled, m.last_modified)"
		"       < now() - m.polling_interval_ms * interval '3 ms' - interval '15 s')"
		" FROM jqm.node AS n WHERE n.name = $1",
	.n_params = 1,
	.read_only = true,
};

int
node_health_read(struct db *db, const char *node_name, struct memory *memory,
		 struct node_health *out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &read_stmt, (const char *const[]){ node_name }, &rows, err) == -1)
		return -1;
	*out = (struct node_health){ .known = db_rows(rows) == 1 };
	if (out->known) {
		out->alive = db_bool(rows, 0, 0);
		out->late_queue = memory_dup(memory, db_text(rows, 0, 1));
	}
	db_result_free(rows);
	return 0;
}
