/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/accept_loop.c: the worker.
 *
 * An exchange that is deferred keeps its desk until it can be answered; meanwhile the next request is taken up at another one.
 * Before that uses the database, those that are deferred are waited for: what the next request wants may take long.  If one of them
 * needs the database itself, because nobody has done it for us, the next request is begun again behind it.
 *
 * SIGTERM is read from a descriptor beside the socket, so there is no moment between looking and
 * waiting in which it could be missed, and nothing in a request is ever interrupted.  The socket is
 * non-blocking: several workers may be woken for one connection, the slower find nothing and wait
 * again (EPOLLEXCLUSIVE keeps these few).
 */
#include "fcgi/accept_loop.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/peer_check.h"
#include "db/db.h"
#include "fcgi/arena.h"
#include "fcgi/bell.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "fcgi/pipeline.h"
#include "fcgi/request.h"

#define PROGRAM "jqm-fcgi"
#define DRAIN_MS 2000
#define TROUBLE_WAIT_MS 100
/* Connections taken as long as there are any, before it is looked whether it is time to stop. */
#define SERVED_IN_A_ROW 16
/* What a request takes beyond this goes back to the system after it: 16 MB for each password computed. */
#define KEPT_BYTES_MAX (1024 * 1024)

#define DESKS 8
/* Whether something that is deferred has waited too long is looked after so often. */
#define LOOK_MS 20

struct desk {
	FCGX_Request connection;
	struct arena *arena;
	struct exchange x;
	bool deferred;
};

struct accept_loop {
	const struct worker *worker;
	unsigned number;
	struct bell *bell; /* rings for what is deferred */
	struct desk desks[DESKS];
	size_t deferred; /* desks that are */
	struct exchange *first; /* runs, and has not used the database yet; NULL: none does */
	struct db *db;
	int signal_fd, epoll_fd;
};

static int
watch(struct accept_loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int
open_descriptors(struct accept_loop *loop)
{
	loop->signal_fd = daemon_term_fd();
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->signal_fd == -1 || loop->epoll_fd == -1 ||
	    watch(loop, loop->signal_fd, EPOLLIN) == -1 ||
	    watch(loop, bell_fd(loop->bell), EPOLLIN) == -1 ||
	    watch(loop, loop->worker->listen_fd, EPOLLIN | EPOLLEXCLUSIVE) == -1) {
		log_error("worker_start_failed", "error=\"%s\"", strerror(errno));
		return -1;
	}
	return 0;
}

static int
open_desks(struct accept_loop *loop)
{
	bool failed = FCGX_Init() != 0;

	for (size_t i = 0; i < DESKS && !failed; i++)
		failed = FCGX_InitRequest(&loop->desks[i].connection, loop->worker->listen_fd,
					  FCGI_FAIL_ACCEPT_ON_INTR) != 0;
	if (failed) {
		log_error("worker_start_failed", "error=\"libfcgi does not start\"");
		return -1;
	}
	return 0;
}

static void
close_loop(struct accept_loop *loop)
{
	for (size_t i = 0; i < DESKS; i++) {
		FCGX_Free(&loop->desks[i].connection, 1);
		arena_free(loop->desks[i].arena);
	}
	db_free(loop->db);
	fd_close(&loop->signal_fd);
	fd_close(&loop->epoll_fd);
}

/* Answered. */
static void
clear_desk(struct accept_loop *loop, struct desk *desk)
{
	struct exchange *x = &desk->x;

	web_figures_count_request(&x->guards->figures, x->response.status,
				  clock_mono_ms() - x->started_ms);
	if (request_is_read(x))
		(void)FCGX_Detach(&desk->connection); /* no need to wait until nginx closes it */
	FCGX_Finish_r(&desk->connection);
	/* Even if the other side would keep the connection: it would hold this worker. */
	FCGX_Free(&desk->connection, 1);
	arena_reset(desk->arena);
	if (desk->deferred)
		loop->deferred--;
	desk->deferred = false;
}

/* Answer those whose wait is over. */
static void
go_on(struct accept_loop *loop, bool database_is_free)
{
	for (size_t i = 0; i < DESKS && loop->deferred > 0; i++)
		if (loop->desks[i].deferred &&
		    pipeline_go_on(&loop->desks[i].x, database_is_free) == PIPELINE_ENDED)
			clear_desk(loop, &loop->desks[i]);
}

/* How many of those that are deferred: have ended; have not, and will soon. */
struct tally {
	size_t ended, awaited;
};

static struct tally
look(struct accept_loop *loop)
{
	struct tally tally = { 0, 0 };

	for (size_t i = 0; i < DESKS && loop->deferred > 0; i++) {
		struct exchange *x = &loop->desks[i].x;

		if (!loop->desks[i].deferred)
			continue;
		if (deferred_look(x) != TOGETHER_WAITS)
			tally.ended++;
		else if (!deferred_is_late(x))
			tally.awaited++;
	}
	return tally;
}

/* Until more than these have ended, or for LOOK_MS. */
static void
rest(struct accept_loop *loop, size_t ended)
{
	struct pollfd pfd = { bell_fd(loop->bell), POLLIN, 0 };

	bell_lie_down(loop->bell);
	if (look(loop).ended <= ended)
		(void)poll(&pfd, 1, LOOK_MS);
	bell_get_up(loop->bell, pfd.revents != 0);
}

/* Before somebody uses the database, which may take long. */
static int
settle(void *arg, struct err *err)
{
	struct accept_loop *loop = arg;
	struct tally tally = { 0, 0 };

	while (loop->deferred > 0) {
		go_on(loop, false);
		tally = look(loop);
		if (tally.awaited == 0)
			break;
		rest(loop, tally.ended);
	}
	if (tally.ended > 0 && loop->first != NULL && pipeline_put_off(loop->first, err) == -1)
		return -1; /* and so is whatever it asks next */
	loop->first = NULL;
	return 0;
}

static void
serve(struct accept_loop *loop, struct desk *desk)
{
	struct exchange *x = &desk->x;
	enum pipeline_state state;

	if (desk->arena == NULL)
		desk->arena = arena_new();
	memset(x, 0, sizeof(*x));
	x->connection = &desk->connection;
	x->arena = desk->arena;
	x->db = loop->db;
	x->settings = loop->worker->settings;
	x->guards = loop->worker->guards;
	x->worker = loop->number;
	loop->first = x;
	state = pipeline_run(x);
	loop->first = NULL;
	if (state == PIPELINE_PUT_OFF) {
		go_on(loop, true);
		state = pipeline_run_again(x);
	}
	if (state == PIPELINE_ENDED) {
		clear_desk(loop, desk);
		return;
	}
	desk->deferred = true;
	loop->deferred++;
}

/* For a connection, if a desk is free, or for the end of something that is deferred; false when it is time to stop. */
static bool
wait_for_work(struct accept_loop *loop)
{
	struct epoll_event events[3];
	int n, timeout_ms = loop->deferred == 0 ? -1 : LOOK_MS;
	bool rang = false, stop = false;

	bell_lie_down(loop->bell);
	if (look(loop).ended > 0)
		timeout_ms = 0;
	if (loop->deferred == DESKS) {
		struct pollfd pfd[] = { { bell_fd(loop->bell), POLLIN, 0 },
					{ loop->signal_fd, POLLIN, 0 } };

		(void)poll(pfd, 2, timeout_ms);
		rang = pfd[0].revents != 0;
		stop = pfd[1].revents != 0;
	} else {
		n = epoll_wait(loop->epoll_fd, events, 3, timeout_ms);
		for (int i = 0; i < n; i++) {
			rang = rang || events[i].data.fd == bell_fd(loop->bell);
			stop = stop || events[i].data.fd == loop->signal_fd;
		}
	}
	bell_get_up(loop->bell, rang);
	return !stop;
}

/*
 * What nginx says of a caller is believed, so nobody else may say it: no job, which may have the account of nginx.  Another
 * account came in by the mode of the socket, or by its directory: an administrator lets it.
 */
static bool
is_welcome(int fd)
{
	enum peer peer = peer_check(fd);

	if (peer == PEER_OURS || peer == PEER_OTHER)
		return true;
	log_error("stranger_refused", "reason=\"connection by %s\"", peer_name(peer));
	return false;
}

static struct desk *
free_desk(struct accept_loop *loop)
{
	for (size_t i = 0; i < DESKS; i++)
		if (!loop->desks[i].deferred)
			return &loop->desks[i];
	return NULL;
}

/* Take one connection and answer it; false when there was none, or no desk is free. */
static bool
serve_next(struct accept_loop *loop)
{
	struct desk *desk = free_desk(loop);
	int rc;

	if (desk == NULL)
		return false;
	rc = FCGX_Accept_r(&desk->connection);
	if (rc == 0) {
		if (is_welcome(desk->connection.ipcFd))
			serve(loop, desk);
		else
			FCGX_Free(&desk->connection, 1);
		return true;
	}
	if (rc != -EAGAIN && rc != -EINTR && rc != -ECONNABORTED) {
		/* Out of descriptors or memory: the connection stays there, so do not spin. */
		log_warn("accept_failed", "error=\"%s\"", strerror(-rc));
		(void)poll(NULL, 0, TROUBLE_WAIT_MS);
	}
	return false;
}

/* Those that wait on the socket, for DRAIN_MS; whatever is deferred. */
static void
drain(struct accept_loop *loop)
{
	int64_t until_ms = clock_mono_ms() + DRAIN_MS;

	while (clock_mono_ms() < until_ms && serve_next(loop))
		go_on(loop, true);
	while (loop->deferred > 0) {
		rest(loop, 0);
		go_on(loop, true);
	}
}

static int
open_loop(struct accept_loop *loop)
{
	if (open_descriptors(loop) == -1 || open_desks(loop) == -1)
		return -1;
	loop->db = db_new(loop->worker->conninfo, PROGRAM);
	db_count_trips(loop->db, &loop->worker->guards->figures.trips);
	db_set_before(loop->db, settle, loop);
	return 0;
}

int
accept_loop_run(const struct worker *worker, unsigned number)
{
	struct accept_loop loop = { .worker = worker,
				    .number = number,
				    .bell = together_bell(&worker->guards->enqueues, number),
				    .signal_fd = -1,
				    .epoll_fd = -1 };

	/* Said or not, glibc raises both to what was freed once. */
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES_MAX);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
	if (open_loop(&loop) == -1)
		return 1;
	while (wait_for_work(&loop)) {
		go_on(&loop, true);
		for (int i = 0; i < SERVED_IN_A_ROW && serve_next(&loop); i++)
			go_on(&loop, true);
	}
	drain(&loop);
	close_loop(&loop);
	return 0;
}
