/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/master.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/listen_socket.h"
#include "base/log.h"
#include "fcgi/accept_loop.h"
#include "fcgi/enqueuer.h"
#include "fcgi/guards.h"

#define STOP_MS 10000
/* A worker that lived shorter than this is started again later and later. */
#define SHORT_LIFE_MS 2000
#define DELAY_FIRST_MS 100
#define DELAY_MAX_MS 5000

/* The one behind those of the workers is the enqueuer's. */
struct slot {
	pid_t pid; /* 0: none */
	int64_t started_ms;
	int64_t start_at_ms; /* when there is none */
	int delay_ms; /* 0: the last one lived long */
};

struct master {
	struct listen_socket *ls;
	const struct worker *worker;
	struct slot *slots;
	int n_slots;
};

static bool
is_worker(const struct master *master, const struct slot *slot)
{
	return slot < master->slots + master->n_slots - 1;
}

static void
signal_set(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGCHLD);
}

void
master_block_signals(void)
{
	sigset_t set;

	signal_set(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

/* In the child, that of this slot.  Ctrl-C reaches the whole group: the master tells its workers by SIGTERM. */
static void
become(struct master *master, int number, pid_t master_pid)
{
	sigset_t set;
	int rc;

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master_pid)
		_exit(0); /* it died before the line above */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	signal_set(&set);
	(void)sigdelset(&set, SIGTERM);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	free(master->slots);
	rc = number == master->n_slots - 1 ? enqueuer_run(master->worker)
					   : accept_loop_run(master->worker, (unsigned)number);
	_exit(rc);
}

static void
start_worker(struct master *master, struct slot *slot)
{
	pid_t master_pid = getpid();
	pid_t pid = fork();

	if (pid == 0)
		become(master, (int)(slot - master->slots), master_pid);
	slot->started_ms = clock_mono_ms();
	if (pid == -1) {
		log_error("worker_fork_failed", "error=\"%s\"", strerror(errno));
		slot->delay_ms = DELAY_MAX_MS;
		slot->start_at_ms = slot->started_ms + slot->delay_ms;
		return;
	}
	slot->pid = pid;
}

static void
start_due_workers(struct master *master)
{
	for (int i = 0; i < master->n_slots; i++)
		if (master->slots[i].pid == 0 && master->slots[i].start_at_ms <= clock_mono_ms())
			start_worker(master, &master->slots[i]);
}

/* ms until the next worker is due; -1: none is. */
static int64_t
next_start_ms(const struct master *master)
{
	int64_t now_ms = clock_mono_ms(), next_ms = -1;

	for (int i = 0; i < master->n_slots; i++) {
		int64_t wait_ms = master->slots[i].start_at_ms - now_ms;

		if (master->slots[i].pid != 0)
			continue;
		if (wait_ms < 0)
			wait_ms = 0;
		if (next_ms == -1 || wait_ms < next_ms)
			next_ms = wait_ms;
	}
	return next_ms;
}

static void
note_death(const struct master *master, struct slot *slot, int status, bool stopping)
{
	int64_t now_ms = clock_mono_ms();
	int64_t lived_ms = now_ms - slot->started_ms;

	if (lived_ms >= SHORT_LIFE_MS)
		slot->delay_ms = 0;
	else if (slot->delay_ms == 0)
		slot->delay_ms = DELAY_FIRST_MS;
	else if ((slot->delay_ms *= 2) > DELAY_MAX_MS)
		slot->delay_ms = DELAY_MAX_MS;
	if (is_worker(master, slot))
		together_forget(&master->worker->guards->enqueues, slot->pid);
	else
		together_server_died(&master->worker->guards->enqueues);
	if (!stopping) {
		web_figures_count_death(&master->worker->guards->figures);
		log_warn(is_worker(master, slot) ? "worker_died" : "enqueuer_died",
			 "pid=%d %s=%d lived_ms=%lld restart_in_ms=%d", (int)slot->pid,
			 WIFSIGNALED(status) ? "signal" : "exit",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
			 (long long)lived_ms, slot->delay_ms);
	}
	slot->pid = 0;
	slot->start_at_ms = now_ms + slot->delay_ms;
}

/* Collect all that have died: SIGCHLDs merge. */
static void
reap(struct master *master, bool stopping)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < master->n_slots; i++)
			if (master->slots[i].pid == pid)
				note_death(master, &master->slots[i], status, stopping);
}

/* The next signal, or 0 after timeout_ms (-1: for ever). */
static int
wait_signal(int64_t timeout_ms)
{
	struct timespec ts = { (time_t)(timeout_ms / 1000), (long)(timeout_ms % 1000) * 1000000 };
	sigset_t set;
	int sig;

	signal_set(&set);
	sig = timeout_ms < 0 ? sigwaitinfo(&set, NULL) : sigtimedwait(&set, NULL, &ts);
	return sig == -1 ? 0 : sig;
}

static int
count_alive(const struct master *master)
{
	int alive = 0;

	for (int i = 0; i < master->n_slots; i++)
		alive += master->slots[i].pid != 0;
	return alive;
}

static void
signal_workers(const struct master *master, int sig)
{
	for (int i = 0; i < master->n_slots; i++)
		if (master->slots[i].pid != 0)
			(void)kill(master->slots[i].pid, sig);
}

/*
 * The file goes first: from then on the workers' queue can only get shorter, and whoever is in it is
 * answered before they leave.
 */
static void
stop_workers(struct master *master)
{
	int64_t until_ms = clock_mono_ms() + STOP_MS;

	listen_socket_unlink(master->ls);
	signal_workers(master, SIGTERM);
	reap(master, true);
	while (count_alive(master) > 0) {
		int64_t left_ms = until_ms - clock_mono_ms();

		if (left_ms <= 0) {
			log_warn("workers_killed", "count=%d", count_alive(master));
			signal_workers(master, SIGKILL);
			left_ms = STOP_MS;
			until_ms = clock_mono_ms() + STOP_MS;
		}
		(void)wait_signal(left_ms);
		reap(master, true);
	}
}

int
master_run(struct listen_socket *ls, const struct worker *worker, int n_workers)
{
	struct master master = { ls, worker, NULL, n_workers + 1 };
	int sig;

	master.slots = calloc((size_t)master.n_slots, sizeof(*master.slots));
	if (master.slots == NULL)
		abort();
	log_info("started", "pid=%d workers=%d socket=\"%s\"", (int)getpid(), n_workers,
		 ls->path != NULL ? ls->path : "descriptor 0");
	do {
		start_due_workers(&master);
		sig = wait_signal(next_start_ms(&master));
		reap(&master, false);
	} while (sig != SIGTERM && sig != SIGINT);
	log_info("stopping", "signal=%d", sig);
	stop_workers(&master);
	free(master.slots);
	log_info("stopped", "pid=%d", (int)getpid());
	return 0;
}
