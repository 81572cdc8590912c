/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/claim_poller.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "db/db.h"
#include "runner/job_run_claim.h"
#include "runner/keeper_link.h"
#include "runner/runner.h"
#include "store/job_order_row.h"
#include "store/job_turn_store.h"
#include "store/node_store.h"

#define FAILED_RETRY_MS 200
#define FLAG_RETRY_MS 50
#define FLAG_TRIES_MAX 20
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 5000
#define LOOK_EVERY_MS 1000 /* as often housekeeping looks */
#define LOOK_LATE_MS 500 /* it comes that late at most, or the queue's own look is due */
#define VAIN_LOOKS_MAX 8
#define VAIN_FORGOTTEN_MS 1000
#define REST_MS_MIN 50
#define REST_MS_MAX 1000
#define REST_PER_LOOK 50 /* three looks for each rest: a twentieth of the time */
#define END_WAIT_MS 3
#define END_WAIT_BUSY_MS 40

static struct queue_slots *
find(const struct claim_poller *poller, int64_t queue_id)
{
	return slots_find(&poller->runner->slots, queue_id);
}

/* As soon as there is room. */
static bool
looks_again(const struct queue_poll *poll)
{
	return poll->want || poll->told;
}

/* --- flags --- */

static void
woken(void *arg, const struct db_result *rows, const struct err *err)
{
	(void)arg;
	if (rows == NULL)
		log_warn("wake_failed", "reason=\"%s\"", err->text);
}

/* We are busy: all flags down (the database knows them by node only). */
static void
lower_flags(struct claim_poller *poller)
{
	struct slots *slots = &poller->runner->slots;

	for (size_t i = 0; i < slots->len; i++) {
		struct queue_slots *queue = &slots->queues[i];

		if (queue->poll.flag_up)
			queue->poll.want = true; /* raise it again, with another look */
		queue->poll.flag_up = queue->poll.claim_saw_flag = false;
	}
	node_wake_send(poller->runner->db, poller->runner->session.life, woken, poller);
}

static void
flags_raised(void *arg, const struct db_result *rows, const struct err *err)
{
	struct claim_poller *poller = arg;
	struct slots *slots = &poller->runner->slots;
	int64_t now_ms = clock_mono_ms();

	if (rows == NULL)
		log_warn("wait_failed", "reason=\"%s\"", err->text);
	for (int row = 0; rows != NULL && row < db_rows(rows); row++) {
		struct queue_slots *queue = slots_find(slots, db_int64(rows, row, 0));

		if (queue == NULL || !queue->poll.waiting)
			continue;
		queue->poll.waiting = false;
		queue->poll.flag_up = queue->poll.want = true; /* the one more look */
		queue->poll.flag_tries = 0;
	}
	for (size_t i = 0; i < slots->len; i++) {
		struct queue_poll *poll = &slots->queues[i].poll;

		if (!poll->waiting)
			continue;
		poll->waiting = false;
		if (++poll->flag_tries < FLAG_TRIES_MAX && poll->next_ms > now_ms + FLAG_RETRY_MS)
			poll->next_ms = now_ms + FLAG_RETRY_MS;
	}
}

/* --- looks in vain --- */

/* The flag is down meanwhile; the look at the end of it sees what came. */
static void
rest(struct claim_poller *poller, struct queue_slots *queue, int64_t now_ms)
{
	struct queue_poll *poll = &queue->poll;
	int64_t rest_ms = REST_PER_LOOK * (now_ms - poll->asked_ms);

	if (rest_ms < REST_MS_MIN)
		rest_ms = REST_MS_MIN;
	if (rest_ms > REST_MS_MAX)
		rest_ms = REST_MS_MAX;
	if (poll->flag_up) { /* and it stays down, where those of other queues are raised again at once */
		poll->flag_up = false;
		lower_flags(poller);
	}
	poll->told = false;
	poll->rest_until_ms = poll->vain_ms = now_ms + rest_ms;
	if (poll->next_ms > poll->rest_until_ms)
		poll->next_ms = poll->rest_until_ms;
}

/* A claim was answered with so many jobs.  True: the queue rests now. */
static bool
was_in_vain(struct claim_poller *poller, struct queue_slots *queue, int jobs)
{
	struct queue_poll *poll = &queue->poll;
	int64_t now_ms = clock_mono_ms();

	if (jobs > 0 || now_ms > poll->vain_ms + VAIN_FORGOTTEN_MS)
		poll->vain = 0;
	if (jobs > 0 || !poll->claim_was_told)
		return false;
	poll->vain_ms = now_ms;
	if (poll->vain < VAIN_LOOKS_MAX)
		poll->vain++;
	if (poll->vain < VAIN_LOOKS_MAX || poll->waiting)
		return false;
	rest(poller, queue, now_ms);
	return true;
}

/* --- claims --- */

struct found {
	int jobs, units;
};

static void
found_some(struct claim_poller *poller, struct queue_slots *queue, int room, struct found found)
{
	struct queue_poll *poll = &queue->poll;

	poll->next_ms = clock_mono_ms() + queue->interval_ms;
	if (was_in_vain(poller, queue, found.jobs))
		return;
	if (found.units == room || found.jobs == JOB_CLAIM_MAX) {
		poll->want = true;
		if (poll->flag_up)
			lower_flags(poller);
	} else if (!poll->claim_saw_flag && !looks_again(poll)) {
		poll->sleepy = true;
	}
}

/* What became of one queue's question. */
static void
answered(struct claim_poller *poller, const struct job_wanted *wanted, struct found found,
	 const struct err *err)
{
	struct queue_slots *queue = find(poller, wanted->queue_id); /* entries are never removed */

	queue->asked -= wanted->room;
	if (err == NULL) {
		found_some(poller, queue, wanted->room, found);
		return;
	}
	log_warn("claim_failed", "queue=%lld reason=\"%s\"", (long long)queue->queue_id, err->text);
	poller->uncertain = poller->uncertain || err->kind == ERR_UNCERTAIN;
	queue->poll.next_ms = clock_mono_ms() + FAILED_RETRY_MS;
}

void
claim_poller_answered(struct claim_poller *poller, const struct job_wanted *wanted, size_t n,
		      const struct db_result *rows, const struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct found found = { 0, 0 };

		for (int row = 0; rows != NULL && row < db_rows(rows); row++) {
			if (job_turn_row(rows, row) != JOB_TURN_ORDER ||
			    db_int64(rows, row, JOB_ORDER_COL_QUEUE_ID) != wanted[i].queue_id)
				continue;
			job_run_claim(poller->runner, rows, row);
			found.jobs++;
			found.units += (int)db_int64(rows, row, JOB_ORDER_COL_CONSUMPTION);
		}
		answered(poller, &wanted[i], found, rows != NULL ? NULL : err);
	}
}

static void
want(struct queue_slots *queue, int room, struct job_wanted *out)
{
	*out = (struct job_wanted){ queue->queue_id, room };
	queue->asked += room;
	queue->poll.want = false;
	queue->poll.claim_was_told = queue->poll.told;
	queue->poll.told = false;
	queue->poll.asked_ms = clock_mono_ms();
	queue->poll.polled = true;
	queue->poll.claim_saw_flag = queue->poll.flag_up;
}

/* --- reasons to look --- */

void
claim_poller_room(struct claim_poller *poller, int64_t queue_id)
{
	struct queue_slots *queue = find(poller, queue_id);

	if (queue != NULL)
		queue->poll.want = true;
}

void
claim_poller_notified(struct claim_poller *poller, const char *queue_id)
{
	struct queue_slots *queue = NULL;
	int64_t id;

	if (num_int64(queue_id, 1, INT64_MAX, &id) == 0)
		queue = find(poller, id);
	if (queue == NULL || clock_mono_ms() < queue->poll.rest_until_ms)
		return;
	queue->poll.told = true;
}

void
claim_poller_looked(struct claim_poller *poller, const int64_t *queue_ids, size_t n)
{
	struct slots *slots = &poller->runner->slots;
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < slots->len; i++) {
		struct queue_slots *queue = &slots->queues[i];

		if (queue->max == 0 || queue->interval_ms < LOOK_EVERY_MS)
			continue;
		queue->poll.polled = true;
		queue->poll.next_ms = now_ms + queue->interval_ms + LOOK_LATE_MS;
	}
	for (size_t i = 0; i < n; i++)
		claim_poller_room(poller, queue_ids[i]);
}

void
claim_poller_mapped(struct claim_poller *poller, int64_t queue_id, bool is_new)
{
	struct queue_slots *queue = find(poller, queue_id);
	int64_t latest_ms = clock_mono_ms() + queue->interval_ms;

	if (is_new)
		queue->poll.want = true;
	if (queue->poll.next_ms == 0 || queue->poll.next_ms > latest_ms)
		queue->poll.next_ms = latest_ms;
}

void
claim_poller_reconnected(struct claim_poller *poller)
{
	struct slots *slots = &poller->runner->slots;

	for (size_t i = 0; i < slots->len; i++) {
		slots->queues[i].poll.flag_up = slots->queues[i].poll.claim_saw_flag = false;
		slots->queues[i].poll.want = true;
	}
	if (poller->runner->session.state == SESSION_ACTIVE)
		claim_poller_doubt(poller);
}

void
claim_poller_doubt(struct claim_poller *poller)
{
	poller->uncertain = true;
}

void
claim_poller_certain(struct claim_poller *poller)
{
	poller->uncertain = false;
}

void
claim_poller_start_failed(struct claim_poller *poller)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms < poller->not_before_ms)
		return; /* of the same batch */
	poller->backoff_ms = poller->backoff_ms == 0 ? BACKOFF_FIRST_MS : poller->backoff_ms * 2;
	if (poller->backoff_ms > BACKOFF_MAX_MS)
		poller->backoff_ms = BACKOFF_MAX_MS;
	poller->not_before_ms = now_ms + poller->backoff_ms;
	log_error("starts_fail", "no_claims_ms=%lld", (long long)poller->backoff_ms);
}

void
claim_poller_start_worked(struct claim_poller *poller)
{
	poller->backoff_ms = 0;
}

/* --- a pass --- */

static void
raise_flags(struct claim_poller *poller)
{
	struct slots *slots = &poller->runner->slots;
	int64_t *ids = calloc(slots->len + 1, sizeof(ids[0]));
	size_t n = 0;

	if (ids == NULL)
		abort();
	for (size_t i = 0; i < slots->len; i++) {
		struct queue_poll *poll = &slots->queues[i].poll;

		if (!poll->sleepy || poll->waiting)
			continue;
		poll->sleepy = false;
		poll->waiting = true;
		ids[n++] = slots->queues[i].queue_id;
	}
	if (n > 0)
		node_wait_send(poller->runner->db, poller->runner->session.life, ids, n,
			       flags_raised, poller);
	free(ids);
}

int64_t
claim_poller_end_wait_ms(const struct claim_poller *poller, int64_t queue_id)
{
	const struct queue_slots *queue = find(poller, queue_id);
	const struct queue_poll *poll = queue == NULL ? NULL : &queue->poll;

	if (poller->runner->stop != STOP_NONE)
		return 0;
	if (queue == NULL || queue->max == 0)
		return END_WAIT_MS;
	if (slots_has_stock(queue))
		return END_WAIT_BUSY_MS;
	if (slots_free(queue) > 0 || (poll->flag_up && poll->claim_saw_flag && !looks_again(poll)))
		return END_WAIT_MS;
	return 0;
}

static bool
is_closed(const struct claim_poller *poller)
{
	const struct runner *runner = poller->runner;

	return runner->session.state != SESSION_ACTIVE || runner->stop != STOP_NONE ||
	       !node_session_has_lease(&runner->session) || !keeper_link_is_up(runner->keeper);
}

/* Units to ask for: all that are free, so that a large job gets in; but see that the keeper has room. */
static int
room_for(const struct queue_slots *queue, int keeper_room)
{
	int units = slots_free(queue);

	return keeper_room < JOB_CLAIM_MAX && units > keeper_room ? keeper_room : units;
}

size_t
claim_poller_gather(struct claim_poller *poller, struct job_wanted *out, size_t max)
{
	struct runner *runner = poller->runner;
	int64_t now_ms = clock_mono_ms();
	int64_t due_ms = EVENT_NEVER_MS;
	bool left = false; /* the flag is up for a queue that is none of ours any more */
	size_t found = 0;
	int room;

	poller->timer.due_ms = EVENT_NEVER_MS;
	if (poller->uncertain) { /* also while we stop: what was claimed must go back */
		recovery_read_back(runner);
		return 0;
	}
	db_async_forget_lost(runner->db); /* no claim was lost: what else was harms nobody */
	if (is_closed(poller))
		return 0;
	if (now_ms < poller->not_before_ms) {
		poller->timer.due_ms = poller->not_before_ms;
		return 0;
	}
	room = keeper_link_slots(runner->keeper) - (int)runner->runs.count;
	for (size_t i = 0; i < runner->slots.len && found < max; i++) {
		struct queue_slots *queue = &runner->slots.queues[i];
		int n = room_for(queue, room);

		left = left || (queue->max == 0 && queue->poll.flag_up);
		if (queue->max == 0 || n <= 0)
			continue;
		if (looks_again(&queue->poll) || queue->poll.next_ms <= now_ms) {
			want(queue, n, &out[found++]);
			room -= n < JOB_CLAIM_MAX ? n : JOB_CLAIM_MAX;
		} else if (queue->poll.next_ms < due_ms) {
			due_ms = queue->poll.next_ms;
		}
	}
	if (left)
		lower_flags(poller);
	raise_flags(poller);
	poller->timer.due_ms = left ? now_ms : due_ms;
	return found;
}

void
claim_poller_init(struct claim_poller *poller, struct runner *runner)
{
	memset(poller, 0, sizeof(*poller));
	poller->runner = runner;
	poller->timer = (struct event_timer){ .due_ms = EVENT_NEVER_MS };
	event_loop_add_timer(&runner->loop, &poller->timer);
}
