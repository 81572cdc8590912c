/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db/db.h: the one door to PostgreSQL (the only includer of libpq).
 *
 * A struct db is one connection that heals itself: a statement on a broken connection first
 * reconnects (bounded by connect_timeout of the conninfo); statements are prepared once per
 * connection under their name.  Values are always parameters, never spliced.
 *
 * SQLSTATE becomes err_kind here and nowhere else:
 *	JQ400 22xxx 23502 23514 -> ERR_INVALID     JQ404 -> ERR_NOT_FOUND
 *	JQ403 42501            -> ERR_DENIED       JQ409 23503 23505 23P01 -> ERR_CONFLICT
 *	JQ412                  -> ERR_STALE        JQ413 -> ERR_TOO_LARGE
 *	40001 40P01 55P03 57014 57P0x 53xxx 08xxx, connection refused -> ERR_BUSY
 *	connection lost after a statement that may write was sent -> ERR_UNCERTAIN
 *	25006 26000, a changed result type -> ERR_BUSY, and the connection is dropped (after a
 *	fail-over it would go on failing)
 *	anything else          -> ERR_INTERNAL
 * For JQnnn the err text is the server's primary message as it is (written for users), the key its detail.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_result;
struct err;
struct histogram;

/*
 * One statement, a static constant beside the code that binds and reads it, defined by DB_STMT().
 * A statement whose text is composed at run time has the name "" and is not kept prepared; or a name and an edition
 * of its own each time: whoever reuses the struct calls db_forget() before.
 */
struct db_stmt {
	const char *name; /* unique in the program; the prepared statement's name */
	const char *text; /* $1 ... $n */
	int n_params;
	bool read_only; /* no write in it: a lost connection is ERR_BUSY, safe to repeat */
	unsigned edition; /* of a text composed at run time; 0: a constant */
	bool binary; /* rows come as the server has them: for db_exec(), see db_us() */
	bool takes_gate; /* a gate's question may be put into it, see db_gate_set() */
};

/*
 * Define a static constant statement and enter it into the program's list of statements (a linker
 * section), so that a test can PREPARE every one on a fresh schema:
 *
 *	DB_STMT(queue_list) = {
 *		.name = "queue_list",
 *		.text = "select id, name from jqm.queue order by name",
 *		.read_only = true,
 *	};
 *	... db_exec(db, &queue_list, NULL, &rows, err) ...
 */
#define DB_STMT(var)                                           \
	static const struct db_stmt var;                       \
	static const struct db_stmt *const var##_in_list       \
	    __attribute__((section("db_stmts"), used)) = &var; \
	static const struct db_stmt var

/* Every DB_STMT() linked into this program (objects of a static library count once linked in). */
const struct db_stmt *const *db_stmt_list(size_t *count_out);

/* conninfo with user=role added unless it names a user itself; free() it.  role is a plain word. */
char *db_conninfo_as(const char *conninfo, const char *role);

/* conninfo with this value in the place of its own, in whatever form it is; free() it. */
char *db_conninfo_with(const char *conninfo, const char *keyword, const char *value);

/* A fresh copy of the value conninfo gives for keyword; NULL when it gives none, or cannot be read. */
char *db_conninfo_value(const char *conninfo, const char *keyword);

/* 0, or -1 with ERR_INTERNAL when libpq cannot read it; nothing of conninfo is in err, which may have a password in it. */
int db_conninfo_check(const char *conninfo, struct err *err);

/* What the server stores of a role's password (SCRAM), so that no password stands in a statement; free() it. */
char *db_password_verifier(struct db *db, const char *role, const char *password, struct err *err);

/* Prepare (not connect) a handle.  conninfo: a libpq connection string (multi-host allowed);
 * program becomes application_name.  Never fails.  Connects at first use. */
struct db *db_new(const char *conninfo, const char *program);

/* Close and free; db_free(NULL) does nothing. */
void db_free(struct db *db);

/*
 * For whom the statements that may write are from now on, for the audit trail (jqm.audit_actor()); NULL: nobody in
 * particular.  Copied.  It goes with each of them in the same packet and transaction: no trip more, and nothing of it
 * stays on the connection.
 */
void db_set_actor(struct db *db, const char *actor);

/*
 * From now on fn is called before the server is asked something, outside of transactions; it uses nothing of db.  -1 with err: the
 * server is not asked.  NULL: nothing is called.
 */
void db_set_before(struct db *db, int (*fn)(void *arg, struct err *err), void *arg);

/* From now on count how long the answers of the server take (histogram_programs); NULL: nowhere. */
void db_count_trips(struct db *db, struct histogram *trips);

/*
 * From now on a server that does not answer for so long counts as dead: the connection is dropped, and the statement
 * fails as one whose answer was lost.  0, the default: as long as it takes.
 */
void db_set_patience(struct db *db, int patience_ms);

/* Connect now if not connected.  0, or -1 (ERR_BUSY; ERR_INTERNAL for a wrong conninfo). */
int db_connect(struct db *db, struct err *err);

/* Drop the connection (the next statement reconnects). */
void db_disconnect(struct db *db);

/*
 * Run stmt with n_params text values (NULL = SQL NULL).  Success: *result_out owns the rows
 * (db_result_free()).  result_out may be NULL when rows do not matter.
 */
int db_exec(struct db *db, const struct db_stmt *stmt, const char *const *params,
	    struct db_result **result_out, struct err *err);

/* Run unprepared SQL, possibly several statements (schema files, LISTEN, BEGIN).  Not for values. */
int db_exec_sql(struct db *db, const char *sql, struct err *err);

/*
 * Run fn(db, arg, err) inside BEGIN..COMMIT; -1 from fn rolls back.  Retries the whole fn at most 3
 * times on serialization failure or deadlock (40001, 40P01).  A lost COMMIT answer: ERR_UNCERTAIN.
 * Inside another db_tx...() fn becomes a part of that one, which is then what commits, or runs again.
 */
int db_tx(struct db *db, int (*fn)(struct db *db, void *arg, struct err *err), void *arg,
	  struct err *err);

/* The same; all statements see the database as the first one found it, and what was changed since cannot be changed. */
int db_tx_repeatable(struct db *db, int (*fn)(struct db *db, void *arg, struct err *err), void *arg,
		     struct err *err);

/* db_exec() in a transaction of its own: again when others were in the way. */
int db_tx_exec(struct db *db, const struct db_stmt *stmt, const char *const *params,
	       struct db_result **result_out, struct err *err);

/* The same as db_tx_repeatable() for statements that only read: all see the database as the first one found it. */
int db_tx_snapshot(struct db *db, int (*fn)(struct db *db, void *arg, struct err *err), void *arg,
		   struct err *err);

/* Prepare stmt on the server without running it (tests PREPARE every statement). */
int db_prepare(struct db *db, const struct db_stmt *stmt, struct err *err);

/* Rows. Values are borrowed from the result. */
int db_rows(const struct db_result *result);
const char *db_text(const struct db_result *result, int row, int col); /* NULL for SQL NULL */
bool db_is_null(const struct db_result *result, int row, int col);
int64_t db_int64(const struct db_result *result, int row, int col); /* 0 for NULL; asserts digits */
bool db_bool(const struct db_result *result, int row, int col); /* false for NULL */
/*
 * Of statements with binary rows only: a moment, in us since 1970; a double; a jsonb as text.  0, NULL for NULL.
 * db_text(), db_int64() and db_bool() know text, the integers and boolean there.
 */
int64_t db_us(const struct db_result *result, int row, int col);
double db_double(const struct db_result *result, int row, int col);
const char *db_jsonb(const struct db_result *result, int row, int col);
void db_result_free(struct db_result *result);

/*
 * The number of the connection this handle has, or had last; 0: none yet.  No other connection of the program ever has
 * it, over whatever handle: whoever keeps what the server said knows whether it is still the same one.
 */
unsigned db_serial(const struct db *db);

/* The last db_exec() failed because a table that it names is not there: for who composes such names. */
bool db_lacks_table(const struct db *db);

/* The server need not keep stmt prepared any longer. */
void db_forget(struct db *db, const struct db_stmt *stmt);

/*
 * A gate: a question is asked before whatever statement comes next, in the same transaction and, if
 * that is a named one of db_exec(), in the same round trip.  Its two forms have the same parameters: ask, which gives no row when
 * what the caller remembers is so no more, for statements that only read (their rows are then forgotten); and
 * demand, which fails with SQLSTATE JQ412, and costs a little more.  demand may have one parameter more, who acts ('' for
 * nobody): it sets jqm.actor itself, for its transaction, which saves a statement.  A gate is
 * refused without being asked when the connection is another one than serial.  Refused:
 * then neither that statement nor any later one is run, until the gate is cleared; they fail with ERR_STALE.
 * Params are copied.  Not inside db_tx().
 *
 * A statement costs the server as much as the row it finds, so a statement that takes_gate becomes one with the question: to the
 * rows of one that reads it is a column more, the last, and is asked alone when there is no row; one that writes must be a SELECT of
 * one value, which is only looked for once the demand is met, and must not fail with JQ412 itself.
 */
#define DB_GATE_SQLSTATE "JQ412"
enum db_gate_state {
	DB_GATE_NONE,
	DB_GATE_SHUT, /* not asked yet */
	DB_GATE_OPEN,
	DB_GATE_REFUSED,
	DB_GATE_LOST /* the connection broke over it: what the statement said stands, nothing more is run */
};
void db_gate_set(struct db *db, const struct db_stmt *ask, const struct db_stmt *demand,
		 const char *const *params, unsigned serial);
void db_gate_clear(struct db *db);
enum db_gate_state db_gate_state(const struct db *db);
/* Ask now, if nobody has.  0: open, or there is none.  -1: refused (ERR_STALE), lost, or it could not be asked. */
int db_gate_pass(struct db *db, struct err *err);

/*
 * Non-blocking use (the runner's event loop).  The loop, again and again:
 *	1. waits until db_async_fd() is readable, or writable while db_async_wants_write(), or
 *	   db_async_timeout_ms() has passed; all three asked anew after every call of
 *	   db_async_process(), db_async_send() and db_async_listen();
 *	2. calls db_async_process().
 * db_async_process() calls done() for each finished request, in order; notify(); and on_connect().
 * All of these may call db_async_send() and db_async_listen(), none db_async_free() or
 * db_async_process().  done(): on success result is borrowed, valid during the call only, and err's
 * kind is ERR_NONE; on failure result is NULL and err says why.
 *
 * The handle wants to be connected from its first db_async_process() on.  One attempt at a time,
 * non-blocking (but for the resolver: give addresses, or names from a file), each bounded by
 * connect_timeout; several hosts are tried one after the other, then a pause with jitter, 100 ms
 * doubling to 5 s.  A request sent while the connection is down waits; one that was on the wire
 * when it broke fails with ERR_UNCERTAIN (ERR_BUSY when read_only).  Requests run in pipeline mode,
 * each its own transaction; one that fails does not touch the others.
 */
typedef void db_done_fn(void *arg, const struct db_result *result, const struct err *err);
struct db_async;
struct db_async *db_async_new(const char *conninfo, const char *program);
/*
 * Before the first db_async_process(): a server of which nothing comes for patience_ms while an answer is
 * due, or that takes longer to be connected to, counts as dead: what is on the wire fails, and the next
 * host is tried.  One that lives but is slow is waited for twice as long the next time, and so on, until it
 * has answered all: it would never get to the end of what it is asked.  0, the default: as long as it takes.
 */
void db_async_set_patience(struct db_async *dba, int patience_ms);
/* Requests still pending are dropped without a call of done(). */
void db_async_free(struct db_async *dba);
int db_async_fd(const struct db_async *dba); /* -1 while there is none; changes on reconnect */
/* Changes whenever the descriptor may be another one, even with an old number: register it anew. */
unsigned db_async_fd_serial(const struct db_async *dba);
bool db_async_wants_write(const struct db_async *dba);
bool db_async_connected(const struct db_async *dba);
/* ms until db_async_process() wants to be called even without events; -1 = never. */
int db_async_timeout_ms(const struct db_async *dba);
/* Params are copied.  arg is passed to done. */
void db_async_send(struct db_async *dba, const struct db_stmt *stmt, const char *const *params,
		   db_done_fn *done, void *arg);
size_t db_async_pending(const struct db_async *dba); /* requests not yet answered */

/*
 * Server processes of connections that were lost with a request on the wire that writes, the newest DB_ASYNC_LOST_MAX of them:
 * one that has only been slow, or has not noticed, may still carry it out, long after done() was told that nobody knows.
 * Until they are forgotten.
 */
#define DB_ASYNC_LOST_MAX 16
size_t db_async_lost(const struct db_async *dba, int64_t pids[DB_ASYNC_LOST_MAX]);
void db_async_forget_lost(struct db_async *dba);
/* How long the answers took since each was sent (histogram_programs), those before it in the pipeline included. */
const struct histogram *db_async_trips(const struct db_async *dba);
void db_async_process(struct db_async *dba);
/* Channels to LISTEN on, again after each reconnect; notify() is called from db_async_process(). */
void db_async_listen(struct db_async *dba, const char *channel,
		     void (*notify)(void *arg, const char *channel, const char *payload),
		     void *arg);
/* Called after each successful (re)connection, before queued requests are sent. */
void db_async_on_connect(struct db_async *dba, void (*fn)(void *arg), void *arg);

#endif
