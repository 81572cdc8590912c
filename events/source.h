/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events/source.h: what happens to jobs, from the database into the ring, as long as somebody listens.
 *
 * Nothing is lost and nothing comes twice: each look is for what it sees and the one before did not (sql/schema, events).
 * When that cannot be said any more, there is a gap: all have to read afresh.  A database that is away makes none by itself.
 */
#ifndef EVENTS_SOURCE_H
#define EVENTS_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "events/event_ring.h"
#include "model/event_id.h"

struct db_async;

#define SOURCE_ID_SIZE (EVENT_LAST_ID_BYTES_MAX + 1)
#define SOURCE_KEY_SIZE 129

enum source_news {
	SOURCE_EVENTS, /* perhaps there are more in the ring, perhaps the source is ready now */
	SOURCE_GAP /* the ring was emptied; whoever heard must be told */
};

struct source {
	struct db_async *db;
	struct event_ring ring;
	void (*told)(void *arg, enum source_news news);
	void *arg;

	bool wanted; /* somebody listens, or did a moment ago */
	bool watched; /* somebody does */
	bool asking;
	bool known; /* epoch and what follows are of the database as it is */
	bool begun; /* it was looked once: id is set */
	bool sure; /* no transaction is left that may have left something out */
	int64_t begun_ms, keep_at_ms, read_at_ms, asked_ms;
	int64_t heard_ms; /* when the database answered last */
	char epoch[EVENT_EPOCH_CHARS + 1];
	char key[SOURCE_KEY_SIZE]; /* "": not known yet */
	char id[SOURCE_ID_SIZE]; /* stands for all up to the end of the ring */
	char *seen; /* the snapshot of the last look; NULL: the next look is the first */
	uint64_t begun_xid; /* those are older */
};

/* told is called with what became of a look; db is borrowed. */
void source_init(struct source *s, struct db_async *db,
		 void (*told)(void *arg, enum source_news news), void *arg);
void source_free(struct source *s);

/* Does anybody listen?  With none it goes on, less often: who was cut off comes back. */
void source_watch(struct source *s, bool watched);
/* Nobody will: until somebody does again the database is left alone. */
void source_rest(struct source *s);

/* Whatever is due. */
void source_turn(struct source *s, int64_t now_ms);
int64_t source_due_ms(const struct source *s); /* INT64_MAX: nothing is */

/* May it be said that all is heard from now on?  A second after the first look it is said anyway, and a gap told later. */
bool source_ready(const struct source *s, int64_t now_ms);

/* Has the database said nothing for long? */
bool source_is_away(const struct source *s, int64_t now_ms);

/* Is all that the id does not have in the ring? */
bool source_goes_on(const struct source *s, const struct event_id *id);

#endif
