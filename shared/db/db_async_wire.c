/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db/db_async_wire.c: requests to the server and answers from it, in libpq's pipeline mode.
 *
 * On the wire a request is [PREPARE] EXECUTE SYNC: the SYNC makes it a transaction of its own, and
 * its answer is the end of the request, whatever came before.  A statement whose PREPARE is still
 * unanswered holds back the next request that needs it, so that a failed PREPARE harms one request.
 */
#include "db/db_async_private.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

/* ---- out ---- */

static void
flush_out(struct db_async *dba)
{
	int left = PQflush(dba->conn);

	dba->flushing = left == 1;
	if (left == -1)
		dba->broken = true;
}

/* From now on the server has the whole time for its next answer. */
static void
wait_anew(struct db_async *dba)
{
	dba->answer_due_ms = clock_mono_ms() + ((int64_t)dba->patience_ms << dba->silences);
}

/* End the request just put out and enter it in the wire list. */
static void
put_sync(struct db_async *dba, struct db_request *request)
{
	if (dba->wire.first == NULL)
		wait_anew(dba);
	request->sent_us = clock_mono_us();
	/* From here on it may have been executed, even if this SYNC fails to go out. */
	db_request_list_push(&dba->wire, request);
	if (PQpipelineSync(dba->conn) == 0)
		dba->broken = true;
}

void
db_async_wire_listen(struct db_async *dba, const char *channel)
{
	struct db_request *request = calloc(1, sizeof(*request));
	char *quoted = PQescapeIdentifier(dba->conn, channel, strlen(channel));
	char *sql;

	if (request == NULL || quoted == NULL)
		abort(); /* as str_dup(): nothing sane can follow */
	sql = str_printf("LISTEN %s", quoted);
	if (PQsendQueryParams(dba->conn, sql, 0, NULL, NULL, NULL, NULL, 0) == 0) {
		dba->broken = true;
		db_request_free(request);
	} else {
		put_sync(dba, request);
		if (!dba->broken)
			flush_out(dba);
	}
	free(sql);
	PQfreemem(quoted);
}

/* Is a PREPARE of this statement on the wire, its outcome unknown? */
static bool
is_preparing(const struct db_async *dba, const struct db_stmt *stmt)
{
	const struct db_request *request = dba->wire.first;

	while (request != NULL && !(request->preparing && request->stmt == stmt))
		request = request->next;
	return request != NULL;
}

/* May the first waiting request go out now? */
static bool
may_put(const struct db_async *dba)
{
	return dba->state == DB_ASYNC_UP && !dba->broken && !dba->worn &&
	       dba->waiting.first != NULL && dba->wire.count < DB_ASYNC_WIRE_MAX &&
	       !is_preparing(dba, dba->waiting.first->stmt);
}

/* Hand the statement of a request to libpq.  False: nothing that could be executed was sent. */
static bool
put_statement(struct db_async *dba, struct db_request *request)
{
	const struct db_stmt *stmt = request->stmt;
	const char *const *params = (const char *const *)request->params;

	if (stmt->name[0] == '\0')
		return PQsendQueryParams(dba->conn, stmt->text, stmt->n_params, NULL, params, NULL,
					 NULL, 0) == 1;
	request->preparing = !db_prepared_has(&dba->prepared, stmt, NULL);
	if (request->preparing &&
	    PQsendPrepare(dba->conn, stmt->name, stmt->text, stmt->n_params, NULL) == 0)
		return false;
	return PQsendQueryPrepared(dba->conn, stmt->name, stmt->n_params, params, NULL, NULL, 0) ==
	       1;
}

void
db_async_wire_push(struct db_async *dba)
{
	if (dba->state != DB_ASYNC_UP || dba->broken)
		return;
	while (may_put(dba)) {
		if (!put_statement(dba, dba->waiting.first)) {
			dba->waiting.first->preparing = false;
			dba->broken = true;
			return;
		}
		put_sync(dba, db_request_list_pop(&dba->waiting));
	}
	if (!dba->broken)
		flush_out(dba);
}

/* ---- in ---- */

/* Keep one result of the request at the head of the wire.  Takes pg over. */
static void
keep_result(struct db_async *dba, struct db_request *request, PGresult *pg)
{
	ExecStatusType status = PQresultStatus(pg);

	if (status == PGRES_PIPELINE_ABORTED) {
		PQclear(pg);
	} else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK &&
		   status != PGRES_EMPTY_QUERY) {
		if (request->failed == NULL)
			request->failed = pg;
		else
			PQclear(pg);
	} else if (request->preparing) {
		request->preparing = false;
		db_prepared_add(&dba->prepared, request->stmt, NULL);
		PQclear(pg);
	} else {
		PQclear(request->last);
		request->last = pg;
	}
}

/* The request at the head of the wire is answered completely. */
static void
finish_head(struct db_async *dba)
{
	struct db_request *request = db_request_list_pop(&dba->wire);
	const char *sqlstate = PQresultErrorField(request->failed, PG_DIAG_SQLSTATE);

	if (db_sqlstate_wants_reconnect(sqlstate))
		dba->worn = true;
	if (dba->wire.first == NULL)
		dba->silences = 0; /* nothing is left that could hold up the rest */
	wait_anew(dba);
	if (request->stmt != NULL) {
		struct err err = ERR_INIT;
		struct db_result result = { request->last };
		char what[100];

		histogram_add(&dba->trips, histogram_programs, clock_mono_us() - request->sent_us);
		(void)snprintf(what, sizeof(what), "statement \"%s\"", request->stmt->name);
		if (request->failed != NULL)
			(void)db_result_err(request->failed, what, &err);
		else if (request->last == NULL)
			(void)err_set(&err, ERR_INTERNAL, "%s: no answer", what);
		request->done(request->arg, err.kind == ERR_NONE ? &result : NULL, &err);
	}
	db_request_free(request);
}

/* Take the answers libpq has in full. */
static void
take_answers(struct db_async *dba)
{
	int nothing = 0; /* NULL stands between two statements; two of them in a row: no more */

	while (dba->wire.first != NULL && nothing < 2 && PQisBusy(dba->conn) == 0) {
		PGresult *pg = PQgetResult(dba->conn);

		if (pg == NULL) {
			nothing++;
			continue;
		}
		nothing = 0;
		if (PQresultStatus(pg) == PGRES_PIPELINE_SYNC) {
			PQclear(pg);
			finish_head(dba);
		} else {
			keep_result(dba, dba->wire.first, pg);
		}
	}
}

static void
deliver_notifications(struct db_async *dba)
{
	PGnotify *notice;

	while ((notice = PQnotifies(dba->conn)) != NULL) {
		/* a callback may add a listener, and with it move the array */
		for (size_t i = 0; i < dba->listener_count; i++) {
			struct db_listener listener = dba->listeners[i];

			if (strcmp(listener.channel, notice->relname) == 0)
				listener.notify(listener.arg, notice->relname, notice->extra);
		}
		PQfreemem(notice);
	}
}

int
db_async_wire_left_ms(const struct db_async *dba)
{
	int64_t left_ms = dba->answer_due_ms - clock_mono_ms();

	if (dba->patience_ms == 0 || dba->wire.first == NULL)
		return -1;
	return left_ms > 0 ? (int)left_ms : 0;
}

static bool
is_readable(const struct db_async *dba)
{
	struct pollfd pfd = { PQsocket(dba->conn), POLLIN, 0 };

	return poll(&pfd, 1, 0) == 1;
}

void
db_async_wire_pull(struct db_async *dba)
{
	/* When we did not look in time ourselves, or an answer is long, its bytes count. */
	bool came = db_async_wire_left_ms(dba) == 0 && is_readable(dba);
	/* Even when this fails, complete answers may stand before the break. */
	int rc = PQconsumeInput(dba->conn);

	take_answers(dba);
	deliver_notifications(dba);
	if (rc == 0 || PQstatus(dba->conn) != CONNECTION_OK ||
	    (dba->worn && dba->wire.first == NULL))
		dba->broken = true;
	if (came)
		wait_anew(dba);
	if (!dba->broken && db_async_wire_left_ms(dba) == 0)
		db_async_conn_silent(dba);
}
