/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_gate.c: a question whose answer decides whether the next statement is run, in one round trip with it. */
#include "db/db_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

#define PACKET_MAX 3

unsigned
db_serial(const struct db *db)
{
	return db->serial;
}

static void
forget_params(struct db_gate *gate)
{
	for (int i = 0; i < DB_GATE_PARAMS_MAX; i++) {
		free(gate->params[i]);
		gate->params[i] = NULL;
	}
}

void
db_gate_set(struct db *db, const struct db_stmt *ask, const struct db_stmt *demand,
	    const char *const *params, unsigned serial)
{
	struct db_gate *gate = &db->gate;

	assert(demand->n_params <= DB_GATE_PARAMS_MAX);
	assert(demand->n_params == ask->n_params || demand->n_params == ask->n_params + 1);
	assert(ask->name[0] != '\0' && demand->name[0] != '\0');
	forget_params(gate);
	for (int i = 0; i < ask->n_params; i++)
		gate->params[i] = params[i] == NULL ? NULL : str_dup(params[i]);
	gate->ask = ask;
	gate->demand = demand;
	gate->serial = serial;
	gate->state = DB_GATE_SHUT;
}

void
db_gate_clear(struct db *db)
{
	forget_params(&db->gate);
	db->gate.state = DB_GATE_NONE;
}

enum db_gate_state
db_gate_state(const struct db *db)
{
	return db->gate.state;
}

int
db_gate_refuse(struct db *db, struct err *err)
{
	db->gate.state = DB_GATE_REFUSED;
	return err_set(err, ERR_STALE, "what was asked before has another answer by now");
}

/* Its answer came; 0: what stands behind it may be done. */
static int
judge(struct db *db, const struct answer *answer, const char *what, struct err *err)
{
	const char *sqlstate = PQresultErrorField(answer->failed, PG_DIAG_SQLSTATE);
	int rc;

	if (sqlstate != NULL && strcmp(sqlstate, DB_GATE_SQLSTATE) == 0)
		return db_gate_refuse(db, err);
	rc = db_judge(db, answer, what, true, err);
	if (rc == 0 && PQntuples(answer->last) == 0)
		return db_gate_refuse(db, err);
	if (rc == 0)
		db->gate.state = DB_GATE_OPEN;
	return rc;
}

DB_STMT(set_actor) = {
	.name = "db_set_actor",
	.text = "select set_config('jqm.actor', $1, true)",
	.n_params = 1,
	.read_only = true,
};

/* What goes in one packet: perhaps a gate, perhaps who acts, and the statement, which is the last. */
struct packet {
	int n;
	const struct db_stmt *stmts[PACKET_MAX];
	const char *const *params[PACKET_MAX];
	struct answer answers[PACKET_MAX];
};

static void
packet_add(struct packet *packet, const struct db_stmt *stmt, const char *const *params)
{
	packet->stmts[packet->n] = stmt;
	packet->params[packet->n++] = params;
}

static bool
packet_send(struct db *db, const struct packet *packet)
{
	if (PQenterPipelineMode(db->conn) == 0)
		return false;
	for (int i = 0; i < packet->n; i++)
		if (PQsendQueryPrepared(db->conn, packet->stmts[i]->name,
					packet->stmts[i]->n_params, packet->params[i], NULL, NULL,
					packet->stmts[i]->binary) == 0)
			return false;
	return PQpipelineSync(db->conn) == 1;
}

/* All that comes for it, up to the common end. */
static void
packet_collect(struct db *db, struct packet *packet, int64_t since_us)
{
	int at = 0, nothing = 0; /* NULL stands between two; two in a row: no more will come */

	while (nothing < 2) {
		PGresult *pg;

		db_await(db, since_us);
		pg = PQgetResult(db->conn);
		if (pg == NULL) {
			at += at < packet->n - 1;
			nothing++;
			continue;
		}
		nothing = 0;
		if (PQresultStatus(pg) == PGRES_PIPELINE_SYNC) {
			PQclear(pg);
			return;
		}
		db_answer_add(&packet->answers[at], pg);
	}
}

/* The server's last word to one of them means that it did not come to the next. */
static const struct answer *
last_word(const struct packet *packet)
{
	int i = 0;

	while (i < packet->n - 1 &&
	       PQresultErrorField(packet->answers[i].failed, PG_DIAG_SQLSTATE) == NULL)
		i++;
	return &packet->answers[i];
}

/* 0: all of it was done. */
static int
packet_judge(struct db *db, const struct packet *packet, const char *what, struct err *err)
{
	const struct db_stmt *stmt = packet->stmts[packet->n - 1];
	bool gated = db->gate.state == DB_GATE_SHUT;

	if (PQstatus(db->conn) != CONNECTION_OK) {
		if (gated)
			db->gate.state = DB_GATE_LOST;
		return db_judge(db, last_word(packet), what, stmt->read_only, err);
	}
	if (gated && judge(db, &packet->answers[0], what, err) == -1)
		return -1;
	for (int i = gated; i < packet->n - 1; i++)
		if (db_judge(db, &packet->answers[i], what, true, err) == -1)
			return -1;
	return db_judge(db, &packet->answers[packet->n - 1], what, stmt->read_only, err);
}

/* Put the gate's question about stmt first; true: it says who acts, too. */
static bool
packet_add_gate(struct packet *packet, const struct db *db, const struct db_stmt *stmt,
		const char *params[DB_GATE_PARAMS_MAX])
{
	const struct db_gate *gate = &db->gate;
	const struct db_stmt *question = stmt->read_only ? gate->ask : gate->demand;
	int n = gate->ask->n_params;

	for (int i = 0; i < n; i++)
		params[i] = gate->params[i];
	if (question->n_params > n)
		params[n] = db->actor == NULL ? "" : db->actor;
	packet_add(packet, question, params);
	return question->n_params > n;
}

/* One that writes must be told who acts, too: in the question. */
static bool
takes_question(const struct db *db, const struct db_stmt *stmt)
{
	const struct db_gate *gate = &db->gate;

	return gate->state == DB_GATE_SHUT && stmt->takes_gate &&
	       (stmt->read_only || gate->demand->n_params > gate->ask->n_params);
}

int
db_gate_exec(struct db *db, const struct db_stmt *stmt, const char *const *params, const char *what,
	     struct db_result **result_out, struct err *err)
{
	const struct db_gate *gate = &db->gate;
	const char *const who[] = { db->actor };
	const char *gate_params[DB_GATE_PARAMS_MAX];
	struct packet packet = { .n = 0 };
	bool told = db->actor == NULL || stmt->read_only;
	int64_t since_us;
	int rc = -1;

	if (gate->state == DB_GATE_SHUT && gate->serial != db->serial)
		/* the answer is of another connection, perhaps of another server */
		return db_gate_refuse(db, err);
	if (takes_question(db, stmt))
		return db_gate_join_exec(db, stmt, params, what, result_out, err);
	if (gate->state == DB_GATE_SHUT && packet_add_gate(&packet, db, stmt, gate_params))
		told = true;
	if (!told)
		packet_add(&packet, &set_actor, who);
	packet_add(&packet, stmt, params);
	for (int i = 0; i < packet.n; i++)
		if (db_prepare_once(db, packet.stmts[i], what, err) == -1)
			return -1;
	since_us = clock_mono_us();
	if (packet_send(db, &packet))
		packet_collect(db, &packet, since_us);
	db_trip_ends(db, since_us);
	if (PQexitPipelineMode(db->conn) == 0 && PQstatus(db->conn) == CONNECTION_OK) {
		/* something is left in it that nobody will take */
		(void)db_conn_err(db->conn, ERR_INTERNAL, what, err);
		db_disconnect(db);
	} else {
		rc = packet_judge(db, &packet, what, err);
	}
	if (rc == 0)
		db_answer_give(&packet.answers[packet.n - 1], result_out);
	for (int i = 0; i < packet.n; i++)
		db_answer_clear(&packet.answers[i]);
	return rc;
}

int
db_gate_pass(struct db *db, struct err *err)
{
	struct db_gate *gate = &db->gate;
	char what[100];
	struct answer answer;
	int rc = -1;

	if (gate->state == DB_GATE_NONE || gate->state == DB_GATE_OPEN)
		return 0;
	if (gate->state == DB_GATE_REFUSED)
		return db_gate_refuse(db, err);
	if (gate->state == DB_GATE_LOST)
		return db_lost_err("what goes on after a gate", true, err);
	if (db_connect(db, err) == -1)
		return -1;
	if (gate->serial != db->serial)
		return db_gate_refuse(db, err);
	(void)snprintf(what, sizeof(what), "statement \"%s\"", gate->ask->name);
	if (db_prepare_once(db, gate->ask, what, err) == -1)
		return -1;
	answer =
	    db_collect(db, PQsendQueryPrepared(db->conn, gate->ask->name, gate->ask->n_params,
					       (const char *const *)gate->params, NULL, NULL, 0));
	rc = judge(db, &answer, what, err);
	db_answer_clear(&answer);
	return rc;
}
