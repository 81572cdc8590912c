/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_async_conn.c: come to a connection without waiting, lose it, come back. */
#include "db/db_async_private.h"

#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000

#define SILENCES_MAX 4 /* each of so many in a row is waited for twice as long as the one before */

/* Some number in [bound / 2, bound], so that many clients do not come back in step. */
static int
jittered_ms(int bound_ms)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random = (uint32_t)clock_wall_us();
	return bound_ms / 2 + (int)(random % (uint32_t)(bound_ms / 2 + 1));
}

static void
drop(struct db_async *dba)
{
	PQfinish(dba->conn);
	dba->conn = NULL;
	dba->state = DB_ASYNC_DOWN;
	dba->broken = false;
	dba->worn = false;
	dba->silent = false;
	dba->flushing = false;
	dba->fd_serial++;
	db_prepared_clear(&dba->prepared);
}

static void
pause_before_retry(struct db_async *dba)
{
	int bound_ms = dba->backoff_ms > 0 ? dba->backoff_ms : BACKOFF_MIN_MS;

	dba->retry_at_ms = clock_mono_ms() + jittered_ms(bound_ms);
	dba->backoff_ms = bound_ms * 2 < BACKOFF_MAX_MS ? bound_ms * 2 : BACKOFF_MAX_MS;
}

/* An attempt came to nothing: the next host at once, after the last one a pause. */
static void
attempt_failed(struct db_async *dba)
{
	drop(dba);
	dba->host_no = (dba->host_no + 1) % db_conninfo_hosts(dba->conninfo);
	if (dba->host_no == 0)
		pause_before_retry(dba);
	else
		dba->retry_at_ms = clock_mono_ms();
}

void
db_async_conn_silent(struct db_async *dba)
{
	dba->silent = true;
	dba->broken = true;
	if (dba->silences < SILENCES_MAX)
		dba->silences++;
}

static void
fail_request(struct db_request *request)
{
	struct err err = ERR_INIT;
	char what[100];

	(void)snprintf(what, sizeof(what), "statement \"%s\"", request->stmt->name);
	(void)db_lost_err(what, request->stmt->read_only, &err);
	request->done(request->arg, NULL, &err);
}

static void
remember_lost(struct db_async *dba)
{
	const struct db_request *r = dba->wire.first;

	while (r != NULL && (r->stmt == NULL || r->stmt->read_only))
		r = r->next;
	if (r == NULL)
		return;
	if (dba->n_lost == DB_ASYNC_LOST_MAX)
		memmove(dba->lost, dba->lost + 1, --dba->n_lost * sizeof(dba->lost[0]));
	dba->lost[dba->n_lost++] = dba->server_pid;
}

void
db_async_conn_lost(struct db_async *dba)
{
	struct db_request_list wire = dba->wire;
	struct db_request *request;

	remember_lost(dba);
	/* First become DOWN: what done() sends or asks must meet the new state. */
	dba->wire = (struct db_request_list){ NULL, NULL, 0 };
	if (dba->silent)
		dba->host_no = (dba->host_no + 1) % db_conninfo_hosts(dba->conninfo);
	drop(dba);
	pause_before_retry(dba);
	while ((request = db_request_list_pop(&wire)) != NULL) {
		if (request->stmt != NULL)
			fail_request(request);
		db_request_free(request);
	}
}

static void
start_attempt(struct db_async *dba)
{
	int timeout_ms;

	dba->conn = db_conninfo_start(dba->conninfo, dba->program, dba->host_no, dba->patience_ms);
	dba->fd_serial++;
	if (dba->conn == NULL || PQstatus(dba->conn) == CONNECTION_BAD) {
		attempt_failed(dba);
		return;
	}
	dba->state = DB_ASYNC_CONNECTING;
	dba->polling = PGRES_POLLING_WRITING; /* as libpq asks to assume at first */
	timeout_ms = db_conninfo_timeout_ms(dba->conn);
	if (dba->patience_ms > 0 && timeout_ms > dba->patience_ms)
		timeout_ms = dba->patience_ms;
	dba->deadline_ms = clock_mono_ms() + timeout_ms;
}

static void
come_up(struct db_async *dba)
{
	dba->state = DB_ASYNC_UP;
	dba->server_pid = PQbackendPID(dba->conn); /* which libpq forgets as soon as it is broken */
	dba->backoff_ms = 0;
	if (PQsetnonblocking(dba->conn, 1) == -1 || PQenterPipelineMode(dba->conn) == 0) {
		dba->broken = true;
		return;
	}
	/* LISTEN goes first: nothing happens unseen between it and what on_connect looks up. */
	for (size_t i = 0; i < dba->listener_count && !dba->broken; i++)
		db_async_wire_listen(dba, dba->listeners[i].channel);
	if (dba->on_connect != NULL)
		dba->on_connect(dba->on_connect_arg);
}

/* Is the socket ready for what libpq waits for?  PQconnectPoll() must not be called before. */
static bool
is_ready(const struct db_async *dba)
{
	struct pollfd pfd = { PQsocket(dba->conn), POLLIN, 0 };

	if (dba->polling == PGRES_POLLING_WRITING)
		pfd.events = POLLOUT;
	return poll(&pfd, 1, 0) == 1;
}

void
db_async_conn_advance(struct db_async *dba)
{
	if (dba->state == DB_ASYNC_DOWN) {
		if (clock_mono_ms() < dba->retry_at_ms)
			return;
		start_attempt(dba);
	}
	while (dba->state == DB_ASYNC_CONNECTING) {
		if (!is_ready(dba)) {
			if (clock_mono_ms() >= dba->deadline_ms)
				attempt_failed(dba);
			return;
		}
		dba->polling = PQconnectPoll(dba->conn);
		dba->fd_serial++; /* it may have gone on to another address */
		if (dba->polling == PGRES_POLLING_OK)
			come_up(dba);
		else if (dba->polling == PGRES_POLLING_FAILED)
			attempt_failed(dba);
	}
}
