/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_log_store.h"

#include <inttypes.h>

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "model/value.h"
#include "store/int_param.h"

/* The present or last attempt, and of those that were followed by another one the one wanted. */
DB_STMT(place_stmt) = {
	.name = "job_log_place",
	.text =
	    "SELECT j.state, j.attempt, j.node_name, a.attempt, n.name,"
	    " j.parameters @? '$.*.secret'"
	    " FROM (SELECT state, attempt, node_name, parameters FROM jqm.live_job WHERE id = $1"
	    " UNION ALL SELECT state, attempt, node_name, parameters FROM jqm.past_job_of($1)) AS j"
	    " LEFT JOIN LATERAL (SELECT attempt, node_name_id FROM jqm.job_attempt"
	    " WHERE job_instance_id = $1 AND ($2 = 0 OR attempt = $2)"
	    " ORDER BY attempt DESC LIMIT 1) AS a ON true"
	    " LEFT JOIN jqm.name_snapshot AS n ON n.id = a.node_name_id",
	.n_params = 2,
	.read_only = true,
};
enum { COL_STATE, COL_ATTEMPT, COL_NODE, COL_EARLIER_ATTEMPT, COL_EARLIER_NODE, COL_SECRETS };

static void
read_place(const struct db_result *rows, int32_t attempt, struct memory *memory,
	   struct job_log_place *out)
{
	bool has_node = !db_is_null(rows, 0, COL_NODE);
	bool present = has_node && (attempt == 0 || db_int64(rows, 0, COL_ATTEMPT) == attempt);
	bool earlier = !db_is_null(rows, 0, COL_EARLIER_ATTEMPT);

	out->state = job_state_from_name(db_text(rows, 0, COL_STATE));
	out->was = attempt == 0 || present || earlier;
	out->node_name = memory_dup(memory, present   ? db_text(rows, 0, COL_NODE)
					    : earlier ? db_text(rows, 0, COL_EARLIER_NODE)
						      : NULL);
	out->has_secrets = db_bool(rows, 0, COL_SECRETS);
	out->before = attempt == 0 && earlier ? (int32_t)db_int64(rows, 0, COL_EARLIER_ATTEMPT) : 0;
}

int
job_log_place(struct db *db, int64_t job_id, int32_t attempt, struct memory *memory,
	      struct job_log_place *out, struct err *err)
{
	char id_text[INT_PARAM_SIZE], attempt_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id_text, job_id), int_param(attempt_text, attempt) };
	struct db_result *rows = NULL;
	int rc = 0;

	if (db_exec(db, &place_stmt, params, &rows, err) == -1)
		return -1;
	if (db_rows(rows) == 0)
		rc = err_set(err, ERR_NOT_FOUND, "there is no job instance %" PRId64, job_id);
	else
		read_place(rows, attempt, memory, out);
	db_result_free(rows);
	return rc;
}

DB_STMT(secrets_stmt) = {
	.name = "job_log_secrets",
	.text = "SELECT s.definition, s.key, s.sealed FROM jqm.job_secrets($1) AS s",
	.n_params = 1,
	.read_only = true,
};

int
job_log_secrets(struct db *db, int64_t job_id, struct memory *memory, const char **definition_out,
		struct text_map *out, struct err *err)
{
	char id_text[INT_PARAM_SIZE];
	const char *params[] = { int_param(id_text, job_id) };
	struct db_result *rows = NULL;

	*definition_out = NULL;
	if (db_exec(db, &secrets_stmt, params, &rows, err) == -1)
		return -1;
	text_map_room(out, memory, (size_t)db_rows(rows));
	for (int row = 0; row < db_rows(rows); row++) {
		*definition_out = memory_dup(memory, db_text(rows, row, 0));
		text_map_put_pair(
		    out, &(struct text_pair){ memory_dup(memory, db_text(rows, row, 1)),
					      memory_dup(memory, db_text(rows, row, 2)), true });
	}
	db_result_free(rows);
	return 0;
}
