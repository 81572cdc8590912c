/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_private.h: what the files of shared/db (and their tests) know of each other. */
#ifndef DB_DB_PRIVATE_H
#define DB_DB_PRIVATE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "db/db.h"

struct db_result {
	PGresult *pg;
};

/* Statements prepared on one connection, known by address and edition; and by the gate's question that is in them, or NULL. */
struct db_prepared {
	struct db_prepared_stmt {
		const struct db_stmt *stmt, *question;
		unsigned edition;
	} * stmts;
	size_t count;
	size_t size;
};

/* All that came back for one question. */
struct answer {
	PGresult *last; /* of the last statement that succeeded, or NULL */
	PGresult *failed; /* the first error, or NULL */
	bool misused; /* COPY, which this door does not offer */
};

#define DB_GATE_PARAMS_MAX 4

struct db_gate {
	enum db_gate_state state;
	const struct db_stmt *ask, *demand;
	char *params[DB_GATE_PARAMS_MAX];
	unsigned serial; /* of the connection its question is about */
};

/*
 * Invariants: in_tx only inside db_tx(); while in_tx no statement reconnects, since what follows
 * would run outside the transaction.  was_open: the server said after the last statement that a
 * transaction (of the caller's own BEGIN) is open.
 */
struct db {
	char *conninfo;
	char *program;
	PGconn *conn; /* NULL while not connected */
	struct db_prepared prepared;
	char *actor; /* NULL: none */
	int (*before)(void *arg, struct err *err); /* NULL: nothing */
	void *before_arg;
	struct histogram *trips; /* NULL: nobody counts */
	int patience_ms; /* 0: without end */
	unsigned serial; /* db_serial() */
	struct db_gate gate;
	bool in_tx;
	bool was_open;
	bool worn; /* this connection shall not be used beyond its transaction */
	bool tx_retry; /* a statement of this transaction failed with 40001 or 40P01 */
	bool lacks_table; /* the last db_exec() failed with 42P01 */
	int error_position; /* of the last error, in characters from 1; 0 = unknown */
};

/* db_sqlstate.c */

/* What the caller can do about this SQLSTATE; NULL or "" (no word from the server): ERR_BUSY. */
enum err_kind db_sqlstate_kind(const char *sqlstate);

/* Serialization failure or deadlock: the same transaction may succeed when run again. */
bool db_sqlstate_retry_tx(const char *sqlstate);

/* A table that is not there. */
bool db_sqlstate_lacks_table(const char *sqlstate);

/* Errors that go on for as long as this connection is used (fail-over, lost prepared statements). */
bool db_sqlstate_wants_reconnect(const char *sqlstate);

/* Fill err from a failed result; what names the statement.  Returns -1. */
int db_result_err(const PGresult *pg, const char *what, struct err *err);

/* Fill err with libpq's own words about conn, in one line.  Returns -1. */
int db_conn_err(const PGconn *conn, enum err_kind kind, const char *what, struct err *err);

/* A lost answer: ERR_BUSY when stmt only reads, else ERR_UNCERTAIN.  Returns -1. */
int db_lost_err(const char *what, bool read_only, struct err *err);

/* db_conninfo.c */

/* Number of hosts named, at least 1; 1 too when they cannot be tried one by one. */
int db_conninfo_hosts(const char *conninfo);

/* Connect with our defaults added, waiting for the outcome.  NULL only when out of memory. */
PGconn *db_conninfo_connect(const char *conninfo, const char *program);

/*
 * Start a non-blocking connection to one host (0 <= host_no < db_conninfo_hosts()).  patience_ms: a peer
 * that is silent for so long shall count as dead; 0: our defaults.
 */
PGconn *db_conninfo_start(const char *conninfo, const char *program, int host_no, int patience_ms);

/* The connect_timeout in force for conn, in milliseconds. */
int db_conninfo_timeout_ms(PGconn *conn);

/* db_prepared.c */
bool db_prepared_has(const struct db_prepared *prepared, const struct db_stmt *stmt,
		     const struct db_stmt *question);
void db_prepared_add(struct db_prepared *prepared, const struct db_stmt *stmt,
		     const struct db_stmt *question);
void db_prepared_clear(struct db_prepared *prepared);

/* One of its forms; *question_out is that one's.  False: there is none (left). */
bool db_prepared_remove(struct db_prepared *prepared, const struct db_stmt *stmt,
			const struct db_stmt **question_out);

/* db.c */

/* Collect the answer to a question of which libpq said that it could be sent or not. */
struct answer db_collect(struct db *db, int sent);

/* The server was asked at that moment: wait until it has something to say, within our patience. */
void db_await(struct db *db, int64_t since_us);

/* The server has been asked since then, and has answered. */
void db_trip_ends(struct db *db, int64_t since_us);

/* Put one result into the answer, which owns it from now on. */
void db_answer_add(struct answer *answer, PGresult *pg);

/* What the answer means: 0, or -1 with err.  The connection goes where it cannot be used any more. */
int db_judge(struct db *db, const struct answer *answer, const char *what, bool read_only,
	     struct err *err);

/* *result_out, if wanted, owns the rows. */
void db_answer_give(struct answer *answer, struct db_result **result_out);
void db_answer_clear(struct answer *answer);

/* Prepare stmt unless this connection knows it. */
int db_prepare_once(struct db *db, const struct db_stmt *stmt, const char *what, struct err *err);

/* db_gate_join.c */

#define DB_GATE_NAME_SIZE 80

/* What the server calls the statement with a question in it. */
void db_gate_join_name(char name[DB_GATE_NAME_SIZE], const struct db_stmt *stmt);

/* As db_gate_exec() for a statement that takes_gate: 0, -1 + err; the gate is open, refused, lost, or still shut. */
int db_gate_join_exec(struct db *db, const struct db_stmt *stmt, const char *const *params,
		      const char *what, struct db_result **result_out, struct err *err);

/* db_gate.c */

/* The gate is refused from now on.  -1 + err. */
int db_gate_refuse(struct db *db, struct err *err);

/* As db_exec() of a named statement, behind a gate that is shut, who acts, or both, in one packet and transaction. */
int db_gate_exec(struct db *db, const struct db_stmt *stmt, const char *const *params,
		 const char *what, struct db_result **result_out, struct err *err);

/* db.c */

/* As db_exec_sql(), on the connection as it is: never reconnects. */
int db_run_sql(struct db *db, const char *sql, struct err *err);

/* The socket of the connection, -1 without one (tests break it on purpose). */
int db_socket(const struct db *db);

#endif
