/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper_loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "keeper/keeper.h"
#include "keeper/kill_tree.h"
#include "keeper/limits.h"
#include "keeper/reaper.h"
#include "keeper/recovery.h"
#include "keeper/resource_limits.h"

#define EVENTS_A_WAKE 16
#define SIGNALS_A_READ 4 /* more than there are kinds of: one read empties it */
#define PASS_MS 5
#define STOP_GRACE_MS_MAX 5000
#define WAIT_MS_MAX 60000
#define LEASE_LOOK_MS 1000
#define STOP_FLUSH_MS 1000 /* for a slow runner to read the last ends */

struct loop {
	struct keeper keeper;
	const struct keeper_options *options;
	int epoll_fd;
	int signal_fd;
	int64_t idle_since_ms; /* NEVER_MS while a runner is connected or a slot is used */
	int64_t flush_until_ms; /* while stopping, once all jobs have ended */
};

static const char *
means_name(bool cgroup, bool marks)
{
	return cgroup ? "cgroup" : marks ? "subreaper" : "session";
}

const char *
keeper_kill_means(const struct keeper *keeper)
{
	return means_name(cgroup_usable(&keeper->cgroup), keeper->marks_usable);
}

bool
keeper_pass_is_over(const struct keeper *keeper)
{
	return clock_mono_ms() >= keeper->pass_ends_ms;
}

const char *
keeper_loop_means(void)
{
	struct cgroup cgroup = CGROUP_INIT;
	bool usable;

	cgroup_detect(&cgroup);
	usable = cgroup_usable(&cgroup);
	cgroup_close(&cgroup);
	return means_name(usable, tree_marks_usable());
}

/* --- beginning --- */

/* Signals we live by come through a descriptor; a lost terminal or peer is no reason to die. */
static int
signals_init(struct loop *loop, struct err *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction child = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	sigset_t ours;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGCHLD);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGINT);
	if (sigaction(SIGPIPE, &ignore, NULL) == -1 || sigaction(SIGHUP, &ignore, NULL) == -1 ||
	    sigaction(SIGCHLD, &child, NULL) == -1 || sigprocmask(SIG_SETMASK, &ours, NULL) == -1)
		return err_errno(err, ERR_INTERNAL, "could not set up signals");
	if ((loop->signal_fd = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return err_errno(err, ERR_INTERNAL, "could not listen for signals");
	return 0;
}

static int
epoll_init(struct loop *loop, struct err *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = loop->signal_fd };

	if ((loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1 ||
	    epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->signal_fd, &event) == -1)
		return err_errno(err, ERR_INTERNAL, "could not make an event loop");
	return 0;
}

static int
loop_begin(struct loop *loop, struct err *err)
{
	struct keeper *keeper = &loop->keeper;
	const struct keeper_options *options = loop->options;
	uint32_t settled = 0;

	proc_scan_see_others(keeper->accounts.privileged);
	keeper->marks_usable = tree_marks_usable();
	cgroup_detect(&keeper->cgroup);
	if (slot_table_open(&keeper->jobs.file, options->table_path, options->slots, err) == -1 ||
	    proc_scan_open(&keeper->scan, err) == -1 || reaper_init(err) == -1 ||
	    signals_init(loop, err) == -1 || spawn_base_init(&keeper->base, err) == -1 ||
	    epoll_init(loop, err) == -1)
		return -1;
	cgroup_take_controllers(&keeper->cgroup); /* the table is ours: no other keeper runs */
	if (recovery_run(&keeper->jobs.file, &keeper->scan, &keeper->cgroup, &settled, err) == -1)
		return -1;
	if (settled > 0)
		log_warn("leftovers_killed", "jobs=%u reason=\"the last keeper died\"", settled);
	if (job_table_init(&keeper->jobs, err) == -1 ||
	    runner_link_open(keeper, loop->epoll_fd, options->socket_path, err) == -1 ||
	    daemon_pid_write(options->pid_path, err) == -1)
		return -1;
	log_info("keeper_ready",
		 "pid=%d socket=%s slots=%u used=%u kill_means=%s group_limits=%s "
		 "accounts=%d",
		 (int)getpid(), options->socket_path, keeper->jobs.file.limit, keeper->jobs.used,
		 keeper_kill_means(keeper), cgroup_controllers(&keeper->cgroup),
		 keeper->accounts.privileged ? keeper->accounts.count : 0);
	return 0;
}

/* --- running --- */

static void
stop(struct keeper *keeper, int64_t grace_max_ms)
{
	keeper->stopping = true;
	log_info("keeper_stopping", "live=%u", keeper->jobs.live);
	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++) {
		int64_t grace = job_slot(&keeper->jobs, at)->grace_ms;

		if (job_is_live(&keeper->jobs, at))
			tree_kill(keeper, at, KEEPER_CAUSE_KEEPER_DIED,
				  grace < grace_max_ms ? grace : grace_max_ms);
	}
}

static void
signals_read(struct loop *loop)
{
	struct signalfd_siginfo infos[SIGNALS_A_READ];
	ssize_t len = read(loop->signal_fd, infos, sizeof(infos));

	for (size_t i = 0; len > 0 && i < (size_t)len / sizeof(infos[0]); i++) {
		if (infos[i].ssi_signo == SIGCHLD)
			loop->keeper.reap_again = true;
		else /* the second time without patience */
			stop(&loop->keeper, loop->keeper.stopping ? 0 : STOP_GRACE_MS_MAX);
	}
}

static void
timers_look(struct keeper *keeper, int64_t now_ms)
{
	keeper->due_ms = NEVER_MS;
	for (int32_t at = 0; at < (int32_t)keeper->jobs.top; at++)
		if (job_is_live(&keeper->jobs, at))
			limits_look(keeper, at, now_ms);
	resource_limits_look(keeper, now_ms);
	tree_timers(keeper, now_ms);
}

static bool
is_done(struct loop *loop, int64_t now_ms)
{
	struct keeper *keeper = &loop->keeper;
	bool alone = !runner_link_connected(keeper) && keeper->jobs.used == 0;

	if (!alone)
		loop->idle_since_ms = NEVER_MS;
	else if (loop->idle_since_ms == NEVER_MS)
		loop->idle_since_ms = now_ms;
	if (keeper->stopping && keeper->jobs.live == 0) {
		if (loop->flush_until_ms == NEVER_MS)
			loop->flush_until_ms = now_ms + STOP_FLUSH_MS;
		return !runner_link_untold(keeper) || now_ms >= loop->flush_until_ms;
	}
	return alone &&
	       (keeper->draining || (loop->options->idle_exit_ms > 0 &&
				     now_ms - loop->idle_since_ms >= loop->options->idle_exit_ms));
}

static int
wait_ms(const struct loop *loop, int64_t now_ms)
{
	int64_t until = loop->keeper.due_ms;
	int longest_ms = WAIT_MS_MAX;

	if (loop->keeper.reap_again)
		return 0;
	if (loop->options->idle_exit_ms > 0 && loop->idle_since_ms != NEVER_MS &&
	    loop->idle_since_ms + loop->options->idle_exit_ms < until)
		until = loop->idle_since_ms + loop->options->idle_exit_ms;
	if (loop->flush_until_ms < until)
		until = loop->flush_until_ms;
	if (runner_link_due_ms(&loop->keeper) < until)
		until = runner_link_due_ms(&loop->keeper);
	if (loop->keeper.base.spares.due_ms < until)
		until = loop->keeper.base.spares.due_ms;
	/* Waiting stands still while the machine sleeps, the lease does not. */
	if (loop->keeper.jobs.live > 0 && loop->keeper.lease.end_from_ms != NEVER_MS)
		longest_ms = LEASE_LOOK_MS;
	if (until == NEVER_MS && longest_ms != LEASE_LOOK_MS)
		return -1;
	if (until <= now_ms)
		return 0;
	return until - now_ms > longest_ms ? longest_ms : (int)(until - now_ms);
}

static void
loop_turn(struct loop *loop)
{
	struct epoll_event events[EVENTS_A_WAKE];
	struct keeper *keeper = &loop->keeper;
	int64_t now_ms = clock_mono_ms();
	int count;

	(void)loop_watch_waits(&keeper->watch, now_ms);
	count = epoll_wait(loop->epoll_fd, events, EVENTS_A_WAKE, wait_ms(loop, now_ms));
	now_ms = clock_mono_ms();
	loop_watch_wakes(&keeper->watch, now_ms);
	keeper->pass_ends_ms = now_ms + PASS_MS;
	for (int i = 0; i < count; i++) {
		if (events[i].data.fd == loop->signal_fd)
			signals_read(loop);
		else
			runner_link_event(keeper, events[i].data.fd, events[i].events);
	}
	if (keeper->reap_again)
		reaper_pass(keeper);
	if (clock_mono_ms() >= keeper->due_ms)
		timers_look(keeper, clock_mono_ms());
	runner_link_flush(keeper);
	if (count == 0)
		spare_outputs_fill(&keeper->base.spares, now_ms);
}

static void
loop_end(struct loop *loop)
{
	struct keeper *keeper = &loop->keeper;

	runner_link_close(keeper);
	fd_close(&loop->epoll_fd);
	fd_close(&loop->signal_fd);
	job_table_free(&keeper->jobs);
	slot_table_close(&keeper->jobs.file);
	proc_scan_close(&keeper->scan);
	cgroup_leave_controllers(&keeper->cgroup);
	cgroup_close(&keeper->cgroup);
	spawn_base_free(&keeper->base);
}

int
keeper_loop_run(const struct keeper_options *options, struct err *err)
{
	/* Static for its packet of 64 KB; all else is set here. */
	static struct loop loop;
	int rc;

	memset(&loop, 0, sizeof(loop));
	loop.options = options;
	loop.epoll_fd = -1;
	loop.signal_fd = -1;
	loop.idle_since_ms = NEVER_MS;
	loop.flush_until_ms = NEVER_MS;
	loop.keeper.jobs.file = (struct slot_table)SLOT_TABLE_INIT;
	loop.keeper.scan = (struct proc_scan)PROC_SCAN_INIT;
	loop.keeper.cgroup = (struct cgroup)CGROUP_INIT;
	loop.keeper.cgroup.guard = options->guard;
	loop.keeper.accounts = *options->accounts;
	loop.keeper.handovers.work_dir = options->work_dir;
	loop.keeper.base = (struct spawn_base)SPAWN_BASE_INIT;
	loop.keeper.link.listen_fd = -1;
	loop.keeper.link.fd = -1;
	for (int i = 0; i < LINK_STRANGERS_MAX; i++)
		loop.keeper.link.strangers[i] = -1;
	loop.keeper.due_ms = NEVER_MS;
	loop.keeper.lease = (struct keeper_lease){ NEVER_MS, NEVER_MS };

	if ((rc = loop_begin(&loop, err)) == 0) {
		while (!is_done(&loop, clock_mono_ms()))
			loop_turn(&loop);
		log_info("keeper_ends", "used=%u", loop.keeper.jobs.used);
		daemon_pid_remove(options->pid_path);
	}
	loop_end(&loop);
	return rc;
}
