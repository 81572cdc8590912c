/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/runner_link.h: the socket, the one runner that is connected, and what it must be told.
 *
 * Nothing that matters is queued here: what a runner was not told is in the table, and the next
 * HELLO gets it all.  Sends never wait.
 */
#ifndef KEEPER_RUNNER_LINK_H
#define KEEPER_RUNNER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/keeper_wire.h"

struct err;
struct keeper;

enum tell_bit { TELL_STARTED = 1, TELL_ENDED = 2 };

enum list_stage { LIST_NONE, LIST_WELCOME, LIST_SLOTS, LIST_END };

#define LINK_STRANGERS_MAX 8

struct runner_link {
	int epoll_fd; /* of the loop, borrowed */
	int listen_fd;
	int fd; /* the runner, after its HELLO; -1: none */
	int strangers[LINK_STRANGERS_MAX]; /* connections that have not said HELLO */
	bool blocked; /* the socket is full: wait until it can be written */
	uint32_t interest; /* epoll events asked for at fd */
	enum list_stage stage; /* of the answer to HELLO */
	int32_t list_at;
	bool figures_due; /* the runner is to be told what we have measured */
	struct keeper_not_started *refusals; /* a ring */
	uint32_t refusal_first, refusal_count;
	int32_t *tells; /* a ring of jobs with tell bits; has room for all */
	uint32_t tell_first, tell_count, tell_room;
	int64_t company_until_ms; /* so long what is to be told waits for more; 0: not */
	struct keeper_packet packet; /* built, and not sent while len > 0 */
	char path[108];
};

/*
 * Listen at path, as runner_listen().  Events of the link are registered with their descriptor as data.
 */
int runner_link_open(struct keeper *keeper, int epoll_fd, const char *path, struct err *err);

/* Close all and remove the socket's name. */
void runner_link_close(struct keeper *keeper);

/* Something happened at fd, which is one of ours: accept, obey, drop. */
void runner_link_event(struct keeper *keeper, int fd, uint32_t events);

/*
 * The job in slot at has news; each kind is told once, STARTED before ENDED.  That one has started waits some
 * milliseconds for company: most that are many are over by then.
 */
void runner_link_tell(struct keeper *keeper, int32_t at, enum tell_bit what);

/* The slot is about to be forgotten: nothing of it is news any more. */
void runner_link_untell(struct keeper *keeper, int32_t at);

/* An order could not be carried out. */
void runner_link_refuse(struct keeper *keeper, const struct keeper_not_started *why);

/* Tell the runner how we are. */
void runner_link_tell_figures(struct keeper *keeper);

/* Send what is untold and due, as far as the socket takes it. */
void runner_link_flush(struct keeper *keeper);

/* When something is due that is not yet; NEVER_MS. */
int64_t runner_link_due_ms(const struct keeper *keeper);

/* Is a runner connected; is there something it should still be told? */
bool runner_link_connected(const struct keeper *keeper);
bool runner_link_untold(const struct keeper *keeper);

#endif
