/* SPDX-License-Identifier: Apache-2.0 */
#include "store/snapshot_names.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "store/int_param.h"

#define PLACES 1024
#define TEXTS_MAX 4

DB_STMT(name_stmt) = {
	.name = "snapshot_name",
	.text = "SELECT name FROM jqm.name_snapshot WHERE id = $1::int",
	.n_params = 1,
	.read_only = true,
};

DB_STMT(definition_stmt) = {
	.name = "snapshot_definition",
	.text = "SELECT name, keyword1, keyword2, keyword3 FROM jqm.definition_snapshot WHERE id = "
		"$1::int",
	.n_params = 1,
	.read_only = true,
};

struct place {
	int64_t id; /* 0: free */
	char *texts[TEXTS_MAX];
};

/* Ids come one after the other, so each has the place of its remainder. */
static struct {
	unsigned serial; /* of the connection they are of */
	struct place names[PLACES], definitions[PLACES];
} known;

static void
clear_place(struct place *place)
{
	for (int i = 0; i < TEXTS_MAX; i++)
		free(place->texts[i]);
	memset(place, 0, sizeof(*place));
}

/* Another connection may lead to another database, or to an older state of this one. */
static void
forget_others(const struct db *db)
{
	if (known.serial == db_serial(db))
		return;
	for (int i = 0; i < PLACES; i++) {
		clear_place(&known.names[i]);
		clear_place(&known.definitions[i]);
	}
	known.serial = db_serial(db);
}

static int
find(struct db *db, const struct db_stmt *stmt, struct place *places, int64_t id,
     const struct place **out, struct err *err)
{
	struct place *place = &places[(uint64_t)id % PLACES];
	char text[INT_PARAM_SIZE];
	struct db_result *rows = NULL;

	forget_others(db);
	*out = place;
	if (place->id == id)
		return 0;
	if (db_exec(db, stmt, (const char *const[]){ int_param(text, id) }, &rows, err) == -1)
		return -1;
	forget_others(db);
	clear_place(place);
	if (db_rows(rows) == 1) {
		int n = stmt == &definition_stmt ? TEXTS_MAX : 1;

		place->id = id;
		for (int i = 0; i < n; i++)
			if (!db_is_null(rows, 0, i))
				place->texts[i] = str_dup(db_text(rows, 0, i));
	}
	db_result_free(rows);
	return place->id == id
		   ? 0
		   : err_set(err, ERR_INTERNAL, "there is no name of number %" PRId64, id);
}

int
snapshot_name(struct db *db, int64_t id, const char **out, struct err *err)
{
	const struct place *place;

	*out = NULL;
	if (id == 0)
		return 0;
	if (find(db, &name_stmt, known.names, id, &place, err) == -1)
		return -1;
	*out = place->texts[0];
	return 0;
}

int
snapshot_definition(struct db *db, int64_t id, struct definition_names *out, struct err *err)
{
	const struct place *place;

	if (find(db, &definition_stmt, known.definitions, id, &place, err) == -1)
		return -1;
	*out = (struct definition_names){ place->texts[0], place->texts[1], place->texts[2],
					  place->texts[3] };
	return 0;
}
