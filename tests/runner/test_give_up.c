/* SPDX-License-Identifier: Apache-2.0 */
/* A runner that gives up before it ever served leaves no keeper that it started for nothing, and ends no other one. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* The pid in the last line of the runner's log that has that event. */
static pid_t
last_pid(const struct home *h, const char *event)
{
	char *log = home_log(h), *at = NULL, *word = str_printf(" %s pid=", event);
	int64_t pid = 0;

	for (char *next = strstr(log, word); next != NULL; next = strstr(next + 1, word))
		at = next;
	assert_non_null(at);
	at += strlen(word);
	at[strspn(at, "0123456789")] = '\0';
	assert_int_equal(num_int64(at, 2, INT32_MAX, &pid), 0);
	free(word);
	free(log);
	return (pid_t)pid;
}

/* Runners are refused at once, whatever they are called, or let in again. */
static void
let_nobody_register(bool nobody)
{
	test_db_sql("%s execute on function jqm.node_register %s jqm_runner",
		    nobody ? "revoke" : "grant", nobody ? "from" : "to");
}

static int
set_up(void **state)
{
	let_nobody_register(false); /* what a failed test has left */
	return home_set_up(state);
}

static void
assert_refused(struct home *h)
{
	int status = home_wait_runner(h);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	home_wait_log(h, "node_refused");
}

static void
the_keeper_that_a_refused_runner_started_ends_with_its_guard(void **state)
{
	struct home *h = *state;

	let_nobody_register(true);
	for (int i = 0; i < 3; i++) {
		home_start(h);
		assert_refused(h);
		home_wait_dead(last_pid(h, "keeper_connected"));
		home_wait_dead(last_pid(h, "keeper_started")); /* its guard */
	}
	let_nobody_register(false);
}

static void
a_keeper_that_was_found_running_stays(void **state)
{
	struct home *h = *state;
	pid_t keeper;

	home_start(h);
	home_wait_log(h, "node_registered");
	keeper = last_pid(h, "keeper_connected");
	home_kill_runner(h);
	let_nobody_register(true);
	home_start(h);
	assert_refused(h);
	assert_int_equal(last_pid(h, "keeper_connected"), keeper);
	let_nobody_register(false);
	home_start(h);
	home_define("short", "DEFAULTSHELLCOMMAND", "true");
	home_wait_state(home_enqueue("short", "{}"), "ENDED");
	assert_int_equal(last_pid(h, "keeper_connected"), keeper);
}

static void
a_keeper_with_jobs_stays_and_its_job_lives_on(void **state)
{
	struct home *h = *state;
	pid_t child, keeper;
	int64_t job = home_start_long_job(h, &child);

	keeper = last_pid(h, "keeper_connected");
	home_kill_runner(h);
	let_nobody_register(true);
	home_start(h);
	assert_refused(h);
	assert_true(home_is_alive(keeper));
	assert_true(home_is_alive(child));
	let_nobody_register(false);
	home_start(h);
	home_wait_log(h, "node_registered");
	test_db_sql("select jqm.kill(%lld, 'bob')", (long long)job);
	home_wait_state(job, "KILLED");
	assert_int_equal(last_pid(h, "keeper_connected"), keeper);
}

/* The refused runner did start it: keeper and guard were killed, and the table tells of a job. */
static void
a_keeper_that_knows_how_a_job_ended_stays(void **state)
{
	struct home *h = *state;
	pid_t child, keeper;
	int64_t job = home_start_long_job(h, &child);

	home_kill_runner(h);
	assert_int_equal(kill(last_pid(h, "keeper_started"), SIGKILL), 0);
	assert_int_equal(kill(last_pid(h, "keeper_connected"), SIGKILL), 0);
	home_wait_dead(child);
	let_nobody_register(true);
	home_start(h);
	assert_refused(h);
	keeper = last_pid(h, "keeper_connected");
	assert_true(home_is_alive(keeper));
	let_nobody_register(false);
	home_start(h);
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "reason", "its keeper died");
	assert_int_equal(last_pid(h, "keeper_connected"), keeper);
}

/* The program in its place takes its time. */
static void
a_keeper_that_was_not_ready_when_its_runner_was_told_to_stop_ends_too(void **state)
{
	struct home *h = *state;
	char *program = str_printf("%s/slow-keeper", h->path);
	char *line = str_printf("keeper_program = \"%s\"\n", program);
	struct err err = ERR_INIT;
	const char script[] = "#!/bin/sh\nexec sleep 300\n";

	assert_int_equal(fd_write_file(program, 0700, script, strlen(script), &err), 0);
	home_configure(h, line);
	home_start(h);
	home_wait_log(h, "keeper_started");
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(h), 0);
	home_wait_dead(last_pid(h, "keeper_started"));
	free(line);
	free(program);
}

#define GIVE_UP_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, home_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		GIVE_UP_TEST(the_keeper_that_a_refused_runner_started_ends_with_its_guard),
		GIVE_UP_TEST(a_keeper_that_was_found_running_stays),
		GIVE_UP_TEST(a_keeper_with_jobs_stays_and_its_job_lives_on),
		GIVE_UP_TEST(a_keeper_that_knows_how_a_job_ended_stays),
		GIVE_UP_TEST(a_keeper_that_was_not_ready_when_its_runner_was_told_to_stop_ends_too),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("give_up");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
