/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/accept_loop.c: the worker.
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
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/peer_check.h"
#include "db/db.h"
#include "fcgi/arena.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "fcgi/pipeline.h"

#define PROGRAM "jqm-fcgi"
#define DRAIN_MS 2000
#define TROUBLE_WAIT_MS 100
/* Connections taken as long as there are any, before it is looked whether it is time to stop. */
#define SERVED_IN_A_ROW 16
/* What a request takes beyond this goes back to the system after it: 16 MB for each password computed. */
#define KEPT_BYTES_MAX (1024 * 1024)

struct accept_loop {
	const struct worker *worker;
	struct arena *arena;
	struct db *db;
	FCGX_Request connection;
	int signal_fd, epoll_fd;
};

static int
watch(struct accept_loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int
open_loop(struct accept_loop *loop)
{
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	loop->signal_fd = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->signal_fd == -1 || loop->epoll_fd == -1 ||
	    watch(loop, loop->signal_fd, EPOLLIN) == -1 ||
	    watch(loop, loop->worker->listen_fd, EPOLLIN | EPOLLEXCLUSIVE) == -1) {
		log_error("worker_start_failed", "error=\"%s\"", strerror(errno));
		return -1;
	}
	if (FCGX_Init() != 0 || FCGX_InitRequest(&loop->connection, loop->worker->listen_fd,
						 FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
		log_error("worker_start_failed", "error=\"libfcgi does not start\"");
		return -1;
	}
	loop->arena = arena_new();
	loop->db = db_new(loop->worker->conninfo, PROGRAM);
	db_count_trips(loop->db, &loop->worker->guards->figures.trips);
	return 0;
}

static void
close_loop(struct accept_loop *loop)
{
	FCGX_Free(&loop->connection, 1);
	db_free(loop->db);
	arena_free(loop->arena);
	fd_close(&loop->signal_fd);
	fd_close(&loop->epoll_fd);
}

/* Wait for a connection; false when it is time to stop. */
static bool
wait_for_work(struct accept_loop *loop)
{
	struct epoll_event events[2];
	int n = epoll_wait(loop->epoll_fd, events, 2, -1);

	for (int i = 0; i < n; i++)
		if (events[i].data.fd == loop->signal_fd)
			return false;
	return true;
}

static void
serve(struct accept_loop *loop)
{
	struct exchange x;

	memset(&x, 0, sizeof(x));
	x.connection = &loop->connection;
	x.arena = loop->arena;
	x.db = loop->db;
	x.settings = loop->worker->settings;
	x.guards = loop->worker->guards;
	pipeline_run(&x);
	web_figures_count_request(&x.guards->figures, x.response.status,
				  clock_mono_ms() - x.started_ms);
	FCGX_Finish_r(&loop->connection);
	/* Even if the other side would keep the connection: it would hold this worker. */
	FCGX_Free(&loop->connection, 1);
	arena_reset(loop->arena);
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

/* Take one connection and answer it; false when there was none. */
static bool
serve_next(struct accept_loop *loop)
{
	int rc = FCGX_Accept_r(&loop->connection);

	if (rc == 0) {
		if (is_welcome(loop->connection.ipcFd))
			serve(loop);
		else
			FCGX_Free(&loop->connection, 1);
		return true;
	}
	if (rc != -EAGAIN && rc != -EINTR && rc != -ECONNABORTED) {
		/* Out of descriptors or memory: the connection stays there, so do not spin. */
		log_warn("accept_failed", "error=\"%s\"", strerror(-rc));
		(void)poll(NULL, 0, TROUBLE_WAIT_MS);
	}
	return false;
}

int
accept_loop_run(const struct worker *worker)
{
	struct accept_loop loop = { .worker = worker, .signal_fd = -1, .epoll_fd = -1 };
	int64_t until_ms;

	/* Said or not, glibc raises both to what was freed once. */
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES_MAX);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
	if (open_loop(&loop) == -1)
		return 1;
	while (wait_for_work(&loop))
		for (int i = 0; i < SERVED_IN_A_ROW && serve_next(&loop); i++)
			continue;
	until_ms = clock_mono_ms() + DRAIN_MS;
	while (clock_mono_ms() < until_ms && serve_next(&loop))
		continue;
	close_loop(&loop);
	return 0;
}
