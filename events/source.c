/* SPDX-License-Identifier: Apache-2.0 */
#include "events/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "db/db.h"
#include "model/memory.h"

#define RING_BYTES ((size_t)8 * 1024 * 1024)
#define READ_MS 250 /* between looks, and four times as long as one takes */
#define READ_COST 4
#define KEEP_MS 5000 /* the database counts on us for 30 s */
#define AGAIN_MS 1000 /* after it could not do what was asked */
#define UNWATCHED_MS 1000
#define READY_MS 1000
#define AWAY_MS 5000
#define LOOK_ROWS "10000" /* more at once is a gap */
#define HISTORY_ROWS "5000" /* of what was before us */

DB_STMT(events_keep) = {
	.name = "events_keep",
	.text = "SELECT epoch, begun, from_xid, key FROM jqm.events_keep(" HISTORY_ROWS ")",
};
enum { KEEP_EPOCH, KEEP_BEGUN, KEEP_FROM, KEEP_KEY };

DB_STMT(events_between) = {
	.name = "events_between",
	.text = "SELECT snapshot, lost, xid, data, kind, job_id, state, parent_id, queue_id, "
		"queue_name,"
		" node_name, definition_name, user_name, account, session_key, keyword1, keyword2,"
		" keyword3, module, application, definition_keyword1, definition_keyword2,"
		" definition_keyword3, definition_module, definition_application"
		" FROM jqm.events_between($1, $2::pg_snapshot, " LOOK_ROWS ")",
	.n_params = 2,
	.read_only = true,
};
/* From COL_FACTS on in the order of enum event_field. */
enum { COL_SNAPSHOT, COL_LOST, COL_XID, COL_DATA, COL_FACTS };

void
source_init(struct source *s, struct db_async *db, void (*told)(void *arg, enum source_news news),
	    void *arg)
{
	memset(s, 0, sizeof(*s));
	s->db = db;
	s->told = told;
	s->arg = arg;
	s->heard_ms = clock_mono_ms();
	event_ring_init(&s->ring, RING_BYTES);
}

static void
drop(struct source *s)
{
	free(s->seen);
	s->seen = NULL;
	s->known = s->begun = s->sure = false;
	event_ring_clear(&s->ring, 0);
}

/* What was heard of it goes no further. */
static void
forget(struct source *s)
{
	bool had = s->begun;

	drop(s);
	if (had)
		s->told(s->arg, SOURCE_GAP);
}

void
source_rest(struct source *s)
{
	drop(s);
	s->wanted = s->watched = false;
}

void
source_free(struct source *s)
{
	drop(s);
	explicit_bzero(s->key, sizeof(s->key));
}

void
source_watch(struct source *s, bool watched)
{
	if (watched && !s->wanted) {
		s->wanted = true;
		s->keep_at_ms = s->read_at_ms = 0;
	}
	if (watched && !s->watched)
		s->read_at_ms = 0;
	s->watched = watched;
}

static void
failed(struct source *s, const char *what, const struct err *err)
{
	char reason[LOG_VALUE_SIZE];

	log_warn(what, "reason=\"%s\"", log_value(reason, err->text));
	s->keep_at_ms = s->read_at_ms = clock_mono_ms() + AGAIN_MS;
	/* What it takes for no snapshot of its own is of another server. */
	if (err->kind == ERR_INVALID)
		forget(s);
}

/* Another source than the one we knew. */
static void
begin(struct source *s, const struct db_result *rows)
{
	int64_t begun = 0, xid = 0;

	forget(s);
	(void)str_copy(s->epoch, sizeof(s->epoch), db_text(rows, 0, KEEP_EPOCH));
	(void)num_int64(db_text(rows, 0, KEEP_BEGUN), 0, INT64_MAX, &begun);
	(void)num_int64(db_text(rows, 0, KEEP_FROM), 0, INT64_MAX - 1, &xid);
	s->begun_xid = (uint64_t)begun;
	s->ring.forgotten = (uint64_t)xid;
	s->seen = str_printf("%" PRId64 ":%" PRId64 ":", xid + 1, xid + 1);
	s->known = true;
	log_info("source_begun", "epoch=%s", s->epoch);
}

static void
on_kept(void *arg, const struct db_result *rows, const struct err *err)
{
	struct source *s = arg;

	s->asking = false;
	if (rows == NULL) {
		failed(s, "events_not_kept", err);
		return;
	}
	s->heard_ms = clock_mono_ms();
	s->keep_at_ms = s->heard_ms + KEEP_MS;
	(void)str_copy(s->key, sizeof(s->key), db_text(rows, 0, KEEP_KEY));
	if (!s->known || strcmp(s->epoch, db_text(rows, 0, KEEP_EPOCH)) != 0) {
		begin(s, rows);
		s->read_at_ms = 0;
	}
}

static void
set_id(struct source *s, const char *snapshot, const struct event_snapshot *parsed)
{
	int len = snprintf(s->id, sizeof(s->id), "%s-%s", s->epoch, snapshot);

	/* Too long with so many at work: then some of what was heard comes once more. */
	if ((size_t)len >= sizeof(s->id))
		(void)snprintf(s->id, sizeof(s->id), "%s-%" PRIu64 ":%" PRIu64 ":", s->epoch,
			       parsed->xmin, parsed->xmin);
}

static void
add_events(struct source *s, const struct db_result *rows)
{
	int n = db_rows(rows);

	for (int row = 0; row < n; row++) {
		struct event_facts facts;
		int64_t xid = 0;

		if (db_is_null(rows, row, COL_XID))
			return;
		(void)num_int64(db_text(rows, row, COL_XID), 0, INT64_MAX, &xid);
		for (int i = 0; i < EVENT_FIELDS; i++)
			facts.texts[i] = db_text(rows, row, COL_FACTS + i);
		event_ring_add(&s->ring,
			       event_new((uint64_t)xid, &facts, db_text(rows, row, COL_DATA)));
	}
	event_ring_add(&s->ring, event_new_mark(s->id));
}

static void
take(struct source *s, const struct db_result *rows)
{
	const char *snapshot = db_text(rows, 0, COL_SNAPSHOT);
	bool lost = db_bool(rows, 0, COL_LOST), was_late;
	struct event_snapshot now;
	struct err err = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	if (event_snapshot_read(snapshot, &pool.memory, &now, &err) == -1) {
		log_error("snapshot_unreadable", "snapshot=\"%s\"", snapshot);
		pool_free(&pool);
		return;
	}
	free(s->seen);
	s->seen = str_dup(snapshot);
	set_id(s, snapshot, &now);
	was_late = s->begun && !s->sure && clock_mono_ms() - s->begun_ms > READY_MS;
	s->sure = now.xmin > s->begun_xid;
	if (!s->begun)
		s->begun_ms = clock_mono_ms();
	s->begun = true;
	if (lost || (was_late && s->sure)) {
		if (lost)
			log_warn("events_left_out", "epoch=%s", s->epoch);
		event_ring_clear(&s->ring, now.xmax - 1);
		if (lost)
			s->keep_at_ms = 0; /* is it the same source still? */
		s->told(s->arg, SOURCE_GAP);
	} else {
		add_events(s, rows);
	}
	pool_free(&pool);
	s->told(s->arg, SOURCE_EVENTS);
}

static void
on_read(void *arg, const struct db_result *rows, const struct err *err)
{
	struct source *s = arg;
	int64_t now_ms = clock_mono_ms(), took_ms = now_ms - s->asked_ms;

	s->asking = false;
	if (rows == NULL) {
		failed(s, "events_not_read", err);
		return;
	}
	s->heard_ms = now_ms;
	s->read_at_ms = now_ms + (READ_COST * took_ms > READ_MS ? READ_COST * took_ms : READ_MS);
	if (!s->watched && s->read_at_ms < now_ms + UNWATCHED_MS)
		s->read_at_ms = now_ms + UNWATCHED_MS;
	take(s, rows);
}

void
source_turn(struct source *s, int64_t now_ms)
{
	if (s->asking || !s->wanted || now_ms < source_due_ms(s))
		return;
	s->asked_ms = now_ms;
	s->asking = true;
	if (now_ms >= s->keep_at_ms)
		db_async_send(s->db, &events_keep, NULL, on_kept, s);
	else
		db_async_send(s->db, &events_between, (const char *const[]){ s->epoch, s->seen },
			      on_read, s);
}

int64_t
source_due_ms(const struct source *s)
{
	if (s->asking || !s->wanted)
		return INT64_MAX;
	return !s->known || s->keep_at_ms < s->read_at_ms ? s->keep_at_ms : s->read_at_ms;
}

bool
source_ready(const struct source *s, int64_t now_ms)
{
	return s->begun && (s->sure || now_ms - s->begun_ms > READY_MS);
}

bool
source_is_away(const struct source *s, int64_t now_ms)
{
	return s->wanted && now_ms - s->heard_ms > AWAY_MS + KEEP_MS;
}

bool
source_goes_on(const struct source *s, const struct event_id *id)
{
	return strcmp(id->epoch, s->epoch) == 0 && id->snapshot.xmin > s->ring.forgotten;
}
