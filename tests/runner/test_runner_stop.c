/* SPDX-License-Identifier: Apache-2.0 */
/* How long jobs may take to end when their runner is told to stop. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* It takes its time to end when it is told to. */
#define TIDY                                                                                     \
	"trap 'sleep 3; echo tidied; exit 0' TERM; echo $$ > ../child; while :; do sleep 0.05; " \
	"done"

/* It goes on whatever it is told, by itself for 5 minutes. */
#define STUBBORN "trap '' TERM; echo $$ > ../child; sleep 300; sleep 300"

/* A job of a definition with that grace, running. */
static int64_t
a_running_job(struct home *h, const char *command, int grace_ms, pid_t *child)
{
	int64_t job;

	home_define("long", "DEFAULTSHELLCOMMAND", command);
	test_db_sql("update jqm.job_def set grace_ms = %d where name = 'long'", grace_ms);
	home_start(h);
	job = home_enqueue("long", "{}");
	*child = home_pid(h, "child");
	home_wait_state(job, "RUNNING");
	return job;
}

static void
assert_tidied(const struct home *h, int64_t job)
{
	char *text = home_output(h, job, "stdout");

	assert_non_null(text);
	assert_string_equal(text, "tidied\n");
	free(text);
	home_assert_history(job, "state || ' ' || reason || ' ' || exit_code",
			    "KILLED node stopped 0");
}

/* The node's own grace is one second. */
static void
a_stop_gives_each_job_the_grace_of_its_definition(void **state)
{
	struct home *h = *state;
	pid_t child;
	int64_t job = a_running_job(h, TIDY, 60000, &child);

	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(h), 0);
	assert_tidied(h, job);
	assert_false(home_is_alive(child));
}

static void
a_second_signal_kills_what_is_left(void **state)
{
	struct home *h = *state;
	pid_t child;
	int64_t job = a_running_job(h, STUBBORN, 600000, &child);
	int64_t begin_ms = clock_mono_ms();

	assert_int_equal(kill(h->runner, SIGTERM), 0);
	home_wait_log(h, " job_kill ");
	assert_true(home_is_alive(child));
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(h), 0);
	assert_true(clock_mono_ms() - begin_ms < 60000); /* and not ten minutes */
	assert_false(home_is_alive(child));
	home_assert_history(job, "state || ' ' || reason || ' ' || signal",
			    "KILLED node stopped 9");
}

/* An administrator's stop and one signal are no impatience. */
static void
a_signal_after_an_ordered_stop_shortens_nothing(void **state)
{
	struct home *h = *state;
	pid_t child;
	int64_t job = a_running_job(h, TIDY, 60000, &child);

	test_db_sql("update jqm.node set stop = true");
	home_wait_log(h, " job_kill ");
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_true(WIFEXITED(home_wait_runner(h)));
	assert_tidied(h, job);
}

/* The stop comes while the runner is asking the database which jobs are its own. */
static void
jobs_adopted_while_the_runner_stops_are_ended_too(void **state)
{
	struct home *h = *state;
	struct db *other = db_new(test_db_conninfo(), "test");
	struct err err = ERR_INIT;
	pid_t child;
	int64_t job = a_running_job(h, "echo $$ > ../child; exec sleep 300", 60000, &child);

	home_kill_runner(h);
	assert_int_equal(db_exec_sql(other, "begin", &err), 0);
	assert_int_equal(
	    db_exec_sql(other, "update jqm.job_instance set progress = 5 where true", &err), 0);
	home_start(h);
	home_wait("t", "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock'"
		       " and usename = 'jqm_runner' and datname = current_database()");
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	home_wait_log(h, " stopping ");
	assert_int_equal(db_exec_sql(other, "rollback", &err), 0);
	db_free(other);
	assert_int_equal(home_wait_runner(h), 0);
	home_assert_history(job, "state || ' ' || reason", "KILLED node stopped");
	assert_false(home_is_alive(child));
}

/* Another runner may have started it again: the job's ten minutes do not count, the node's second does. */
static void
a_fenced_runner_has_no_more_patience_than_its_own(void **state)
{
	struct home *h = *state;
	pid_t child;
	int64_t begin_ms;

	(void)a_running_job(h, STUBBORN, 600000, &child);
	begin_ms = clock_mono_ms();
	test_db_sql("update jqm.node set incarnation = incarnation + 1");
	assert_int_equal(WEXITSTATUS(home_wait_runner(h)), 1);
	assert_true(clock_mono_ms() - begin_ms < 60000); /* and not ten minutes */
	assert_false(home_is_alive(child));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(a_stop_gives_each_job_the_grace_of_its_definition),
		HOME_TEST(a_second_signal_kills_what_is_left),
		HOME_TEST(a_signal_after_an_ordered_stop_shortens_nothing),
		HOME_TEST(jobs_adopted_while_the_runner_stops_are_ended_too),
		HOME_TEST(a_fenced_runner_has_no_more_patience_than_its_own),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("runner_stop");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
