/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/enqueuer.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "db/db.h"
#include "fcgi/accept_loop.h"
#include "fcgi/guards.h"
#include "fcgi/together.h"
#include "store/job_together_store.h"

#define PROGRAM "jqm-fcgi"
#define ENQUEUER_NAME "jqm-enqueuer"
#define PATIENCE_MS 30000 /* as long as a worker has with its own request */
#define RETRY_MS 500

struct enqueuer {
	struct together *together;
	struct db *db;
	int signal_fd;
	bool failed; /* perhaps the database is not there */
};

static int
enqueue(void *arg, const char *const *texts, size_t n, int64_t *ids, struct err *err)
{
	struct enqueuer *enqueuer = arg;
	int rc = job_together_enqueue(enqueuer->db, texts, n, ids, err);

	enqueuer->failed = rc == -1;
	return rc;
}

/* Until there is something to do, or for timeout_ms (-1: as long as it takes); false when it is time to stop. */
static bool
wait_for_work(struct enqueuer *enqueuer, int timeout_ms)
{
	struct bell *bell = &enqueuer->together->server;
	struct pollfd fds[] = { { enqueuer->signal_fd, POLLIN, 0 }, { bell_fd(bell), POLLIN, 0 } };

	bell_lie_down(bell);
	if (timeout_ms >= 0 || !together_is_wanted(enqueuer->together))
		(void)poll(fds, 2, timeout_ms);
	bell_get_up(bell, fds[1].revents != 0);
	return fds[0].revents == 0;
}

/* Until the database is known to be there workers do it alone: to connect, or to find that one cannot, may take long. */
static bool
is_connected(struct enqueuer *enqueuer)
{
	struct err err = ERR_INIT;

	if (!enqueuer->failed)
		return true;
	together_close(enqueuer->together);
	enqueuer->failed = db_connect(enqueuer->db, &err) == -1;
	if (!enqueuer->failed)
		together_open(enqueuer->together);
	return !enqueuer->failed;
}

static void
enqueue_all(struct enqueuer *enqueuer)
{
	while (together_serve(enqueuer->together, enqueue, enqueuer) > 0 && !enqueuer->failed)
		continue;
}

static void
serve(struct enqueuer *enqueuer)
{
	bool connected;

	do {
		/* Where all processors are busy, who is about to come along does: it saves more than it takes. */
		(void)sched_yield();
		/* What was put and cannot be done is not taken: workers take it back. */
		if (!enqueuer->failed)
			enqueue_all(enqueuer);
		connected = is_connected(enqueuer);
	} while (wait_for_work(enqueuer, connected ? -1 : RETRY_MS));
	together_close(enqueuer->together);
	if (connected)
		enqueue_all(enqueuer);
}

int
enqueuer_run(const struct worker *worker)
{
	struct enqueuer enqueuer = { .together = &worker->guards->enqueues, .failed = true };

	(void)prctl(PR_SET_NAME, ENQUEUER_NAME); /* what ps calls it */
	enqueuer.signal_fd = daemon_term_fd();
	if (enqueuer.signal_fd == -1) {
		log_error("enqueuer_start_failed", "error=\"%s\"", strerror(errno));
		return 1;
	}
	enqueuer.db = db_new(worker->conninfo, PROGRAM);
	db_count_trips(enqueuer.db, &worker->guards->figures.trips);
	db_set_patience(enqueuer.db, PATIENCE_MS);
	serve(&enqueuer);
	db_free(enqueuer.db);
	fd_close(&enqueuer.signal_fd);
	return 0;
}
