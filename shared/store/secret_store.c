/* SPDX-License-Identifier: Apache-2.0 */
#include "store/secret_store.h"

#include <string.h>

#include "base/err.h"
#include "db/db.h"
#include "store/int_param.h"

#define ROWS_AT_A_TIME 1000

/* $1: after this id; $2: rows at most.  Rows of one page, all secrets of each. */
#define EACH(table, alias, owner, join)                                                       \
	"SELECT p.id, p.owner, e.key, e.value ->> 'secret' FROM (SELECT " alias ".id, " owner \
	" AS owner, " alias ".parameters FROM jqm." table " AS " alias join " WHERE " alias   \
	".id > $1 AND " alias ".parameters @? '$.*.secret ? (@ != \"\")' ORDER BY " alias     \
	".id LIMIT $2::int) AS p, jsonb_each(p.parameters) AS e"                              \
	" WHERE e.value ->> 'secret' <> '' ORDER BY p.id"
#define REPLACE(table)                                                                            \
	"UPDATE jqm." table " AS t SET parameters = t.parameters || jsonb_build_object($2::text," \
	" jsonb_build_object('secret', $3::text)) WHERE t.id = $1 AND t.parameters -> $2 ->> "    \
	"'secret'"                                                                                \
	" = $4 RETURNING 1"

DB_STMT(each_definition) = {
	.name = "secret_each_definition",
	.text = EACH("job_def", "d", "d.name", ""),
	.n_params = 2,
	.read_only = true,
};
DB_STMT(each_schedule) = {
	.name = "secret_each_schedule",
	.text = EACH("schedule", "s", "d.name", " JOIN jqm.job_def AS d ON d.id = s.job_def_id"),
	.n_params = 2,
	.read_only = true,
};
DB_STMT(each_live) = {
	.name = "secret_each_live",
	.text = EACH("job_instance", "j", "d.name",
		     " JOIN jqm.job_def AS d ON d.id = j.job_def_id"),
	.n_params = 2,
	.read_only = true,
};
DB_STMT(each_past) = {
	.name = "secret_each_past",
	.text = EACH("history", "h", "n.name",
		     " JOIN jqm.definition_snapshot AS n ON n.id = h.snapshot_id"),
	.n_params = 2,
	.read_only = true,
};
/* Those of hooks: the one that signs, and the one before it. */
DB_STMT(each_webhook) = {
	.name = "secret_each_webhook",
	.text =
	    "SELECT w.id, E'webhook\\n', w.name, s.sealed FROM (SELECT id, name, secret, old_secret"
	    " FROM jqm.webhook WHERE id > $1 ORDER BY id LIMIT $2::int) AS w,"
	    " unnest(ARRAY[w.secret, w.old_secret]) AS s(sealed) WHERE s.sealed IS NOT NULL"
	    " ORDER BY w.id",
	.n_params = 2,
	.read_only = true,
};
DB_STMT(replace_definition) = {
	.name = "secret_replace_definition",
	.text = REPLACE("job_def"),
	.n_params = 4,
};
DB_STMT(replace_schedule) = {
	.name = "secret_replace_schedule",
	.text = REPLACE("schedule"),
	.n_params = 4,
};
DB_STMT(replace_live) = {
	.name = "secret_replace_live",
	.text = REPLACE("job_instance"),
	.n_params = 4,
};
DB_STMT(replace_past) = {
	.name = "secret_replace_past",
	.text = REPLACE("history"),
	.n_params = 4,
};

DB_STMT(replace_webhook) = {
	.name = "secret_replace_webhook",
	.text = "UPDATE jqm.webhook SET secret = CASE secret WHEN $4 THEN $3::text ELSE secret END,"
		" old_secret = CASE old_secret WHEN $4 THEN $3::text ELSE old_secret END"
		" WHERE id = $1 AND name = $2 AND $4 IN (secret, old_secret) RETURNING 1",
	.n_params = 4,
};

/* In the order in which values move from one to the next, so that none slips through between two looks. */
static const struct {
	const char *table;
	const struct db_stmt *each, *replace;
} tables[] = {
	{ "job_def", &each_definition, &replace_definition },
	{ "schedule", &each_schedule, &replace_schedule },
	{ "job_instance", &each_live, &replace_live },
	{ "history", &each_past, &replace_past },
	{ "webhook", &each_webhook, &replace_webhook },
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* One page of a table after *last; 0 when that was the end of it, 1, or -1. */
static int
page(struct db *db, size_t table, int64_t *last, stored_secret_fn *fn, void *arg, struct err *err)
{
	char after[INT_PARAM_SIZE], most[INT_PARAM_SIZE];
	const char *const params[] = { int_param(after, *last), int_param(most, ROWS_AT_A_TIME) };
	struct db_result *rows = NULL;
	int rc;

	if (db_exec(db, tables[table].each, params, &rows, err) == -1)
		return -1;
	rc = db_rows(rows) > 0;
	for (int row = 0; row < db_rows(rows) && rc != -1; row++) {
		const struct stored_secret secret = { .table = tables[table].table,
						      .id = db_int64(rows, row, 0),
						      .owner = db_text(rows, row, 1),
						      .key = db_text(rows, row, 2),
						      .sealed = db_text(rows, row, 3) };

		*last = secret.id;
		if (fn(arg, &secret, err) == -1)
			rc = -1;
	}
	db_result_free(rows);
	return rc;
}

int
secret_store_each(struct db *db, stored_secret_fn *fn, void *arg, struct err *err)
{
	for (size_t i = 0; i < TABLES; i++) {
		int64_t last = 0;
		int more;

		while ((more = page(db, i, &last, fn, arg, err)) == 1)
			;
		if (more == -1)
			return -1;
	}
	return 0;
}

int
secret_store_replace(struct db *db, const struct stored_secret *secret, const char *sealed,
		     struct err *err)
{
	char id[INT_PARAM_SIZE];
	const char *const params[] = { int_param(id, secret->id), secret->key, sealed,
				       secret->sealed };
	struct db_result *rows = NULL;
	size_t i = 0;
	int done;

	while (strcmp(tables[i].table, secret->table) != 0)
		i++;
	if (db_exec(db, tables[i].replace, params, &rows, err) == -1)
		return -1;
	done = db_rows(rows);
	db_result_free(rows);
	return done;
}
