/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/keeper_client.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"

#define ARGS_MAX 24

void
kc_nap(void)
{
	(void)poll(NULL, 0, 5);
}

static const char *
bin_path(const char *suffix)
{
	static char path[2][512];
	static int turn;
	const char *bin = getenv("JQM_TEST_BIN");

	turn = !turn;
	(void)snprintf(path[turn], sizeof(path[turn]), "%s/%s", bin == NULL ? "build/bin" : bin,
		       suffix);
	return path[turn];
}

const char *
kc_helper(const char *name)
{
	static char path[4096];
	char relative[300];
	char *full;

	(void)snprintf(relative, sizeof(relative), "../tests/helpers/%s", name);
	full = realpath(bin_path(relative), NULL);
	if (full == NULL)
		fail_msg("no test helper \"%s\"", name);
	(void)snprintf(path, sizeof(path), "%s", full);
	free(full);
	return path;
}

void
kc_leave_root(void)
{
	struct passwd *account;

	if (geteuid() != 0)
		return;
	account = getpwnam("jqm");
	if (account == NULL)
		account = getpwnam("nobody");
	if (account == NULL || setgroups(0, NULL) == -1 ||
	    setresgid(account->pw_gid, account->pw_gid, account->pw_gid) == -1 ||
	    setresuid(account->pw_uid, account->pw_uid, account->pw_uid) == -1) {
		(void)fprintf(stderr, "no unprivileged account to test with\n");
		exit(1);
	}
}

/* --- the keeper --- */

/* Into the group a keeper of the test is to have for itself, or where the last one had stepped aside. */
static void
group_enter(const char *group)
{
	static const char *const places[] = { "cgroup.procs", "jqm-keeper/cgroup.procs" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[512];
		int fd;

		(void)snprintf(path, sizeof(path), "%s/%s", group, places[i]);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd != -1 && write(fd, "0", 1) == 1)
			return;
	}
	_exit(126);
}

static pid_t
keeper_exec(char **argv, int out_fd)
{
	const char *group = getenv("JQM_TEST_CGROUP");
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* a failing test leaves no keeper */
		if (group != NULL)
			group_enter(group);
		if (out_fd != -1)
			(void)dup2(out_fd, STDERR_FILENO), (void)dup2(out_fd, STDOUT_FILENO);
		(void)execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static size_t
args_fill(char **argv, size_t at, const char *const *more)
{
	for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
		assert_true(at + 1 < ARGS_MAX);
		memcpy(&argv[at++], &more[i], sizeof(argv[0]));
	}
	argv[at] = NULL;
	return at;
}

void
kc_keeper_start(struct kc *kc, const char *const *more_args)
{
	char program[512], log_path[128];
	char *argv[ARGS_MAX];
	/* Traceable, so that its descriptors can be counted; tests/security has one that is not. */
	const char *const own[] = { program,   "--socket",    kc->socket, "--table",
				    kc->table, "--traceable", NULL };
	int log_fd;

	(void)snprintf(program, sizeof(program), "%s", bin_path("jqm-keeper"));
	(void)snprintf(log_path, sizeof(log_path), "%s/keeper.log", kc->dir);
	log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(log_fd != -1);
	(void)args_fill(argv, args_fill(argv, 0, own), more_args);
	kc->keeper = keeper_exec(argv, log_fd);
	(void)close(log_fd);
}

void
kc_keeper_next(struct kc *kc, const char *const *more_args)
{
	kc_keeper_start(kc, more_args);
	kc_connect(kc);
}

int
kc_keeper_wait(struct kc *kc)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;
	int status = -1;

	while (waitpid(kc->keeper, &status, WNOHANG) == 0) {
		if (clock_mono_ms() > until)
			fail_msg("the keeper does not end");
		kc_nap();
	}
	kc->keeper = -1;
	return status;
}

void
kc_keeper_kill(struct kc *kc)
{
	assert_int_equal(kill(kc->keeper, SIGKILL), 0);
	(void)kc_keeper_wait(kc);
}

int
kc_run_keeper(const char *const *args, char *out, size_t size)
{
	char program[512];
	char *argv[ARGS_MAX];
	const char *const own[] = { program, NULL };
	int pipe_fds[2], status;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	(void)snprintf(program, sizeof(program), "%s", bin_path("jqm-keeper"));
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	(void)args_fill(argv, args_fill(argv, 0, own), args);
	pid = keeper_exec(argv, pipe_fds[1]);
	(void)close(pipe_fds[1]);
	while (len < size - 1 && (got = read(pipe_fds[0], out + len, size - 1 - len)) > 0)
		len += (size_t)got;
	out[len] = '\0';
	(void)close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct kc *
kc_new(const char *const *more_args)
{
	static int number;
	struct kc *kc = calloc(1, sizeof(*kc));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(kc);
	kc->fd = -1;
	if (tmp == NULL || strlen(tmp) > 32)
		tmp = "/tmp";
	(void)snprintf(kc->dir, sizeof(kc->dir), "%s/jqm-kc-XXXXXX", tmp);
	assert_non_null(mkdtemp(kc->dir));
	(void)snprintf(kc->socket, sizeof(kc->socket), "%s/socket", kc->dir);
	(void)snprintf(kc->table, sizeof(kc->table), "%s/table", kc->dir);
	(void)snprintf(kc->mark, sizeof(kc->mark), "kcmark-%d-%d-%" PRId64, (int)getpid(), number++,
		       clock_wall_us());
	kc_keeper_next(kc, more_args);
	return kc;
}

static void
tree_remove(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
}

void
kc_free(struct kc *kc)
{
	kc_disconnect(kc);
	if (kc->keeper > 0) {
		(void)kill(kc->keeper, SIGTERM);
		(void)kill(kc->keeper, SIGTERM); /* no patience */
		(void)kc_keeper_wait(kc);
	}
	tree_remove(kc->dir);
	free(kc);
}

/* --- the wire --- */

int
kc_socket(const struct kc *kc)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	assert_true(fd != -1);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", kc->socket);
	while (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1) {
		if (clock_mono_ms() > until)
			fail_msg("the keeper does not listen: %s", strerror(errno));
		kc_nap();
	}
	return fd;
}

void
kc_disconnect(struct kc *kc)
{
	if (kc->fd != -1)
		(void)close(kc->fd);
	kc->fd = -1;
	kc->count = 0;
	kc->closed = false;
}

void
kc_connect(struct kc *kc)
{
	struct keeper_msg hello = { .type = KEEPER_HELLO };

	kc_disconnect(kc);
	kc->fd = kc_socket(kc);
	kc_send(kc, &hello);
	(void)kc_wait(kc, KEEPER_LIST_END, 0);
}

void
kc_send(struct kc *kc, const struct keeper_msg *msg)
{
	static struct keeper_packet packet;
	struct err err = ERR_INIT;

	packet.len = 0;
	assert_int_equal(keeper_packet_add(&packet, msg, &err), 0);
	assert_int_equal(send(kc->fd, packet.data, packet.len, MSG_NOSIGNAL), packet.len);
}

bool
kc_receive(struct kc *kc, int wait_ms)
{
	static char data[KEEPER_PACKET_MAX];
	struct pollfd ready = { .fd = kc->fd, .events = POLLIN };
	struct err err = ERR_INIT;
	size_t offset = 0;
	ssize_t len;

	if (poll(&ready, 1, wait_ms) <= 0)
		return false;
	len = recv(kc->fd, data, sizeof(data), MSG_DONTWAIT);
	if (len <= 0) {
		kc->closed = true;
		return false;
	}
	while (kc->count < KC_MSGS_MAX &&
	       keeper_packet_next(data, (size_t)len, &offset, &kc->msgs[kc->count], &err) == 1)
		kc->count++;
	assert_int_equal(offset, len);
	return true;
}

static int64_t
job_of(const struct keeper_msg *msg)
{
	switch (msg->type) {
	case KEEPER_SLOT:
	case KEEPER_STARTED:
	case KEEPER_ENDED:
		return msg->u.report.job.job_id;
	case KEEPER_NOT_STARTED:
		return msg->u.not_started.job.job_id;
	default:
		return 0;
	}
}

static struct keeper_msg *
find(struct kc *kc, enum keeper_msg_type type, int64_t job)
{
	for (size_t i = 0; i < kc->count; i++)
		if (kc->msgs[i].type == type && (job == 0 || job_of(&kc->msgs[i]) == job))
			return &kc->msgs[i];
	return NULL;
}

const struct keeper_msg *
kc_wait(struct kc *kc, enum keeper_msg_type type, int64_t job)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;
	struct keeper_msg *found;

	while ((found = find(kc, type, job)) == NULL) {
		int64_t left = until - clock_mono_ms();

		if (left <= 0 || kc->closed)
			fail_msg("message type %d of job %" PRId64 " does not come%s", (int)type,
				 job, kc->closed ? ": connection closed" : "");
		(void)kc_receive(kc, (int)left);
	}
	found->type = 0;
	return found;
}

const struct keeper_report *
kc_ended(struct kc *kc, int64_t job)
{
	return &kc_wait(kc, KEEPER_ENDED, job)->u.report;
}

void
kc_wait_closed(struct kc *kc)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;

	while (!kc->closed) {
		if (clock_mono_ms() > until)
			fail_msg("the keeper does not close the connection");
		(void)kc_receive(kc, 100);
	}
}

size_t
kc_count(const struct kc *kc, enum keeper_msg_type type, int64_t job)
{
	size_t count = 0;

	for (size_t i = 0; i < kc->count; i++)
		count += kc->msgs[i].type == type && job_of(&kc->msgs[i]) == job;
	return count;
}

void
kc_connect_nested(struct kc *kc)
{
	struct keeper_msg order = kc_order(kc, 100, "");
	char socket[96], table[96], program[600];
	const char *argv[] = { "jqm-keeper", "--socket",    socket, "--table",
			       table,        "--traceable", NULL };

	(void)snprintf(socket, sizeof(socket), "%s/socket2", kc->dir);
	(void)snprintf(table, sizeof(table), "%s/table2", kc->dir);
	(void)snprintf(program, sizeof(program), "%s", kc_helper("../../bin/jqm-keeper"));
	order.u.start.program = program;
	order.u.start.argv = argv;
	kc_send(kc, &order);
	(void)kc_wait(kc, KEEPER_STARTED, 100);
	(void)snprintf(kc->socket, sizeof(kc->socket), "%s", socket);
	kc_connect(kc);
}

/* --- orders --- */

struct keeper_msg
kc_order(struct kc *kc, int64_t job, const char *script)
{
	static char out[128], err[128], mark[64];
	static const char *argv[5];
	static const char *envp[3];
	struct keeper_msg msg = { .type = KEEPER_START };
	struct keeper_start *start = &msg.u.start;

	(void)snprintf(out, sizeof(out), "%s/%" PRId64 ".out", kc->dir, job);
	(void)snprintf(err, sizeof(err), "%s/%" PRId64 ".err", kc->dir, job);
	(void)snprintf(mark, sizeof(mark), "KC_MARK=%s", kc->mark);
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = kc->mark;
	argv[4] = NULL;
	envp[0] = "PATH=/usr/bin:/bin";
	envp[1] = mark;
	envp[2] = NULL;
	start->job.job_id = job;
	start->job.attempt = 1;
	start->job.incarnation = 99;
	start->program = "/bin/sh";
	start->argv = argv;
	start->envp = envp;
	start->cwd = kc->dir;
	start->stdout_path = out;
	start->stderr_path = err;
	start->umask = -1;
	start->run_as = "";
	start->grace_ms = 5000;
	return msg;
}

void
kc_start(struct kc *kc, int64_t job, const char *script)
{
	struct keeper_msg msg = kc_order(kc, job, script);

	kc_send(kc, &msg);
}

void
kc_signal(struct kc *kc, int64_t job, int kind, int64_t grace_ms)
{
	struct keeper_msg msg = { .type = KEEPER_SIGNAL };

	msg.u.signal.job.job_id = job;
	msg.u.signal.job.attempt = 1;
	msg.u.signal.kind = kind;
	msg.u.signal.grace_ms = grace_ms;
	kc_send(kc, &msg);
}

void
kc_forget(struct kc *kc, int64_t job)
{
	struct keeper_msg msg = { .type = KEEPER_FORGET };

	msg.u.job.job_id = job;
	msg.u.job.attempt = 1;
	kc_send(kc, &msg);
}
