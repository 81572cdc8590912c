/* SPDX-License-Identifier: Apache-2.0 */
#include "store/current_names.h"

#include <stdbool.h>
#include <stddef.h>

#include "db/db.h"
#include "store/int_param.h"

#define PLACES 256

DB_STMT(names_stmt) = {
	.name = "current_names",
	.text = "SELECT (SELECT q.name_id FROM jqm.queue AS q WHERE q.id = $1::bigint),"
		" (SELECT n.name_id FROM jqm.node AS n WHERE n.id = $2::bigint)",
	.n_params = 2,
	.read_only = true,
};

/* For whom, over which connection: another one may lead to an older state. */
struct view {
	int64_t account, stamp;
	unsigned serial;
};

struct place {
	int64_t id, name;
	struct view view;
};

static struct view now; /* account 0: nothing is kept */
static struct place queues[PLACES], nodes[PLACES];

void
current_names_for(int64_t account, int64_t stamp)
{
	now.account = account;
	now.stamp = stamp;
}

static struct place *
place_of(struct place *places, int64_t id)
{
	return &places[((uint64_t)id + (uint64_t)now.account * 17) % PLACES];
}

/* False: it is not kept, or may be another one by now. */
static bool
is_kept(struct place *places, int64_t id, int64_t *name_out)
{
	const struct place *place = place_of(places, id);

	*name_out = id == 0 ? 0 : place->name;
	return id == 0 ||
	       (now.account != 0 && place->id == id && place->view.account == now.account &&
		place->view.stamp == now.stamp && place->view.serial == now.serial);
}

static void
keep(struct place *places, int64_t id, int64_t name)
{
	if (id != 0)
		*place_of(places, id) = (struct place){ id, name, now };
}

int
current_names(struct db *db, int64_t queue_id, int64_t node_id, struct current_names *out,
	      struct err *err)
{
	char queue[INT_PARAM_SIZE], node[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	now.serial = db_serial(db);
	if (is_kept(queues, queue_id, &out->queue) && is_kept(nodes, node_id, &out->node))
		return 0;
	if (db_exec(db, &names_stmt,
		    (const char *const[]){ int_param(queue, queue_id), int_param(node, node_id) },
		    &rows, err) == -1)
		return -1;
	now.serial = db_serial(db);
	out->queue = db_int64(rows, 0, 0);
	out->node = db_int64(rows, 0, 1);
	keep(queues, queue_id, out->queue);
	keep(nodes, node_id, out->node);
	db_result_free(rows);
	return 0;
}
