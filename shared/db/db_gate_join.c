/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_gate_join.c: a gate's question inside the statement behind it. */
#include "db/db_private.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define TEXT_BYTES_MAX 65536
#define PARAMS_MAX 40

void
db_gate_join_name(char name[DB_GATE_NAME_SIZE], const struct db_stmt *stmt)
{
	int len = snprintf(name, DB_GATE_NAME_SIZE, "%s_gated", stmt->name);

	assert(len < DB_GATE_NAME_SIZE);
	(void)len;
}

/* The text with its parameters numbered from shift + 1 on. */
static void
put_shifted(struct buf *out, const char *text, int shift)
{
	while (*text != '\0') {
		char *end;

		buf_putc(out, *text);
		if (*text++ != '$' || !isdigit((unsigned char)*text))
			continue;
		buf_printf(out, "%ld", strtol(text, &end, 10) + shift);
		text = end;
	}
}

static void
put_text(struct buf *out, const struct db_stmt *stmt, const struct db_stmt *question)
{
	if (stmt->read_only) {
		/* One column more.  In a join each column of the row would be set up twice, which costs more than the question. */
		buf_puts(out, "SELECT s.*, EXISTS (");
		put_shifted(out, question->text, stmt->n_params);
		buf_puts(out, ") FROM (");
		buf_puts(out, stmt->text);
		buf_puts(out, ") AS s");
	} else {
		/* A sub-select is run when its value is asked for. */
		buf_puts(out, "SELECT CASE WHEN (");
		put_shifted(out, question->text, stmt->n_params);
		buf_puts(out, ") THEN (");
		buf_puts(out, stmt->text);
		buf_puts(out, ") END");
	}
}

static int
prepare(struct db *db, const struct db_stmt *stmt, const struct db_stmt *question, const char *name,
	const char *what, struct err *err)
{
	struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	struct answer answer;
	int rc = -1;

	if (db_prepared_has(&db->prepared, stmt, question))
		return 0;
	put_text(&text, stmt, question);
	if (buf_check(&text, err) == 0) {
		answer = db_collect(db, PQsendPrepare(db->conn, name, buf_text(&text), 0, NULL));
		rc = db_judge(db, &answer, what, true, err);
		db_answer_clear(&answer);
	}
	if (rc == 0)
		db_prepared_add(&db->prepared, stmt, question);
	buf_free(&text);
	return rc;
}

/* The statement's, the gate's, and who acts; how many. */
static int
collect_params(const struct db *db, const struct db_stmt *stmt, const struct db_stmt *question,
	       const char *const *params, const char *out[PARAMS_MAX])
{
	int n = 0;

	assert(stmt->n_params + question->n_params <= PARAMS_MAX);
	for (int i = 0; i < stmt->n_params; i++)
		out[n++] = params[i];
	for (int i = 0; i < db->gate.ask->n_params; i++)
		out[n++] = db->gate.params[i];
	if (question->n_params > db->gate.ask->n_params)
		out[n++] = db->actor == NULL ? "" : db->actor;
	return n;
}

static int
judge(struct db *db, const struct answer *answer, const struct db_stmt *stmt, const char *what,
      struct err *err)
{
	const char *sqlstate = PQresultErrorField(answer->failed, PG_DIAG_SQLSTATE);

	if (PQstatus(db->conn) != CONNECTION_OK) {
		db->gate.state = DB_GATE_LOST;
		return db_judge(db, answer, what, stmt->read_only, err);
	}
	if (sqlstate != NULL && strcmp(sqlstate, DB_GATE_SQLSTATE) == 0)
		return db_gate_refuse(db, err);
	if (db_judge(db, answer, what, stmt->read_only, err) == -1)
		return -1;
	if (stmt->read_only) {
		int last = PQnfields(answer->last) - 1;

		if (PQntuples(answer->last) == 0)
			return db_gate_pass(db, err);
		if (PQgetvalue(answer->last, 0, last)[0] != (stmt->binary ? 1 : 't'))
			return db_gate_refuse(db, err);
	}
	db->gate.state = DB_GATE_OPEN;
	return 0;
}

int
db_gate_join_exec(struct db *db, const struct db_stmt *stmt, const char *const *params,
		  const char *what, struct db_result **result_out, struct err *err)
{
	const struct db_stmt *question = stmt->read_only ? db->gate.ask : db->gate.demand;
	const char *all[PARAMS_MAX];
	char name[DB_GATE_NAME_SIZE];
	int n = collect_params(db, stmt, question, params, all), rc;
	struct answer answer;

	db_gate_join_name(name, stmt);
	if (prepare(db, stmt, question, name, what, err) == -1)
		return -1;
	answer =
	    db_collect(db, PQsendQueryPrepared(db->conn, name, n, all, NULL, NULL, stmt->binary));
	rc = judge(db, &answer, stmt, what, err);
	if (rc == 0)
		db_answer_give(&answer, result_out);
	db_answer_clear(&answer);
	return rc;
}
