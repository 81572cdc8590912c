/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/runner_home.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

int home_lease_ms = 10000;

/* Where the programs under test are: the test is tests/runner/NAME beside bin/. */
static const char *
bin_directory(void)
{
	static char path[4096];
	ssize_t len;

	if (path[0] != '\0')
		return path;
	len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("/bin"));
	assert_true(len > 0);
	path[len] = '\0';
	for (int i = 0; i < 3; i++) {
		char *slash = strrchr(path, '/');

		assert_non_null(slash);
		*slash = '\0';
	}
	(void)strcat(path, "/bin");
	return path;
}

/* --- the database --- */

void
home_define(const char *name, const char *type, const char *path)
{
	test_db_sql("insert into jqm.job_def (name, queue_id, path, path_type)"
		    " select '%s', id, $q$%s$q$, '%s' from jqm.queue where default_queue",
		    name, path, type);
}

int64_t
home_number(char *text)
{
	int64_t out = -1;

	if (num_int64(text, INT64_MIN, INT64_MAX, &out) == -1)
		fail_msg("\"%s\" is no number", text);
	free(text);
	return out;
}

int64_t
home_enqueue(const char *name, const char *parameters)
{
	return home_number(test_db_value("select jqm.enqueue('%s', $q$%s$q$)", name, parameters));
}

void
home_pause(int ms)
{
	(void)poll(NULL, 0, ms);
}

/* Ask until the answer is this one; as long as it changes it may take longer. */
void
home_wait(const char *expected, const char *sql)
{
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
	char *last = test_db_value("%s", sql);

	while (strcmp(last, expected) != 0) {
		char *value;

		if (clock_mono_ms() > until_ms)
			fail_msg("%s: \"%s\" instead of \"%s\"", sql, last, expected);
		home_pause(10);
		value = test_db_value("%s", sql);
		if (strcmp(value, last) != 0)
			until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
		free(last);
		last = value;
	}
	free(last);
}

void
home_wait_state(int64_t job, const char *state)
{
	char *sql =
	    str_printf("select coalesce((select state from jqm.job_instance where id = %lld),"
		       " (select state from jqm.history where id = %lld))",
		       (long long)job, (long long)job);

	home_wait(state, sql);
	free(sql);
}

static char *
history(int64_t job, const char *what)
{
	return test_db_value("select %s from jqm.history where id = %lld", what, (long long)job);
}

void
home_assert_history(int64_t job, const char *what, const char *expected)
{
	char *value = history(job, what);

	assert_string_equal(value, expected);
	free(value);
}

/* --- files of the home --- */

void
home_touch(const struct home *h, const char *name)
{
	char *path = str_printf("%s/%s", h->path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_int_not_equal(fd, -1);
	fd_close(&fd);
	free(path);
}

char *
home_read(const char *path)
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

char *
home_output(const struct home *h, int64_t job, const char *stream)
{
	char *path = str_printf("%s/joblogs/%lld/%010lld.%s.log", h->path, (long long)job / 1000,
				(long long)job, stream);
	char *text = home_read(path);

	free(path);
	return text;
}

void
home_assert_output(const struct home *h, int64_t job, const char *expected)
{
	char *text = home_output(h, job, "stdout");

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

pid_t
home_pid(const struct home *h, const char *file)
{
	char *path = str_printf("%s/%s", h->path, file);
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS, pid = 0;

	while (pid == 0 && clock_mono_ms() < until_ms) {
		char *text = home_read(path);

		if (text != NULL && strchr(text, '\n') != NULL)
			(void)num_int64(str_trim(text), 1, INT32_MAX, &pid);
		free(text);
		if (pid == 0)
			home_pause(10);
	}
	free(path);
	assert_true(pid > 0);
	return (pid_t)pid;
}

/* It may be a zombie that init has not reaped yet: that is gone, too. */
bool
home_is_alive(pid_t pid)
{
	char *path = str_printf("/proc/%d/stat", (int)pid);
	char *text = home_read(path);
	const char *state = text == NULL ? NULL : strrchr(text, ')');
	bool alive = state != NULL && strncmp(state, ") Z", 3) != 0;

	free(text);
	free(path);
	return alive;
}

void
home_wait_dead(pid_t pid)
{
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;

	while (home_is_alive(pid)) {
		if (clock_mono_ms() > until_ms)
			fail_msg("process %d lives on", (int)pid);
		home_pause(10);
	}
}

void
home_wait_gone(const char *path)
{
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
	struct stat status;

	while (lstat(path, &status) == 0) {
		if (clock_mono_ms() > until_ms)
			fail_msg("%s stays", path);
		home_pause(10);
	}
}

/* --- the runner --- */

void
home_start(struct home *h)
{
	char *program = str_printf("%s/jqm-runner", bin_directory());
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

int64_t
home_start_long_job(struct home *h, pid_t *child_out)
{
	int64_t job;

	home_define("long", "DEFAULTSHELLCOMMAND", "echo $$ > ../child; exec sleep 300");
	home_start(h);
	job = home_enqueue("long", "{}");
	*child_out = home_pid(h, "child");
	home_wait_state(job, "RUNNING");
	return job;
}

int
home_wait_runner(struct home *h)
{
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
	int status = 0;

	while (waitpid(h->runner, &status, WNOHANG) == 0) {
		if (clock_mono_ms() > until_ms)
			fail_msg("the runner does not end");
		home_pause(10);
	}
	h->runner = 0;
	return status;
}

void
home_kill_runner(struct home *h)
{
	assert_int_equal(kill(h->runner, SIGKILL), 0);
	assert_true(WIFSIGNALED(home_wait_runner(h)));
}

char *
home_log(const struct home *h)
{
	char *path = str_printf("%s/log/jqm-runner.log", h->path);
	char *text = home_read(path);

	free(path);
	return text;
}

void
home_wait_log(const struct home *h, const char *text)
{
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
	bool found = false;

	while (!found) {
		char *log = home_log(h);

		found = log != NULL && strstr(log, text) != NULL;
		free(log);
		if (!found && clock_mono_ms() > until_ms)
			fail_msg("the log does not say \"%s\"", text);
		if (!found)
			home_pause(10);
	}
}

char *
home_check(const struct home *h, int *exit_code_out)
{
	char *command =
	    str_printf("%s/jqm-runner --check --config %s/jqm.ini 2>&1", bin_directory(), h->path);
	struct buf said = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	FILE *pipe = popen(command, "r");
	char *text;
	int status;

	assert_non_null(pipe);
	assert_int_equal(fd_read_all(fileno(pipe), &said, &err), 0);
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	*exit_code_out = WEXITSTATUS(status);
	text = str_dup(buf_text(&said));
	buf_free(&said);
	free(command);
	return text;
}

void
home_assert_check(const struct home *h, int exit_code, const char *says)
{
	int code;
	char *text = home_check(h, &code);

	if (code != exit_code || strstr(text, says) == NULL)
		fail_msg("exit code %d, no \"%s\" in:\n%s", code, says, text);
	free(text);
}

void
home_run(const struct home *h, const char *fmt, ...)
{
	char what[200], command[400];
	va_list args;

	va_start(args, fmt);
	assert_in_range(vsnprintf(what, sizeof(what), fmt, args), 1, sizeof(what) - 1);
	va_end(args);
	(void)snprintf(command, sizeof(command), "cd %s && %s", h->path, what);
	assert_int_equal(system(command), 0);
}

void
home_write_config(const struct home *h, const char *text)
{
	char *path = str_printf("%s/jqm.ini", h->path);
	struct err err = ERR_INIT;

	assert_int_equal(fd_write_file(path, 0600, text, strlen(text), &err), 0);
	free(path);
}

void
home_configure(const struct home *h, const char *more)
{
	char *text = str_printf(
	    "[database]\nconninfo = \"%s\"\n[node]\nname = \"%s\"\n[runner]\n"
	    "state_dir = \"%s/state\"\njob_repository = \"%s/jobs\"\n"
	    "delivery_store = \"%s/store\"\ntemp_dir = \"%s/tmp\"\n"
	    "log_dir = \"%s/log\"\njoblog_dir = \"%s/joblogs\"\n"
	    "api_url = \"http://127.0.0.1:1789\"\nheartbeat_ms = 200\n"
	    "lease_ms = %d\ngrace_ms = 1000\n%s"
	    "[job_environment]\nsite_name = \"here\"\n",
	    h->conninfo != NULL ? h->conninfo : test_db_conninfo_as("jqm_runner"), h->node, h->path,
	    h->path, h->path, h->path, h->path, h->path, h->lease_ms, more);

	home_write_config(h, text);
	free(text);
}

struct home *
home_new(void)
{
	static int count;
	static const char *const dirs[] = { "jobs", "log", "run" };
	char template[] = "/tmp/jqm-test-runner-XXXXXX";
	struct home *h = calloc(1, sizeof(*h));
	struct err err = ERR_INIT;

	if (h == NULL || mkdtemp(template) == NULL)
		return NULL;
	h->path = str_dup(template);
	h->node = str_printf("node%d", ++count);
	h->lease_ms = home_lease_ms;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		char *dir = str_printf("%s/%s", h->path, dirs[i]);

		if (fd_make_dirs(dir, 0700, &err) == -1)
			return NULL;
		free(dir);
	}
	home_configure(h, "");
	return h;
}

int
home_set_up(void **state)
{
	struct home *h = home_new();

	if (h == NULL)
		return -1;
	test_db_sql(
	    "delete from jqm.job_instance; delete from jqm.history; delete from jqm.message;"
	    " delete from jqm.deliverable; delete from jqm.schedule; delete from jqm.job_def;"
	    " update jqm.node set lease_until = null"); /* of nodes of the test before */
	*state = h;
	return 0;
}

/* Whatever a failed test left running goes. */
void
home_end(struct home *h)
{
	struct tree_remove *tree = tree_remove_new("/tmp", h->path + strlen("/tmp/"));
	struct err err = ERR_INIT;
	char *path = str_printf("%s/run/jqm-keeper.pid", h->path);
	char *text = home_read(path);
	int64_t keeper;

	if (h->runner != 0) {
		(void)kill(h->runner, SIGTERM);
		(void)home_wait_runner(h);
	}
	if (text != NULL && num_int64(str_trim(text), 2, INT32_MAX, &keeper) == 0 &&
	    home_is_alive((pid_t)keeper))
		(void)kill((pid_t)keeper, SIGTERM);
	while (tree_remove_step(tree, 1000, &err) == 0)
		;
	tree_remove_free(tree);
	free(text);
	free(path);
	free(h->path);
	free(h->node);
	free(h->conninfo);
	free(h);
}

int
home_tear_down(void **state)
{
	home_end(*state);
	return 0;
}
