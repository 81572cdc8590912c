/* SPDX-License-Identifier: Apache-2.0 */
/* db/db.c: one connection that heals itself, and statements on it that wait for their answer. */
#include "db/db_private.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

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
	free(db);
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

	if (db->conn == NULL || PQstatus(db->conn) != CONNECTION_OK)
		return false;
	if (poll(&pfd, 1, 0) == 1)
		(void)PQconsumeInput(db->conn);
	return PQstatus(db->conn) == CONNECTION_OK;
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

	db->error_position = position != NULL ? atoi(position) : 0;
	db->was_open = status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
	if (db_sqlstate_retry_tx(sqlstate))
		db->tx_retry = true;
	if (db_sqlstate_wants_reconnect(sqlstate))
		db->worn = true;
}

/* Judge an answer.  Takes pg over: *result_out owns it after success, nobody after failure. */
static int
take_answer(struct db *db, PGresult *pg, const char *what, bool read_only,
	    struct db_result **result_out, struct err *err)
{
	ExecStatusType status = PQresultStatus(pg);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
	    status == PGRES_EMPTY_QUERY) {
		note_answer(db, pg);
		if (result_out == NULL) {
			PQclear(pg);
			return 0;
		}
		*result_out = malloc(sizeof(**result_out));
		if (*result_out == NULL)
			abort();
		(*result_out)->pg = pg;
		return 0;
	}
	if (PQstatus(db->conn) != CONNECTION_OK &&
	    PQresultErrorField(pg, PG_DIAG_SQLSTATE) == NULL) {
		/* Without its COMMIT a transaction has surely not happened. */
		(void)db_lost_err(what, read_only || db->in_tx, err);
	} else if (status == PGRES_FATAL_ERROR || status == PGRES_NONFATAL_ERROR) {
		(void)db_result_err(pg, what, err);
		note_answer(db, pg);
	} else {
		(void)err_set(err, ERR_INTERNAL, "%s: not a statement for this door", what);
		db_disconnect(db); /* it waits for COPY data we do not have */
	}
	PQclear(pg);
	return -1;
}

static int
prepare(struct db *db, const struct db_stmt *stmt, const char *what, struct err *err)
{
	if (db_prepared_has(&db->prepared, stmt))
		return 0;
	if (take_answer(db, PQprepare(db->conn, stmt->name, stmt->text, stmt->n_params, NULL), what,
			true, NULL, err) == -1)
		return -1;
	db_prepared_add(&db->prepared, stmt);
	return 0;
}

int
db_exec(struct db *db, const struct db_stmt *stmt, const char *const *params,
	struct db_result **result_out, struct err *err)
{
	char what[100];
	PGresult *pg;

	assert(stmt->n_params == 0 || params != NULL);
	if (result_out != NULL)
		*result_out = NULL;
	(void)snprintf(what, sizeof(what), "statement \"%s\"", stmt->name);
	if (db_connect(db, err) == -1)
		return -1;
	if (stmt->name[0] == '\0') {
		pg =
		    PQexecParams(db->conn, stmt->text, stmt->n_params, NULL, params, NULL, NULL, 0);
	} else {
		if (prepare(db, stmt, what, err) == -1)
			return -1;
		pg = PQexecPrepared(db->conn, stmt->name, stmt->n_params, params, NULL, NULL, 0);
	}
	return take_answer(db, pg, what, stmt->read_only, result_out, err);
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
	return take_answer(db, PQexec(db->conn, sql), "SQL text", false, NULL, err);
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
