/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/event_id.h: up to where somebody has heard of everything: "EPOCH-XMIN:XMAX:XIP,XIP,...", the source of events and a
 * snapshot of the database (PostgreSQL, pg_snapshot).  It says of each transaction whether its events are among those heard.
 */
#ifndef MODEL_EVENT_ID_H
#define MODEL_EVENT_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct memory;

#define EVENT_EPOCH_CHARS 16

struct event_snapshot {
	uint64_t xmin, xmax; /* all below xmin were over; none from xmax on had begun */
	const uint64_t *open; /* those between them that were not over; rising */
	size_t n_open;
};

struct event_id {
	char epoch[EVENT_EPOCH_CHARS + 1];
	struct event_snapshot snapshot;
};

/* 0; -1 with ERR_INVALID: it is none. */
int event_id_read(const char *text, struct memory *memory, struct event_id *out, struct err *err);
int event_snapshot_read(const char *text, struct memory *memory, struct event_snapshot *out,
			struct err *err);

/* Was what that transaction did there to be seen? */
bool event_snapshot_has(const struct event_snapshot *snapshot, uint64_t xid);

#endif
