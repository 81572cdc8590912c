/* SPDX-License-Identifier: Apache-2.0 */
/* A keeper that a service manager starts (runner:start_keeper = false): the runner starts none, waits, and takes it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* As a service manager starts it; it ends with the home. */
static pid_t
start_keeper(const struct home *h)
{
	const char *bin = getenv("JQM_BIN");
	char *program = str_printf("%s/jqm-keeper", bin != NULL ? bin : "build/bin");
	char *socket = str_printf("%s/state/keeper.sock", h->path);
	char *table = str_printf("%s/state/keeper.table", h->path);
	char *pid_file = str_printf("%s/run/jqm-keeper.pid", h->path);
	pid_t pid = fork();

	if (pid == 0) {
		(void)execl(program, program, "--socket", socket, "--table", table, "--pid-file",
			    pid_file, (char *)NULL);
		_exit(127);
	}
	assert_int_not_equal(pid, -1);
	free(program);
	free(socket);
	free(table);
	free(pid_file);
	return pid;
}

static void
the_runner_waits_for_a_keeper_it_may_not_start(void **state)
{
	struct home *h = *state;
	char *pid_file = str_printf("%s/run/jqm-keeper.pid", h->path);
	char *log;
	int64_t job;

	home_define("hello", "DEFAULTSHELLCOMMAND", "echo hello");
	home_configure(h, "start_keeper = false\n");
	job = home_enqueue("hello", "{}");
	home_start(h);
	home_wait_log(h, "keeper_unreachable");
	assert_int_equal(access(pid_file, F_OK), -1);
	(void)start_keeper(h);
	home_wait_state(job, "ENDED");
	log = home_log(h);
	assert_null(strstr(log, "keeper_started"));
	free(log);
	free(pid_file);
}

static void
jobs_live_through_an_upgrade_of_the_runner_beside_it(void **state)
{
	struct home *h = *state;
	char *gate = str_printf("%s/gate", h->path);
	struct err err = ERR_INIT;
	int64_t job;
	int status;

	home_define("live", "DEFAULTSHELLCOMMAND",
		    "echo $$ > ../live; while [ ! -e ../gate ]; do sleep 0.05; done; exit 7");
	home_configure(h, "start_keeper = false\n");
	home_start(h);
	home_wait_log(h, "keeper_unreachable"); /* and has made the directory */
	(void)start_keeper(h);
	job = home_enqueue("live", "{}");
	(void)home_pid(h, "live");
	home_wait_state(job, "RUNNING");
	/* What jqm-runner.service sends when it is stopped or started anew. */
	assert_int_equal(kill(h->runner, SIGUSR1), 0);
	status = home_wait_runner(h);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(home_is_alive(home_pid(h, "live")));
	home_start(h);
	assert_int_equal(fd_write_file(gate, 0600, "", 0, &err), 0);
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "reason || ' ' || attempt", "exit code 7 1");
	free(gate);
}

static void
it_stays_when_the_runner_is_refused(void **state)
{
	struct home *h = *state;
	pid_t keeper;
	int status;

	home_define("hello", "DEFAULTSHELLCOMMAND", "echo hello");
	home_configure(h, "start_keeper = false\n");
	test_db_sql("revoke execute on function jqm.node_register from jqm_runner");
	home_start(h);
	home_wait_log(h, "keeper_unreachable"); /* and has made the directory */
	keeper = start_keeper(h);
	status = home_wait_runner(h);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	home_wait_log(h, "node_refused");
	test_db_sql("grant execute on function jqm.node_register to jqm_runner");
	home_start(h);
	home_wait_state(home_enqueue("hello", "{}"), "ENDED");
	assert_true(home_is_alive(keeper));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(the_runner_waits_for_a_keeper_it_may_not_start),
		HOME_TEST(jobs_live_through_an_upgrade_of_the_runner_beside_it),
		HOME_TEST(it_stays_when_the_runner_is_refused),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("foreign_keeper");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
