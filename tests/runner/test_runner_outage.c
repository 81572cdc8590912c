/* SPDX-License-Identifier: Apache-2.0 */
/* The runner while the database is away, or is there and does not answer. */
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

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

#define LEASE_MS 2000
#define GRACE_MS 1000
#define ROLE_LOCK_TIMEOUT_MS \
	60000 /* here: long, so that a busy machine is not taken for one that waits */

/* Nobody but the test reaches the database. */
static void
outage_begin(void)
{
	test_db_sql("do $$begin execute format('alter database %%I connection limit 0',"
		    " current_database()); end$$");
	test_db_sql("select pg_terminate_backend(pid) from pg_stat_activity"
		    " where usename = 'jqm_runner' and datname = current_database()");
	home_wait("0", "select count(*) from pg_stat_activity where usename = 'jqm_runner'"
		       " and datname = current_database()");
}

static void
outage_end(void)
{
	test_db_sql("do $$begin execute format('alter database %%I connection limit -1',"
		    " current_database()); end$$");
}

static int
set_up(void **state)
{
	home_lease_ms = LEASE_MS;
	return home_set_up(state);
}

/* A failed test must not leave the outage to the next one. */
static int
tear_down(void **state)
{
	outage_end();
	return home_tear_down(state);
}

/* The process that serves the runner. */
static pid_t
backend(void)
{
	return (pid_t)home_number(
	    test_db_value("select pid from pg_stat_activity where usename = 'jqm_runner'"
			  " and datname = current_database()"));
}

static void
open_gate(const struct home *h)
{
	char *gate = str_printf("%s/gate", h->path);
	struct err err = ERR_INIT;

	assert_int_equal(fd_write_file(gate, 0600, "", 0, &err), 0);
	free(gate);
}

/* Processor time of the runner so far. */
static int64_t
cpu_ms(const struct home *h)
{
	char *path = str_printf("/proc/%d/stat", (int)h->runner);
	char *text = home_read(path), *field = text == NULL ? NULL : strrchr(text, ')');
	long long user = 0, system = 0;

	assert_non_null(field);
	assert_int_equal(sscanf(field, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld",
				&user, &system),
			 2);
	free(text);
	free(path);
	return (user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

/* Let the lease pass twice; nobody else has come, so the node is still ours.  Meanwhile it rests. */
static void
two_leases_pass(const struct home *h)
{
	int64_t until_ms = clock_mono_ms() + 2 * LEASE_MS, before_ms = cpu_ms(h);

	while (clock_mono_ms() < until_ms)
		home_pause(100);
	assert_true(home_is_alive(h->runner));
	assert_true(cpu_ms(h) - before_ms < LEASE_MS / 4);
}

/* A job that runs until the gate opens and leaves its pid, a file and an exit code. */
static int64_t
a_gated_job(struct home *h, pid_t *pid_out)
{
	int64_t job;

	home_define("gated", "DEFAULTSHELLCOMMAND",
		    "echo $$ > ../gated; echo begin; until [ -e ../gate ]; do sleep 0.05; done;"
		    " echo data > $JQM_JI_DELIVERY_DIR/f; echo end; exit 5");
	job = home_enqueue("gated", "{}");
	*pid_out = home_pid(h, "gated");
	home_wait_state(job, "RUNNING");
	return job;
}

static void
jobs_that_end_while_the_database_is_away_are_archived(void **state)
{
	struct home *h = *state;
	pid_t child, well_child;
	int64_t job, well;
	char *text, *log;

	home_define("well", "DEFAULTSHELLCOMMAND",
		    "echo $$ > ../well; until [ -e ../gate ]; do sleep 0.05; done");
	home_start(h);
	job = a_gated_job(h, &child);
	well = home_enqueue("well", "{}");
	well_child = home_pid(h, "well");
	home_wait_state(well, "RUNNING");
	outage_begin();
	open_gate(h);
	home_wait_dead(child);
	home_wait_dead(well_child);
	two_leases_pass(h);
	outage_end();
	home_wait_state(well, "ENDED");
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "reason", "exit code 5");
	/* it ended when it ended, not when that could be told */
	home_assert_history(job, "now() - ended_at > interval '4 s'", "t");
	text = test_db_value("select original_file_name || size_bytes from jqm.deliverable"
			     " where job_instance_id = %lld",
			     (long long)job);
	assert_string_equal(text, "f5");
	free(text);
	home_define("next", "DEFAULTSHELLCOMMAND", "true");
	home_wait_state(home_enqueue("next", "{}"), "ENDED");
	log = home_log(h);
	assert_null(strstr(log, "fenced"));
	free(log);
}

/* Killed while the database is away, then started while it still is. */
static void
a_runner_that_comes_back_before_the_database_waits_for_it(void **state)
{
	struct home *h = *state;
	pid_t child;
	int64_t job;

	home_start(h);
	job = a_gated_job(h, &child);
	outage_begin();
	home_kill_runner(h);
	home_start(h);
	open_gate(h);
	home_wait_dead(child);
	home_pause(300);
	assert_true(home_is_alive(h->runner));
	outage_end();
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "reason", "exit code 5");
	home_assert_history(job, "attempt", "1");
}

static void
a_stop_while_the_database_is_away_is_bounded_and_loses_nothing(void **state)
{
	struct home *h = *state;
	pid_t child;
	int64_t job, begin_ms;

	home_start(h);
	job = a_gated_job(h, &child);
	outage_begin();
	begin_ms = clock_mono_ms();
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(WEXITSTATUS(home_wait_runner(h)), 0);
	assert_true(clock_mono_ms() - begin_ms < GRACE_MS + 17000 + 20000); /* a busy machine */
	assert_false(home_is_alive(child));
	outage_end();
	home_start(h);
	home_wait_state(job, "KILLED");
}

/* The server is there and says nothing: as during a fail-over, a snapshot, a full disk. */
static void
a_database_that_does_not_answer_is_waited_for(void **state)
{
	struct home *h = *state;
	pid_t child, server;
	int64_t job;
	char *log;

	home_start(h);
	job = a_gated_job(h, &child);
	server = backend();
	assert_int_equal(kill(server, SIGSTOP), 0);
	open_gate(h);
	home_wait_dead(child);
	two_leases_pass(h);
	assert_int_equal(kill(server, SIGCONT), 0);
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "reason", "exit code 5");
	home_define("next", "DEFAULTSHELLCOMMAND", "true");
	home_wait_state(home_enqueue("next", "{}"), "ENDED");
	log = home_log(h);
	assert_null(strstr(log, "fenced"));
	free(log);
}

/* Somebody changed some jobs in a transaction and went for lunch. */
static void
a_transaction_that_holds_jobs_holds_up_no_other(void **state)
{
	struct home *h = *state;
	struct db *other = db_new(test_db_conninfo(), "test");
	struct err err = ERR_INIT;
	int64_t job, begin_ms;
	pid_t child;

	test_db_sql("do $$begin execute format('alter role jqm_runner in database %%I set "
		    "lock_timeout = %d',"
		    " current_database()); end$$",
		    ROLE_LOCK_TIMEOUT_MS);
	home_start(h);
	job = a_gated_job(h, &child);
	test_db_sql("select jqm.enqueue('gated') from generate_series(1, 3)"); /* of 5 slots */
	home_wait("4", "select count(*) from jqm.job_instance where state = 'RUNNING'");
	assert_int_equal(db_exec_sql(other, "begin", &err), 0);
	assert_int_equal(
	    db_exec_sql(other, "update jqm.job_instance set progress = 5 where true", &err), 0);
	open_gate(h);
	home_wait_dead(child);
	begin_ms = clock_mono_ms();
	home_define("next", "DEFAULTSHELLCOMMAND", "true");
	test_db_sql("select jqm.enqueue('next') from generate_series(1, 10)");
	home_wait("10", "select count(*) from jqm.history where state = 'ENDED'");
	assert_true(clock_mono_ms() - begin_ms < ROLE_LOCK_TIMEOUT_MS - 10000);
	home_wait_state(job, "RUNNING");
	assert_int_equal(db_exec_sql(other, "rollback", &err), 0);
	home_wait("4", "select count(*) from jqm.history where state = 'CRASHED'");
	db_free(other);
}

#define OUTAGE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OUTAGE_TEST(jobs_that_end_while_the_database_is_away_are_archived),
		OUTAGE_TEST(a_runner_that_comes_back_before_the_database_waits_for_it),
		OUTAGE_TEST(a_stop_while_the_database_is_away_is_bounded_and_loses_nothing),
		OUTAGE_TEST(a_database_that_does_not_answer_is_waited_for),
		OUTAGE_TEST(a_transaction_that_holds_jobs_holds_up_no_other),
	};

	(void)test_db_create("runner_outage");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
