/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_async.c: requests for an event loop: the handle, its queues, what the loop asks. */
#include "db/db_async_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

struct db_async *
db_async_new(const char *conninfo, const char *program)
{
	struct db_async *dba = calloc(1, sizeof(*dba));

	if (dba == NULL)
		abort(); /* as str_dup(): nothing sane can follow */
	dba->conninfo = str_dup(conninfo);
	dba->program = str_dup(program);
	dba->retry_at_ms = clock_mono_ms();
	return dba;
}

void
db_async_set_patience(struct db_async *dba, int patience_ms)
{
	dba->patience_ms = patience_ms;
}

static void
list_free(struct db_request_list *list)
{
	struct db_request *request;

	while ((request = db_request_list_pop(list)) != NULL)
		db_request_free(request);
}

void
db_async_free(struct db_async *dba)
{
	if (dba == NULL)
		return;
	assert(!dba->processing);
	PQfinish(dba->conn);
	list_free(&dba->wire);
	list_free(&dba->waiting);
	for (size_t i = 0; i < dba->listener_count; i++)
		free(dba->listeners[i].channel);
	free(dba->listeners);
	db_prepared_clear(&dba->prepared);
	free(dba->conninfo);
	free(dba->program);
	free(dba);
}

int
db_async_fd(const struct db_async *dba)
{
	return PQsocket(dba->conn);
}

unsigned
db_async_fd_serial(const struct db_async *dba)
{
	return dba->fd_serial;
}

bool
db_async_wants_write(const struct db_async *dba)
{
	if (dba->state == DB_ASYNC_CONNECTING)
		return dba->polling == PGRES_POLLING_WRITING;
	return dba->state == DB_ASYNC_UP && dba->flushing;
}

bool
db_async_connected(const struct db_async *dba)
{
	return dba->state == DB_ASYNC_UP && !dba->broken;
}

int
db_async_timeout_ms(const struct db_async *dba)
{
	int64_t left_ms;

	if (dba->state == DB_ASYNC_UP)
		return dba->broken ? 0 : db_async_wire_left_ms(dba);
	left_ms =
	    (dba->state == DB_ASYNC_DOWN ? dba->retry_at_ms : dba->deadline_ms) - clock_mono_ms();
	return left_ms > 0 ? (int)left_ms : 0;
}

size_t
db_async_pending(const struct db_async *dba)
{
	size_t count = dba->waiting.count;

	for (const struct db_request *r = dba->wire.first; r != NULL; r = r->next)
		count += r->stmt != NULL;
	return count;
}

size_t
db_async_lost(const struct db_async *dba, int64_t pids[DB_ASYNC_LOST_MAX])
{
	memcpy(pids, dba->lost, dba->n_lost * sizeof(pids[0]));
	return dba->n_lost;
}

void
db_async_forget_lost(struct db_async *dba)
{
	dba->n_lost = 0;
}

/* ---- requests ---- */

void
db_request_list_push(struct db_request_list *list, struct db_request *request)
{
	request->next = NULL;
	if (list->last == NULL)
		list->first = request;
	else
		list->last->next = request;
	list->last = request;
	list->count++;
}

struct db_request *
db_request_list_pop(struct db_request_list *list)
{
	struct db_request *request = list->first;

	if (request == NULL)
		return NULL;
	list->first = request->next;
	if (list->first == NULL)
		list->last = NULL;
	list->count--;
	request->next = NULL;
	return request;
}

void
db_request_free(struct db_request *request)
{
	PQclear(request->last);
	PQclear(request->failed);
	free(request->params);
	free(request);
}

const struct histogram *
db_async_trips(const struct db_async *dba)
{
	return &dba->trips;
}

/* One allocation: the pointers, then the texts. */
static char **
copy_params(const char *const *params, int count)
{
	size_t size = (size_t)count * sizeof(char *);
	char **copy;
	char *text;

	for (int i = 0; i < count; i++)
		size += params[i] != NULL ? strlen(params[i]) + 1 : 0;
	copy = malloc(size + 1);
	if (copy == NULL)
		abort();
	text = (char *)(copy + count);
	for (int i = 0; i < count; i++) {
		if (params[i] == NULL) {
			copy[i] = NULL;
			continue;
		}
		size = strlen(params[i]) + 1;
		copy[i] = memcpy(text, params[i], size);
		text += size;
	}
	return copy;
}

void
db_async_send(struct db_async *dba, const struct db_stmt *stmt, const char *const *params,
	      db_done_fn *done, void *arg)
{
	struct db_request *request = calloc(1, sizeof(*request));

	if (request == NULL)
		abort();
	assert(stmt->n_params == 0 || params != NULL);
	request->stmt = stmt;
	request->params = copy_params(params, stmt->n_params);
	request->done = done;
	request->arg = arg;
	db_request_list_push(&dba->waiting, request);
	if (!dba->processing)
		db_async_wire_push(dba);
}

/* ---- notifications ---- */

void
db_async_listen(struct db_async *dba, const char *channel,
		void (*notify)(void *arg, const char *channel, const char *payload), void *arg)
{
	struct db_listener *grown =
	    reallocarray(dba->listeners, dba->listener_count + 1, sizeof(*dba->listeners));

	if (grown == NULL)
		abort();
	dba->listeners = grown;
	dba->listeners[dba->listener_count++] =
	    (struct db_listener){ str_dup(channel), notify, arg };
	if (dba->state == DB_ASYNC_UP && !dba->broken)
		db_async_wire_listen(dba, channel);
}

void
db_async_on_connect(struct db_async *dba, void (*fn)(void *arg), void *arg)
{
	dba->on_connect = fn;
	dba->on_connect_arg = arg;
}

void
db_async_process(struct db_async *dba)
{
	assert(!dba->processing);
	dba->processing = true;
	if (dba->state != DB_ASYNC_UP)
		db_async_conn_advance(dba);
	else
		db_async_wire_pull(dba);
	if (dba->broken)
		db_async_conn_lost(dba);
	db_async_wire_push(dba);
	dba->processing = false;
}
