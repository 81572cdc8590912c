/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper and its runners: orders, lists, connections, and the death of either side. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "tests/lib/keeper_client.h"
#include "tests/lib/keeper_watch.h"

static void
a_job_ordered_twice_runs_once(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	kc_start(kc, 1, "echo ran >> runs; while [ ! -e go ]; do sleep 0.02; done; exit 3");
	(void)kc_wait(kc, KEEPER_STARTED, 1);
	kc_start(kc, 1, "echo ran >> runs");
	(void)kc_wait(kc, KEEPER_STARTED, 1); /* what is known: it runs */
	kc_start(kc, 9, "touch go");
	(void)kc_ended(kc, 1);
	kc_start(kc, 1, "echo ran >> runs");
	(void)kc_ended(kc, 1); /* what is known: it ended */
	kc_start(kc, 2, "wc -l < runs");
	(void)kc_ended(kc, 2);
	assert_string_equal(kc_output(kc, 2, "out"), "1\n");
	kc_free(kc);
}

static void
a_forgotten_job_leaves_room_for_the_next(void **state)
{
	const char *const two[] = { "--slots", "2", NULL };
	struct kc *kc = kc_new(two);
	const struct keeper_not_started *why;
	(void)state;

	kc_start(kc, 1, "exec sleep 60");
	kc_start(kc, 2, "true");
	(void)kc_ended(kc, 2);
	kc_start(kc, 3, "true");
	why = &kc_wait(kc, KEEPER_NOT_STARTED, 3)->u.not_started;
	assert_int_equal(why->error, EAGAIN);
	assert_string_equal(why->step, "no free slot");
	kc_forget(kc, 1); /* it lives: not forgotten */
	kc_start(kc, 3, "true");
	(void)kc_wait(kc, KEEPER_NOT_STARTED, 3);
	kc_forget(kc, 2);
	kc_start(kc, 3, "exit 6");
	assert_int_equal(kc_ended(kc, 3)->exit_code, 6);
	kc_free(kc);
}

static void
a_new_runner_replaces_the_old_one_and_is_told_everything(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg hello = { .type = KEEPER_HELLO };
	const struct keeper_report *slot;
	int old_fd, silent_fd;
	char byte;
	(void)state;

	kc_start(kc, 1, "exec sleep 60");
	kc_start(kc, 2, "exit 7");
	(void)kc_ended(kc, 2);
	silent_fd = kc_socket(kc); /* a connection alone replaces nobody */
	kc_start(kc, 3, "exit 8");
	(void)kc_ended(kc, 3);
	kc_forget(kc, 3);

	old_fd = kc->fd;
	kc->count = 0;
	kc->fd = kc_socket(kc);
	kc_send(kc, &hello);
	(void)kc_wait(kc, KEEPER_LIST_END, 0);
	assert_int_equal(recv(old_fd, &byte, 1, 0), 0); /* closed */
	slot = &kc_wait(kc, KEEPER_SLOT, 1)->u.report;
	assert_int_equal(slot->state, KEEPER_SLOT_LIVE);
	slot = &kc_wait(kc, KEEPER_SLOT, 2)->u.report;
	assert_int_equal(slot->state, KEEPER_SLOT_ENDED);
	assert_int_equal(slot->exit_code, 7);
	assert_int_equal(kc_count(kc, KEEPER_SLOT, 3), 0);
	assert_int_equal(kc_ended(kc, 2)->exit_code, 7); /* told until it is forgotten */
	(void)close(old_fd);
	(void)close(silent_fd);
	kc_free(kc);
}

static void
welcome_says_who_and_how(void **state)
{
	const char *const slots[] = { "--slots", "17", NULL };
	struct kc *kc = kc_new(slots);
	const struct keeper_welcome *welcome = &kc_wait(kc, KEEPER_WELCOME, 0)->u.welcome;
	const char *means = getenv("JQM_TEST_KILL_MEANS");
	(void)state;

	assert_int_equal(welcome->pid, kc->keeper);
	assert_int_equal(welcome->version, KEEPER_WIRE_VERSION);
	assert_int_equal(welcome->slots_total, 17);
	assert_int_equal(welcome->slots_used, 0);
	if (means != NULL) /* tests/root/30-keeper.sh made a group for us */
		assert_string_equal(welcome->kill_means, means);
	else
		assert_true(strcmp(welcome->kill_means, "cgroup") == 0 ||
			    strcmp(welcome->kill_means, "subreaper") == 0);
	kc_free(kc);
}

static void
a_runner_killed_with_jobs_in_flight_loses_no_exit_code(void **state)
{
	struct kc *kc = kc_new(NULL);
	int status, go;
	char fifo[128];
	pid_t runner;
	(void)state;

	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", kc->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	kc_disconnect(kc);
	if ((runner = fork()) == 0) {
		kc_connect(kc);
		for (int i = 1; i <= 100; i++) {
			char script[64];

			(void)snprintf(script, sizeof(script), "%sexit %d",
				       i % 2 ? "" : "read x < fifo; ", i);
			kc_start(kc, i, script);
		}
		for (int i = 1; i <= 100; i++)
			(void)kc_wait(kc, KEEPER_STARTED, i);
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(runner, &status, 0), runner);
	assert_int_equal(WTERMSIG(status), SIGKILL);

	kc_connect(kc);
	assert_true((go = open(fifo, O_RDWR)) != -1);
	for (int i = 1; i <= 100; i++) {
		(void)kc_wait(kc, KEEPER_SLOT, i);
		assert_int_equal(write(go, "\n", 1), 1);
	}
	for (int i = 1; i <= 100; i++)
		assert_int_equal(kc_ended(kc, i)->exit_code, i);
	(void)close(go);
	kc_free(kc);
}

static void
a_killed_keeper_s_jobs_are_ended_and_reported_by_the_next(void **state)
{
	static const char *const scripts[] = {
		"exec sleep 60",
		"sleep 60 & sleep 60",
		"trap '' TERM; sleep 60; sleep 60",
		"setsid sleep 60; sleep 60",
		"setsid -f sleep 60; exec sleep 60",
		"(setsid setsid sleep 60 &) ; nohup sleep 60",
	};
	const int live = sizeof(scripts) / sizeof(scripts[0]);
	struct kc *kc = kc_new(NULL);
	const struct keeper_report *report;
	(void)state;

	kc_start(kc, 100, "exit 55");
	(void)kc_ended(kc, 100);
	for (int i = 0; i < live; i++)
		kc_start(kc, i + 1, scripts[i]);
	kc_wait_alive_in_state(kc, 'S', 13);
	kc_keeper_kill(kc);
	assert_true(kc_alive(kc) > 0); /* or the next line shows nothing */
	kc_keeper_next(kc, NULL);
	assert_int_equal(kc_alive(kc), 0);
	for (int i = 0; i < live; i++) {
		report = kc_ended(kc, i + 1);
		assert_int_equal(report->cause, KEEPER_CAUSE_KEEPER_DIED);
		assert_int_equal(report->exit_code, -1);
		assert_int_equal(report->signal, SIGKILL);
		assert_int_equal(report->left, 0);
	}
	report = kc_ended(kc, 100); /* it had its end before */
	assert_int_equal(report->exit_code, 55);
	assert_int_equal(report->cause, KEEPER_CAUSE_NONE);
	kc_start(kc, 1, "exit 1");
	assert_int_equal(kc_ended(kc, 1)->cause, KEEPER_CAUSE_KEEPER_DIED);
	kc_free(kc);
}

static void
an_exit_code_survives_a_keeper_killed_while_it_ended_the_descendants(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 1, "");
	const char *argv[] = { "fork_away", "77", kc->mark, NULL };
	const struct keeper_report *report;
	(void)state;

	order.u.start.program = kc_helper("fork_away");
	order.u.start.argv = argv;
	order.u.start.grace_ms = 60000;
	kc_send(kc, &order);
	kc_wait_output(kc, 1, "ready");
	kc_wait_alive_in_state(kc, '\0', 1); /* the daemon alone, and it ignores TERM */
	kc_start(kc, 2, "exit 0");
	(void)kc_ended(kc, 2); /* so the keeper has seen the end of the first process, too */
	kc_keeper_kill(kc);
	assert_int_equal(kc_alive(kc), 1);
	kc_keeper_next(kc, NULL);
	assert_int_equal(kc_alive(kc), 0);
	report = kc_ended(kc, 1);
	assert_int_equal(report->exit_code, 77);
	assert_int_equal(report->cause, KEEPER_CAUSE_NONE);
	kc_free(kc);
}

/* Say these bytes on a connection of its own, after a HELLO or before: it must be closed. */
static void
closes(struct kc *kc, bool hello_first, const void *bytes, size_t len)
{
	struct keeper_msg hello = { .type = KEEPER_HELLO };
	struct kc *other = calloc(1, sizeof(*other));

	assert_non_null(other);
	other->fd = kc_socket(kc);
	if (hello_first) {
		kc_send(other, &hello);
		(void)kc_wait(other, KEEPER_LIST_END, 0);
	}
	assert_int_equal(send(other->fd, bytes, len, MSG_NOSIGNAL), len);
	kc_wait_closed(other);
	kc_disconnect(other);
	free(other);
}

static void
a_malformed_packet_closes_its_connection_and_nothing_else(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg order = kc_order(kc, 2, "true");
	struct keeper_msg ended = { .type = KEEPER_ENDED };
	static struct keeper_packet packet;
	static char large[KEEPER_PACKET_MAX + 1];
	struct err err = ERR_INIT;
	uint32_t lie = 0xffffffff;
	(void)state;

	kc_start(kc, 1, "exec sleep 60");
	(void)kc_wait(kc, KEEPER_STARTED, 1);
	closes(kc, true, "x", 1);
	closes(kc, true, large, sizeof(large));
	assert_int_equal(keeper_packet_add(&packet, &order, &err), 0);
	closes(kc, false, packet.data, packet.len); /* an order before hello */
	closes(kc, true, packet.data, packet.len - 1);
	memcpy(packet.data, &lie, sizeof(lie));
	closes(kc, true, packet.data, packet.len);
	packet.len = 0;
	ended.u.report.state = KEEPER_SLOT_ENDED;
	assert_int_equal(keeper_packet_add(&packet, &ended, &err), 0);
	closes(kc, true, packet.data, packet.len); /* not a runner's to say */

	kc_connect(kc);
	assert_int_equal(kc_wait(kc, KEEPER_SLOT, 1)->u.report.state, KEEPER_SLOT_LIVE);
	assert_int_equal(kc_count(kc, KEEPER_SLOT, 2), 0);
	kc_start(kc, 3, "exit 3");
	assert_int_equal(kc_ended(kc, 3)->exit_code, 3);
	kc_free(kc);
}

static void
orders_about_unknown_jobs_are_ignored(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	kc_signal(kc, 77, KEEPER_KILL, 0);
	kc_signal(kc, 77, KEEPER_PAUSE, 0);
	kc_forget(kc, 77);
	kc_start(kc, 1, "exit 2");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 2);
	kc_signal(kc, 1, KEEPER_KILL, 0);
	kc_signal(kc, 1, KEEPER_RESUME, 0);
	kc_start(kc, 2, "exit 4");
	assert_int_equal(kc_ended(kc, 2)->exit_code, 4);
	kc_free(kc);
}

static void
a_runner_that_does_not_read_stops_neither_the_keeper_nor_the_ends(void **state)
{
	struct kc *kc = kc_new(NULL);
	(void)state;

	/* Refusals fill the socket: 3,000 orders unread, each answered with 80 bytes. */
	assert_int_equal(fcntl(kc->fd, F_SETFL, O_NONBLOCK), 0);
	for (int i = 1; i <= 3000; i++) {
		struct keeper_msg order = kc_order(kc, i, "true");
		static struct keeper_packet packet;
		struct err err = ERR_INIT;

		order.u.start.nice = 99;
		packet.len = 0;
		assert_int_equal(keeper_packet_add(&packet, &order, &err), 0);
		if (send(kc->fd, packet.data, packet.len, MSG_NOSIGNAL) == -1)
			break; /* the keeper waits for us to read: that is fine, too */
	}
	kc_connect(kc);
	kc_start(kc, 5000, "exit 5");
	assert_int_equal(kc_ended(kc, 5000)->exit_code, 5);
	kc_free(kc);
}

static void
a_second_keeper_refuses_the_same_table_and_the_same_socket(void **state)
{
	struct kc *kc = kc_new(NULL);
	char other[128], out[1024];
	const char *const same_table[] = { "--socket", other, "--table", kc->table, NULL };
	const char *const same_socket[] = { "--socket", kc->socket, "--table", other, NULL };
	struct stat st;
	(void)state;

	(void)snprintf(other, sizeof(other), "%s/other", kc->dir);
	assert_int_equal(kc_run_keeper(same_table, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "another keeper holds table"));
	assert_int_equal(kc_run_keeper(same_socket, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "another keeper listens at"));
	assert_int_equal(stat(kc->socket, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	kc_start(kc, 1, "exit 1");
	assert_int_equal(kc_ended(kc, 1)->exit_code, 1);
	kc_free(kc);
}

static void
a_foreign_file_is_not_taken_for_a_table(void **state)
{
	struct kc *kc = kc_new(NULL);
	char path[128], other[128], out[1024];
	const char *const args[] = { "--socket", other, "--table", path, NULL };
	const char *const check[] = { "--check", "--table", path, NULL };
	struct stat st;
	FILE *file;
	(void)state;

	(void)snprintf(path, sizeof(path), "%s/foreign", kc->dir);
	(void)snprintf(other, sizeof(other), "%s/other", kc->dir);
	assert_non_null(file = fopen(path, "w"));
	for (int i = 0; i < 1000; i++)
		(void)fputs("precious data ", file);
	(void)fclose(file);
	assert_int_equal(kc_run_keeper(args, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "is not a keeper's table"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 14000);
	assert_int_equal(kc_run_keeper(check, out, sizeof(out)), 1);
	(void)snprintf(path, sizeof(path), "%s", kc->table);
	kc_start(kc, 1, "exit 1");
	(void)kc_ended(kc, 1);
	assert_int_equal(kc_run_keeper(check, out, sizeof(out)), 0);
	assert_non_null(strstr(out, "slots=4096 used=1"));
	kc_free(kc);
}

static void
a_foreign_file_is_not_replaced_by_the_socket(void **state)
{
	struct kc *kc = kc_new(NULL);
	char foreign[128], other[128], out[1024];
	/* Were it to listen there, it would soon end, and not with 1. */
	const char *const args[] = { "--socket",       foreign, "--table", other,
				     "--idle-exit-ms", "1",     NULL };
	struct stat st;
	FILE *file;
	(void)state;

	(void)snprintf(foreign, sizeof(foreign), "%s/foreign", kc->dir);
	(void)snprintf(other, sizeof(other), "%s/other", kc->dir);
	assert_non_null(file = fopen(foreign, "w"));
	(void)fputs("precious data", file);
	(void)fclose(file);
	assert_int_equal(kc_run_keeper(args, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "is not a socket"));
	assert_int_equal(stat(foreign, &st), 0);
	assert_int_equal(st.st_size, 13);

	assert_int_equal(unlink(foreign), 0);
	assert_int_equal(symlink(kc->table, foreign), 0);
	assert_int_equal(kc_run_keeper(args, out, sizeof(out)), 1);
	assert_int_equal(lstat(foreign, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	kc_free(kc);
}

static void
term_ends_all_jobs_then_the_keeper(void **state)
{
	struct kc *kc = kc_new(NULL);
	int status;
	(void)state;

	kc_start(kc, 1, "trap 'exit 33' TERM; echo ready; while :; do sleep 0.05; done");
	kc_start(kc, 2, "echo ready; exec sleep 60");
	kc_wait_output(kc, 1, "ready");
	kc_wait_output(kc, 2, "ready");
	assert_int_equal(kill(kc->keeper, SIGTERM), 0);
	assert_int_equal(kc_ended(kc, 1)->exit_code, 33);
	assert_int_equal(kc_ended(kc, 2)->cause, KEEPER_CAUSE_KEEPER_DIED);
	status = kc_keeper_wait(kc);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(kc_alive(kc), 0);
	assert_int_equal(access(kc->socket, F_OK), -1);

	kc_keeper_next(kc, NULL); /* what was not forgotten is still known */
	assert_int_equal(kc_ended(kc, 1)->exit_code, 33);
	kc_free(kc);
}

static void
a_drained_keeper_ends_with_the_last_slot_and_the_runner_s_leave(void **state)
{
	struct kc *kc = kc_new(NULL);
	struct keeper_msg drain = { .type = KEEPER_DRAIN };
	int status;
	(void)state;

	kc_start(kc, 1, "true");
	(void)kc_ended(kc, 1);
	kc_send(kc, &drain);
	kc_start(kc, 2, "true"); /* still there */
	(void)kc_ended(kc, 2);
	kc_forget(kc, 1);
	kc_forget(kc, 2);
	kc_disconnect(kc);
	status = kc_keeper_wait(kc);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	kc_free(kc);
}

static void
an_idle_keeper_ends_when_told_to(void **state)
{
	char pid_path[] = "/tmp/jqm-kc-pid-XXXXXX";
	/* So long that we are connected before. */
	const char *const args[] = { "--idle-exit-ms", "5000", "--pid-file", pid_path, NULL };
	int fd = mkstemp(pid_path);
	char text[32] = "";
	struct kc *kc;
	int status;
	(void)state;

	assert_true(fd != -1);
	(void)close(fd);
	kc = kc_new(args);
	assert_true((fd = open(pid_path, O_RDONLY)) != -1);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	(void)close(fd);
	assert_int_equal(atoi(text), kc->keeper);
	kc_start(kc, 1, "true");
	(void)kc_ended(kc, 1);
	kc_forget(kc, 1);
	kc_disconnect(kc);
	status = kc_keeper_wait(kc);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(access(pid_path, F_OK), -1);
	kc_free(kc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_ordered_twice_runs_once),
		cmocka_unit_test(a_forgotten_job_leaves_room_for_the_next),
		cmocka_unit_test(a_new_runner_replaces_the_old_one_and_is_told_everything),
		cmocka_unit_test(welcome_says_who_and_how),
		cmocka_unit_test(a_runner_killed_with_jobs_in_flight_loses_no_exit_code),
		cmocka_unit_test(a_killed_keeper_s_jobs_are_ended_and_reported_by_the_next),
		cmocka_unit_test(
		    an_exit_code_survives_a_keeper_killed_while_it_ended_the_descendants),
		cmocka_unit_test(a_malformed_packet_closes_its_connection_and_nothing_else),
		cmocka_unit_test(orders_about_unknown_jobs_are_ignored),
		cmocka_unit_test(a_runner_that_does_not_read_stops_neither_the_keeper_nor_the_ends),
		cmocka_unit_test(a_second_keeper_refuses_the_same_table_and_the_same_socket),
		cmocka_unit_test(a_foreign_file_is_not_taken_for_a_table),
		cmocka_unit_test(a_foreign_file_is_not_replaced_by_the_socket),
		cmocka_unit_test(term_ends_all_jobs_then_the_keeper),
		cmocka_unit_test(a_drained_keeper_ends_with_the_last_slot_and_the_runner_s_leave),
		cmocka_unit_test(an_idle_keeper_ends_when_told_to),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
