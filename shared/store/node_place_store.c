/* SPDX-License-Identifier: Apache-2.0 */
#include "store/node_place_store.h"

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"

DB_STMT(place_stmt) = {
	.name = "node_place_read",
	.text = "SELECT dns, port, coalesce(lease_until > now(), false),"
		" coalesce(to_char(last_seen_alive AT TIME ZONE 'UTC', "
		"'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), ''),"
		" jqm.parameter_is_on('enableInternalPki', true) FROM jqm.node WHERE name = $1",
	.n_params = 1,
	.read_only = true,
};
enum { COL_DNS, COL_PORT, COL_ALIVE, COL_SEEN, COL_INTERNAL };

int
node_place_read(struct db *db, const char *name, struct memory *memory, struct node_place *out,
		struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &place_stmt, (const char *const[]){ name }, &rows, err) == -1)
		return -1;
	*out = (struct node_place){ .known = db_rows(rows) == 1 };
	if (out->known) {
		out->dns = memory_dup(memory, db_text(rows, 0, COL_DNS));
		out->port = (int)db_int64(rows, 0, COL_PORT);
		out->alive = db_bool(rows, 0, COL_ALIVE);
		out->seen = memory_dup(memory, db_text(rows, 0, COL_SEEN));
		out->internal_pki = db_bool(rows, 0, COL_INTERNAL);
	}
	db_result_free(rows);
	return 0;
}
