/* SPDX-License-Identifier: Apache-2.0 */
/* The real runner and keeper on a real database: what jobs get, and how they end. */
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
each_kind_of_command_ends_with_its_own_exit_code(void **state)
{
	struct home *h = *state;
	int64_t shell, direct, none, java, disabled;
	char *text, *script = str_printf("%s/jobs/tool", h->path);
	struct err err = ERR_INIT;

	text = str_dup("#!/bin/sh\necho \"args: $#: $1|$2\"; pwd; exit 4\n");
	assert_int_equal(fd_write_file(script, 0700, text, strlen(text), &err), 0);
	free(text);
	free(script);
	home_define("shell", "DEFAULTSHELLCOMMAND", "echo out; echo err >&2; true");
	home_define("direct", "DIRECTEXECUTABLE", "./tool");
	home_define("none", "DIRECTEXECUTABLE", "/no/such/program");
	home_define("java", "FS", "a.jar");
	home_define("off", "DEFAULTSHELLCOMMAND", "echo must not run");
	test_db_sql("update jqm.job_def set enabled = false where name = 'off'");
	home_start(h);
	shell = home_enqueue("shell", "{}");
	direct = home_enqueue("direct", "{\"1\": \"a b\", \"2\": \" $HOME \"}");
	none = home_enqueue("none", "{}");
	java = home_enqueue("java", "{}");
	disabled = home_enqueue("off", "{}");

	home_wait("5", "select count(*) from jqm.history");
	home_assert_history(shell, "state || exit_code", "ENDED0");
	text = home_output(h, shell, "stdout");
	assert_string_equal(text, "out\n");
	free(text);
	text = home_output(h, shell, "stderr");
	assert_string_equal(text, "err\n");
	free(text);

	home_assert_history(direct, "state || exit_code || reason", "CRASHED4exit code 4");
	text = home_output(h, direct, "stdout");
	assert_true(str_starts(text, "args: 2: a b|$HOME\n"));
	assert_true(str_ends(text, "/jobs\n"));
	free(text);

	home_assert_history(none, "state", "CRASHED");
	home_assert_history(none, "reason",
			    "could not execute \"/no/such/program\": No such file or directory");
	home_assert_history(none, "coalesce(exit_code, signal, -1)", "-1");
	text = test_db_value("select text_message from jqm.message where job_instance_id = %lld",
			     (long long)none);
	assert_string_equal(text,
			    "could not execute \"/no/such/program\": No such file or directory");
	free(text);
	text = home_output(h, none, "stderr");
	assert_non_null(text);
	free(text);

	home_assert_history(
	    java, "state || ' ' || reason",
	    "CRASHED path type FS needs a Java runner, which this node does not have");
	home_assert_history(disabled, "state || progress", "ENDED-1");
	home_assert_history(disabled, "coalesce(exit_code, -1)", "-1");
}

static void
a_job_gets_its_variables_and_no_value_is_read_by_a_shell(void **state)
{
	struct home *h = *state;
	char *text;
	int64_t job;

	home_define("env", "DEFAULTSHELLCOMMAND", "env; printf '[%s]' \"$@\"");
	home_start(h);
	job = home_enqueue("env", "{\"evil\": \"$(echo pwned > pwned); `id`' \\\"x\"}");
	home_wait_state(job, "ENDED");
	text = home_output(h, job, "stdout");
	assert_non_null(strstr(text, "\nJQM_PARAM_evil=$(echo pwned > pwned); `id`' \"x\n"));
	assert_non_null(strstr(text, "[$(echo pwned > pwned); `id`' \"x]"));
	assert_non_null(strstr(text, "JQM_JD_APPLICATION_NAME=env\n"));
	assert_non_null(strstr(text, "JQM_API_LOCAL_URL=http://127.0.0.1:1789\n"));
	assert_non_null(strstr(text, "SITE_NAME=here\n"));
	assert_null(strstr(text, "JQM_TEST_"));
	free(text);
	text = test_db_value("select jqm.job_token(%lld, 1)", (long long)job);
	assert_true(strlen(text) > 20);
	{
		char *log = home_output(h, job, "stdout");

		assert_non_null(strstr(log, text));
		free(log);
	}
	free(text);
}

static void
files_are_delivered_with_their_digests(void **state)
{
	struct home *h = *state;
	char *text, *path;
	int64_t job;

	home_define(
	    "files", "DEFAULTSHELLCOMMAND",
	    "cd $JQM_JI_DELIVERY_DIR; printf abc > a.txt; ln -s /etc/passwd link; mkdir sub;"
	    " echo x > $JQM_JI_TEMP_DIR/scratch; chmod 0 sub; exit 3");
	home_start(h);
	job = home_enqueue("files", "{}");
	home_wait_state(job, "CRASHED");
	text = test_db_value("select string_agg(original_file_name || ' ' || size_bytes || ' ' ||"
			     " sha256, ',') from jqm.deliverable where job_instance_id = %lld",
			     (long long)job);
	assert_string_equal(text, "a.txt 3 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
				  "f20015ad");
	free(text);
	text = test_db_value("select path from jqm.deliverable where job_instance_id = %lld",
			     (long long)job);
	path = str_printf("%s/store/%s", h->path, text);
	free(text);
	text = home_read(path);
	assert_string_equal(text, "abc");
	free(text);
	free(path);
	text = test_db_value("select count(*) from jqm.message where job_instance_id = %lld and"
			     " text_message like 'not delivered: %%'",
			     (long long)job);
	assert_string_equal(text, "2");
	free(text);
	path = str_printf("%s/tmp", h->path);
	home_wait_runner((kill(h->runner, SIGTERM), h));
	assert_int_equal(rmdir(path), 0); /* nothing was left in it */
	free(path);
}

static void
remove_file(const struct home *h, const char *name)
{
	char *path = str_printf("%s/%s", h->path, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

static void
a_kill_order_is_carried_out_within_a_second(void **state)
{
	struct home *h = *state;
	bool soon = false;

	home_define("long", "DEFAULTSHELLCOMMAND", "sleep 300 & echo $! > ../child; wait");
	home_start(h);
	/* on a machine that is busy otherwise it may take longer: then once more */
	for (int tries = 0; tries < 5 && !soon; tries++) {
		int64_t job = home_enqueue("long", "{}");
		pid_t child = home_pid(h, "child");
		char *ordered, *took;

		home_wait_state(job, "RUNNING");
		test_db_sql("select jqm.kill(%lld, 'bob')", (long long)job);
		ordered = test_db_value("select clock_timestamp()");
		home_wait_state(job, "KILLED");
		took = test_db_value("select ended_at - '%s' < interval '1 s' from jqm.history"
				     " where id = %lld",
				     ordered, (long long)job);
		soon = took[0] == 't';
		home_assert_history(job, "reason", "killed by bob");
		home_wait_dead(child);
		remove_file(h, "child");
		free(ordered);
		free(took);
	}
	assert_true(soon);
}

/* The letter of /proc/PID/stat: T is stopped. */
static void
wait_process_state(pid_t pid, const char *letters)
{
	char *path = str_printf("/proc/%d/stat", (int)pid);
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
	char letter;

	do {
		char *text = home_read(path);

		assert_non_null(text);
		letter = strrchr(text, ')')[2];
		free(text);
		if (clock_mono_ms() > until_ms)
			fail_msg("the process is in state %c, not in %s", letter, letters);
		home_pause(10);
	} while (strchr(letters, letter) == NULL);
	free(path);
}

static void
a_paused_job_stands_still_until_it_is_resumed(void **state)
{
	struct home *h = *state;
	int64_t job;
	pid_t child;

	job = home_start_long_job(h, &child);
	test_db_sql("update jqm.job_instance set instruction = 'PAUSE';"
		    " select pg_notify('jqm_order', node_id::text) from jqm.job_instance");
	wait_process_state(child, "T");
	test_db_sql("update jqm.job_instance set instruction = 'RUN'"); /* no notice: each second */
	wait_process_state(child, "SRD");
	test_db_sql("select jqm.kill(%lld)", (long long)job);
	home_wait_state(job, "KILLED");
}

static void
a_job_resumed_while_there_was_no_runner_goes_on(void **state)
{
	struct home *h = *state;
	int64_t job;
	pid_t child;

	job = home_start_long_job(h, &child);
	test_db_sql("select jqm.pause_running(%lld)", (long long)job);
	wait_process_state(child, "T");
	home_kill_runner(h);
	test_db_sql("select jqm.resume_running(%lld)", (long long)job);
	home_start(h);
	wait_process_state(child, "SRD");
	home_kill_runner(h);
	test_db_sql("select jqm.pause_running(%lld)", (long long)job);
	home_start(h);
	wait_process_state(child, "T");
	test_db_sql("select jqm.kill(%lld)", (long long)job);
	home_wait_state(job, "KILLED");
}

static void
what_forks_away_is_gone_at_the_end(void **state)
{
	struct home *h = *state;
	int64_t job;

	home_define("away", "DEFAULTSHELLCOMMAND",
		    "setsid sh -c 'echo $$ > ../child; exec sleep 300' > /dev/null 2>&1 &"
		    " while [ ! -s ../child ]; do sleep 0.02; done");
	home_define("mute", "DEFAULTSHELLCOMMAND", "exec >&- 2>&-; sleep 0.3; exit 5");
	home_start(h);
	job = home_enqueue("away", "{}");
	home_wait_state(job, "ENDED");
	assert_false(home_is_alive(home_pid(h, "child")));
	job = home_enqueue("mute", "{}");
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "exit_code", "5");
}

static void
a_second_runner_of_the_same_home_is_refused(void **state)
{
	struct home *h = *state;
	struct home second = *h;
	char *log;

	home_start(h);
	home_wait("t", "select count(*) > 0 from jqm.node where lease_until is not null");
	home_start(&second);
	assert_int_equal(WEXITSTATUS(home_wait_runner(&second)), 1);
	log = home_log(h);
	assert_non_null(strstr(log, "another jqm-runner uses "));
	free(log);
}

static void
a_sleeping_runner_is_woken_by_an_enqueue(void **state)
{
	struct home *h = *state;
	bool soon = false;

	home_define("true", "DEFAULTSHELLCOMMAND", "true");
	home_start(h);
	home_wait("t", "select count(*) > 0 from jqm.queue_mapping as m join jqm.node as n"
		       " on n.id = m.node_id where lease_until is not null");
	test_db_sql("update jqm.queue_mapping set polling_interval_ms = 3600000");
	home_wait("1", "select count(*) from jqm.runner_waiting as w join jqm.node as n"
		       " on n.id = w.node_id where n.lease_until is not null");
	for (int tries = 0; tries < 10 && !soon; tries++) { /* the first may meet a busy machine */
		int64_t job = home_enqueue("true", "{}");
		char *text;

		home_wait_state(job, "ENDED");
		text = test_db_value("select started_at - enqueued_at < interval '1 s' from"
				     " jqm.history where id = %lld",
				     (long long)job);
		soon = text[0] == 't';
		free(text);
	}
	assert_true(soon);
}

/* The most jobs that ran at one moment, of those with at least this id. */
static int64_t
most_at_once(int64_t first)
{
	return home_number(
	    test_db_value("select max(n) from (select count(*) as n from jqm.history as a"
			  " join jqm.history as b on b.started_at <= a.started_at"
			  " and b.ended_at > a.started_at and b.id >= %lld"
			  " where a.id >= %lld group by a.id) as s",
			  (long long)first, (long long)first));
}

static void
no_more_jobs_run_than_the_mapping_allows(void **state)
{
	struct home *h = *state;
	int64_t first;

	home_define("short", "DEFAULTSHELLCOMMAND", "sleep 0.2");
	test_db_sql("insert into jqm.node (name, repo_job_def, repo_deliverable, repo_tmp)"
		    " values ('%s', '/j', '/o', '/t')",
		    h->node);
	test_db_sql("insert into jqm.queue_mapping (node_id, queue_id, max_jobs,"
		    " polling_interval_ms) select n.id, q.id, 2, 60000 from jqm.node as n,"
		    " jqm.queue as q where n.name = '%s'",
		    h->node);
	first = home_number(
	    test_db_value("select min(jqm.enqueue('short')) from generate_series(1, 7)"));
	home_start(h);
	home_wait("7", "select count(*) from jqm.history");
	assert_int_equal(most_at_once(first), 2);

	/* Changed while it runs. */
	test_db_sql("update jqm.queue_mapping set max_jobs = 3");
	first = home_number(
	    test_db_value("select min(jqm.enqueue('short')) from generate_series(1, 30)"));
	home_wait("37", "select count(*) from jqm.history");
	assert_int_equal(most_at_once(first), 3);
}

static void
a_job_over_its_disk_quota_is_killed(void **state)
{
	struct home *h = *state;
	int64_t job;

	home_configure(h, "job_files_max_bytes = 1M\n");
	home_define("big", "DEFAULTSHELLCOMMAND",
		    "head -c 3000000 /dev/zero > $JQM_JI_TEMP_DIR/x; sleep 300");
	home_start(h);
	job = home_enqueue("big", "{}");
	home_wait_state(job, "KILLED");
	home_assert_history(job, "reason", "disk quota of 1048576 bytes exceeded");
}

static void
a_job_with_too_large_an_environment_is_refused_with_the_reason(void **state)
{
	struct home *h = *state;
	int64_t job;

	home_define("env", "DEFAULTSHELLCOMMAND", "true");
	home_start(h);
	job =
	    home_number(test_db_value("select jqm.enqueue('env', (select jsonb_object_agg('k' || n,"
				      " repeat('x', 900)) from generate_series(1, 60) as n))"));
	home_wait_state(job, "CRASHED");
	home_assert_history(
	    job, "reason like 'could not start: its arguments and environment have %'", "t");
}

/*
 * What lies in its directories meanwhile is that attempt's, which has been told already.  The kill is committed
 * with the claim, behind what the claim answers.
 */
static void
a_kill_of_an_attempt_that_waits_for_the_last_one_to_be_cleared_away_takes_nothing_of_it(
    void **state)
{
	struct home *h = *state;
	int64_t job;

	home_define("messy", "DEFAULTSHELLCOMMAND",
		    "[ $JQM_JI_ATTEMPT = 1 ] || exec sleep 300; echo f > $JQM_JI_DELIVERY_DIR/f;"
		    " cd $JQM_JI_TEMP_DIR && seq 20000 | xargs touch; exit 1");
	test_db_sql("update jqm.job_def set attempts_max = 2, retry_delay_s = 0;"
		    "create function public.kill_it() returns trigger language plpgsql security "
		    "definer as $$ begin"
		    " perform jqm.kill(new.id, 'bob'); return null; end $$;"
		    "create constraint trigger kill_it after update on jqm.job_instance deferrable"
		    " initially deferred for each row when (new.attempt = 2 and old.attempt = 1)"
		    " execute function public.kill_it()");
	home_start(h);
	job = home_enqueue("messy", "{}");
	home_wait_state(job, "KILLED");
	test_db_sql("drop trigger kill_it on jqm.job_instance");
	home_assert_history(job, "attempt || ' ' || reason", "2 killed by bob");
	home_wait("1", "select count(*) from jqm.deliverable");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(each_kind_of_command_ends_with_its_own_exit_code),
		HOME_TEST(a_job_gets_its_variables_and_no_value_is_read_by_a_shell),
		HOME_TEST(files_are_delivered_with_their_digests),
		HOME_TEST(a_kill_order_is_carried_out_within_a_second),
		HOME_TEST(a_paused_job_stands_still_until_it_is_resumed),
		HOME_TEST(a_job_resumed_while_there_was_no_runner_goes_on),
		HOME_TEST(what_forks_away_is_gone_at_the_end),
		HOME_TEST(
		    a_kill_of_an_attempt_that_waits_for_the_last_one_to_be_cleared_away_takes_nothing_of_it),
		HOME_TEST(a_second_runner_of_the_same_home_is_refused),
		HOME_TEST(a_sleeping_runner_is_woken_by_an_enqueue),
		HOME_TEST(no_more_jobs_run_than_the_mapping_allows),
		HOME_TEST(a_job_over_its_disk_quota_is_killed),
		HOME_TEST(a_job_with_too_large_an_environment_is_refused_with_the_reason),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("runner");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
