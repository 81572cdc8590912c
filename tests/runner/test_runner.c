/* SPDX-License-Identifier: Apache-2.0 */
/* The real runner and the real keeper on a real database. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "runner/tree_remove.h"
#include "tests/lib/test_db.h"

#define PATIENCE_MS 20000 /* for what must happen at all */

/* One installation of a node; a fresh one for each test. */
struct home {
	char *path;
	char *node;
	pid_t runner; /* 0: none */
};

static char *bin_dir; /* where the programs under test are */

/* --- the database --- */

static void
define(const char *name, const char *type, const char *path)
{
	test_db_sql("insert into jqm.job_def (name, queue_id, path, path_type)"
		    " select '%s', id, $q$%s$q$, '%s' from jqm.queue where default_queue",
		    name, path, type);
}

static int64_t
number(char *text)
{
	int64_t out = -1;

	if (num_int64(text, INT64_MIN, INT64_MAX, &out) == -1)
		fail_msg("\"%s\" is no number", text);
	free(text);
	return out;
}

static int64_t
enqueue(const char *name, const char *parameters)
{
	return number(test_db_value("select jqm.enqueue('%s', $q$%s$q$)", name, parameters));
}

static void
pause_ms(long ms)
{
	const struct timespec nap = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&nap, NULL);
}

/* Ask until the answer is this one. */
static void
wait_for(const char *expected, const char *sql)
{
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;

	for (;;) {
		char *value = test_db_value("%s", sql);
		bool same = strcmp(value, expected) == 0;

		if (!same && clock_mono_ms() > until_ms)
			fail_msg("%s: \"%s\" instead of \"%s\"", sql, value, expected);
		free(value);
		if (same)
			return;
		pause_ms(10);
	}
}

static void
wait_for_state(int64_t job, const char *state)
{
	char *sql =
	    str_printf("select coalesce((select state from jqm.job_instance where id = %lld),"
		       " (select state from jqm.history where id = %lld))",
		       (long long)job, (long long)job);

	wait_for(state, sql);
	free(sql);
}

static char *
history(int64_t job, const char *what)
{
	return test_db_value("select %s from jqm.history where id = %lld", what, (long long)job);
}

static void
assert_history(int64_t job, const char *what, const char *expected)
{
	char *value = history(job, what);

	assert_string_equal(value, expected);
	free(value);
}

/* --- files of the home --- */

static char *
read_text(const char *path)
{
	struct buf buf = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	char *text;

	if (fd_read_file(path, &buf, &err) == -1)
		return NULL;
	text = str_dup(buf_text(&buf));
	buf_free(&buf);
	return text;
}

static char *
output(const struct home *h, int64_t job, const char *stream)
{
	char *path = str_printf("%s/joblogs/%lld/%010lld.%s.log", h->path, (long long)job / 1000,
				(long long)job, stream);
	char *text = read_text(path);

	free(path);
	return text;
}

static pid_t
pid_in(const struct home *h, const char *file)
{
	char *path = str_printf("%s/%s", h->path, file);
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS, pid = 0;

	while (pid == 0 && clock_mono_ms() < until_ms) {
		char *text = read_text(path);

		if (text != NULL && strchr(text, '\n') != NULL)
			(void)num_int64(str_trim(text), 1, INT32_MAX, &pid);
		free(text);
		if (pid == 0)
			pause_ms(10);
	}
	free(path);
	assert_true(pid > 0);
	return (pid_t)pid;
}

/* It may be a zombie that init has not reaped yet: that is gone, too. */
static bool
is_alive(pid_t pid)
{
	char *path = str_printf("/proc/%d/stat", (int)pid);
	char *text = read_text(path);
	const char *state = text == NULL ? NULL : strrchr(text, ')');
	bool alive = state != NULL && strncmp(state, ") Z", 3) != 0;

	free(text);
	free(path);
	return alive;
}

static void
wait_until_dead(pid_t pid)
{
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;

	while (is_alive(pid)) {
		if (clock_mono_ms() > until_ms)
			fail_msg("process %d lives on", (int)pid);
		pause_ms(10);
	}
}

/* --- the runner --- */

static void
start_runner(struct home *h)
{
	char *program = str_printf("%s/jqm-runner", bin_dir);
	char *config = str_printf("%s/jqm.ini", h->path);
	char *pid_file = str_printf("%s/run/jqm-runner.pid", h->path);
	char *log = str_printf("%s/log/jqm-runner.log", h->path);

	h->runner = fork();
	assert_true(h->runner >= 0);
	if (h->runner == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		(void)dup2(fd, STDERR_FILENO);
		(void)dup2(fd, STDOUT_FILENO);
		(void)execl(program, program, "--config", config, "--pid-file", pid_file,
			    (char *)NULL);
		_exit(99);
	}
	free(program);
	free(config);
	free(pid_file);
	free(log);
}

static int
wait_runner(struct home *h)
{
	int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
	int status = 0;

	while (waitpid(h->runner, &status, WNOHANG) == 0) {
		if (clock_mono_ms() > until_ms)
			fail_msg("the runner does not end");
		pause_ms(10);
	}
	h->runner = 0;
	return status;
}

static void
kill_runner(struct home *h)
{
	assert_int_equal(kill(h->runner, SIGKILL), 0);
	assert_true(WIFSIGNALED(wait_runner(h)));
}

static char *
log_of(const struct home *h)
{
	char *path = str_printf("%s/log/jqm-runner.log", h->path);
	char *text = read_text(path);

	free(path);
	return text;
}

static void
write_config(const struct home *h, const char *more)
{
	char *path = str_printf("%s/jqm.ini", h->path);
	char *text = str_printf("[database]\nconninfo = \"%s\"\n[node]\nname = \"%s\"\n[runner]\n"
				"state_dir = \"%s/state\"\njob_repository = \"%s/jobs\"\n"
				"delivery_store = \"%s/store\"\ntemp_dir = \"%s/tmp\"\n"
				"log_dir = \"%s/log\"\njoblog_dir = \"%s/joblogs\"\n"
				"api_url = \"http://127.0.0.1:1789\"\nheartbeat_ms = 200\n"
				"lease_ms = 2000\ngrace_ms = 1000\n%s"
				"[job_environment]\nsite_name = \"here\"\n",
				test_db_conninfo_as("jqm_runner"), h->node, h->path, h->path,
				h->path, h->path, h->path, h->path, more);
	struct err err = ERR_INIT;

	assert_int_equal(fd_write_file(path, 0600, text, strlen(text), &err), 0);
	free(text);
	free(path);
}

static int
set_up(void **state)
{
	static int count;
	static const char *const dirs[] = { "jobs", "log", "run" };
	char template[] = "/tmp/jqm-test-runner-XXXXXX";
	struct home *h = calloc(1, sizeof(*h));
	struct err err = ERR_INIT;

	if (h == NULL || mkdtemp(template) == NULL)
		return -1;
	h->path = str_dup(template);
	h->node = str_printf("node%d", ++count);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		char *dir = str_printf("%s/%s", h->path, dirs[i]);

		if (fd_make_dirs(dir, 0700, &err) == -1)
			return -1;
		free(dir);
	}
	test_db_sql(
	    "delete from jqm.job_instance; delete from jqm.history; delete from jqm.message;"
	    " delete from jqm.deliverable; delete from jqm.job_def");
	write_config(h, "");
	*state = h;
	return 0;
}

/* Whatever a failed test left running goes. */
static int
tear_down(void **state)
{
	struct home *h = *state;
	struct tree_remove *tree = tree_remove_new("/tmp", h->path + strlen("/tmp/"));
	struct err err = ERR_INIT;
	char *path = str_printf("%s/run/jqm-keeper.pid", h->path);
	char *text = read_text(path);
	int64_t keeper;

	if (h->runner != 0) {
		(void)kill(h->runner, SIGTERM);
		(void)wait_runner(h);
	}
	if (text != NULL && num_int64(str_trim(text), 2, INT32_MAX, &keeper) == 0 &&
	    is_alive((pid_t)keeper))
		(void)kill((pid_t)keeper, SIGTERM);
	while (tree_remove_step(tree, 1000, &err) == 0)
		;
	tree_remove_free(tree);
	free(text);
	free(path);
	free(h->path);
	free(h->node);
	free(h);
	return 0;
}

/* --- tests --- */

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
	define("shell", "DEFAULTSHELLCOMMAND", "echo out; echo err >&2; true");
	define("direct", "DIRECTEXECUTABLE", "./tool");
	define("none", "DIRECTEXECUTABLE", "/no/such/program");
	define("java", "FS", "a.jar");
	define("off", "DEFAULTSHELLCOMMAND", "echo must not run");
	test_db_sql("update jqm.job_def set enabled = false where name = 'off'");
	start_runner(h);
	shell = enqueue("shell", "{}");
	direct = enqueue("direct", "{\"1\": \"a b\", \"2\": \" $HOME \"}");
	none = enqueue("none", "{}");
	java = enqueue("java", "{}");
	disabled = enqueue("off", "{}");

	wait_for("5", "select count(*) from jqm.history");
	assert_history(shell, "state || exit_code", "ENDED0");
	text = output(h, shell, "stdout");
	assert_string_equal(text, "out\n");
	free(text);
	text = output(h, shell, "stderr");
	assert_string_equal(text, "err\n");
	free(text);

	assert_history(direct, "state || exit_code || reason", "CRASHED4exit code 4");
	text = output(h, direct, "stdout");
	assert_true(str_starts(text, "args: 2: a b|$HOME\n"));
	assert_true(str_ends(text, "/jobs\n"));
	free(text);

	assert_history(none, "state", "CRASHED");
	assert_history(none, "reason",
		       "could not execute \"/no/such/program\": No such file or directory");
	assert_history(none, "coalesce(exit_code, signal, -1)", "-1");
	text = test_db_value("select text_message from jqm.message where job_instance_id = %lld",
			     (long long)none);
	assert_string_equal(text,
			    "could not execute \"/no/such/program\": No such file or directory");
	free(text);
	text = output(h, none, "stderr");
	assert_non_null(text);
	free(text);

	assert_history(java, "state || ' ' || reason",
		       "CRASHED path type FS needs a Java runner, which this node does not have");
	assert_history(disabled, "state || progress", "ENDED-1");
	assert_history(disabled, "coalesce(exit_code, -1)", "-1");
}

static void
a_job_gets_its_variables_and_no_value_is_read_by_a_shell(void **state)
{
	struct home *h = *state;
	char *text;
	int64_t job;

	define("env", "DEFAULTSHELLCOMMAND", "env; printf '[%s]' \"$@\"");
	start_runner(h);
	job = enqueue("env", "{\"evil\": \"$(echo pwned > pwned); `id`' \\\"x\"}");
	wait_for_state(job, "ENDED");
	text = output(h, job, "stdout");
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
		char *log = output(h, job, "stdout");

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

	define("files", "DEFAULTSHELLCOMMAND",
	       "cd $JQM_JI_DELIVERY_DIR; printf abc > a.txt; ln -s /etc/passwd link; mkdir sub;"
	       " echo x > $JQM_JI_TEMP_DIR/scratch; chmod 0 sub; exit 3");
	start_runner(h);
	job = enqueue("files", "{}");
	wait_for_state(job, "CRASHED");
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
	text = read_text(path);
	assert_string_equal(text, "abc");
	free(text);
	free(path);
	text = test_db_value("select count(*) from jqm.message where job_instance_id = %lld and"
			     " text_message like 'not delivered: %%'",
			     (long long)job);
	assert_string_equal(text, "2");
	free(text);
	path = str_printf("%s/tmp", h->path);
	wait_runner((kill(h->runner, SIGTERM), h));
	assert_int_equal(rmdir(path), 0); /* nothing was left in it */
	free(path);
}

static void
a_kill_order_is_carried_out_within_a_second(void **state)
{
	struct home *h = *state;
	int64_t job, before_ms, took_ms;
	pid_t child;

	define("long", "DEFAULTSHELLCOMMAND", "sleep 300 & echo $! > ../child; wait");
	start_runner(h);
	job = enqueue("long", "{}");
	child = pid_in(h, "child");
	wait_for_state(job, "RUNNING");
	before_ms = clock_mono_ms();
	test_db_sql("select jqm.kill(%lld, 'bob')", (long long)job);
	wait_for_state(job, "KILLED");
	took_ms = clock_mono_ms() - before_ms;
	print_message("killed after %lld ms\n", (long long)took_ms);
	assert_true(took_ms < 1000);
	assert_history(job, "reason", "killed by bob");
	wait_until_dead(child);
}

static void
a_killed_runner_s_jobs_go_on_and_end_as_they_end(void **state)
{
	struct home *h = *state;
	char *text, *gate = str_printf("%s/gate", h->path);
	int64_t live, over;
	struct err err = ERR_INIT;

	define("live", "DEFAULTSHELLCOMMAND",
	       "echo begin; echo $$ > ../live; while [ ! -e ../gate ]; do sleep 0.05; done;"
	       " printf late > $JQM_JI_DELIVERY_DIR/f; echo end; exit 7");
	define(
	    "over", "DEFAULTSHELLCOMMAND",
	    "echo $$ > ../over; while [ ! -e ../gate2 ]; do sleep 0.05; done; echo done; exit 9");
	start_runner(h);
	live = enqueue("live", "{}");
	over = enqueue("over", "{}");
	(void)pid_in(h, "live");
	wait_for_state(live, "RUNNING");
	wait_for_state(over, "RUNNING");
	kill_runner(h);

	/* One job ends while no runner is there. */
	text = str_printf("%s/gate2", h->path);
	assert_int_equal(fd_write_file(text, 0600, "", 0, &err), 0);
	free(text);
	wait_until_dead(pid_in(h, "over"));
	start_runner(h);
	wait_for_state(over, "CRASHED");
	assert_history(over, "reason || ' ' || attempt", "exit code 9 1");
	text = output(h, over, "stdout");
	assert_string_equal(text, "done\n");
	free(text);

	assert_int_equal(fd_write_file(gate, 0600, "", 0, &err), 0);
	wait_for_state(live, "CRASHED");
	assert_history(live, "reason || ' ' || attempt", "exit code 7 1");
	text = output(h, live, "stdout");
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

	define("code", "DEFAULTSHELLCOMMAND",
	       "echo run >> ../runs.$JQM_JI_ID; exit $((JQM_JI_ID % 5))");
	test_db_sql("select jqm.enqueue('code') from generate_series(1, 120)");
	for (int i = 0; i < 8; i++) {
		start_runner(h);
		pause_ms(60 + 45 * i); /* anywhere between start and work */
		kill_runner(h);
	}
	start_runner(h);
	wait_for("120", "select count(*) from jqm.history");
	wait_for("0", "select count(*) from jqm.job_instance");
	text = test_db_value("select count(*) from jqm.history where exit_code = id %% 5"
			     " and state = case when id %% 5 = 0 then 'ENDED' else 'CRASHED' end");
	assert_string_equal(text, "120");
	free(text);
	/* Each ran exactly once, whatever its number of attempts. */
	for (int64_t id = number(test_db_value("select min(id) from jqm.history")), n = 0; n < 120;
	     id++, n++) {
		char *path = str_printf("%s/runs.%lld", h->path, (long long)id);

		text = read_text(path);
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

	define("code", "DEFAULTSHELLCOMMAND",
	       "echo run >> ../runs; printf x > $JQM_JI_DELIVERY_DIR/f; exit $((JQM_JI_ID % 3))");
	start_runner(h);
	test_db_sql("select jqm.enqueue('code') from generate_series(1, 150)");
	for (int i = 0; i < 15; i++) {
		pause_ms(30 + 7 * i); /* anywhere in what it does */
		test_db_sql("select pg_terminate_backend(pid) from pg_stat_activity"
			    " where usename = 'jqm_runner' and datname = current_database()");
	}
	wait_for("150", "select count(*) from jqm.history");
	wait_for("0", "select count(*) from jqm.job_instance");
	wait_for("150", "select count(*) from jqm.history where exit_code = id % 3");
	wait_for("150", "select count(distinct job_instance_id) from jqm.deliverable");
	wait_for("150", "select count(*) from jqm.deliverable");
	text = str_printf("%s/runs", h->path);
	{
		char *runs = read_text(text);

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
	define("bad", "DEFAULTSHELLCOMMAND", "echo > $JQM_JI_DELIVERY_DIR/bad; exit 6");
	define("good", "DEFAULTSHELLCOMMAND", "echo > $JQM_JI_DELIVERY_DIR/good");
	start_runner(h);
	bad = enqueue("bad", "{}");
	good = enqueue("good", "{}");
	wait_for_state(bad, "CRASHED");
	wait_for_state(good, "ENDED");
	test_db_sql("drop trigger refuse_file on jqm.deliverable;"
		    " drop function public.refuse_file()");
	assert_history(bad, "exit_code", "6");
	wait_for("good", "select string_agg(original_file_name, ',') from jqm.deliverable");
	wait_for("the database refused this job's files and messages",
		 "select string_agg(text_message, ',') from jqm.message");
}

static void
term_kills_and_archives_the_jobs_and_ends_the_keeper(void **state)
{
	struct home *h = *state;
	pid_t keeper, child;
	int64_t job;

	define("long", "DEFAULTSHELLCOMMAND",
	       "echo $$ > ../child; trap '' TERM; sleep 300; sleep 300");
	start_runner(h);
	job = enqueue("long", "{}");
	child = pid_in(h, "child");
	keeper = pid_in(h, "run/jqm-keeper.pid");
	wait_for_state(job, "RUNNING");
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(wait_runner(h), 0);
	assert_history(job, "state || ' ' || reason", "KILLED node stopped");
	assert_false(is_alive(child));
	wait_until_dead(keeper);
	wait_for("t", "select bool_and(lease_until is null) from jqm.node");
}

static void
usr1_leaves_the_jobs_to_the_next_runner(void **state)
{
	struct home *h = *state;
	int64_t job;

	define("long", "DEFAULTSHELLCOMMAND", "echo $$ > ../child; sleep 300");
	start_runner(h);
	job = enqueue("long", "{}");
	(void)pid_in(h, "child");
	wait_for_state(job, "RUNNING");
	assert_int_equal(kill(h->runner, SIGUSR1), 0);
	assert_int_equal(wait_runner(h), 0);
	assert_true(is_alive(pid_in(h, "child")));
	wait_for_state(job, "RUNNING");
	start_runner(h);
	test_db_sql("select jqm.kill(%lld)", (long long)job);
	wait_for_state(job, "KILLED");
	assert_history(job, "reason || attempt", "killed1");
}

static void
what_forks_away_is_gone_at_the_end(void **state)
{
	struct home *h = *state;
	int64_t job;

	define("away", "DEFAULTSHELLCOMMAND",
	       "setsid sh -c 'echo $$ > ../child; exec sleep 300' > /dev/null 2>&1 &"
	       " while [ ! -s ../child ]; do sleep 0.02; done");
	define("mute", "DEFAULTSHELLCOMMAND", "exec >&- 2>&-; sleep 0.3; exit 5");
	start_runner(h);
	job = enqueue("away", "{}");
	wait_for_state(job, "ENDED");
	assert_false(is_alive(pid_in(h, "child")));
	job = enqueue("mute", "{}");
	wait_for_state(job, "CRASHED");
	assert_history(job, "exit_code", "5");
}

static void
a_second_runner_of_the_same_home_is_refused(void **state)
{
	struct home *h = *state;
	struct home second = *h;
	char *log;

	start_runner(h);
	wait_for("t", "select count(*) > 0 from jqm.node where lease_until is not null");
	start_runner(&second);
	assert_int_equal(WEXITSTATUS(wait_runner(&second)), 1);
	log = log_of(h);
	assert_non_null(strstr(log, "another jqm-runner uses "));
	free(log);
}

static void
a_fenced_runner_kills_its_jobs_and_writes_nothing(void **state)
{
	struct home *h = *state;
	int64_t job;
	pid_t child;
	char *log;

	define("long", "DEFAULTSHELLCOMMAND", "echo $$ > ../child; exec sleep 300");
	start_runner(h);
	job = enqueue("long", "{}");
	child = pid_in(h, "child");
	wait_for_state(job, "RUNNING");
	test_db_sql("update jqm.node set incarnation = incarnation + 1");
	assert_int_equal(WEXITSTATUS(wait_runner(h)), 1);
	assert_false(is_alive(child));
	wait_for_state(job, "RUNNING"); /* the next runner decides */
	log = log_of(h);
	assert_non_null(strstr(log, "another runner has taken this node"));
	free(log);
	start_runner(h);
	wait_for_state(job, "CRASHED");
}

static void
a_job_the_database_does_not_know_is_killed_and_forgotten(void **state)
{
	struct home *h = *state;
	int64_t job;
	pid_t child;
	char *path;

	define("long", "DEFAULTSHELLCOMMAND", "echo $$ > ../child; exec sleep 300");
	start_runner(h);
	job = enqueue("long", "{}");
	child = pid_in(h, "child");
	wait_for_state(job, "RUNNING");
	kill_runner(h);
	test_db_sql("delete from jqm.job_instance");
	start_runner(h);
	wait_until_dead(child);
	define("next", "DEFAULTSHELLCOMMAND", "true");
	wait_for_state(enqueue("next", "{}"), "ENDED");
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(wait_runner(h), 0);
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

	define("long", "DEFAULTSHELLCOMMAND", "echo $$ > ../child; exec sleep 300");
	define("next", "DEFAULTSHELLCOMMAND", "true");
	start_runner(h);
	job = enqueue("long", "{}");
	child = pid_in(h, "child");
	wait_for_state(job, "RUNNING");
	assert_int_equal(kill(pid_in(h, "run/jqm-keeper.pid"), SIGKILL), 0);
	wait_for_state(job, "CRASHED");
	assert_history(job, "reason", "its keeper died");
	wait_until_dead(child);
	wait_for_state(enqueue("next", "{}"), "ENDED");
}

static void
a_sleeping_runner_is_woken_by_an_enqueue(void **state)
{
	struct home *h = *state;
	int64_t job;

	define("true", "DEFAULTSHELLCOMMAND", "true");
	start_runner(h);
	wait_for("t", "select count(*) > 0 from jqm.queue_mapping as m join jqm.node as n"
		      " on n.id = m.node_id where lease_until is not null");
	test_db_sql("update jqm.queue_mapping set polling_interval_ms = 3600000");
	wait_for("1", "select count(*) from jqm.runner_waiting as w join jqm.node as n"
		      " on n.id = w.node_id where n.lease_until is not null");
	for (int i = 0; i < 3; i++) {
		job = enqueue("true", "{}");
		wait_for_state(job, "ENDED");
	}
	assert_history(job, "started_at - enqueued_at < interval '1 s'", "t");
}

/* The most jobs that ran at one moment, of those with at least this id. */
static int64_t
most_at_once(int64_t first)
{
	return number(test_db_value("select max(n) from (select count(*) as n from jqm.history as a"
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

	define("short", "DEFAULTSHELLCOMMAND", "sleep 0.2");
	test_db_sql("insert into jqm.node (name, repo_job_def, repo_deliverable, repo_tmp)"
		    " values ('%s', '', '', '')",
		    h->node);
	test_db_sql("insert into jqm.queue_mapping (node_id, queue_id, max_jobs,"
		    " polling_interval_ms) select n.id, q.id, 2, 60000 from jqm.node as n,"
		    " jqm.queue as q where n.name = '%s'",
		    h->node);
	first =
	    number(test_db_value("select min(jqm.enqueue('short')) from generate_series(1, 7)"));
	start_runner(h);
	wait_for("7", "select count(*) from jqm.history");
	assert_int_equal(most_at_once(first), 2);

	/* Changed while it runs. */
	test_db_sql("update jqm.queue_mapping set max_jobs = 3");
	first =
	    number(test_db_value("select min(jqm.enqueue('short')) from generate_series(1, 30)"));
	wait_for("37", "select count(*) from jqm.history");
	assert_int_equal(most_at_once(first), 3);
}

static void
a_job_over_its_disk_quota_is_killed(void **state)
{
	struct home *h = *state;
	int64_t job;

	write_config(h, "job_files_max_bytes = 1M\n");
	define("big", "DEFAULTSHELLCOMMAND",
	       "head -c 3000000 /dev/zero > $JQM_JI_TEMP_DIR/x; sleep 300");
	start_runner(h);
	job = enqueue("big", "{}");
	wait_for_state(job, "KILLED");
	assert_history(job, "reason", "disk quota of 1048576 bytes exceeded");
}

static void
a_job_with_too_large_an_environment_is_refused_with_the_reason(void **state)
{
	struct home *h = *state;
	int64_t job;

	define("env", "DEFAULTSHELLCOMMAND", "true");
	start_runner(h);
	job = number(test_db_value("select jqm.enqueue('env', (select jsonb_object_agg('k' || n,"
				   " repeat('x', 900)) from generate_series(1, 60) as n))"));
	wait_for_state(job, "CRASHED");
	assert_history(job, "reason like 'could not start: its arguments and environment have %'",
		       "t");
}

#define HOME_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(each_kind_of_command_ends_with_its_own_exit_code),
		HOME_TEST(a_job_gets_its_variables_and_no_value_is_read_by_a_shell),
		HOME_TEST(files_are_delivered_with_their_digests),
		HOME_TEST(a_kill_order_is_carried_out_within_a_second),
		HOME_TEST(a_killed_runner_s_jobs_go_on_and_end_as_they_end),
		HOME_TEST(a_runner_killed_at_any_moment_loses_no_job),
		HOME_TEST(lost_connections_lose_and_repeat_no_job),
		HOME_TEST(an_end_the_database_refuses_is_stored_without_its_files),
		HOME_TEST(term_kills_and_archives_the_jobs_and_ends_the_keeper),
		HOME_TEST(usr1_leaves_the_jobs_to_the_next_runner),
		HOME_TEST(what_forks_away_is_gone_at_the_end),
		HOME_TEST(a_second_runner_of_the_same_home_is_refused),
		HOME_TEST(a_fenced_runner_kills_its_jobs_and_writes_nothing),
		HOME_TEST(a_job_the_database_does_not_know_is_killed_and_forgotten),
		HOME_TEST(a_killed_keeper_s_jobs_crash_and_the_next_ones_run),
		HOME_TEST(a_sleeping_runner_is_woken_by_an_enqueue),
		HOME_TEST(no_more_jobs_run_than_the_mapping_allows),
		HOME_TEST(a_job_over_its_disk_quota_is_killed),
		HOME_TEST(a_job_with_too_large_an_environment_is_refused_with_the_reason),
	};
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int rc;

	if (geteuid() == 0) {
		print_message("1..0 # skip the runner refuses to run as root\n");
		return 0;
	}
	self[len < 0 ? 0 : len] = '\0';
	for (int i = 0; i < 3; i++) { /* tests/runner/test_runner */
		char *slash = strrchr(self, '/');

		assert_non_null(slash);
		*slash = '\0';
	}
	bin_dir = str_printf("%s/bin", self);
	(void)test_db_create("runner");
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	free(bin_dir);
	return rc;
}
