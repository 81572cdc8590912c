/* SPDX-License-Identifier: Apache-2.0 */
/* Children log to a file in a temporary directory; the test reads what is there afterwards. */
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
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/log_file.h"
#include "base/str.h"

#define FILES_MAX (LOG_FILE_KEEP_MAX + 2)
#define LINES_MAX 100000

static char dir[40];

static int
set_up(void **state)
{
	(void)state;
	(void)str_copy(dir, sizeof(dir), "/tmp/jqm-test-log-file-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

/* "DIR/log", or with n > 0 "DIR/log.n". */
static const char *
path_of(int n)
{
	static char path[60];

	(void)snprintf(path, sizeof(path), n == 0 ? "%s/log" : "%s/log.%d", dir, n);
	return path;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)chmod(dir, 0700);
	for (int n = 0; n < FILES_MAX; n++)
		(void)unlink(path_of(n));
	return rmdir(dir);
}

static bool
is_there(int n)
{
	return access(path_of(n), F_OK) == 0;
}

static int64_t
size_of(int n)
{
	struct stat status;

	assert_int_equal(stat(path_of(n), &status), 0);
	return status.st_size;
}

/* In a child that logs to the file: standard error of the test stays the test's. */
static void __attribute__((noreturn))
log_lines(int64_t max_bytes, int keep, int writer, int from, int n)
{
	struct err err = ERR_INIT;

	log_init("tester");
	if (log_file_open(path_of(0), max_bytes, keep, &err) == -1)
		_exit(2);
	for (int i = from; i < from + n; i++)
		log_info("line", "writer=%d n=%d.", writer, i);
	_exit(0);
}

static pid_t
start_logging(int64_t max_bytes, int keep, int writer, int from, int n)
{
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		log_lines(max_bytes, keep, writer, from, n);
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* How often each line of the writer is in all files together; every line of them must be whole. */
static int
count_lines(int writer, unsigned char counts[LINES_MAX])
{
	int total = 0;

	memset(counts, 0, LINES_MAX);
	for (int file = 0; file < FILES_MAX; file++) {
		struct buf text = BUF_INIT(64 << 20);
		struct err err = ERR_INIT;
		char *rest = NULL;

		if (!is_there(file))
			continue;
		assert_int_equal(fd_read_file(path_of(file), &text, &err), 0);
		if (text.len > 0)
			assert_int_equal(text.data[text.len - 1], '\n');
		for (char *line = text.len == 0 ? NULL : strtok_r(text.data, "\n", &rest);
		     line != NULL; line = strtok_r(NULL, "\n", &rest)) {
			int who, n;
			char end;

			assert_int_equal(
			    sscanf(line, "%*s info tester line writer=%d n=%d%c", &who, &n, &end),
			    3);
			assert_int_equal(end, '.');
			assert_in_range(n, 0, LINES_MAX - 1);
			if (who == writer) {
				counts[n]++;
				total++;
			}
		}
		buf_free(&text);
	}
	return total;
}

static void
a_large_file_is_set_aside_and_the_oldest_goes(void **state)
{
	static unsigned char counts[LINES_MAX];
	int kept;

	(void)state;
	assert_int_equal(wait_for(start_logging(2000, 3, 1, 0, 1000)), 0);
	assert_true(is_there(0) && is_there(1) && is_there(2) && is_there(3));
	assert_false(is_there(4));
	for (int n = 1; n <= 3; n++)
		assert_in_range(size_of(n), 2000, 2100);
	assert_in_range(size_of(0), 0, 2000);
	/* the last ones, each once, and nothing between them is missing */
	kept = count_lines(1, counts);
	assert_in_range(kept, 90, 200);
	for (int n = 0; n < 1000; n++)
		assert_int_equal(counts[n], n >= 1000 - kept);
}

static void
without_a_limit_it_grows_and_none_kept_is_none(void **state)
{
	(void)state;
	assert_int_equal(wait_for(start_logging(0, 3, 1, 0, 1000)), 0);
	assert_true(size_of(0) > 40000);
	assert_false(is_there(1));
	/* it is too large from the beginning now */
	assert_int_equal(wait_for(start_logging(2000, 0, 1, 0, 1)), 0);
	assert_in_range(size_of(0), 1, 100);
	assert_false(is_there(1));
}

static void
of_several_processes_no_line_is_lost_or_cut(void **state)
{
	static unsigned char counts[LINES_MAX];
	pid_t pids[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		pids[i] = start_logging(20000, LOG_FILE_KEEP_MAX, i, 0, 5000);
	for (int i = 0; i < 4; i++)
		assert_int_equal(wait_for(pids[i]), 0);
	assert_true(is_there(20));
	assert_false(is_there(LOG_FILE_KEEP_MAX));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(count_lines(i, counts), 5000);
		for (int n = 0; n < 5000; n++)
			assert_int_equal(counts[n], 1);
	}
}

static void
killed_at_any_moment_it_leaves_no_gap(void **state)
{
	static unsigned char counts[LINES_MAX];

	(void)state;
	for (int round = 0; round < 30; round++) {
		pid_t pid = start_logging(500, LOG_FILE_KEEP_MAX, round, 0, 400);
		int64_t until_ms = clock_mono_ms() + 10000;
		int total, status;

		while (!is_there(1 + round % 15) && clock_mono_ms() < until_ms)
			;
		(void)kill(pid, SIGKILL);
		status = wait_for(pid);
		total = count_lines(round, counts);
		if (!WIFSIGNALED(status))
			assert_int_equal(total, 400);
		for (int n = 0; n < total; n++)
			assert_int_equal(counts[n], 1);
		for (int n = 0; n < FILES_MAX; n++)
			(void)unlink(path_of(n));
	}
}

static void
a_file_that_somebody_else_renamed_is_followed_by_a_new_one(void **state)
{
	int real_stderr = dup(STDERR_FILENO);
	struct err err = ERR_INIT;
	char renamed[60], path[60];

	(void)state;
	log_init("tester");
	(void)snprintf(path, sizeof(path), "%s", path_of(0));
	assert_int_equal(log_file_open(path, 0, 5, &err), 0);
	log_info("line", "writer=1 n=1.");
	(void)snprintf(renamed, sizeof(renamed), "%s", path_of(1));
	assert_int_equal(rename(path, renamed), 0);
	log_file_look(); /* as after SIGHUP */
	assert_int_equal(size_of(0), 0);
	log_info("line", "writer=1 n=2.");
	assert_true(size_of(0) > 0);
	assert_int_equal(unlink(path_of(0)), 0);
	clock_test_advance_ms(LOG_FILE_LOOK_MS);
	log_info("line", "writer=1 n=3.");
	assert_true(size_of(0) > 0);
	assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
	(void)close(real_stderr);
}

static void
what_cannot_be_set_aside_is_written_on_to_and_tried_again(void **state)
{
	int real_stderr = dup(STDERR_FILENO);
	struct err err = ERR_INIT;

	(void)state;
	log_init("tester");
	assert_int_equal(log_file_open(path_of(0), 200, 5, &err), 0);
	assert_int_equal(chmod(dir, 0500), 0);
	for (int n = 0; n < 20; n++)
		log_info("line", "writer=1 n=%d.", n);
	assert_true(size_of(0) > 1000);
	assert_false(is_there(1));
	assert_int_equal(chmod(dir, 0700), 0);
	clock_test_advance_ms(1001);
	log_info("line", "writer=1 n=20.");
	assert_true(is_there(1));
	assert_in_range(size_of(0), 1, 100);
	assert_int_equal(dup2(real_stderr, STDERR_FILENO), STDERR_FILENO);
	(void)close(real_stderr);
}

static void
a_file_that_cannot_be_opened_is_refused_by_name(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(log_file_open("/no/such/dir/log", 0, 5, &err), -1);
	assert_non_null(strstr(err.text, "/no/such/dir/log"));
	assert_int_equal(mkfifo(path_of(0), 0600), 0); /* nobody reads it: opening must not wait */
	assert_int_equal(log_file_open(path_of(0), 0, 5, &err), -1);
	assert_non_null(strstr(err.text, path_of(0)));
	assert_int_equal(log_file_open(dir, 0, 5, &err), -1);
	log_file_look();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_large_file_is_set_aside_and_the_oldest_goes),
		TEST(without_a_limit_it_grows_and_none_kept_is_none),
		TEST(of_several_processes_no_line_is_lost_or_cut),
		TEST(killed_at_any_moment_it_leaves_no_gap),
		TEST(a_file_that_cannot_be_opened_is_refused_by_name),
		TEST(a_file_that_somebody_else_renamed_is_followed_by_a_new_one),
		TEST(what_cannot_be_set_aside_is_written_on_to_and_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
