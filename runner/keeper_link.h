/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/keeper_link.h: the connection to the keeper, which heals itself.
 *
 * While there is none it is tried again and again, and a keeper is started when nobody answers.
 * Orders go out in the order given; those not yet sent when the connection breaks are dropped,
 * because the list of the next connection tells what the keeper knows.
 */
#ifndef RUNNER_KEEPER_LINK_H
#define RUNNER_KEEPER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/keeper_wire.h"

struct err;
struct event_loop;
struct keeper_process;

/* Called from the loop.  arg is theirs. */
struct keeper_events {
	/* The keeper's whole table, once per connection, before any other word about a job. */
	void (*listed)(void *arg, const struct keeper_report *reports, size_t n);
	void (*started)(void *arg, const struct keeper_report *report);
	void (*not_started)(void *arg, const struct keeper_not_started *why);
	void (*ended)(void *arg, const struct keeper_report *report);
	void (*measured)(void *arg, const struct keeper_figures *figures);
	void *arg;
};

struct keeper_link;

/* process is borrowed and started when needed.  Joins the loop. */
struct keeper_link *keeper_link_new(const char *socket_path, struct keeper_process *process,
				    const struct keeper_events *events, struct event_loop *loop);
void keeper_link_free(struct keeper_link *link);

/* Connected, and the table was listed: orders are taken. */
bool keeper_link_is_up(const struct keeper_link *link);

/* Jobs the keeper can hold; 0 before it was asked. */
int keeper_link_slots(const struct keeper_link *link);

/* 0; -1 ERR_TOO_LARGE (it will never fit); ERR_BUSY (not up). */
int keeper_link_start_job(struct keeper_link *link, const struct keeper_start *start,
			  struct err *err);

/* These are dropped when the link is not up. */
void keeper_link_signal(struct keeper_link *link, struct keeper_job job,
			enum keeper_signal_kind kind, int64_t grace_ms);
void keeper_link_forget(struct keeper_link *link, struct keeper_job job);
void keeper_link_take_back(struct keeper_link *link, struct keeper_job job);
void keeper_link_lease(struct keeper_link *link, const struct keeper_lease *lease);
void keeper_link_drain(struct keeper_link *link);

/*
 * Before the last flush: the keeper ends too if we started it and it has had no job.  One that was found running, that
 * somebody else starts, or that has jobs in its table stays.
 */
void keeper_link_end_unused(struct keeper_link *link);

/* Nothing waits to be sent. */
bool keeper_link_is_flushed(const struct keeper_link *link);

/* Send what has been gathered in this pass of the loop. */
void keeper_link_flush(struct keeper_link *link);

#endif
