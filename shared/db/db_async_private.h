/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_async_private.h: what the db_async_*.c files share. */
#ifndef DB_DB_ASYNC_PRIVATE_H
#define DB_DB_ASYNC_PRIVATE_H

#include <stdint.h>

#include "base/histogram.h"
#include "db/db_private.h"

/* More than this is not put on the wire at once: all of it is in doubt when the connection breaks. */
#define DB_ASYNC_WIRE_MAX 64

struct db_request {
	struct db_request *next;
	const struct db_stmt *stmt; /* NULL: a LISTEN of our own */
	char **params; /* one allocation with the texts behind the pointers */
	db_done_fn *done;
	void *arg;
	int64_t sent_us; /* on the wire since then */
	bool preparing; /* on the wire, and the answer to its PREPARE is still to come */
	PGresult *last; /* result of its statement */
	PGresult *failed; /* its first error */
};

struct db_request_list {
	struct db_request *first;
	struct db_request *last;
	size_t count;
};

struct db_listener {
	char *channel;
	void (*notify)(void *arg, const char *channel, const char *payload);
	void *arg;
};

enum db_async_state {
	DB_ASYNC_DOWN, /* no conn; the next attempt starts at retry_at_ms */
	DB_ASYNC_CONNECTING, /* conn; polling says what to wait for, until deadline_ms */
	DB_ASYNC_UP /* conn, in pipeline mode */
};

/*
 * A request is in exactly one list: waiting (nothing of it was sent) or wire (perhaps executed).
 * conn != NULL exactly when state != DB_ASYNC_DOWN; wire is empty unless state == DB_ASYNC_UP.
 */
struct db_async {
	char *conninfo;
	char *program;
	enum db_async_state state;
	PGconn *conn;
	PostgresPollingStatusType polling;
	unsigned fd_serial;
	int64_t retry_at_ms;
	int64_t deadline_ms;
	int backoff_ms; /* upper bound of the next pause */
	int host_no; /* which of several hosts the next attempt takes */
	bool broken; /* UP, but the connection must go: at the next db_async_process() */
	int patience_ms; /* 0: without end */
	int64_t answer_due_ms; /* UP, and the wire not empty: then the server counts as dead */
	unsigned silences; /* connections in a row that fell silent */
	bool silent; /* UP and broken: because nothing came */
	bool worn; /* UP, but for what is on the wire only; then broken */
	bool flushing; /* UP, and libpq holds bytes the socket did not take yet */
	bool processing; /* inside db_async_process(): sends only queue */

	struct db_prepared prepared;
	struct db_request_list waiting;
	struct db_request_list wire;

	struct histogram trips;
	int64_t server_pid; /* UP: of the server process */
	int64_t lost[DB_ASYNC_LOST_MAX]; /* db_async_lost(), the newest last */
	size_t n_lost;

	struct db_listener *listeners;
	size_t listener_count;
	void (*on_connect)(void *arg);
	void *on_connect_arg;
};

/* db_async.c: requests and their lists */
void db_request_list_push(struct db_request_list *list, struct db_request *request);
struct db_request *db_request_list_pop(struct db_request_list *list);
void db_request_free(struct db_request *request);

/* db_async_conn.c */

/* Start or go on with the connection attempt as far as it goes without waiting. */
void db_async_conn_advance(struct db_async *dba);

/*
 * The connection is gone or must go: DOWN, the next attempt after a pause.  Everything on the wire
 * fails, each request once.
 */
void db_async_conn_lost(struct db_async *dba);

/* The server has been silent for too long: broken; the next one is tried, and waited for longer. */
void db_async_conn_silent(struct db_async *dba);

/* db_async_wire.c */

/* Put LISTEN for a channel on the wire (UP). */
void db_async_wire_listen(struct db_async *dba, const char *channel);

/* Move waiting requests to the wire as far as it takes them, and write.  Calls no callback. */
void db_async_wire_push(struct db_async *dba);

/* How long the answer that is due may still take; -1: none is due, or it may take for ever. */
int db_async_wire_left_ms(const struct db_async *dba);

/* Read what is there; finish requests, deliver notifications. */
void db_async_wire_pull(struct db_async *dba);

#endif
