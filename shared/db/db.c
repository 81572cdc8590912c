/* SPDX-License-Identifier: Apache-2.0 */
/* db/db.c: one connection that heals itself, and statements on it that wait for their answer. */
#include "db/db_private.h"

#include <assert.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/str.h"

struct db *
db_new(const char *conninfo, const char *program)
{
	struct db *db = calloc(1, sizeof(*db));

	if (db == NULL)
		abort(); /* as str_dup(): nothing sane can follow */
	db->conninfo = str_dup(conninfo);
	db->program = str_dup(program);
	return db;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	db_disconnect(db);
	free(db->conninfo);
	free(db->program);
	free(db->actor);
	free(db);
}

void
db_set_actor(struct db *db, const char *actor)
{
	free(db->actor);
	db->actor = actor == NULL ? NULL : str_dup(actor);
}

void
db_disconnect(struct db *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
	db->was_open = false;
	db->worn = false;
	db_prepared_clear(&db->prepared);
}

int
db_socket(const struct db *db)
{
	return PQsocket(db->conn);
}

/*
 * Is the connection there, as far as can be known without asking the server?  An idle connection
 * has nothing to read but a notice, or the end the server has put to it.
 */
static bool
is_alive(struct db *db)
{
	struct pollfd pfd = { PQsocket(db->conn), POLLIN, 0 };

	if (db->conn == NULL)
		return false;
	/* last words may stand before the end: several reads, though not without bound */
	for (int reads = 0; reads < 16; reads++) {
		if (PQstatus(db->conn) != CONNECTION_OK)
			return false;
		if (poll(&pfd, 1, 0) != 1)
			return true;
		(void)PQconsumeInput(db->conn);
	}
	return false;
}

int
db_connect(struct db *db, struct err *err)
{
	bool was_open = db->was_open;

	if (db->worn && !db->in_tx && !db->was_open)
		db_disconnect(db);
	if (is_alive(db))
		return 0;
	if (db->in_tx)
		return err_set(err, ERR_BUSY,
			       "the connection to the database was lost inside a transaction");
	db_disconnect(db);
	if (was_open)
		return err_set(err, ERR_BUSY,
			       "the connection to the database was lost inside a transaction");
	if (db_conninfo_check(db->conninfo, err) == -1)
		return -1;
	db->conn = db_conninfo_connect(db->conninfo, db->program);
	if (PQstatus(db->conn) != CONNECTION_OK) {
		(void)db_conn_err(db->conn, ERR_BUSY, "could not connect to the database", err);
		db_disconnect(db);
		return -1;
	}
	return 0;
}

/* Remember what the answer says about the connection and its transaction. */
static void
note_answer(struct db *db, const PGresult *pg)
{
	const char *sqlstate = PQresultErrorField(pg, PG_DIAG_SQLSTATE);
	const char *position = PQresultErrorField(pg, PG_DIAG_STATEMENT_POSITION);
	PGTransactionStatusType status = PQtransactionStatus(db->conn);
	int64_t at = 0;

	if (position != NULL)
		(void)num_int64(position, 1, INT_MAX, &at);
	db->error_position = (int)at;
	db->was_open = status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
	if (db_sqlstate_retry_tx(sqlstate))
		db->tx_retry = true;
	if (db_sqlstate_wants_reconnect(sqlstate))
		db->worn = true;
}

/* All that came back for one question. */
struct answer {
	PGresult *last; /* of the last statement that succeeded, or NULL */
	PGresult *failed; /* the first error, or NULL */
	bool misused; /* COPY, which this door does not offer */
};

/* The next result; in a pipeline over the ends of its statements, until that of all. */
static PGresult *
next_result(struct db *db)
{
	PGresult *pg = PQgetResult(db->conn);

	if (PQpipelineStatus(db->conn) == PQ_PIPELINE_OFF)
		return pg;
	if (pg == NULL && PQstatus(db->conn) == CONNECTION_OK)
		pg = PQgetResult(db->conn);
	if (PQresultStatus(pg) == PGRES_PIPELINE_SYNC) {
		PQclear(pg);
		return NULL;
	}
	return pg;
}

/* Collect the answer to a question of which libpq said it could be sent or not. */
static struct answer
collect(struct db *db, int sent)
{
	struct answer answer = { NULL, NULL, false };
	bool pipeline = PQpipelineStatus(db->conn) != PQ_PIPELINE_OFF;
	bool skip = pipeline; /* who acts: no answer to what was asked */
	PGresult *pg;

	if (sent == 0) {
		db->worn = db->worn || pipeline;
		return answer;
	}
	while (!answer.misused && (pg = next_result(db)) != NULL) {
		ExecStatusType status = PQresultStatus(pg);

		if (status == PGRES_PIPELINE_ABORTED) {
			PQclear(pg); /* what failed was before it */
		} else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
			   status == PGRES_EMPTY_QUERY) {
			PQclear(answer.last);
			answer.last = skip ? NULL : pg;
			if (skip)
				PQclear(pg);
			skip = false;
		} else if (status == PGRES_FATAL_ERROR && answer.failed == NULL) {
			answer.failed = pg;
		} else {
			answer.misused = status != PGRES_FATAL_ERROR;
			PQclear(pg);
		}
	}
	/* A connection that did not get to the end of its pipeline is of no more use. */
	if (pipeline && PQexitPipelineMode(db->conn) == 0)
		db->worn = true;
	return answer;
}

/*
 * A broken connection.  An error the server sent as its last word proves that the statement did not
 * happen, unless something was already reported done before it.
 */
static bool
is_lost(const struct db *db, const struct answer *answer)
{
	return PQstatus(db->conn) != CONNECTION_OK &&
	       (answer->last != NULL || answer->failed == NULL ||
		PQresultErrorField(answer->failed, PG_DIAG_SQLSTATE) == NULL);
}

/* Collect and judge the answer.  Success: *result_out (if wanted) owns the rows. */
static int
take_answer(struct db *db, int sent, const char *what, bool read_only,
	    struct db_result **result_out, struct err *err)
{
	struct answer answer = collect(db, sent);
	int rc = -1;

	if (answer.misused) {
		(void)err_set(err, ERR_INTERNAL, "%s: COPY does not go through this door", what);
		db_disconnect(db); /* it waits for data we do not have */
	} else if (is_lost(db, &answer)) {
		/* Without its COMMIT a transaction has surely not happened. */
		(void)db_lost_err(what, read_only || db->in_tx, err);
	} else if (answer.failed != NULL) {
		(void)db_result_err(answer.failed, what, err);
		note_answer(db, answer.failed);
	} else if (answer.last == NULL) {
		(void)db_conn_err(db->conn, ERR_INTERNAL, what, err);
	} else {
		note_answer(db, answer.last);
		rc = 0;
	}
	if (rc == 0 && result_out != NULL) {
		*result_out = malloc(sizeof(**result_out));
		if (*result_out == NULL)
			abort();
		(*result_out)->pg = answer.last;
		answer.last = NULL;
	}
	PQclear(answer.last);
	PQclear(answer.failed);
	return rc;
}

static int
prepare(struct db *db, const struct db_stmt *stmt, const char *what, struct err *err)
{
	if (db_prepared_has(&db->prepared, stmt))
		return 0;
	if (take_answer(db, PQsendPrepare(db->conn, stmt->name, stmt->text, stmt->n_params, NULL),
			what, true, NULL, err) == -1)
		return -1;
	db_prepared_add(&db->prepared, stmt);
	return 0;
}

DB_STMT(set_actor) = {
	.name = "db_set_actor",
	.text = "select set_config('jqm.actor', $1, true)",
	.n_params = 1,
	.read_only = true,
};

/* Who acts and what is done, in one packet and one transaction. */
static int
send_with_actor(struct db *db, const struct db_stmt *stmt, const char *const *params)
{
	const char *const who[] = { db->actor };

	if (PQenterPipelineMode(db->conn) == 0)
		return 0;
	return PQsendQueryPrepared(db->conn, set_actor.name, 1, who, NULL, NULL, 0) != 0 &&
	       PQsendQueryPrepared(db->conn, stmt->name, stmt->n_params, params, NULL, NULL, 0) !=
		   0 &&
	       PQpipelineSync(db->conn) != 0;
}

int
db_exec(struct db *db, const struct db_stmt *stmt, const char *const *params,
	struct db_result **result_out, struct err *err)
{
	char what[100];
	int sent;

	assert(stmt->n_params == 0 || params != NULL);
	if (result_out != NULL)
		*result_out = NULL;
	(void)snprintf(what, sizeof(what), "statement \"%s\"", stmt->name);
	if (db_connect(db, err) == -1)
		return -1;
	if (stmt->name[0] == '\0') {
		sent = PQsendQueryParams(db->conn, stmt->text, stmt->n_params, NULL, params, NULL,
					 NULL, 0);
	} else {
		bool with_actor = db->actor != NULL && !stmt->read_only;

		if (prepare(db, stmt, what, err) == -1 ||
		    (with_actor && prepare(db, &set_actor, what, err) == -1))
			return -1;
		sent = with_actor ? send_with_actor(db, stmt, params)
				  : PQsendQueryPrepared(db->conn, stmt->name, stmt->n_params,
							params, NULL, NULL, 0);
	}
	return take_answer(db, sent, what, stmt->read_only, result_out, err);
}

int
db_exec_sql(struct db *db, const char *sql, struct err *err)
{
	if (db_connect(db, err) == -1)
		return -1;
	return db_run_sql(db, sql, err);
}

int
db_run_sql(struct db *db, const char *sql, struct err *err)
{
	return take_answer(db, PQsendQuery(db->conn, sql), "SQL text", false, NULL, err);
}

int
db_prepare(struct db *db, const struct db_stmt *stmt, struct err *err)
{
	char what[100];

	(void)snprintf(what, sizeof(what), "statement \"%s\"", stmt->name);
	if (db_connect(db, err) == -1)
		return -1;
	return prepare(db, stmt, what, err);
}
