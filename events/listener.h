/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events/listener.h: one who listens.  He costs a connection and some hundred bytes; what is on its way to him is a position
 * in the ring and, when he does not read, at most LISTENER_PIECE_BYTES that he has half of.
 */
#ifndef EVENTS_LISTENER_H
#define EVENTS_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event_filter.h"
#include "model/event_id.h"
#include "model/event_ticket.h"
#include "model/memory.h"

struct source;

#define LISTENER_PIECE_BYTES 16384

enum listener_phase {
	LISTENER_ASKS, /* his request is not complete */
	LISTENER_WAITS, /* he may listen, the source is not ready */
	LISTENER_HEARS,
	LISTENER_LEAVES /* what he has to be told still, then the connection is closed */
};

struct listener {
	struct listener *next, *prev;
	int fd;
	enum listener_phase phase;
	bool wants_write; /* the loop is to say when he can be written to */
	char *request; /* ASKS */
	size_t request_len;
	char *rest; /* what he was to be sent and did not take; NULL: nothing */
	size_t rest_len, rest_sent;

	struct pool memory; /* of all below */
	struct event_ticket ticket;
	struct event_filter filter;
	struct event_id last; /* up to where he had heard when he came; epoch "": not said */

	uint64_t position; /* in the ring */
	uint64_t joined; /* up to there he may have heard some of it: last says */
	bool in_block; /* an event of his is not ended: an id or another one follows */
	bool gap; /* he is to be told that he has to read afresh */
	int64_t began_ms; /* when he connected */
	int64_t sent_ms; /* when he last took something */
	uint64_t check; /* the check of rights he is part of */
	size_t check_index;
};

/* The connection is his; he is asking.  Never NULL. */
struct listener *listener_new(int fd, int64_t now_ms);
void listener_free(struct listener *l); /* closes */

/* Where more of his request goes, and how much of it; there is a byte behind it. */
char *listener_room(struct listener *l, size_t *room);
void listener_asked(struct listener *l); /* it is not needed any more */

/* HEARS from here on; the first words are said with the next listener_send(). */
void listener_begin(struct listener *l, const struct source *source);

/* What he has missed is not in the ring, or nowhere: he goes on with what comes next. */
void listener_skip(struct listener *l, const struct source *source);

/* A last answer to the request of that id; nothing else is sent. */
void listener_refuse(struct listener *l, int status, const char *words, const char *id);

/*
 * Send what is due, as much as fits without waiting, a piece at a time.  false: he is gone, or has been told all there was
 * (LEAVES).  wants_write says whether there is more.
 */
bool listener_send(struct listener *l, const struct source *source, int64_t now_ms);

/* Say that we are still here, and up to where all was heard. */
bool listener_keep_alive(struct listener *l, const struct source *source, int64_t now_ms);

#endif
