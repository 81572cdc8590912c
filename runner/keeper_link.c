/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/keeper_link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "runner/event_loop.h"
#include "runner/keeper_process.h"

#define RETRY_MS 20
#define LIST_WAIT_MS 10000 /* a keeper that accepts and says nothing is no keeper */
#define READ_MS 5 /* in one pass of the loop: a packet may hold some hundred ends */

enum link_state { LINK_DOWN, LINK_LISTING, LINK_UP };

/* A packet that waits to be sent. */
struct packet {
	struct packet *next;
	size_t len;
	char data[];
};

struct keeper_link {
	enum link_state state;
	int fd;
	struct sockaddr_un address;
	struct keeper_process *process;
	struct keeper_events events;
	struct event_source source;
	int64_t retry_at_ms; /* DOWN: connect; LISTING: give up */
	int slots;
	bool used; /* the present keeper has, or had, jobs that we know of */
	bool complained; /* the present trouble is in the log */
	struct keeper_report *list; /* LISTING: what came so far */
	size_t list_len, list_size;
	struct packet *first, *last; /* to be sent */
	struct keeper_packet open; /* being gathered, behind them */
	char in[KEEPER_PACKET_MAX];
};

static void
drop_queue(struct keeper_link *link)
{
	struct packet *packet;

	while ((packet = link->first) != NULL) {
		link->first = packet->next;
		explicit_bzero(packet->data, packet->len); /* orders hold tokens */
		free(packet);
	}
	link->last = NULL;
	link->open.len = 0;
}

static void
go_down(struct keeper_link *link, const char *why)
{
	if (link->state != LINK_DOWN)
		log_warn("keeper_lost", "reason=\"%s\"", why);
	fd_close(&link->fd);
	drop_queue(link);
	link->list_len = 0;
	link->state = LINK_DOWN;
	link->retry_at_ms = clock_mono_ms() + RETRY_MS;
}

/* --- sending --- */

static void
close_packet(struct keeper_link *link)
{
	struct packet *packet;

	if (link->open.len == 0)
		return;
	packet = malloc(sizeof(*packet) + link->open.len);
	if (packet == NULL)
		abort();
	packet->next = NULL;
	packet->len = link->open.len;
	memcpy(packet->data, link->open.data, packet->len);
	if (link->last == NULL)
		link->first = packet;
	else
		link->last->next = packet;
	link->last = packet;
	link->open.len = 0;
}

static int
add(struct keeper_link *link, const struct keeper_msg *msg, struct err *err)
{
	if (link->state == LINK_DOWN)
		return err_set(err, ERR_BUSY, "the keeper is not connected");
	if (keeper_packet_add(&link->open, msg, err) == 0)
		return 0;
	close_packet(link);
	return keeper_packet_add(&link->open, msg, err);
}

static void
add_small(struct keeper_link *link, const struct keeper_msg *msg)
{
	struct err err = ERR_INIT;

	if (add(link, msg, &err) == -1)
		assert(err.kind == ERR_BUSY); /* no word but START can be too large */
}

void
keeper_link_flush(struct keeper_link *link)
{
	struct packet *packet;

	if (link->state == LINK_DOWN)
		return;
	close_packet(link);
	while ((packet = link->first) != NULL) {
		ssize_t n = send(link->fd, packet->data, packet->len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n == -1 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
			return;
		if (n == -1) {
			go_down(link, strerror(errno));
			return;
		}
		link->first = packet->next;
		if (link->first == NULL)
			link->last = NULL;
		explicit_bzero(packet->data, packet->len);
		free(packet);
	}
}

int
keeper_link_start_job(struct keeper_link *link, const struct keeper_start *start, struct err *err)
{
	struct keeper_msg msg = { .type = KEEPER_START, .u.start = *start };

	link->used = true;
	return add(link, &msg, err);
}

void
keeper_link_signal(struct keeper_link *link, struct keeper_job job, enum keeper_signal_kind kind,
		   int64_t grace_ms)
{
	struct keeper_msg msg = { .type = KEEPER_SIGNAL,
				  .u.signal = { job, (int32_t)kind, grace_ms } };

	add_small(link, &msg);
}

void
keeper_link_forget(struct keeper_link *link, struct keeper_job job)
{
	struct keeper_msg msg = { .type = KEEPER_FORGET, .u.job = job };

	add_small(link, &msg);
}

void
keeper_link_take_back(struct keeper_link *link, struct keeper_job job)
{
	struct keeper_msg msg = { .type = KEEPER_TAKE_BACK, .u.job = job };

	add_small(link, &msg);
}

void
keeper_link_lease(struct keeper_link *link, const struct keeper_lease *lease)
{
	struct keeper_msg msg = { .type = KEEPER_LEASE, .u.lease = *lease };

	add_small(link, &msg);
}

void
keeper_link_drain(struct keeper_link *link)
{
	struct keeper_msg msg = { .type = KEEPER_DRAIN };

	add_small(link, &msg);
}

/* --- receiving --- */

static void
list_add(struct keeper_link *link, const struct keeper_report *report)
{
	if (link->list_len == link->list_size) {
		link->list_size = link->list_size * 2 + 16;
		link->list = reallocarray(link->list, link->list_size, sizeof(link->list[0]));
		if (link->list == NULL)
			abort();
	}
	link->list[link->list_len++] = *report;
}

static void
take_message(struct keeper_link *link, const struct keeper_msg *msg)
{
	void *arg = link->events.arg;

	switch (msg->type) {
	case KEEPER_WELCOME:
		link->slots = msg->u.welcome.slots_total;
		log_info("keeper_connected", "pid=%d slots=%d used=%d kill_means=%s",
			 msg->u.welcome.pid, msg->u.welcome.slots_total, msg->u.welcome.slots_used,
			 msg->u.welcome.kill_means);
		break;
	case KEEPER_SLOT:
		list_add(link, &msg->u.report);
		break;
	case KEEPER_LIST_END:
		link->state = LINK_UP;
		link->complained = false;
		keeper_process_good(link->process);
		link->used = link->used || link->list_len > 0;
		link->events.listed(arg, link->list, link->list_len);
		link->list_len = 0;
		break;
	case KEEPER_STARTED:
		link->events.started(arg, &msg->u.report);
		break;
	case KEEPER_NOT_STARTED:
		link->events.not_started(arg, &msg->u.not_started);
		break;
	case KEEPER_ENDED:
		link->events.ended(arg, &msg->u.report);
		break;
	case KEEPER_FIGURES:
		link->events.measured(arg, &msg->u.figures);
		break;
	default:
		go_down(link, "it sent what only a runner may send");
		break;
	}
}

static void
take_packet(struct keeper_link *link, size_t len)
{
	struct keeper_msg msg;
	struct err err = ERR_INIT;
	size_t offset = 0;
	int rc = 0;

	while (link->state != LINK_DOWN &&
	       (rc = keeper_packet_next(link->in, len, &offset, &msg, &err)) == 1) {
		take_message(link, &msg);
		keeper_msg_free(&msg);
	}
	if (rc == -1)
		go_down(link, err.text);
}

static void
receive(struct keeper_link *link)
{
	int64_t until_ms = clock_mono_ms() + READ_MS;

	while (link->state != LINK_DOWN && clock_mono_ms() < until_ms) {
		ssize_t n = recv(link->fd, link->in, sizeof(link->in), MSG_DONTWAIT);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n <= 0)
			go_down(link, n == 0 ? "it closed the connection" : strerror(errno));
		else
			take_packet(link, (size_t)n);
	}
}

/* --- connecting --- */

static int
peer_is_ours(int fd, struct err *err)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1)
		return err_errno(err, ERR_INTERNAL, "could not ask who the keeper is");
	if (peer.uid != geteuid())
		return err_set(err, ERR_DENIED, "the keeper's socket is served by uid %u",
			       (unsigned)peer.uid);
	return 0;
}

/* 0 connected; -1 with err: ERR_NOT_FOUND when nobody listens. */
static int
try_connect(struct keeper_link *link, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return err_errno(err, ERR_BUSY, "could not make a socket");
	if (connect(fd, (struct sockaddr *)&link->address, sizeof(link->address)) == -1) {
		(void)err_errno(
		    err, errno == ENOENT || errno == ECONNREFUSED ? ERR_NOT_FOUND : ERR_BUSY,
		    "could not connect to the keeper at \"%s\"", link->address.sun_path);
		fd_close(&fd);
		return -1;
	}
	if (peer_is_ours(fd, err) == -1) {
		fd_close(&fd);
		return -1;
	}
	link->fd = fd;
	return 0;
}

static void
complain(struct keeper_link *link, const struct err *err)
{
	if (!link->complained)
		log_error("keeper_unreachable", "reason=\"%s\"", err->text);
	link->complained = true;
}

static void
reap(struct keeper_link *link)
{
	int status = 0;

	if (!keeper_process_reap(link->process, &status))
		return;
	if (WIFSIGNALED(status))
		log_warn("keeper_ended", "signal=%d", WTERMSIG(status));
	else
		log_warn("keeper_ended", "exit_code=%d", WEXITSTATUS(status));
}

static void
go_up(struct keeper_link *link)
{
	const struct keeper_msg hello = { .type = KEEPER_HELLO };
	struct err err = ERR_INIT;

	link->retry_at_ms = clock_mono_ms() + RETRY_MS;
	if (try_connect(link, &err) == 0) {
		link->state = LINK_LISTING;
		link->retry_at_ms = clock_mono_ms() + LIST_WAIT_MS;
		add_small(link, &hello);
		keeper_link_flush(link);
		return;
	}
	if (err.kind != ERR_NOT_FOUND) {
		complain(link, &err);
		return;
	}
	if (link->process->is_foreign) {
		complain(link, &err);
		return;
	}
	reap(link);
	switch (keeper_process_start(link->process, &err)) {
	case 1:
		link->used = false;
		log_info("keeper_started", "pid=%d", (int)link->process->pid);
		break;
	case -1:
		complain(link, &err);
		break;
	default:
		break;
	}
}

void
keeper_link_end_unused(struct keeper_link *link)
{
	reap(link);
	if (link->process->pid == 0 || link->used)
		return;
	log_info("keeper_not_needed", "pid=%d", (int)link->process->pid);
	if (link->state != LINK_DOWN)
		keeper_link_drain(link);
	else
		keeper_process_end(link->process);
}

/* --- the loop's questions --- */

static int
link_fd(void *arg)
{
	const struct keeper_link *link = arg;

	return link->fd;
}

static bool
link_wants_write(void *arg)
{
	const struct keeper_link *link = arg;

	return link->first != NULL;
}

static int
link_timeout_ms(void *arg)
{
	const struct keeper_link *link = arg;
	int64_t left_ms = link->retry_at_ms - clock_mono_ms();

	if (link->state == LINK_UP)
		return -1;
	return left_ms > 0 ? (int)left_ms : 0;
}

static void
link_ready(void *arg)
{
	struct keeper_link *link = arg;

	if (link->state != LINK_DOWN) {
		receive(link);
		keeper_link_flush(link);
	}
	if (link->state == LINK_UP || clock_mono_ms() < link->retry_at_ms)
		return;
	if (link->state == LINK_LISTING)
		go_down(link, "it does not list its jobs");
	else
		go_up(link);
}

struct keeper_link *
keeper_link_new(const char *socket_path, struct keeper_process *process,
		const struct keeper_events *events, struct event_loop *loop)
{
	struct keeper_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		abort();
	link->fd = -1;
	link->address.sun_family = AF_UNIX;
	if (str_copy(link->address.sun_path, sizeof(link->address.sun_path), socket_path) == -1)
		abort(); /* checked by main */
	link->process = process;
	link->events = *events;
	link->retry_at_ms = clock_mono_ms();
	link->source = (struct event_source){ .fd = link_fd,
					      .wants_write = link_wants_write,
					      .timeout_ms = link_timeout_ms,
					      .ready = link_ready,
					      .arg = link };
	event_loop_add_source(loop, &link->source);
	return link;
}

void
keeper_link_free(struct keeper_link *link)
{
	if (link == NULL)
		return;
	fd_close(&link->fd);
	drop_queue(link);
	free(link->list);
	free(link);
}

bool
keeper_link_is_up(const struct keeper_link *link)
{
	return link->state == LINK_UP;
}

int
keeper_link_slots(const struct keeper_link *link)
{
	return link->slots;
}

bool
keeper_link_is_flushed(const struct keeper_link *link)
{
	return link->first == NULL && link->open.len == 0;
}
