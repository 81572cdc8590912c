/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/node_session.h: this runner as the database sees it: registered once the keeper has listed
 * its jobs, alive by heartbeats, replaced when a heartbeat finds no row.
 */
#ifndef RUNNER_NODE_SESSION_H
#define RUNNER_NODE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/event_loop.h"
#include "store/node_store.h"

struct runner;

enum session_state {
	SESSION_NONE,
	SESSION_REGISTERING,
	SESSION_RECOVERING, /* the lease is ours, the jobs are being taken back */
	SESSION_ACTIVE
};

struct node_session {
	struct runner *runner;
	enum session_state state;
	struct node_life life;
	char log_level[8]; /* of the node, as jobs see it */
	struct event_timer beat_timer, retry_timer;
	int64_t
	    asked_ms; /* when the lease on its way was asked for; clock_mono_ms(), as all here */
	int64_t lease_until_ms; /* nobody else can have the node before; 0: not known */
	int64_t give_up_ms; /* registering: until another runner's lease must be over */
	int64_t extend_at_ms;
	int64_t extend_asked_ms; /* because something could not be stored; 0: never */
	int64_t mappings_seen; /* as housekeeping told them last */
	bool mappings_known; /* the last reading of them was answered */
	bool draining; /* nothing new is taken; leave when nothing is left */
	bool drained; /* nothing is left: the database is being told, and no heartbeat may follow */
	char ordered_by[1021]; /* who ordered that, or a stop; "" when nobody is named */
	bool map_again, beat_again; /* once the answer is there */
	bool beating, mapping, housekeeping, rescuing, extending; /* a statement is on its way */
};

void node_session_init(struct node_session *session, struct runner *runner);

/* The keeper's jobs are known: take the lease, unless that was done. */
void node_session_begin(struct node_session *session);

/* The keeper has come (back): it must know how long the node is ours. */
void node_session_tell_lease(const struct node_session *session);

/* May jobs be started?  Without a lease the keeper would refuse to. */
bool node_session_has_lease(const struct node_session *session);

/* The jobs are back: look for work. */
void node_session_activate(struct node_session *session);

/* Somebody changed the node or a mapping: look now. */
void node_session_poke(struct node_session *session);

/* What any runner does for the cluster, now and not at the next second: due jobs, due schedules. */
void node_session_keep_house(struct node_session *session);

/* Something could not be stored now: should history lack partitions, they are made.  Once a second at most. */
void node_session_make_room(struct node_session *session);

/* Each second: mappings, due jobs, partitions. */
void node_session_second(struct node_session *session, int64_t now_ms);

/* Give the lease back; runner->left is set when that is answered. */
void node_session_leave(struct node_session *session);

#endif
