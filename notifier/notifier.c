/* SPDX-License-Identifier: Apache-2.0 */
#include "notifier/notifier.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "db/db.h"
#include "notifier/mail_row.h"
#include "notifier/mail_text.h"
#include "notifier/mime.h"
#include "notifier/smtp.h"

#define LOOK_MS 5000 /* without a hint */
#define AGAIN_MS 1000 /* after the database could not do what was asked */
#define PAUSE_MIN_MS 1000 /* after the mail server could not be used, doubling */
#define PAUSE_MAX_MS 30000
#define ANNOUNCE_MS (INT64_C(3600) * 1000)
#define FAREWELL_MS 2000 /* to tell the database of the last mail */
/* A lease is longer than anything that is done with it: a mail, a farewell to the server, the database. */
#define LEASE_EXTRA_MS 5000
#define CLAIM_OLD_MS 3000 /* a claim that took longer leaves too little of it */
#define MAIL_MAX_BYTES ((size_t)2 * 1024 * 1024)

/* What became of the mail in hand, until the database knows. */
struct outcome {
	int64_t id, try;
	struct smtp_result result;
};

struct notifier {
	const struct notifier_config *config;
	struct smtp *smtp; /* NULL: no mail server */
	struct db_async *db;
	int signal_fd;
	bool stopping;
	int64_t stop_at_ms; /* then at the latest */
	bool asking; /* the database has a question of ours */
	bool has_outcome;
	struct outcome outcome;
	int64_t next_ms; /* when to ask again */
	int64_t announce_ms;
	int64_t asked_ms;
	int64_t pause_ms; /* the last one; 0: the mail server was well */
	bool paused; /* next_ms is the end of a pause */
};

/* Has TERM come?  Reads no more than that it has. */
static bool
should_stop(void *arg)
{
	struct notifier *n = arg;
	struct pollfd fd = { .fd = n->signal_fd, .events = POLLIN };
	struct signalfd_siginfo info;

	if (!n->stopping && poll(&fd, 1, 0) > 0 && read(n->signal_fd, &info, sizeof(info)) > 0) {
		n->stopping = true;
		n->stop_at_ms = clock_mono_ms() + FAREWELL_MS;
	}
	return n->stopping;
}

static void
ask_in(struct notifier *n, int64_t ms)
{
	n->next_ms = clock_mono_ms() + ms;
	n->paused = false;
}

static void
on_told(void *arg, const struct db_result *rows, const struct err *err)
{
	struct notifier *n = arg;
	const struct outcome *o = &n->outcome;
	char reason[LOG_VALUE_SIZE];

	n->asking = false;
	if (rows == NULL) {
		log_warn("mail_not_noted", "mail=%" PRId64 " reason=\"%s\"", o->id,
			 log_value(reason, err->text));
		/* Said once more: all of it may be repeated.  What can never be said is left to its lease. */
		n->has_outcome = err->kind == ERR_BUSY || err->kind == ERR_UNCERTAIN;
		ask_in(n, AGAIN_MS);
		return;
	}
	n->has_outcome = false;
	if (o->result.outcome == SMTP_SENT)
		log_info("mail_sent", "mail=%" PRId64 " try=%" PRId64, o->id, o->try);
	else
		log_warn(db_bool(rows, 0, 0) ? "mail_given_up" : "mail_failed",
			 "mail=%" PRId64 " try=%" PRId64 " reason=\"%s\"", o->id, o->try,
			 log_value(reason, o->result.reason));
}

static void
tell(struct notifier *n)
{
	const struct outcome *o = &n->outcome;

	n->asking = true;
	if (o->result.outcome == SMTP_SENT)
		mail_row_sent(n->db, o->id, on_told, n);
	else
		mail_row_failed(n->db, o->id, o->try, o->result.reason,
				o->result.outcome == SMTP_REFUSED, on_told, n);
}

/* Send one mail; n->outcome says how that went. */
static void
send_mail(struct notifier *n, const struct mail *mail)
{
	struct smtp_result *result = &n->outcome.result;
	struct buf text = BUF_INIT(MAIL_MAX_BYTES);
	struct err err = ERR_INIT;

	n->outcome.id = mail->id;
	n->outcome.try = mail->try;
	n->has_outcome = true;
	*result = (struct smtp_result){ .outcome = SMTP_REFUSED, .reason = "it is no address" };
	if (mime_is_address(mail->recipient)) {
		mail_text_write(&text, mail, n->config->smtp->from);
		if (buf_check(&text, &err) == -1)
			*result = (struct smtp_result){ .outcome = SMTP_REFUSED,
							.reason = "its text is too long" };
		else
			smtp_send(n->smtp, mail->recipient, buf_text(&text), text.len, result);
	}
	buf_free(&text);
}

static void
on_claimed(void *arg, const struct db_result *rows, const struct err *err)
{
	struct notifier *n = arg;
	char reason[LOG_VALUE_SIZE];
	struct mail mail;

	n->asking = false;
	if (rows == NULL) {
		log_warn("mail_not_claimed", "reason=\"%s\"", log_value(reason, err->text));
		ask_in(n, AGAIN_MS);
		return;
	}
	if (db_rows(rows) == 0) {
		ask_in(n, LOOK_MS);
		return;
	}
	ask_in(n, 0);
	if (clock_mono_ms() - n->asked_ms > CLAIM_OLD_MS)
		return; /* somebody else may have it before we are done */
	mail_row_read(rows, &mail);
	send_mail(n, &mail);
	if (n->outcome.result.outcome == SMTP_DOWN) {
		n->pause_ms = n->pause_ms == 0 ? PAUSE_MIN_MS : 2 * n->pause_ms;
		n->pause_ms = n->pause_ms < PAUSE_MAX_MS ? n->pause_ms : PAUSE_MAX_MS;
		ask_in(n, n->pause_ms);
		n->paused = true;
	} else {
		n->pause_ms = 0;
	}
	tell(n); /* at once, before any pause */
}

static void
on_dropped(void *arg, const struct db_result *rows, const struct err *err)
{
	struct notifier *n = arg;
	char reason[LOG_VALUE_SIZE];
	int64_t dropped = rows == NULL ? 0 : db_int64(rows, 0, 0);

	n->asking = false;
	if (rows == NULL)
		log_warn("mails_not_dropped", "reason=\"%s\"", log_value(reason, err->text));
	if (dropped > 0)
		log_warn("mails_dropped",
			 "count=%" PRId64 " reason=\"no mail server is configured\"", dropped);
	ask_in(n, dropped > 0 ? 0 : LOOK_MS);
}

static void
on_announced(void *arg, const struct db_result *rows, const struct err *err)
{
	struct notifier *n = arg;
	char reason[LOG_VALUE_SIZE];

	n->asking = false;
	ask_in(n, rows == NULL ? AGAIN_MS : 0);
	if (rows != NULL)
		n->announce_ms = clock_mono_ms() + ANNOUNCE_MS;
	else
		log_warn("not_announced", "reason=\"%s\"", log_value(reason, err->text));
}

/* Whatever is due. */
static void
ask(struct notifier *n)
{
	const struct notifier_config *config = n->config;

	n->asked_ms = clock_mono_ms();
	if (n->has_outcome) {
		tell(n);
		return;
	}
	n->asking = true;
	if (n->asked_ms >= n->announce_ms)
		mail_row_announce(n->db, config->node_name, n->smtp != NULL, on_announced, n);
	else if (n->smtp == NULL)
		mail_row_drop(n->db, on_dropped, n);
	else
		mail_row_claim(n->db, 2 * config->smtp->timeout_ms + LEASE_EXTRA_MS, on_claimed, n);
}

static void
on_notify(void *arg, const char *channel, const char *payload)
{
	struct notifier *n = arg;

	(void)channel, (void)payload;
	if (!n->paused && !n->has_outcome)
		n->next_ms = 0;
}

static bool
is_over(const struct notifier *n)
{
	return n->stopping && ((!n->has_outcome && !n->asking) || !db_async_connected(n->db) ||
			       clock_mono_ms() >= n->stop_at_ms);
}

static int
until(const struct notifier *n, int64_t now_ms)
{
	int timeout_ms = db_async_timeout_ms(n->db);
	int64_t left_ms = n->next_ms > now_ms ? n->next_ms - now_ms : 0;

	if (!n->asking && (timeout_ms < 0 || left_ms < timeout_ms))
		timeout_ms = (int)left_ms;
	if (n->stopping && (timeout_ms < 0 || timeout_ms > 100))
		timeout_ms = 100;
	return timeout_ms;
}

static void
loop(struct notifier *n)
{
	while (!should_stop(n) || !is_over(n)) {
		struct pollfd fds[2] = {
			{ .fd = n->signal_fd, .events = n->stopping ? 0 : POLLIN },
			{ .fd = db_async_fd(n->db),
			  .events = (short)(POLLIN | (db_async_wants_write(n->db) ? POLLOUT : 0)) },
		};

		if (poll(fds, 2, until(n, clock_mono_ms())) == -1 && errno != EINTR)
			log_error("poll_failed", "errno=%d", errno);
		db_async_process(n->db);
		if (!n->asking && clock_mono_ms() >= n->next_ms && (!n->stopping || n->has_outcome))
			ask(n);
	}
}

int
notifier_run(const struct notifier_config *config, struct err *err)
{
	struct notifier n = { .config = config, .signal_fd = -1 };
	sigset_t set;
	int rc = -1;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (n.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not watch signals");
	if (config->smtp != NULL) {
		config->smtp->stop = should_stop;
		config->smtp->stop_arg = &n;
		n.smtp = smtp_new(config->smtp, err);
		if (n.smtp == NULL)
			goto cleanup;
	}
	n.db = db_async_new(config->conninfo, "jqm-notifier");
	db_async_listen(n.db, "jqm_mail", on_notify, &n);
	loop(&n);
	db_async_free(n.db);
	rc = 0;

cleanup:
	smtp_free(n.smtp);
	fd_close(&n.signal_fd);
	return rc;
}
