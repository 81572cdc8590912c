/* SPDX-License-Identifier: Apache-2.0 */
/* db/db.c: one connection that heals itself, and statements on it that wait for their answer. */
#include "db/db_private.h"

#include <assert.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "base/num.h"
#include "base/str.h"

/* How many there were, of all handles. */
static unsigned connections;

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
	db_gate_clear(db);
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

void
db_set_before(struct db *db, int (*fn)(void *arg, struct err *err), void *arg)
{
	db->before = fn;
	db->before_arg = arg;
}

void
db_count_trips(struct db *db, struct histogram *trips)
{
	db->trips = trips;
}

void
db_trip_ends(struct db *db, int64_t since_us)
{
	if (db->trips != NULL)
		histogram_add(db->trips, histogram_programs, clock_mono_us() - since_us);
}

void
db_set_patience(struct db *db, int patience_ms)
{
	db->patience_ms = patience_ms;
}

void
db_await(struct db *db, int64_t since_us)
{
	struct pollfd pfd = { PQsocket(db->conn), POLLIN, 0 };
	int64_t until_us = since_us + (int64_t)db->patience_ms * 1000;

	while (db->patience_ms > 0 && PQstatus(db->conn) == CONNECTION_OK &&
	       PQisBusy(db->conn) == 1) {
		int64_t left_us = until_us - clock_mono_us();

		if (left_us <= 0) {
			/* libpq finds the end of the stream, as if the server had gone. */
			(void)shutdown(pfd.fd, SHUT_RDWR);
			return;
		}
		if (poll(&pfd, 1, (int)(left_us / 1000) + 1) == 1)
			(void)PQconsumeInput(db->conn);
	}
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

	if (db->before != NULL && !db->in_tx && db->before(db->before_arg, err) == -1)
		return -1;
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
	db->serial = __atomic_add_fetch(&connections, 1, __ATOMIC_RELAXED);
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
	db->lacks_table = db_sqlstate_lacks_table(sqlstate);
	if (db_sqlstate_retry_tx(sqlstate))
		db->tx_retry = true;
	if (db_sqlstate_wants_reconnect(sqlstate))
		db->worn = true;
}

void
db_answer_add(struct answer *answer, PGresult *pg)
{
	ExecStatusType status = PQresultStatus(pg);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
	    status == PGRES_EMPTY_QUERY) {
		PQclear(answer->last);
		answer->last = pg;
	} else if (status == PGRES_FATAL_ERROR && answer->failed == NULL) {
		answer->failed = pg;
	} else {
		answer->misused = status != PGRES_FATAL_ERROR && status != PGRES_PIPELINE_ABORTED;
		PQclear(pg);
	}
}

struct answer
db_collect(struct db *db, int sent)
{
	struct answer answer = { NULL, NULL, false };
	int64_t since_us = clock_mono_us();
	PGresult *pg;

	if (sent == 0)
		return answer;
	while (!answer.misused) {
		db_await(db, since_us);
		if ((pg = PQgetResult(db->conn)) == NULL)
			break;
		db_answer_add(&answer, pg);
	}
	db_trip_ends(db, since_us);
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

int
db_judge(struct db *db, const struct answer *answer, const char *what, bool read_only,
	 struct err *err)
{
	int rc = -1;

	if (answer->misused) {
		(void)err_set(err, ERR_INTERNAL, "%s: COPY does not go through this door", what);
		db_disconnect(db); /* it waits for data we do not have */
	} else if (is_lost(db, answer)) {
		/* Without its COMMIT a transaction has surely not happened. */
		(void)db_lost_err(what, read_only || db->in_tx, err);
	} else if (answer->failed != NULL) {
		(void)db_result_err(answer->failed, what, err);
		note_answer(db, answer->failed);
	} else if (answer->last == NULL) {
		(void)db_conn_err(db->conn, ERR_INTERNAL, what, err);
	} else {
		note_answer(db, answer->last);
		rc = 0;
	}
	return rc;
}

void
db_answer_give(struct answer *answer, struct db_result **result_out)
{
	if (result_out == NULL)
		return;
	*result_out = malloc(sizeof(**result_out));
	if (*result_out == NULL)
		abort();
	(*result_out)->pg = answer->last;
	answer->last = NULL;
}

void
db_answer_clear(struct answer *answer)
{
	PQclear(answer->last);
	PQclear(answer->failed);
	*answer = (struct answer){ NULL, NULL, false };
}

/* Collect and judge the answer.  Success: *result_out (if wanted) owns the rows. */
static int
take_answer(struct db *db, int sent, const char *what, bool read_only,
	    struct db_result **result_out, struct err *err)
{
	struct answer answer = db_collect(db, sent);
	int rc = db_judge(db, &answer, what, read_only, err);

	if (rc == 0)
		db_answer_give(&answer, result_out);
	db_answer_clear(&answer);
	return rc;
}

int
db_prepare_once(struct db *db, const struct db_stmt *stmt, const char *what, struct err *err)
{
	if (db_prepared_has(&db->prepared, stmt, NULL))
		return 0;
	if (take_answer(db, PQsendPrepare(db->conn, stmt->name, stmt->text, stmt->n_params, NULL),
			what, true, NULL, err) == -1)
		return -1;
	db_prepared_add(&db->prepared, stmt, NULL);
	return 0;
}

bool
db_lacks_table(const struct db *db)
{
	return db->lacks_table;
}

void
db_forget(struct db *db, const struct db_stmt *stmt)
{
	const struct db_stmt *question;

	while (db_prepared_remove(&db->prepared, stmt, &question)) {
		struct err ignored = ERR_INIT;
		char sql[120], name[DB_GATE_NAME_SIZE];

		db_gate_join_name(name, stmt);
		(void)snprintf(sql, sizeof(sql), "DEALLOCATE %s",
			       question == NULL ? stmt->name : name);
		if (db_run_sql(db, sql, &ignored) == -1)
			db->worn = true; /* its name must not mean another text */
	}
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
	db->lacks_table = false;
	(void)snprintf(what, sizeof(what), "statement \"%s\"", stmt->name);
	if (stmt->name[0] == '\0' || db->gate.state != DB_GATE_SHUT) {
		if (db_gate_pass(db, err) == -1)
			return -1;
	}
	if (db_connect(db, err) == -1)
		return -1;
	if (db->gate.state == DB_GATE_SHUT ||
	    (db->actor != NULL && !stmt->read_only && stmt->name[0] != '\0'))
		return db_gate_exec(db, stmt, params, what, result_out, err);
	if (stmt->name[0] == '\0') {
		sent = PQsendQueryParams(db->conn, stmt->text, stmt->n_params, NULL, params, NULL,
					 NULL, stmt->binary);
	} else {
		if (db_prepare_once(db, stmt, what, err) == -1)
			return -1;
		sent = PQsendQueryPrepared(db->conn, stmt->name, stmt->n_params, params, NULL, NULL,
					   stmt->binary);
	}
	return take_answer(db, sent, what, stmt->read_only, result_out, err);
}

int
db_exec_sql(struct db *db, const char *sql, struct err *err)
{
	if (db_gate_pass(db, err) == -1 || db_connect(db, err) == -1)
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
	return db_prepare_once(db, stmt, what, err);
}
