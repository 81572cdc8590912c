/* SPDX-License-Identifier: Apache-2.0 */
#include "events/server.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "crypto/sealed_text.h"
#include "db/db.h"
#include "events/http_request.h"
#include "events/listener.h"
#include "events/rights.h"
#include "events/source.h"

#define EVENTS_AT_ONCE 256
#define TICK_MS 1000
#define PATIENCE_MS 15000 /* with the database */
#define ASKING_MAX \
	64 /* connections beyond the listeners: whose request is not complete, or who is refused */
#define ASK_MS 10000 /* for a request to be complete, a source to be ready, a refusal to be read */
#define KEEP_ALIVE_MS 15000
#define STALLED_MS 60000 /* nginx waits as long for a client that does not read */
#define LISTEN_MS (INT64_C(600) * 1000) /* then he comes again, and is looked at again */
#define LINGER_MS 30000
#define KEY_MS 5000 /* how long the first who come wait for the key of their tickets */

struct server {
	const struct server_config *config;
	int epoll_fd, signal_fd;
	bool stopping;
	bool accepting; /* the loop says who knocks */
	struct db_async *db;
	int db_fd; /* as the loop knows it */
	unsigned db_serial;
	bool db_wants_write;
	struct source source;
	struct rights rights;
	struct listener *first;
	size_t connections, listeners;
	int64_t tick_ms, alone_ms; /* the next look at all; since when nobody listens */
	bool stirred; /* there is something for those who hear or wait */
	bool has_key; /* of the tickets: asked for when the first of them comes */
};

/* What the loop gives back for a descriptor: a listener, or one of these. */
static char is_signal, is_knock, is_db;

static void
watch(struct server *s, int operation, int fd, uint32_t events, void *who)
{
	struct epoll_event event = { .events = events, .data.ptr = who };

	if (epoll_ctl(s->epoll_fd, operation, fd, &event) == -1)
		log_error("watch_failed", "fd=%d errno=%d", fd, errno);
}

static void
set_accepting(struct server *s, bool accepting)
{
	if (s->accepting == accepting)
		return;
	s->accepting = accepting;
	watch(s, EPOLL_CTL_MOD, s->config->listen_fd, accepting ? EPOLLIN : 0, &is_knock);
}

static bool
is_listening(const struct listener *l)
{
	return l->phase == LISTENER_HEARS || l->phase == LISTENER_WAITS;
}

static void
let_go(struct server *s, struct listener *l)
{
	if (is_listening(l))
		s->listeners--;
	if (l->next != NULL)
		l->next->prev = l->prev;
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		s->first = l->next;
	s->connections--;
	listener_free(l);
	set_accepting(s, true);
}

/* After anything that may have changed it. */
static void
settle(struct server *s, struct listener *l, bool was_writing)
{
	if (l->wants_write != was_writing)
		watch(s, EPOLL_CTL_MOD, l->fd,
		      EPOLLIN | EPOLLRDHUP | (l->wants_write ? (uint32_t)EPOLLOUT : 0), l);
}

/* false: he is gone. */
static bool
serve(struct server *s, struct listener *l, int64_t now_ms)
{
	bool was_writing = l->wants_write;

	if (l->phase == LISTENER_WAITS && source_ready(&s->source, now_ms))
		listener_begin(l, &s->source);
	if (l->phase == LISTENER_ASKS || l->phase == LISTENER_WAITS)
		return true;
	if (!listener_send(l, &s->source, now_ms)) {
		let_go(s, l);
		return false;
	}
	settle(s, l, was_writing);
	return true;
}

/* Who comes with that ticket?  0, or -1 with what he is told. */
static int
admit(struct server *s, struct listener *l, char *sealed, struct err *err)
{
	if (s->source.key[0] == '\0')
		return err_set(err, ERR_BUSY, "the database is away; try again in a moment");
	if (s->listeners >= (size_t)s->config->listeners_max)
		return err_set(err, ERR_BUSY, "%zu listen already; try again in a moment",
			       s->listeners);
	if (sealed_text_open(s->source.key, sealed, err) == -1 ||
	    event_ticket_read(sealed, &l->memory.memory, &l->ticket, err) == -1)
		return -1;
	if (clock_mono_ms() > l->ticket.until_ms)
		return err_set(err, ERR_DENIED, "the ticket is too old");
	if (event_filter_parse(l->ticket.filter, &l->memory.memory, &l->filter, err) == -1)
		return -1;
	l->last.epoch[0] = '\0';
	if (l->ticket.last_event_id[0] != '\0')
		return event_id_read(l->ticket.last_event_id, &l->memory.memory, &l->last, err);
	return 0;
}

static void
refuse(struct listener *l, int status, const char *id, const struct err *err)
{
	char reason[LOG_VALUE_SIZE], request[LOG_VALUE_SIZE];

	log_info("listener_refused", "req=%s status=%d reason=\"%s\"", log_value(request, id),
		 status, log_value(reason, err->text));
	listener_refuse(l, status, err->text, id);
	listener_asked(l);
}

/* He is among the first since we were started: his ticket cannot be opened yet. */
static bool
waits_for_key(const struct server *s, const struct listener *l)
{
	return s->source.key[0] == '\0' && db_async_connected(s->db) &&
	       l->request_len < HTTP_REQUEST_BYTES_MAX && clock_mono_ms() - l->began_ms < KEY_MS;
}

/* What came is all of his request, or more of it. */
static void
take_request(struct server *s, struct listener *l)
{
	struct err err = ERR_INIT;
	struct http_request request;
	int status;

	if (waits_for_key(s, l)) {
		s->alone_ms = clock_mono_ms();
		source_watch(&s->source, true);
		return;
	}
	status = http_request_read(l->request, l->request_len, &request);
	if (status == 0)
		return;
	if (status != 200)
		(void)err_set(&err, ERR_INVALID, "this is for nginx, and it did not ask so");
	else if (admit(s, l, request.ticket, &err) == -1)
		status = err.kind == ERR_BUSY ? 503 : err.kind == ERR_DENIED ? 403 : 400;
	if (status != 200) {
		refuse(l, status, request.id, &err);
		return;
	}
	listener_asked(l);
	l->phase = LISTENER_WAITS;
	l->began_ms = l->sent_ms = clock_mono_ms();
	s->listeners++;
	source_watch(&s->source, true);
}

/* Something came from him, or he is gone: false. */
static bool
hear(struct server *s, struct listener *l)
{
	char rest[256], *into;
	size_t room;
	ssize_t n;

	if (l->phase != LISTENER_ASKS) {
		n = recv(l->fd, rest, sizeof(rest), MSG_DONTWAIT);
		return n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR));
	}
	into = listener_room(l, &room);
	n = recv(l->fd, into, room, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	l->request_len += (size_t)n;
	l->request[l->request_len] = '\0';
	take_request(s, l);
	return true;
}

static void
on_listener(struct server *s, struct listener *l, uint32_t events, int64_t now_ms)
{
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 ||
	    ((events & (EPOLLIN | EPOLLRDHUP)) != 0 && !hear(s, l))) {
		let_go(s, l);
		return;
	}
	(void)serve(s, l, now_ms);
}

static void
on_knock(struct server *s, int64_t now_ms)
{
	while (s->connections < (size_t)s->config->listeners_max + ASKING_MAX) {
		int fd = accept4(s->config->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct listener *l;

		if (fd == -1 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd == -1) {
			/* Without descriptors it would be told again at once: the next who leaves lets it go on. */
			if (errno != EAGAIN && errno != EWOULDBLOCK)
				break;
			return;
		}
		l = listener_new(fd, now_ms);
		l->next = s->first;
		if (s->first != NULL)
			s->first->prev = l;
		s->first = l;
		s->connections++;
		watch(s, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP, l);
	}
	set_accepting(s, false);
}

static void
on_news(void *arg, enum source_news news)
{
	struct server *s = arg;

	for (struct listener *l = s->first; news == SOURCE_GAP && l != NULL; l = l->next)
		listener_skip(l, &s->source);
	s->stirred = true;
}

static void
on_rights(void *arg, uint64_t check, const char *verdicts)
{
	struct server *s = arg;
	size_t n = strlen(verdicts);
	struct listener *next;

	for (struct listener *l = s->first; l != NULL; l = next) {
		next = l->next;
		if (l->check != check || l->check_index >= n || verdicts[l->check_index] == '1')
			continue;
		log_info("listener_cut", "account=%lld", (long long)l->ticket.account_id);
		let_go(s, l);
	}
}

/* The events that are there, to whoever waits for none before them. */
static void
spread(struct server *s, int64_t now_ms)
{
	struct listener *next;

	s->stirred = false;
	for (struct listener *l = s->first; l != NULL; l = next) {
		next = l->next;
		if (!l->wants_write)
			(void)serve(s, l, now_ms);
	}
}

/* Those whose requests wait for the key: it is there, or they have waited long enough. */
static void
take_waiting(struct server *s, int64_t now_ms)
{
	struct listener *next;

	for (struct listener *l = s->first; l != NULL; l = next) {
		next = l->next;
		if (l->phase != LISTENER_ASKS || l->request_len == 0)
			continue;
		take_request(s, l);
		(void)serve(s, l, now_ms);
	}
}

/* Whose time is over? */
static bool
is_over(const struct listener *l, int64_t now_ms)
{
	switch (l->phase) {
	case LISTENER_ASKS:
	case LISTENER_WAITS:
		return now_ms - l->began_ms > ASK_MS;
	case LISTENER_HEARS:
		if (l->rest == NULL && !l->in_block && now_ms - l->began_ms > LISTEN_MS)
			return true;
		return l->rest != NULL && now_ms - l->sent_ms > STALLED_MS;
	case LISTENER_LEAVES:
		return now_ms - l->sent_ms > ASK_MS;
	}
	return true;
}

static void
tick(struct server *s, int64_t now_ms)
{
	struct listener *next;

	s->tick_ms = now_ms + TICK_MS;
	if (!s->has_key)
		take_waiting(s, now_ms);
	for (struct listener *l = s->first; l != NULL; l = next) {
		bool was_writing = l->wants_write;

		next = l->next;
		if (is_over(l, now_ms)) {
			let_go(s, l);
			continue;
		}
		if (l->phase == LISTENER_WAITS) {
			(void)serve(s, l, now_ms);
		} else if (now_ms - l->sent_ms > KEEP_ALIVE_MS) {
			if (listener_keep_alive(l, &s->source, now_ms))
				settle(s, l, was_writing);
			else
				let_go(s, l);
		}
	}
	if (s->listeners > 0)
		s->alone_ms = now_ms;
	set_accepting(s, s->connections < (size_t)s->config->listeners_max + ASKING_MAX);
	source_watch(&s->source, s->listeners > 0);
	if (s->source.wanted && now_ms - s->alone_ms > LINGER_MS)
		source_rest(&s->source);
}

/* The descriptor of the database changes with each connection. */
static void
watch_db(struct server *s)
{
	int fd = db_async_fd(s->db);
	unsigned serial = db_async_fd_serial(s->db);
	bool wants_write = db_async_wants_write(s->db);
	uint32_t events = EPOLLIN | (wants_write ? (uint32_t)EPOLLOUT : 0);

	if (fd == s->db_fd && serial == s->db_serial) {
		if (fd != -1 && wants_write != s->db_wants_write)
			watch(s, EPOLL_CTL_MOD, fd, events, &is_db);
	} else {
		/* A closed one is forgotten by itself, unless somebody has a copy. */
		if (s->db_fd != -1)
			(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, s->db_fd, NULL);
		if (fd != -1)
			watch(s, EPOLL_CTL_ADD, fd, events, &is_db);
	}
	s->db_fd = fd;
	s->db_serial = serial;
	s->db_wants_write = wants_write;
}

static void
ask_db(struct server *s, int64_t now_ms)
{
	if (s->listeners > 0 && !s->rights.asking && now_ms >= s->rights.due_ms &&
	    db_async_connected(s->db))
		rights_ask(&s->rights, s->first, now_ms);
	source_turn(&s->source, now_ms);
}

static int
until(const struct server *s, int64_t now_ms)
{
	int64_t due_ms = source_due_ms(&s->source);
	int db_ms = db_async_timeout_ms(s->db), wait_ms;

	if (s->tick_ms < due_ms)
		due_ms = s->tick_ms;
	wait_ms = due_ms <= now_ms ? 0 : (int)(due_ms - now_ms);
	return db_ms >= 0 && db_ms < wait_ms ? db_ms : wait_ms;
}

static void
loop(struct server *s)
{
	struct epoll_event ready[EVENTS_AT_ONCE];

	while (!s->stopping) {
		int64_t now_ms = clock_mono_ms();
		int n = epoll_wait(s->epoll_fd, ready, EVENTS_AT_ONCE, until(s, now_ms));

		if (n == -1 && errno != EINTR)
			log_error("wait_failed", "errno=%d", errno);
		now_ms = clock_mono_ms();
		/* Who is let go here is in no later place: each descriptor is told once. */
		for (int i = 0; i < n; i++) {
			void *who = ready[i].data.ptr;

			if (who == &is_signal)
				s->stopping = true;
			else if (who == &is_knock)
				on_knock(s, now_ms);
			else if (who != &is_db)
				on_listener(s, who, ready[i].events, now_ms);
		}
		db_async_process(s->db);
		if (!s->has_key && s->source.key[0] != '\0') {
			s->has_key = true;
			take_waiting(s, now_ms);
		}
		if (s->stirred)
			spread(s, now_ms);
		if (now_ms >= s->tick_ms)
			tick(s, now_ms);
		ask_db(s, now_ms);
		watch_db(s);
	}
}

static int
open_loop(struct server *s, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1 ||
	    (s->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not make a loop");
	watch(s, EPOLL_CTL_ADD, s->signal_fd, EPOLLIN, &is_signal);
	watch(s, EPOLL_CTL_ADD, s->config->listen_fd, EPOLLIN, &is_knock);
	s->accepting = true;
	return 0;
}

int
server_run(const struct server_config *config, struct err *err)
{
	struct server *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_errno(err, ERR_INTERNAL, "could not start");
	s->config = config;
	s->epoll_fd = s->signal_fd = s->db_fd = -1;
	rc = open_loop(s, err);
	if (rc == 0) {
		s->db = db_async_new(config->conninfo, "jqm-events");
		db_async_set_patience(s->db, PATIENCE_MS);
		source_init(&s->source, s->db, on_news, s);
		s->rights = (struct rights){ .db = s->db, .lost = on_rights, .arg = s };
		s->alone_ms = clock_mono_ms();
		loop(s);
		db_async_free(s->db);
		source_free(&s->source);
	}
	while (s->first != NULL)
		let_go(s, s->first);
	fd_close(&s->signal_fd);
	fd_close(&s->epoll_fd);
	free(s);
	return rc;
}
