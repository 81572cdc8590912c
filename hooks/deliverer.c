/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/deliverer.h"

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "crypto/secret_box.h"
#include "db/db.h"
#include "hooks/delivery_row.h"
#include "hooks/hook_secrets.h"
#include "hooks/lanes.h"

#define LOOK_MS 5000 /* without a hint */
#define AGAIN_MS 1000 /* after the database could not do what was asked */
#define FORGET_MS (INT64_C(3600) * 1000)
#define FORGET_ROWS 1000
#define FLIGHT_END_MS 3000 /* after TERM */
#define FAREWELL_MS 2000 /* and then to tell the database */
/* A lease is longer than anything that is done with it: claim, delivery, and telling the database. */
#define LEASE_EXTRA_MS 15000
#define CLAIM_OLD_MS 3000 /* a claim that took longer leaves too little of it */

/* A delivery from its claim until the database knows what became of it. */
struct job {
	struct deliverer *deliverer;
	struct job *next;
	int64_t id, try, hook;
	bool slow; /* claimed for the second lane */
	int64_t started_ms;
	bool over, told; /* result is there; the database was told and has not answered yet */
	struct post_result result;
};

struct deliverer {
	const struct deliverer_config *config;
	struct poster *poster;
	struct db_async *db;
	int signal_fd;
	bool stopping;
	int64_t stop_ms; /* when that began */
	struct job *jobs;
	bool asking; /* the database has a question of ours */
	bool again; /* since it was asked, something has changed: ask once more, whatever it says */
	int64_t asked_ms, pause_ms; /* when, and how long to wait if it has nothing */
	int64_t next_ms; /* when to ask again */
	int64_t retell_ms; /* when to tell again what the database could not take */
	int64_t forget_ms;
};

static void
ask_in(struct deliverer *d, int64_t ms)
{
	d->next_ms = clock_mono_ms() + ms;
}

/* There may be more than was known when the question under way was asked. */
static void
ask_again(struct deliverer *d)
{
	d->again = true;
	ask_in(d, 0);
}

static void
job_free(struct job *job)
{
	struct job **at = &job->deliverer->jobs;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	free(job);
}

static void
on_told(void *arg, const struct db_result *rows, const struct err *err)
{
	struct job *job = arg;
	const char *state = rows == NULL ? NULL : db_text(rows, 0, 0);
	char reason[LOG_VALUE_SIZE];

	job->told = false;
	if (rows == NULL) {
		log_warn("delivery_not_noted", "delivery=%" PRId64 " reason=\"%s\"", job->id,
			 log_value(reason, err->text));
		/* Said once more: all of it may be repeated.  What can never be said is left to its lease. */
		if (err->kind == ERR_BUSY || err->kind == ERR_UNCERTAIN) {
			job->deliverer->retell_ms = clock_mono_ms() + AGAIN_MS;
			return;
		}
	} else {
		log_event(job->result.outcome == POST_DELIVERED ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
			  job->result.outcome == POST_DELIVERED ? "delivered" : "not_delivered",
			  "delivery=%" PRId64 " webhook=%" PRId64 " try=%" PRId64
			  " status=%d ms=%" PRId64 " state=%s reason=\"%s\"",
			  job->id, job->hook, job->try, job->result.status, job->result.took_ms,
			  state == NULL ? "unknown" : state, log_value(reason, job->result.reason));
	}
	ask_again(job->deliverer); /* others may have waited for its place */
	job_free(job);
}

static void
tell(struct job *job)
{
	job->told = true;
	delivery_row_told(job->deliverer->db, job->id, job->try, job->deliverer->config->node_name,
			  &job->result, on_told, job);
}

static void
on_posted(void *arg, void *what, const struct post_result *result)
{
	struct job *job = what;

	(void)arg;
	job->over = true;
	job->result = *result;
	tell(job);
}

static void
start(struct deliverer *d, const struct secret_keys *keys, const struct err *no_keys,
      const struct delivery *delivery)
{
	struct job *job = calloc(1, sizeof(*job));
	char signatures[HOOK_SIGNATURES_SIZE];
	struct err err = *no_keys;

	if (job == NULL)
		abort();
	*job = (struct job){ .deliverer = d,
			     .next = d->jobs,
			     .id = delivery->id,
			     .try = delivery->try,
			     .hook = delivery->hook,
			     .slow = delivery->slow,
			     .started_ms = clock_mono_ms() };
	d->jobs = job;
	if (keys == NULL || hook_secrets_sign(keys, delivery, signatures, &err) == -1) {
		job->over = true;
		job->result.outcome = POST_FAILED;
		(void)snprintf(job->result.reason, sizeof(job->result.reason),
			       "cannot be signed: %.*s", STR_CUT(err.text, 200));
		tell(job);
		return;
	}
	post_start(d->poster,
		   &(struct post_request){ .url = delivery->url,
					   .body = delivery->body,
					   .id = delivery->event_id,
					   .signature = signatures,
					   .seconds = delivery->seconds },
		   job);
}

static void
on_claimed(void *arg, const struct db_result *rows, const struct err *err)
{
	struct deliverer *d = arg;
	char reason[LOG_VALUE_SIZE];
	struct err no_keys = ERR_INIT;
	struct secret_keys *keys;
	struct delivery delivery;

	d->asking = false;
	if (rows == NULL) {
		log_warn("not_claimed", "reason=\"%s\"", log_value(reason, err->text));
		ask_in(d, AGAIN_MS);
		return;
	}
	if (db_rows(rows) == 0) {
		ask_in(d, d->again ? 0 : d->pause_ms);
		return;
	}
	ask_in(d, 0);
	if (clock_mono_ms() - d->asked_ms > CLAIM_OLD_MS)
		return; /* somebody else may have them before we are done */
	keys = hook_secrets_keys(d->config->settings, &no_keys);
	if (keys == NULL)
		log_error("keys_unreadable", "reason=\"%s\"", log_value(reason, no_keys.text));
	for (int row = 0; row < db_rows(rows); row++) {
		delivery_row_read(rows, row, &delivery);
		start(d, keys, &no_keys, &delivery);
	}
	secret_keys_free(keys);
}

static void
on_forgotten(void *arg, const struct db_result *rows, const struct err *err)
{
	struct deliverer *d = arg;
	char reason[LOG_VALUE_SIZE];

	d->asking = false;
	if (rows == NULL)
		log_warn("not_forgotten", "reason=\"%s\"", log_value(reason, err->text));
	d->forget_ms = clock_mono_ms() +
		       (rows != NULL && db_int64(rows, 0, 0) >= FORGET_ROWS ? AGAIN_MS : FORGET_MS);
}

/* How much is on its way, job by job. */
static void
look_at_lanes(const struct deliverer *d, struct lanes *out)
{
	int64_t now_ms = clock_mono_ms();

	*out = (struct lanes)LANES_INIT;
	for (const struct job *job = d->jobs; job != NULL; job = job->next)
		lanes_add(out, job->hook, job->slow,
			  job->over ? job->result.took_ms : now_ms - job->started_ms);
}

/* Whatever is due. */
static void
ask(struct deliverer *d)
{
	struct lanes lanes;

	d->again = false;
	d->asked_ms = clock_mono_ms();
	if (d->asked_ms >= d->forget_ms) {
		d->asking = true;
		delivery_row_forget(d->db, d->config->keep_days, FORGET_ROWS, on_forgotten, d);
		return;
	}
	look_at_lanes(d, &lanes);
	d->pause_ms = LOOK_MS;
	if (lanes_quick_room(&lanes) == 0 && lanes.late_in_ms < LOOK_MS)
		d->pause_ms = lanes.late_in_ms; /* who is late makes room */
	if (lanes_quick_room(&lanes) == 0 && lanes_slow_room(&lanes) == 0) {
		ask_in(d, d->pause_ms); /* whatever ends before asks at once */
		return;
	}
	d->asking = true;
	delivery_row_claim(d->db, &lanes, d->config->post.timeout_ms + LEASE_EXTRA_MS, on_claimed,
			   d);
}

static void
retell(struct deliverer *d)
{
	d->retell_ms = 0;
	for (struct job *job = d->jobs; job != NULL; job = job->next)
		if (job->over && !job->told)
			tell(job);
}

static void
on_notify(void *arg, const char *channel, const char *payload)
{
	(void)channel, (void)payload;
	ask_again(arg);
}

/* Has TERM come?  What is on its way may end, but not for long. */
static void
look_for_stop(struct deliverer *d)
{
	struct signalfd_siginfo info;
	int64_t now_ms = clock_mono_ms();

	if (!d->stopping && read(d->signal_fd, &info, sizeof(info)) > 0) {
		d->stopping = true;
		d->stop_ms = now_ms;
	}
	if (d->stopping && now_ms - d->stop_ms >= FLIGHT_END_MS)
		poster_stop(d->poster, "jqm-hooks was stopped");
}

static bool
is_over(const struct deliverer *d)
{
	return d->stopping &&
	       (d->jobs == NULL || clock_mono_ms() - d->stop_ms >= FLIGHT_END_MS + FAREWELL_MS);
}

static int
until(const struct deliverer *d)
{
	int64_t now_ms = clock_mono_ms(), at_ms = d->asking ? INT64_MAX : d->next_ms;
	int timeout_ms = db_async_timeout_ms(d->db);

	if (d->stopping)
		at_ms = now_ms + 100;
	if (d->retell_ms != 0 && d->retell_ms < at_ms)
		at_ms = d->retell_ms;
	if (at_ms <= now_ms)
		return 0;
	if (at_ms != INT64_MAX && (timeout_ms < 0 || at_ms - now_ms < timeout_ms))
		timeout_ms = (int)(at_ms - now_ms);
	return timeout_ms < 0 || timeout_ms > LOOK_MS ? LOOK_MS : timeout_ms;
}

static void
loop(struct deliverer *d)
{
	while (!is_over(d)) {
		struct pollfd fds[2] = {
			{ .fd = d->signal_fd, .events = POLLIN },
			{ .fd = db_async_fd(d->db),
			  .events = (short)(POLLIN | (db_async_wants_write(d->db) ? POLLOUT : 0)) },
		};

		poster_wait(d->poster, fds, 2, until(d));
		look_for_stop(d);
		poster_process(d->poster);
		db_async_process(d->db);
		if (d->retell_ms != 0 && clock_mono_ms() >= d->retell_ms)
			retell(d);
		if (!d->stopping && !d->asking && clock_mono_ms() >= d->next_ms)
			ask(d);
	}
}

int
deliverer_run(const struct deliverer_config *config, struct err *err)
{
	struct deliverer d = { .config = config, .signal_fd = -1 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (d.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not watch signals");
	d.poster = poster_new(&config->post, on_posted, &d, err);
	if (d.poster == NULL) {
		fd_close(&d.signal_fd);
		return -1;
	}
	d.db = db_async_new(config->conninfo, "jqm-hooks");
	db_async_listen(d.db, "jqm_webhook", on_notify, &d);
	loop(&d);
	db_async_free(d.db);
	poster_free(d.poster);
	for (struct job *job = d.jobs, *next; job != NULL; job = next) {
		next = job->next;
		free(job);
	}
	fd_close(&d.signal_fd);
	return 0;
}
