/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's guard: what a killed keeper leaves ends at once, though nobody starts another keeper. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "keeper/proc_scan.h"
#include "tests/lib/keeper_client.h"

static const char *const with_guard[] = { "--guard", NULL };

static int
set_up(void **state)
{
	*state = kc_new(with_guard);
	return 0;
}

static int
tear_down(void **state)
{
	kc_free(*state);
	return 0;
}

static bool
lives(pid_t pid)
{
	struct proc_stat stat;

	return proc_stat_read(pid, &stat) == 0 && stat.state != 'Z';
}

static void
wait_gone(pid_t pid)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;

	while (lives(pid)) {
		if (clock_mono_ms() > until)
			fail_msg("process %d lives on", (int)pid);
		kc_nap();
	}
}

/* The number a script of a job writes into the file of that name in kc->dir. */
static pid_t
pid_in(const struct kc *kc, const char *name)
{
	int64_t until = clock_mono_ms() + KC_DEADLINE_MS;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", kc->dir, name);
	for (;;) {
		FILE *file = fopen(path, "r");
		int pid = 0;
		char end = '\0';
		int got = file == NULL ? 0 : fscanf(file, "%d%c", &pid, &end);

		if (file != NULL)
			(void)fclose(file);
		if (got == 2)
			return pid;
		if (clock_mono_ms() > until)
			fail_msg("\"%s\" does not come", path);
		kc_nap();
	}
}

/* The keeper, whose parent is the guard that kc->keeper is. */
static pid_t
keeper_pid(struct kc *kc)
{
	struct keeper_msg hello = { .type = KEEPER_HELLO };
	const struct keeper_welcome *welcome;
	pid_t pid;

	kc_disconnect(kc);
	kc->fd = kc_socket(kc);
	kc_send(kc, &hello);
	welcome = &kc_wait(kc, KEEPER_WELCOME, 0)->u.welcome;
	pid = welcome->pid;
	assert_int_not_equal(pid, kc->keeper);
	return pid;
}

/* A job of three: its first process, a child in a session and environment of its own, and that one's child. */
static void
start_family(struct kc *kc, pid_t family[3])
{
	char script[600];

	(void)snprintf(
	    script, sizeof(script),
	    "cd %s; echo $$ >first; "
	    "setsid env -i sh -c 'echo $$ >second; sleep 300 & echo $! >third; wait' & wait",
	    kc->dir);
	kc_start(kc, 1, script);
	family[0] = pid_in(kc, "first");
	family[1] = pid_in(kc, "second");
	family[2] = pid_in(kc, "third");
}

static void
what_a_killed_keeper_leaves_ends_without_another_keeper(void **state)
{
	struct kc *kc = *state;
	pid_t keeper = keeper_pid(kc);
	pid_t family[3];
	int status;

	start_family(kc, family);
	assert_int_equal(kill(keeper, SIGKILL), 0);
	for (int i = 0; i < 3; i++)
		wait_gone(family[i]);
	status = kc_keeper_wait(kc);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void
the_next_keeper_says_how_its_jobs_ended(void **state)
{
	struct kc *kc = *state;
	pid_t keeper = keeper_pid(kc);
	const struct keeper_report *ended;
	pid_t family[3];

	start_family(kc, family);
	assert_int_equal(kill(keeper, SIGKILL), 0);
	(void)kc_keeper_wait(kc);
	kc_keeper_next(kc, with_guard);
	ended = kc_ended(kc, 1);
	assert_int_equal(ended->cause, KEEPER_CAUSE_KEEPER_DIED);
	assert_int_equal(ended->left, 0);
}

static void
a_killed_guard_takes_neither_keeper_nor_jobs_with_it(void **state)
{
	struct kc *kc = *state;
	pid_t keeper = keeper_pid(kc);
	pid_t family[3];

	start_family(kc, family);
	kc_keeper_kill(kc);
	kc_start(kc, 2, "exit 7");
	assert_int_equal(kc_ended(kc, 2)->exit_code, 7);
	assert_true(lives(keeper));
	for (int i = 0; i < 3; i++)
		assert_true(lives(family[i]));
	assert_int_equal(kill(keeper, SIGTERM), 0);
	for (int i = 0; i < 3; i++)
		wait_gone(family[i]);
	wait_gone(keeper);
}

static void
an_order_to_end_passes_through_and_so_does_the_exit_code(void **state)
{
	struct kc *kc = *state;
	pid_t keeper = keeper_pid(kc);
	pid_t family[3];
	int status;

	start_family(kc, family);
	assert_int_equal(kill(kc->keeper, SIGTERM), 0);
	status = kc_keeper_wait(kc);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_false(lives(keeper));
	for (int i = 0; i < 3; i++)
		assert_false(lives(family[i]));
}

static void
a_keeper_that_cannot_begin_says_so_through_its_guard(void **state)
{
	struct kc *kc = *state;
	const char *const args[] = {
		"--guard", "--socket", kc->socket, "--table", kc->table, NULL
	};
	char out[2000];

	(void)keeper_pid(kc);
	assert_int_equal(kc_run_keeper(args, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "keeper_not_started"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_a_killed_keeper_leaves_ends_without_another_keeper, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_keeper_says_how_its_jobs_ended, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
		    a_killed_guard_takes_neither_keeper_nor_jobs_with_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_order_to_end_passes_through_and_so_does_the_exit_code, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_keeper_that_cannot_begin_says_so_through_its_guard, set_up, tear_down),
	};

	kc_leave_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
