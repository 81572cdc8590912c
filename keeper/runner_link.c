/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/runner_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/peer_check.h"
#include "base/str.h"
#include "keeper/keeper.h"
#include "keeper/orders.h"
#include "keeper/runner_listen.h"

#define PACKETS_A_WAKE 2
#define REFUSALS_MAX 2048 /* room for all orders of the packets that may be read above the pause */
#define REFUSALS_PAUSE 1024
#define COMPANY_MS 3

static int
watch(const struct runner_link *link, int fd, int op, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(link->epoll_fd, op, fd, &event);
}

int
runner_link_open(struct keeper *keeper, int epoll_fd, const char *path, struct err *err)
{
	struct runner_link *link = &keeper->link;

	link->epoll_fd = epoll_fd;
	link->tell_room = keeper->jobs.file.count;
	link->tells = calloc(link->tell_room, sizeof(*link->tells));
	link->refusals = calloc(REFUSALS_MAX, sizeof(*link->refusals));
	if (link->tells == NULL || link->refusals == NULL)
		return err_errno(err, ERR_INTERNAL, "could not make memory for messages");
	if (runner_listen(&link->listen_fd, path, err) == -1)
		return -1;
	(void)str_copy(link->path, sizeof(link->path), path);
	if (watch(link, link->listen_fd, EPOLL_CTL_ADD, EPOLLIN) == -1)
		return err_errno(err, ERR_INTERNAL, "could not watch the socket");
	return 0;
}

/* --- connections --- */

/* Forget what the runner was about to be told: the next one is told all. */
static void
drop_runner(struct keeper *keeper)
{
	struct runner_link *link = &keeper->link;

	if (link->fd != -1)
		log_info("runner_gone", "slots=%u", keeper->jobs.used);
	fd_close(&link->fd);
	while (link->tell_count > 0) {
		job_run(&keeper->jobs, link->tells[link->tell_first])->tell = 0;
		link->tell_first = (link->tell_first + 1) % link->tell_room;
		link->tell_count--;
	}
	link->refusal_count = 0;
	link->company_until_ms = 0;
	link->packet.len = 0;
	link->figures_due = false;
	link->stage = LIST_NONE;
	link->blocked = false;
}

void
runner_link_close(struct keeper *keeper)
{
	struct runner_link *link = &keeper->link;

	drop_runner(keeper);
	for (int i = 0; i < LINK_STRANGERS_MAX; i++)
		fd_close(&link->strangers[i]);
	if (link->path[0] != '\0')
		(void)unlink(link->path);
	link->path[0] = '\0';
	fd_close(&link->listen_fd);
	free(link->tells);
	free(link->refusals);
	link->tells = NULL;
	link->refusals = NULL;
}

static void
accept_stranger(struct runner_link *link)
{
	int fd = accept4(link->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	enum peer peer;
	int at = 0;

	if (fd == -1)
		return;
	if ((peer = peer_check(fd)) != PEER_OURS) {
		log_warn("stranger_refused", "reason=\"connection by %s\"", peer_name(peer));
		fd_close(&fd);
		return;
	}
	while (at < LINK_STRANGERS_MAX - 1 && link->strangers[at] != -1)
		at++;
	if (link->strangers[at] != -1) { /* the oldest has had its time */
		fd_close(&link->strangers[0]);
		memmove(&link->strangers[0], &link->strangers[1],
			(LINK_STRANGERS_MAX - 1) * sizeof(link->strangers[0]));
	}
	link->strangers[at] = fd;
	if (watch(link, fd, EPOLL_CTL_ADD, EPOLLIN) == -1)
		fd_close(&link->strangers[at]);
}

static int *
find_stranger(struct runner_link *link, int fd)
{
	for (int i = 0; i < LINK_STRANGERS_MAX; i++)
		if (link->strangers[i] == fd)
			return &link->strangers[i];
	return NULL;
}

/* It may have been closed by something that happened before. */
static bool
is_open(struct runner_link *link, int fd)
{
	return fd == link->fd || find_stranger(link, fd) != NULL;
}

static void
drop(struct keeper *keeper, int fd)
{
	int *stranger = find_stranger(&keeper->link, fd);

	if (stranger != NULL)
		fd_close(stranger);
	else if (fd == keeper->link.fd)
		drop_runner(keeper);
}

/* HELLO: this connection is the runner now, whatever was before. */
static void
greet(struct keeper *keeper, int fd)
{
	struct runner_link *link = &keeper->link;
	int *stranger = find_stranger(link, fd);

	if (stranger != NULL) {
		drop_runner(keeper);
		link->fd = fd_take(stranger);
		log_info("runner_connected", "slots=%u", keeper->jobs.used);
	}
	link->interest = 0; /* not known: set with the next flush */
	link->stage = LIST_WELCOME;
	link->list_at = 0;
}

/* --- reading --- */

/* Too much is untold: orders wait in the socket. */
static bool
is_paused(const struct runner_link *link)
{
	return link->refusal_count >= REFUSALS_PAUSE;
}

/* Obey one packet.  0, or -1 with err: it is not what a runner says. */
static int
obey_packet(struct keeper *keeper, int fd, const char *data, size_t len, struct err *err)
{
	size_t offset = 0;
	struct keeper_msg msg;
	int rc;

	while ((rc = keeper_packet_next(data, len, &offset, &msg, err)) == 1) {
		rc = 0;
		if (msg.type == KEEPER_HELLO)
			greet(keeper, fd);
		else if (fd != keeper->link.fd)
			rc = err_set(err, ERR_INVALID, "order before hello");
		else
			rc = order_obey(keeper, &msg, err);
		keeper_msg_free(&msg);
		if (rc == -1)
			break;
	}
	return rc;
}

static void
read_packets(struct keeper *keeper, int fd)
{
	static char data[KEEPER_PACKET_MAX];
	struct err err = ERR_INIT;

	for (int i = 0; i < PACKETS_A_WAKE && is_open(&keeper->link, fd); i++) {
		ssize_t len;

		if (fd == keeper->link.fd && is_paused(&keeper->link))
			return;
		len = recv(fd, data, sizeof(data), MSG_DONTWAIT | MSG_TRUNC);
		if (len == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (len <= 0) {
			drop(keeper, fd);
			return;
		}
		if ((size_t)len > sizeof(data))
			(void)err_set(&err, ERR_INVALID, "packet of %zd bytes is too large", len);
		else if (obey_packet(keeper, fd, data, (size_t)len, &err) == 0)
			continue;
		log_warn("packet_refused", "reason=\"%s\"", err.text);
		drop(keeper, fd);
		return;
	}
}

/* Listen for orders unless too much is untold, and for room while the socket is full. */
static void
interest_update(struct runner_link *link)
{
	uint32_t events = 0;

	if (!is_paused(link))
		events |= EPOLLIN;
	if (link->blocked)
		events |= EPOLLOUT;
	if (link->fd == -1 || events == link->interest)
		return;
	if (watch(link, link->fd, EPOLL_CTL_MOD, events) == 0)
		link->interest = events;
}

void
runner_link_event(struct keeper *keeper, int fd, uint32_t events)
{
	struct runner_link *link = &keeper->link;

	if (fd == link->listen_fd) {
		accept_stranger(link);
		return;
	}
	if (!is_open(link, fd))
		return;
	if (fd == link->fd && (events & EPOLLOUT) != 0)
		link->blocked = false;
	if (fd == link->fd && (events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0) {
		drop_runner(keeper);
		return;
	}
	if ((events & ~(uint32_t)EPOLLOUT) != 0)
		read_packets(keeper, fd);
}

/* --- telling --- */

void
runner_link_tell(struct keeper *keeper, int32_t at, enum tell_bit what)
{
	struct runner_link *link = &keeper->link;
	struct run *run = job_run(&keeper->jobs, at);

	if (link->fd == -1)
		return; /* the next HELLO asks */
	if (what != TELL_STARTED)
		link->company_until_ms = 0;
	else if (link->tell_count == 0)
		link->company_until_ms = clock_mono_ms() + COMPANY_MS;
	if (run->tell == 0) {
		link->tells[(link->tell_first + link->tell_count) % link->tell_room] = at;
		link->tell_count++;
	}
	run->tell |= (uint8_t)what;
}

void
runner_link_untell(struct keeper *keeper, int32_t at)
{
	struct runner_link *link = &keeper->link;
	struct run *run = job_run(&keeper->jobs, at);
	uint32_t kept = 0;

	if (run->tell == 0)
		return;
	run->tell = 0;
	for (uint32_t i = 0; i < link->tell_count; i++) {
		int32_t other = link->tells[(link->tell_first + i) % link->tell_room];

		if (other != at)
			link->tells[(link->tell_first + kept++) % link->tell_room] = other;
	}
	link->tell_count = kept;
}

void
runner_link_refuse(struct keeper *keeper, const struct keeper_not_started *why)
{
	struct runner_link *link = &keeper->link;

	if (link->refusal_count == REFUSALS_MAX)
		drop_runner(keeper); /* it orders, and does not read the answers */
	if (link->fd == -1)
		return;
	link->refusals[(link->refusal_first + link->refusal_count) % REFUSALS_MAX] = *why;
	link->refusal_count++;
	link->company_until_ms = 0;
}

static int
add_report(struct keeper *keeper, int32_t at, enum keeper_msg_type type)
{
	struct keeper_msg msg = { .type = type };
	struct err full = ERR_INIT;

	job_report(&keeper->jobs, at, type == KEEPER_STARTED, &msg.u.report);
	return keeper_packet_add(&keeper->link.packet, &msg, &full);
}

static int
add_welcome(struct keeper *keeper)
{
	struct keeper_msg msg = { .type = KEEPER_WELCOME };
	struct err full = ERR_INIT;

	msg.u.welcome.pid = getpid();
	msg.u.welcome.version = KEEPER_WIRE_VERSION;
	msg.u.welcome.slots_total = (int32_t)keeper->jobs.file.limit;
	msg.u.welcome.slots_used = (int32_t)keeper->jobs.used;
	(void)str_copy(msg.u.welcome.kill_means, sizeof(msg.u.welcome.kill_means),
		       keeper_kill_means(keeper));
	return keeper_packet_add(&keeper->link.packet, &msg, &full);
}

/* The answer to HELLO, as far as it fits; when it is out, all ends are told again. */
static void
fill_list(struct keeper *keeper)
{
	struct runner_link *link = &keeper->link;
	struct keeper_msg end = { .type = KEEPER_LIST_END };
	struct err full = ERR_INIT;

	if (link->stage == LIST_WELCOME && add_welcome(keeper) == 0)
		link->stage = LIST_SLOTS;
	for (; link->stage == LIST_SLOTS && link->list_at < (int32_t)keeper->jobs.top;
	     link->list_at++)
		if (slot_state(job_slot(&keeper->jobs, link->list_at)) != SLOT_FREE &&
		    add_report(keeper, link->list_at, KEEPER_SLOT) == -1)
			return;
	if (link->stage == LIST_SLOTS)
		link->stage = LIST_END;
	if (link->stage != LIST_END || keeper_packet_add(&link->packet, &end, &full) == -1)
		return;
	link->stage = LIST_NONE;
	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++)
		if (slot_state(job_slot(&keeper->jobs, at)) == SLOT_ENDED)
			runner_link_tell(keeper, at, TELL_ENDED);
}

static void
fill_refusals(struct runner_link *link)
{
	struct keeper_msg msg = { .type = KEEPER_NOT_STARTED };
	struct err full = ERR_INIT;

	while (link->refusal_count > 0) {
		msg.u.not_started = link->refusals[link->refusal_first];
		if (keeper_packet_add(&link->packet, &msg, &full) == -1)
			return;
		link->refusal_first = (link->refusal_first + 1) % REFUSALS_MAX;
		link->refusal_count--;
	}
}

static void
fill_tells(struct keeper *keeper)
{
	struct runner_link *link = &keeper->link;

	while (link->tell_count > 0) {
		int32_t at = link->tells[link->tell_first];
		struct run *run = job_run(&keeper->jobs, at);

		if ((run->tell & TELL_STARTED) != 0 && add_report(keeper, at, KEEPER_STARTED) == -1)
			return;
		run->tell &= (uint8_t)~TELL_STARTED;
		if ((run->tell & TELL_ENDED) != 0 && add_report(keeper, at, KEEPER_ENDED) == -1)
			return;
		run->tell = 0;
		link->tell_first = (link->tell_first + 1) % link->tell_room;
		link->tell_count--;
	}
}

void
runner_link_tell_figures(struct keeper *keeper)
{
	keeper->link.figures_due = true;
	keeper->link.company_until_ms = 0;
}

static void
fill_figures(struct keeper *keeper)
{
	struct keeper_msg msg = { .type = KEEPER_FIGURES,
				  .u.figures = { .passes = keeper->watch.passes } };
	struct err full = ERR_INIT;

	if (keeper->link.figures_due && keeper_packet_add(&keeper->link.packet, &msg, &full) == 0)
		keeper->link.figures_due = false;
}

static void
packet_fill(struct keeper *keeper)
{
	if (keeper->link.stage != LIST_NONE)
		fill_list(keeper);
	if (keeper->link.stage != LIST_NONE)
		return;
	fill_refusals(&keeper->link);
	fill_tells(keeper);
	fill_figures(keeper);
}

void
runner_link_flush(struct keeper *keeper)
{
	struct runner_link *link = &keeper->link;

	while (link->fd != -1 && !link->blocked) {
		if (link->packet.len == 0 && clock_mono_ms() >= link->company_until_ms)
			packet_fill(keeper);
		if (link->packet.len == 0)
			break;
		if (send(link->fd, link->packet.data, link->packet.len,
			 MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
			link->packet.len = 0;
		else if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
			link->blocked = true;
		else
			drop_runner(keeper);
	}
	interest_update(link);
}

int64_t
runner_link_due_ms(const struct keeper *keeper)
{
	const struct runner_link *link = &keeper->link;

	return link->tell_count > 0 && !link->blocked && link->company_until_ms != 0
		   ? link->company_until_ms
		   : NEVER_MS;
}

bool
runner_link_connected(const struct keeper *keeper)
{
	return keeper->link.fd != -1;
}

bool
runner_link_untold(const struct keeper *keeper)
{
	const struct runner_link *link = &keeper->link;

	return link->fd != -1 && (link->packet.len > 0 || link->stage != LIST_NONE ||
				  link->refusal_count > 0 || link->tell_count > 0);
}
