/* SPDX-License-Identifier: Apache-2.0 */
/* The same, while runner, keeper or connections are killed. */
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
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

static void
a_killed_runner_s_jobs_go_on_and_end_as_they_end(void **state)
{
	struct home *h = *state;
	char *text, *gate = str_printf("%s/gate", h->path);
	int64_t live, over;
	struct err err = ERR_INIT;

	home_define("live", "DEFAULTSHELLCOMMAND",
		    "echo begin; echo $$ > ../live; while [ ! -e ../gate ]; do sleep 0.05; done;"
		    " printf late > $JQM_JI_DELIVERY_DIR/f; echo end; exit 7");
	home_define(
	    "over", "DEFAULTSHELLCOMMAND",
	    "echo $$ > ../over; while [ ! -e ../gate2 ]; do sleep 0.05; done; echo done; exit 9");
	home_start(h);
	live = home_enqueue("live", "{}");
	over = home_enqueue("over", "{}");
	(void)home_pid(h, "live");
	home_wait_state(live, "RUNNING");
	home_wait_state(over, "RUNNING");
	home_kill_runner(h);

	/* One job ends while no runner is there. */
	text = str_printf("%s/gate2", h->path);
	assert_int_equal(fd_write_file(text, 0600, "", 0, &err), 0);
	free(text);
	home_wait_dead(home_pid(h, "over"));
	home_start(h);
	home_wait_state(over, "CRASHED");
	home_assert_history(over, "reason || ' ' || attempt", "exit code 9 1");
	text = home_output(h, over, "stdout");
	assert_string_equal(text, "done\n");
	free(text);

	assert_int_equal(fd_write_file(gate, 0600, "", 0, &err), 0);
	home_wait_state(live, "CRASHED");
	home_assert_history(live, "reason || ' ' || attempt", "exit code 7 1");
	text = home_output(h, live, "stdout");
	assert_string_equal(text, "begin\nend\n");
	free(text);
	text = test_db_value("select original_file_name || size_bytes from jqm.deliverable"
			     " where job_instance_id = %lld",
			     (long long)live);
	assert_string_equal(text, "f4");
	free(text);
	free(gate);
}

static void
a_runner_killed_at_any_moment_loses_no_job(void **state)
{
	struct home *h = *state;
	char *text;

	home_define("code", "DEFAULTSHELLCOMMAND",
		    "echo run >> ../runs.$JQM_JI_ID; exit $((JQM_JI_ID % 5))");
	test_db_sql("select jqm.enqueue('code') from generate_series(1, 120)");
	for (int i = 0; i < 8; i++) {
		home_start(h);
		home_pause(60 + 45 * i); /* anywhere between start and work */
		home_kill_runner(h);
	}
	home_start(h);
	home_wait("120", "select count(*) from jqm.history");
	home_wait("0", "select count(*) from jqm.job_instance");
	text = test_db_value("select count(*) from jqm.history where exit_code = id %% 5"
			     " and state = case when id %% 5 = 0 then 'ENDED' else 'CRASHED' end");
	assert_string_equal(text, "120");
	free(text);
	/* Each ran exactly once, whatever its number of attempts. */
	for (int64_t id = home_number(test_db_value("select min(id) from jqm.history")), n = 0;
	     n < 120; id++, n++) {
		char *path = str_printf("%s/runs.%lld", h->path, (long long)id);

		text = home_read(path);
		assert_non_null(text);
		assert_string_equal(text, "run\n");
		free(text);
		free(path);
	}
}

static void
lost_connections_lose_and_repeat_no_job(void **state)
{
	struct home *h = *state;
	char *text;

	home_define(
	    "code", "DEFAULTSHELLCOMMAND",
	    "echo run >> ../runs; printf x > $JQM_JI_DELIVERY_DIR/f; exit $((JQM_JI_ID % 3))");
	home_start(h);
	test_db_sql("select jqm.enqueue('code') from generate_series(1, 150)");
	for (int i = 0; i < 15; i++) {
		home_pause(30 + 7 * i); /* anywhere in what it does */
		test_db_sql("select pg_terminate_backend(pid) from pg_stat_activity"
			    " where usename = 'jqm_runner' and datname = current_database()");
	}
	home_wait("150", "select count(*) from jqm.history");
	home_wait("0", "select count(*) from jqm.job_instance");
	home_wait("150", "select count(*) from jqm.history where exit_code = id % 3");
	home_wait("150", "select count(distinct job_instance_id) from jqm.deliverable");
	home_wait("150", "select count(*) from jqm.deliverable");
	text = str_printf("%s/runs", h->path);
	{
		char *runs = home_read(text);

		assert_int_equal(strlen(runs), 150 * strlen("run\n"));
		free(runs);
	}
	free(text);
}

static void
an_end_the_database_refuses_is_stored_without_its_files(void **state)
{
	struct home *h = *state;
	int64_t bad, good;

	test_db_sql("create function public.refuse_file() returns trigger language plpgsql as"
		    " $$ begin if new.original_file_name = 'bad' then raise exception 'no' using"
		    " errcode = '22000'; end if; return new; end $$;"
		    " create trigger refuse_file before insert on jqm.deliverable"
		    " for each row execute function public.refuse_file()");
	home_define("bad", "DEFAULTSHELLCOMMAND", "echo > $JQM_JI_DELIVERY_DIR/bad; exit 6");
	home_define("good", "DEFAULTSHELLCOMMAND", "echo > $JQM_JI_DELIVERY_DIR/good");
	home_start(h);
	bad = home_enqueue("bad", "{}");
	good = home_enqueue("good", "{}");
	home_wait_state(bad, "CRASHED");
	home_wait_state(good, "ENDED");
	test_db_sql("drop trigger refuse_file on jqm.deliverable;"
		    " drop function public.refuse_file()");
	home_assert_history(bad, "exit_code", "6");
	home_wait("good", "select string_agg(original_file_name, ',') from jqm.deliverable");
	home_wait("the database refused this job's files and messages",
		  "select string_agg(text_message, ',') from jqm.message");
}

static void
term_kills_and_archives_the_jobs_and_ends_the_keeper(void **state)
{
	struct home *h = *state;
	pid_t keeper, child;
	int64_t job;

	home_define("long", "DEFAULTSHELLCOMMAND",
		    "echo $$ > ../child; trap '' TERM; sleep 300; sleep 300");
	home_start(h);
	job = home_enqueue("long", "{}");
	child = home_pid(h, "child");
	keeper = home_pid(h, "run/jqm-keeper.pid");
	home_wait_state(job, "RUNNING");
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(h), 0);
	home_assert_history(job, "state || ' ' || reason", "KILLED node stopped");
	assert_false(home_is_alive(child));
	home_wait_dead(keeper);
	home_wait("t", "select bool_and(lease_until is null) from jqm.node");
}

static void
usr1_leaves_the_jobs_to_the_next_runner(void **state)
{
	struct home *h = *state;
	int64_t job;
	pid_t child;

	job = home_start_long_job(h, &child);
	assert_int_equal(kill(h->runner, SIGUSR1), 0);
	assert_int_equal(home_wait_runner(h), 0);
	assert_true(home_is_alive(child));
	home_wait_state(job, "RUNNING");
	home_start(h);
	test_db_sql("select jqm.kill(%lld)", (long long)job);
	home_wait_state(job, "KILLED");
	home_assert_history(job, "reason || attempt", "killed1");
}

static void
a_fenced_runner_kills_its_jobs_and_writes_nothing(void **state)
{
	struct home *h = *state;
	int64_t job;
	pid_t child;
	char *log;

	job = home_start_long_job(h, &child);
	test_db_sql("update jqm.node set incarnation = incarnation + 1");
	assert_int_equal(WEXITSTATUS(home_wait_runner(h)), 1);
	assert_false(home_is_alive(child));
	home_wait_state(job, "RUNNING"); /* the next runner decides */
	log = home_log(h);
	assert_non_null(strstr(log, "another runner has taken this node"));
	free(log);
	home_start(h);
	home_wait_state(job, "CRASHED");
}

static void
a_job_the_database_does_not_know_is_killed_and_forgotten(void **state)
{
	struct home *h = *state;
	pid_t child;
	char *path;

	(void)home_start_long_job(h, &child);
	home_kill_runner(h);
	test_db_sql("delete from jqm.job_instance");
	home_start(h);
	home_wait_dead(child);
	home_define("next", "DEFAULTSHELLCOMMAND", "true");
	home_wait_state(home_enqueue("next", "{}"), "ENDED");
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(h), 0);
	path = str_printf("%s/tmp", h->path);
	assert_int_equal(rmdir(path), 0);
	free(path);
}

static void
a_killed_keeper_s_jobs_crash_and_the_next_ones_run(void **state)
{
	struct home *h = *state;
	int64_t job;
	pid_t child;

	home_define("next", "DEFAULTSHELLCOMMAND", "true");
	job = home_start_long_job(h, &child);
	assert_int_equal(kill(home_pid(h, "run/jqm-keeper.pid"), SIGKILL), 0);
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "reason", "its keeper died");
	home_wait_dead(child);
	home_wait_state(home_enqueue("next", "{}"), "ENDED");
}

/* Nobody is left who could know how they ended: one has begun, the other has not. */
static void
what_a_node_had_when_all_of_it_died_is_crashed_or_waits_again_at_its_next_start(void **state)
{
	struct home *h = *state;
	int64_t running, taken;
	pid_t child;
	char *attempt;

	home_define("next", "DEFAULTSHELLCOMMAND", "true");
	running = home_start_long_job(h, &child);
	home_kill_runner(h);
	taken = home_enqueue("next", "{}");
	attempt = test_db_value("select o.attempt from jqm.job_instance as j, jqm.node as n,"
				" jqm.claim(n.id, n.incarnation, j.queue_id, 1) as o"
				" where j.id = %lld and n.name = '%s'",
				(long long)taken, h->node);
	assert_string_equal(attempt, "1");
	free(attempt);
	assert_int_equal(kill(home_pid(h, "run/jqm-keeper.pid"), SIGKILL), 0);
	home_start(h);
	home_wait_state(running, "CRASHED");
	home_wait_state(taken, "ENDED");
	home_assert_history(taken, "attempt", "2");
	home_wait("0", "select count(*) from jqm.job_instance");
}

/* The sequence went past what history has partitions for, as after a setval(): they are made, and nothing is dropped. */
static void
ends_without_a_partition_wait_for_one_with_their_files(void **state)
{
	struct home *h = *state;
	char *before;

	home_define("delivers", "DEFAULTSHELLCOMMAND", "echo data > $JQM_JI_DELIVERY_DIR/f");
	home_start(h);
	home_wait_state(home_enqueue("delivers", "{}"), "ENDED");
	before = test_db_value("select max(upper_id) from jqm.history_partition");
	test_db_sql("select setval('jqm.job_instance_id_seq', %s - 3)", before);
	test_db_sql("select jqm.enqueue('delivers') from generate_series(1, 20)");
	home_wait("21", "select count(*) from jqm.history where state = 'ENDED'");
	home_wait("21", "select count(*) from jqm.deliverable");
	home_wait("0", "select count(*) from jqm.message where text_message like '%refused%'");
	assert_true(
	    home_number(test_db_value("select max(upper_id) - %s from jqm.history_partition",
				      before)) >= 20 * 250000);
	free(before);
}

/* The same of a job that was lost: the runner that takes back what is its own makes them. */
static void
a_lost_job_without_a_partition_waits_for_one(void **state)
{
	struct home *h = *state;
	int64_t job;
	pid_t child;
	char *end;

	home_define("next", "DEFAULTSHELLCOMMAND", "true");
	test_db_sql("select jqm.history_extend(25)"); /* and the runner makes none at its start */
	home_start(h);
	home_wait_state(home_enqueue("next", "{}"), "ENDED");
	end = test_db_value("select max(upper_id) from jqm.history_partition");
	home_define("long", "DEFAULTSHELLCOMMAND", "echo $$ > ../child; sleep 300; true");
	test_db_sql("select setval('jqm.job_instance_id_seq', %s + 3)", end);
	free(end);
	job = home_enqueue("long", "{}");
	child = home_pid(h, "child");
	home_wait_state(job, "RUNNING");
	home_kill_runner(h);
	assert_int_equal(kill(home_pid(h, "run/jqm-keeper.pid"), SIGKILL), 0);
	home_wait_dead(child);
	home_run(h, "rm state/keeper.table"); /* worth nothing after a reboot either */
	home_start(h);
	home_wait_state(job, "CRASHED");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(a_killed_runner_s_jobs_go_on_and_end_as_they_end),
		HOME_TEST(a_runner_killed_at_any_moment_loses_no_job),
		HOME_TEST(lost_connections_lose_and_repeat_no_job),
		HOME_TEST(an_end_the_database_refuses_is_stored_without_its_files),
		HOME_TEST(ends_without_a_partition_wait_for_one_with_their_files),
		HOME_TEST(a_lost_job_without_a_partition_waits_for_one),
		HOME_TEST(term_kills_and_archives_the_jobs_and_ends_the_keeper),
		HOME_TEST(usr1_leaves_the_jobs_to_the_next_runner),
		HOME_TEST(a_fenced_runner_kills_its_jobs_and_writes_nothing),
		HOME_TEST(a_job_the_database_does_not_know_is_killed_and_forgotten),
		HOME_TEST(a_killed_keeper_s_jobs_crash_and_the_next_ones_run),
		HOME_TEST(
		    what_a_node_had_when_all_of_it_died_is_crashed_or_waits_again_at_its_next_start),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("runner_crash");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
