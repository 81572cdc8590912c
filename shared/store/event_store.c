/* SPDX-License-Identifier: Apache-2.0 */
#include "store/event_store.h"

#include <stddef.h>

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"

DB_STMT(event_key) = {
	.name = "event_key",
	.text = "SELECT jqm.events_key()",
	.read_only = true,
};

int
event_key_read(struct db *db, struct memory *memory, const char **out, struct err *err)
{
	struct db_result *rows = NULL;

	if (db_exec(db, &event_key, NULL, &rows, err) == -1)
		return -1;
	*out = memory_dup(memory, db_text(rows, 0, 0));
	db_result_free(rows);
	return *out != NULL ? 0
			    : err_set(err, ERR_INTERNAL, "the cluster has no key for listeners");
}
