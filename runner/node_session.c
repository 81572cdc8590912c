/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/node_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "conf/settings.h"
#include "runner/api_address.h"
#include "runner/job_run_place.h"
#include "runner/keeper_link.h"
#include "runner/runner.h"
#include "runner/runner_stop.h"
#include "store/schedule_store.h"

#define REGISTER_RETRY_MS 500
#define BEAT_RETRY_MS 500 /* jobs that are bound to the lease end before it does */
#define LEASE_MARGIN_MS 5000
#define EXTEND_EVERY_MS (300 * 1000) /* 5 million ids are ahead: 16,000 jobs a second */
#define LEASE_PARTS 6 /* one for what is bound to it to end, one in which nothing of that lives */
#define EXTEND_RETRY_MS 60000
#define MAKE_ROOM_EVERY_MS 1000

/* --- registering --- */

static void register_send(struct node_session *session);

static struct keeper_lease
lease_of(const struct node_session *session)
{
	const struct runner_config *config = &session->runner->config;
	int64_t part_ms = config->lease_ms / LEASE_PARTS;
	int64_t grace_ms = config->grace_ms < part_ms ? config->grace_ms : part_ms;

	return (struct keeper_lease){ .end_from_ms = session->lease_until_ms - part_ms - grace_ms,
				      .kill_from_ms = session->lease_until_ms - part_ms };
}

void
node_session_tell_lease(const struct node_session *session)
{
	const struct keeper_lease lease = lease_of(session);

	if (session->lease_until_ms != 0)
		keeper_link_lease(session->runner->keeper, &lease);
}

bool
node_session_has_lease(const struct node_session *session)
{
	return clock_mono_ms() < lease_of(session).end_from_ms;
}

/*
 * The database has the lease from the moment it was asked, or later: so whatever its clock says, nobody
 * else gets the node within a lease of our own clock from then.
 */
static void
lease_is_ours(struct node_session *session)
{
	session->lease_until_ms = session->asked_ms + session->runner->config.lease_ms;
	node_session_tell_lease(session);
}

static void
registered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct node_session *session = arg;
	struct runner *runner = session->runner;
	int64_t now_ms = clock_mono_ms();

	if (rows != NULL && db_rows(rows) == 1) {
		node_life_read(rows, &session->life);
		session->state = SESSION_RECOVERING;
		lease_is_ours(session);
		session->beat_timer.due_ms = now_ms;
		log_info("node_registered", "node=\"%s\" id=%lld incarnation=%lld",
			 runner->config.node_name, (long long)session->life.node_id,
			 (long long)session->life.incarnation);
		recovery_take_back(runner);
		return;
	}
	if (rows != NULL || (err->kind == ERR_CONFLICT && now_ms >= session->give_up_ms) ||
	    (err->kind != ERR_CONFLICT && err->kind != ERR_BUSY && err->kind != ERR_UNCERTAIN)) {
		runner_give_up(runner, "node_refused", rows != NULL ? "no answer" : err->text);
		return;
	}
	log_warn("node_not_registered", "reason=\"%s\"", err->text);
	session->retry_timer.due_ms = now_ms + REGISTER_RETRY_MS;
}

static void
register_send(struct node_session *session)
{
	const struct runner_config *config = &session->runner->config;
	char host[API_HOST_SIZE];
	struct err err = ERR_INIT;
	struct node_registration reg = {
		.name = config->node_name,
		.instance_id = config->instance_id,
		.lease_ms = config->lease_ms,
		.job_repository = config->job_repository,
		.delivery_store = config->delivery_store,
		.temp_dir = config->temp_dir,
		.host = host,
		.log_level = settings_text(config->settings, "runner:log_level"),
	};

	/* What is wrong with it was refused at the start. */
	(void)api_address_read(config->api_url, host, &reg.port, &err);
	session->asked_ms = clock_mono_ms();
	node_register_send(session->runner->db, &reg, registered, session);
}

static void
register_again(void *arg, int64_t now_ms)
{
	(void)now_ms;
	register_send(arg);
}

void
node_session_begin(struct node_session *session)
{
	if (session->state != SESSION_NONE)
		return;
	session->state = SESSION_REGISTERING;
	session->give_up_ms = clock_mono_ms() + session->runner->config.lease_ms + LEASE_MARGIN_MS;
	register_send(session);
}

/* --- room in history --- */

static void
extended(void *arg, const struct db_result *rows, const struct err *err)
{
	struct node_session *session = arg;

	session->extending = false;
	if (rows == NULL) {
		log_warn("history_extend_failed", "reason=\"%s\"", err->text);
		session->extend_at_ms = clock_mono_ms() + EXTEND_RETRY_MS;
	} else if (db_rows(rows) == 1 && db_int64(rows, 0, 0) > 0) {
		log_info("history_extended", "partitions=%lld", (long long)db_int64(rows, 0, 0));
		session->extend_at_ms = clock_mono_ms(); /* not all that are needed, perhaps */
	}
}

static void
extend(struct node_session *session, int64_t now_ms)
{
	session->extend_at_ms = now_ms + EXTEND_EVERY_MS;
	if (session->extending)
		return;
	session->extending = true;
	history_extend_send(session->runner->db, extended, session);
}

void
node_session_make_room(struct node_session *session)
{
	int64_t now_ms = clock_mono_ms();

	if (session->extend_asked_ms != 0 && now_ms < session->extend_asked_ms + MAKE_ROOM_EVERY_MS)
		return;
	session->extend_asked_ms = now_ms;
	extend(session, now_ms);
}

/* --- staying alive --- */

static void
rescued(void *arg, const struct db_result *rows, const struct err *err)
{
	struct node_session *session = arg;

	session->rescuing = false;
	if (rows == NULL) {
		log_warn("rescue_failed", "reason=\"%s\"", err->text);
		if (err->kind == ERR_BUSY)
			node_session_make_room(session);
	}
	for (int row = 0; rows != NULL && row < db_rows(rows); row++)
		log_warn("node_lost", "node=\"%s\" jobs=%lld", db_text(rows, row, 0),
			 (long long)db_int64(rows, row, 1));
}

/* One that is on its way may be too old: one more after it.  None while the lease is being given back. */
static void
beat_soon(struct node_session *session)
{
	session->beat_again = session->beating;
	if (!session->beating && session->beat_timer.due_ms != EVENT_NEVER_MS)
		session->beat_timer.due_ms = clock_mono_ms();
}

static void
stop_as_ordered(struct node_session *session, const char *what)
{
	char why[sizeof(session->ordered_by) + 40];

	(void)snprintf(why, sizeof(why), "node %s%s%s", what,
		       session->ordered_by[0] == '\0' ? "" : " by ", session->ordered_by);
	runner_stop(session->runner, STOP_ORDERED, why);
}

static void
beaten(void *arg, const struct db_result *rows, const struct err *err)
{
	struct node_session *session = arg;
	struct node_beat beat;

	session->beating = false;
	if (session->beat_again)
		beat_soon(session);
	if (rows == NULL) {
		log_warn("heartbeat_failed", "reason=\"%s\"", err->text);
		if (session->beat_timer.due_ms != EVENT_NEVER_MS &&
		    session->beat_timer.due_ms > clock_mono_ms() + BEAT_RETRY_MS)
			session->beat_timer.due_ms = clock_mono_ms() + BEAT_RETRY_MS;
		return;
	}
	if (db_rows(rows) == 0) {
		runner_stop(session->runner, STOP_FENCED, "another runner has taken this node");
		return;
	}
	lease_is_ours(session);
	if (clock_mono_ms() > session->asked_ms + session->runner->config.heartbeat_ms)
		beat_soon(
		    session); /* it waited for a connection: of this lease little may be left */
	node_beat_read(rows, &beat);
	if (strcmp(session->log_level, beat.log_level) != 0) {
		(void)log_level_set(beat.log_level);
		if (session->log_level[0] != '\0')
			log_info("log_level", "level=%s was=%s", beat.log_level,
				 session->log_level);
		(void)str_copy(session->log_level, sizeof(session->log_level), beat.log_level);
	}
	if (beat.others_lost && !session->rescuing) {
		session->rescuing = true;
		node_rescue_send(session->runner->db, session->life, rescued, session);
	}
	session->draining = beat.draining;
	(void)str_copy(session->ordered_by, sizeof(session->ordered_by), beat.ordered_by);
	if (beat.stop)
		stop_as_ordered(session, "stopped");
}

static void
beat(void *arg, int64_t now_ms)
{
	struct node_session *session = arg;
	struct runner *runner = session->runner;
	int64_t *polled;
	size_t n = 0;

	session->beat_timer.due_ms = now_ms + runner->config.heartbeat_ms;
	if (session->beating || runner->stop == STOP_FENCED)
		return;
	polled = calloc(runner->slots.len + 1, sizeof(polled[0]));
	if (polled == NULL)
		abort();
	for (size_t i = 0; i < runner->slots.len; i++) {
		struct queue_slots *queue = &runner->slots.queues[i];

		if (queue->poll.polled)
			polled[n++] = queue->queue_id;
		queue->poll.polled = false;
	}
	session->beating = true;
	session->asked_ms = now_ms;
	node_heartbeat_send(runner->db, session->life, runner->config.lease_ms, polled, n, beaten,
			    session);
	free(polled);
	figures_tell(runner);
}

/* --- each second --- */

static void read_mappings(struct node_session *session);

/* Whoever changed a mapping sees from when on it counts here. */
static void
tell_mappings(const struct slots *slots)
{
	for (size_t i = 0; i < slots->len; i++) {
		const struct queue_slots *queue = &slots->queues[i];

		if (queue->max != queue->max_before)
			log_info("mapping", "queue=%lld max_jobs=%d", (long long)queue->queue_id,
				 queue->max);
	}
}

static void
mapped(void *arg, const struct db_result *rows, const struct err *err)
{
	struct node_session *session = arg;
	struct runner *runner = session->runner;

	session->mapping = false;
	if (rows == NULL) {
		log_warn("mappings_unknown", "reason=\"%s\"", err->text);
		session->mappings_known = false; /* housekeeping reads them again */
		return;
	}
	session->mappings_known = true;
	slots_unmap_all(&runner->slots);
	for (int row = 0; row < db_rows(rows); row++) {
		struct node_mapping mapping;
		const struct queue_slots *old;
		int before;
		bool grown; /* jobs may wait that there was no room for */

		node_mapping_read(rows, row, &mapping);
		old = slots_find(&runner->slots, mapping.queue_id);
		before = old == NULL ? -1 : old->interval_ms;
		grown = old == NULL || old->max_before < mapping.max_jobs;
		job_run_call_next(runner, slots_map(&runner->slots, mapping.queue_id,
						    mapping.max_jobs, mapping.polling_interval_ms));
		claim_poller_mapped(&runner->poller, mapping.queue_id,
				    before != mapping.polling_interval_ms || grown);
	}
	tell_mappings(&runner->slots);
	if (session->map_again)
		read_mappings(session);
}

static void
kept_house(void *arg, const struct db_result *rows, const struct err *err)
{
	struct node_session *session = arg;
	int64_t waiting[TURN_QUEUES_MAX];

	session->housekeeping = false;
	if (rows == NULL) {
		log_warn("housekeeping_failed", "reason=\"%s\"", err->text);
		return;
	}
	if (!session->mappings_known || housekeeping_mappings(rows) != session->mappings_seen) {
		session->mappings_seen = housekeeping_mappings(rows);
		read_mappings(session);
	}
	claim_poller_looked(&session->runner->poller, waiting,
			    housekeeping_waiting(rows, waiting, TURN_QUEUES_MAX));
	if (schedule_late_jobs(rows) > 0)
		log_warn("jobs_late", "jobs=%lld", (long long)schedule_late_jobs(rows));
	schedule_ticker_due(&session->runner->schedules, rows);
}

static void
read_mappings(struct node_session *session)
{
	session->map_again = session->mapping; /* what is on its way may be too old */
	if (session->mapping)
		return;
	session->mapping = true;
	node_mappings_send(session->runner->db, session->life.node_id, mapped, session);
}

void
node_session_poke(struct node_session *session)
{
	if (session->state != SESSION_ACTIVE || session->runner->stop == STOP_FENCED)
		return;
	read_mappings(session);
	beat_soon(session);
}

/* --- draining --- */

static void
drained(void *arg, const struct db_result *rows, const struct err *err)
{
	struct node_session *session = arg;

	if (rows != NULL && db_rows(rows) == 1) {
		session->runner->left = true;
		stop_as_ordered(session, "drained");
		return;
	}
	if (rows == NULL)
		log_warn("drain_not_ended", "reason=\"%s\"", err->text);
	session->drained = false;
	session->beat_timer.due_ms = clock_mono_ms(); /* its answer tells how things are */
}

/* A resume may come at this very moment: the database decides, in one step with the lease. */
static void
end_drain(struct node_session *session)
{
	struct runner *runner = session->runner;

	if (!session->draining || session->drained || runner->stop != STOP_NONE ||
	    runner->runs.count > 0 || runner->turn.under_way || runner->poller.uncertain)
		return;
	session->drained = true;
	session->beat_timer.due_ms = EVENT_NEVER_MS; /* a heartbeat would take the lease anew */
	node_drained_send(runner->db, session->life, drained, session);
}

void
node_session_keep_house(struct node_session *session)
{
	if (session->housekeeping || session->state != SESSION_ACTIVE ||
	    session->runner->stop != STOP_NONE)
		return;
	session->housekeeping = true;
	housekeeping_send(session->runner->db, session->life.node_id, kept_house, session);
}

void
node_session_second(struct node_session *session, int64_t now_ms)
{
	struct runner *runner = session->runner;

	if (session->state != SESSION_ACTIVE || runner->stop == STOP_FENCED)
		return;
	end_drain(session);
	if (runner->stop != STOP_NONE)
		return;
	node_session_keep_house(session);
	if (now_ms >= session->extend_at_ms)
		extend(session, now_ms);
}

void
node_session_activate(struct node_session *session)
{
	session->state = SESSION_ACTIVE;
	read_mappings(session);
	node_session_second(session, clock_mono_ms());
	temp_sweep_begin(&session->runner->sweep);
	purger_begin(&session->runner->purger);
	audit_sealer_begin(&session->runner->sealer);
	doctor_round_begin(&session->runner->doctor);
}

static void
left(void *arg, const struct db_result *rows, const struct err *err)
{
	struct node_session *session = arg;

	if (rows == NULL)
		log_warn("lease_not_given_back", "reason=\"%s\"", err->text);
	session->runner->left = true;
}

void
node_session_leave(struct node_session *session)
{
	session->beat_timer.due_ms = EVENT_NEVER_MS;
	figures_tell(session->runner);
	node_leave_send(session->runner->db, session->life, left, session);
}

void
node_session_init(struct node_session *session, struct runner *runner)
{
	memset(session, 0, sizeof(*session));
	session->runner = runner;
	session->beat_timer =
	    (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = beat, .arg = session };
	session->retry_timer =
	    (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = register_again, .arg = session };
	event_loop_add_timer(&runner->loop, &session->beat_timer);
	event_loop_add_timer(&runner->loop, &session->retry_timer);
}
