/* SPDX-License-Identifier: Apache-2.0 */
/* The real runner and keeper: logs over their limit, logs and files of earlier attempts. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

#define LIMIT 65536
#define LINE 64

/* Numbered lines of 64 bytes, like helpers/flood_output. */
#define FLOOD(lines) "seq -f %063.0f 0 " #lines

static char *
log_path(const struct home *h, int64_t job, const char *which)
{
	return str_printf("%s/joblogs/%lld/%010lld.%s.log", h->path, (long long)job / 1000,
			  (long long)job, which);
}

static struct stat
log_stat(const struct home *h, int64_t job, const char *which)
{
	struct stat st = { .st_size = 0 };
	char *path = log_path(h, job, which);

	(void)lstat(path, &st);
	free(path);
	return st;
}

static void
write_file(const struct home *h, const char *name, const char *text)
{
	char *path = str_printf("%s/%s", h->path, name);
	struct err err = ERR_INIT;

	assert_int_equal(fd_write_file(path, 0700, text, strlen(text), &err), 0);
	free(path);
}

static void
assert_log(const struct home *h, int64_t job, const char *which, const char *expected)
{
	char *text = home_output(h, job, which);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void
assert_message(int64_t job, const char *expected)
{
	char *text = test_db_value("select string_agg(text_message, '|' order by id) from"
				   " jqm.message where job_instance_id = %lld",
				   (long long)job);

	assert_string_equal(text, expected);
	free(text);
}

/* An ordinary file: the first lines, one about what is missing, the last ones of lines 0 to last. */
static void
assert_cut(const struct home *h, int64_t job, const char *stream, int64_t limit, int64_t last)
{
	struct stat st = log_stat(h, job, stream);
	char *text = home_output(h, job, stream);
	char *head =
	    str_printf("%063lld\n\n[... %lld bytes cut out here by JQM: the log was longer"
		       " than %lld bytes ...]\n%063lld\n",
		       (long long)limit / 4 / LINE - 1, (long long)((last + 1) * LINE - limit),
		       (long long)limit, (long long)(last + 1 - limit / 4 * 3 / LINE));
	char *tail = str_printf("\n%063lld\n", (long long)last);

	assert_non_null(text);
	assert_int_equal(strlen(text), st.st_size); /* no NUL in it */
	assert_true((int64_t)st.st_blocks * 512 >= st.st_size);
	assert_true(str_starts(text, "000000000000000000000000000000000000000000000000000000000000"
				     "000\n"));
	assert_non_null(strstr(text, head));
	assert_true(str_ends(text, tail));
	free(text);
	free(head);
	free(tail);
}

static void
a_log_over_the_limit_of_its_definition_is_cut_and_the_job_goes_on(void **state)
{
	struct home *h = *state;
	int64_t own, node;

	home_configure(h, "job_log_max_bytes = 256k\n");
	home_define("own", "DEFAULTSHELLCOMMAND", FLOOD(29999) " >&2; echo done");
	home_define("node", "DEFAULTSHELLCOMMAND", FLOOD(29999));
	test_db_sql("update jqm.job_def set log_max_bytes = 65536 where name = 'own'");
	home_start(h);
	own = home_enqueue("own", "{}");
	node = home_enqueue("node", "{}");
	home_wait_state(own, "ENDED");
	home_wait_state(node, "ENDED");
	assert_log(h, own, "stdout", "done\n");
	assert_cut(h, own, "stderr", LIMIT, 29999);
	assert_message(own, "stderr was longer than 65536 bytes: of what it wrote, 1854464 bytes "
			    "behind byte 16384 were cut out");
	assert_cut(h, node, "stdout", 4 * LIMIT, 29999);
	assert_message(node, "stdout was longer than 262144 bytes: of what it wrote, 1657856 bytes "
			     "behind byte 65536 were cut out");
}

static void
without_a_limit_all_is_kept(void **state)
{
	struct home *h = *state;
	int64_t job;

	home_configure(h, "job_log_max_bytes = 0\n");
	home_define("much", "DEFAULTSHELLCOMMAND", FLOOD(29999));
	home_start(h);
	job = home_enqueue("much", "{}");
	home_wait_state(job, "ENDED");
	assert_int_equal(log_stat(h, job, "stdout").st_size, 30000 * LINE);
	assert_message(job, "");
}

/* It was cut before the runner died, and grew and ended while there was none. */
static void
a_log_is_cut_whoever_is_its_runner_by_then(void **state)
{
	struct home *h = *state;
	int64_t job, until_ms = clock_mono_ms() + 2 * HOME_PATIENCE_MS;
	char *path;

	home_define("long", "DEFAULTSHELLCOMMAND",
		    FLOOD(29999) "; while [ ! -e go ]; do sleep 0.02; done; seq -f %063.0f 30000"
				 " 99999; touch ended");
	test_db_sql("update jqm.job_def set log_max_bytes = 65536");
	home_start(h);
	job = home_enqueue("long", "{}");
	while (log_stat(h, job, "stdout").st_size < 30000 * LINE ||
	       log_stat(h, job, "stdout").st_blocks * 512 > LIMIT + LIMIT / 4) {
		assert_true(clock_mono_ms() < until_ms);
		home_pause(10);
	}
	home_wait_state(job, "RUNNING");
	home_kill_runner(h);
	write_file(h, "jobs/go", "");
	path = str_printf("%s/jobs/ended", h->path);
	while (access(path, F_OK) == -1) {
		assert_true(clock_mono_ms() < until_ms);
		home_pause(10);
	}
	free(path);
	home_start(h);
	home_wait_state(job, "ENDED");
	assert_cut(h, job, "stdout", LIMIT, 99999);
	assert_message(job, "stdout was longer than 65536 bytes: of what it wrote, 6334464 bytes "
			    "behind byte 16384 were cut out");
}

static void
a_job_that_empties_its_own_log_is_told_so(void **state)
{
	struct home *h = *state;
	int64_t job;

	home_define("empties", "DEFAULTSHELLCOMMAND",
		    FLOOD(29999) "; while [ $(stat -Lc %b /proc/$$/fd/1) -gt 1000 ]; do sleep 0.02;"
				 " done; echo anew > /dev/stdout; echo end"); /* once it was cut */
	test_db_sql("update jqm.job_def set log_max_bytes = 65536");
	home_start(h);
	job = home_enqueue("empties", "{}");
	home_wait_state(job, "ENDED");
	assert_log(h, job, "stdout", "anew\nend\n");
	assert_message(job, "the job emptied its own stdout (by \"> /dev/stdout\" perhaps, where "
			    "\">>\" would have added to it): what was in it is lost");
}

/* Each attempt says its number and delivers a file. */
static int64_t
start_retried(struct home *h, const char *definition, int attempts)
{
	char *script = str_printf("n=$(cat n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > n;"
				  " echo out $n; echo err $n >&2; echo file $n >"
				  " \"$JQM_JI_DELIVERY_DIR/f.txt\"; [ $n -ge %d ]",
				  attempts);

	home_define(definition, "DEFAULTSHELLCOMMAND", script);
	free(script);
	test_db_sql("update jqm.job_def set attempts_max = 5, retry_delay_s = 0");
	home_start(h);
	return home_enqueue(definition, "{}");
}

/* The text of the job's n-th delivered file. */
static char *
file_text(const struct home *h, int64_t job, int n)
{
	char *path = test_db_value("select path from jqm.deliverable where job_instance_id = %lld"
				   " order by id offset %d limit 1",
				   (long long)job, n - 1);
	char *full = str_printf("%s/store/%s", h->path, path);
	char *text = home_read(full);

	free(path);
	free(full);
	return text;
}

static void
logs_and_files_of_all_attempts_stay(void **state)
{
	struct home *h = *state;
	int64_t job = start_retried(h, "again", 3);
	char *text;

	home_wait_state(job, "ENDED");
	home_assert_history(job, "attempt", "3");
	assert_log(h, job, "1.stdout", "out 1\n");
	assert_log(h, job, "1.stderr", "err 1\n");
	assert_log(h, job, "2.stdout", "out 2\n");
	assert_log(h, job, "2.stderr", "err 2\n");
	assert_log(h, job, "3.stdout", "out 3\n");
	/* JQM's name leads to the newest. */
	assert_true(S_ISLNK(log_stat(h, job, "stdout").st_mode));
	assert_log(h, job, "stdout", "out 3\n");
	assert_log(h, job, "stderr", "err 3\n");
	for (int n = 1; n <= 3; n++) {
		char expected[20];

		(void)snprintf(expected, sizeof(expected), "file %d\n", n);
		text = file_text(h, job, n);
		assert_non_null(text);
		assert_string_equal(text, expected);
		free(text);
	}
	text = test_db_value("select string_agg(split_part(path, '/', 2), ',' order by id)"
			     " from jqm.deliverable");
	{
		char *expected = str_printf("%lld,%lld.2,%lld.3", (long long)job, (long long)job,
					    (long long)job);

		assert_string_equal(text, expected);
		free(expected);
	}
	free(text);
}

static void
an_attempt_that_was_given_back_has_no_log(void **state)
{
	struct home *h = *state;
	int64_t job;

	home_define("late", "DEFAULTSHELLCOMMAND", "echo out; exit 3");
	test_db_sql("update jqm.job_def set attempts_max = 2, retry_delay_s = 0");
	job = home_enqueue("late", "{}");
	test_db_sql("update jqm.job_instance set attempt = 1"); /* as give_back() leaves it */
	home_start(h);
	home_wait_state(job, "CRASHED");
	home_assert_history(job, "attempt", "3");
	assert_null(home_output(h, job, "1.stdout"));
	assert_log(h, job, "2.stdout", "out\n");
	assert_log(h, job, "3.stdout", "out\n");
	assert_log(h, job, "stdout", "out\n");
}

static void
an_attempt_that_cannot_begin_says_why_in_a_log_of_its_own(void **state)
{
	struct home *h = *state;
	int64_t job;

	write_file(h, "jobs/tool", "#!/bin/sh\necho first >&2\nrm \"$0\"\nexit 3\n");
	home_define("once", "DIRECTEXECUTABLE", "./tool");
	test_db_sql("update jqm.job_def set attempts_max = 2, retry_delay_s = 0");
	home_start(h);
	job = home_enqueue("once", "{}");
	home_wait_state(job, "CRASHED");
	assert_log(h, job, "1.stderr", "first\n");
	{
		char *text = home_output(h, job, "2.stderr");

		assert_non_null(text);
		assert_true(str_starts(text, "could not execute "));
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(a_log_over_the_limit_of_its_definition_is_cut_and_the_job_goes_on),
		HOME_TEST(without_a_limit_all_is_kept),
		HOME_TEST(a_log_is_cut_whoever_is_its_runner_by_then),
		HOME_TEST(a_job_that_empties_its_own_log_is_told_so),
		HOME_TEST(logs_and_files_of_all_attempts_stay),
		HOME_TEST(an_attempt_that_was_given_back_has_no_log),
		HOME_TEST(an_attempt_that_cannot_begin_says_why_in_a_log_of_its_own),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("runner_log");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
