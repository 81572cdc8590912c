/* SPDX-License-Identifier: Apache-2.0 */
/* What killed runners and keepers left on the disks of a node is found by the next runner, and by one that ends. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

#define A_GUID "01234567-89ab-4cde-8f01-23456789abcd"

static bool
exists(const struct home *h, const char *name)
{
	char *path = str_printf("%s/%s", h->path, name);
	struct stat st;
	bool is = lstat(path, &st) == 0;

	free(path);
	return is;
}

static void
wait_gone(const struct home *h, const char *name)
{
	char *path = str_printf("%s/%s", h->path, name);

	home_wait_gone(path);
	free(path);
}

/* Make the file name in the home, its directories too. */
static void
put(const struct home *h, const char *name)
{
	char *path = str_printf("%s/%s", h->path, name), *dir = str_dup(path);
	struct err err = ERR_INIT;

	*strrchr(dir, '/') = '\0';
	assert_int_equal(fd_make_dirs(dir, 0700, &err), 0);
	assert_int_equal(fd_write_file(path, 0600, "x", 1, &err), 0);
	free(dir);
	free(path);
}

static void
put_of(const struct home *h, const char *format, int64_t job)
{
	char number[24], *name, *at;

	(void)snprintf(number, sizeof(number), "%lld", (long long)job);
	at = strchr(format, '#');
	name = str_printf("%.*s%s%s", (int)(at - format), format, number, at + 1);
	put(h, name);
	free(name);
}

static bool
exists_of(const struct home *h, const char *format, int64_t job)
{
	const char *at = strchr(format, '#');
	char *name = str_printf("%.*s%lld%s", (int)(at - format), format, (long long)job, at + 1);
	bool is = exists(h, name);

	free(name);
	return is;
}

static void
wait_gone_of(const struct home *h, const char *format, int64_t job)
{
	const char *at = strchr(format, '#');
	char *name = str_printf("%.*s%lld%s", (int)(at - format), format, (long long)job, at + 1);

	wait_gone(h, name);
	free(name);
}

static void
stop(struct home *h)
{
	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(h), 0);
}

/* A job that is over, with a delivered file; the runner was stopped. */
static int64_t
a_past_job(struct home *h)
{
	int64_t job;

	home_define("done", "DEFAULTSHELLCOMMAND", "echo out; echo f > $JQM_JI_DELIVERY_DIR/f");
	home_start(h);
	job = home_enqueue("done", "{}");
	home_wait_state(job, "ENDED");
	stop(h);
	return job;
}

static char *
registered(const struct home *h, int64_t job)
{
	char *path = test_db_value("select path from jqm.deliverable where job_instance_id = %lld",
				   (long long)job);
	char *name = str_printf("store/%s", path);

	assert_true(exists(h, name));
	free(path);
	return name;
}

/* A cut of its log that was interrupted. */
static char *
half_of_log(int64_t job)
{
	return str_printf("joblogs/%lld/%010lld.stdout.log.cut", (long long)job / 1000,
			  (long long)job);
}

static void
directories_of_a_job_that_is_over_go_and_what_history_has_stays(void **state)
{
	struct home *h = *state;
	int64_t job = a_past_job(h);
	char *file = registered(h, job), *output, *cut = half_of_log(job);

	put_of(h, "tmp/#/deep/er/file", job);
	put_of(h, "tmp/#_delivery/g", job);
	put_of(h, "store/done/#/" A_GUID ".txt", job); /* collected, never registered */
	put_of(h, "store/done/#/notes", job); /* not our name */
	put(h, cut);
	put(h, "tmp/.gone-17.0/file");
	put(h, "tmp/.spare-9/file");
	home_start(h);
	wait_gone_of(h, "tmp/#", job);
	wait_gone_of(h, "tmp/#_delivery", job);
	wait_gone(h, "tmp/.gone-17.0");
	wait_gone(h, "tmp/.spare-9");
	stop(h);
	assert_false(exists_of(h, "store/done/#/" A_GUID ".txt", job));
	assert_true(exists_of(h, "store/done/#/notes", job));
	assert_true(exists(h, file));
	output = home_output(h, job, "stdout");
	assert_string_equal(output, "out\n");
	assert_false(exists(h, cut));
	free(cut);
	free(output);
	free(file);
}

#define A_SWEEP_S_WORDS "leftovers_removed directories="

/* How many sweeps removed something, of all that were; or since the runner was last told to end. */
static int
sweeps_that_removed(const struct home *h, bool since_told)
{
	char *log = home_log(h), *next;
	const char *at = log;
	int n = 0;

	while (since_told && (next = strstr(at + 1, "stopping reason=\"signal TERM\"")) != NULL)
		at = next;
	for (; (at = strstr(at, A_SWEEP_S_WORDS)) != NULL; at++)
		n++;
	free(log);
	return n;
}

/* The first sweep is over when they come, and nothing makes another one until the runner is to end. */
static void
what_comes_to_lie_there_while_a_runner_runs_goes_when_it_ends(void **state)
{
	struct home *h = *state;
	int64_t job = a_past_job(h);
	char *file = registered(h, job), *cut = half_of_log(job);

	put(h,
	    "tmp/.gone-17.0/file"); /* the first sweep tells that it is over, for it removed this */
	home_start(h);
	home_wait_log(h, A_SWEEP_S_WORDS);
	assert_int_equal(sweeps_that_removed(h, false), 1);
	put_of(h, "tmp/#/deep/er/file", job);
	put_of(h, "tmp/#_delivery/g", job);
	put_of(h, "store/done/#/" A_GUID ".txt", job); /* collected, never registered */
	put(h, cut);
	put(h, "tmp/.gone-18.0/file");
	stop(h);
	assert_int_equal(sweeps_that_removed(h, true), 1);
	assert_false(exists_of(h, "tmp/#", job));
	assert_false(exists_of(h, "tmp/#_delivery", job));
	assert_false(exists_of(h, "store/done/#/" A_GUID ".txt", job));
	assert_false(exists(h, cut));
	assert_false(exists(h, "tmp/.gone-18.0"));
	assert_true(exists(h, file));
	free(cut);
	free(file);
}

/* The attempt after it has both directories, and takes them with it when it is over. */
static void
what_an_interrupted_attempt_had_collected_goes_when_a_later_one_is_over(void **state)
{
	struct home *h = *state;
	int64_t job;
	char *file;

	home_define("again", "DEFAULTSHELLCOMMAND", "echo f > $JQM_JI_DELIVERY_DIR/f");
	job = home_enqueue("again", "{}");
	test_db_sql("update jqm.job_instance set attempt = 1 where id = %lld", (long long)job);
	put_of(h, "tmp/#/file", job);
	put_of(h, "tmp/#_delivery/g", job);
	put_of(h, "store/again/#/" A_GUID ".txt", job); /* collected, never registered */
	home_start(h);
	home_wait_state(job, "ENDED");
	wait_gone_of(h, "tmp/#", job);
	stop(h);
	assert_false(exists_of(h, "store/again/#/" A_GUID ".txt", job));
	assert_false(exists_of(h, "tmp/#_delivery", job));
	file = registered(h, job); /* one, and it is there */
	free(file);
}

static int
starts_that_failed(const struct home *h)
{
	char *log = home_log(h);
	int n = 0;

	for (const char *at = log; (at = strstr(at, "job_not_started")) != NULL; at++)
		n++;
	free(log);
	return n;
}

/* By the directories the sweep knows that there is more: they stay when a later attempt is put back before it has its own. */
static void
and_not_before_though_attempts_in_between_are_put_back(void **state)
{
	struct home *h = *state;
	int64_t job, until_ms;
	int before;

	home_define("again", "DEFAULTSHELLCOMMAND", "echo f > $JQM_JI_DELIVERY_DIR/f");
	home_start(h);
	home_run(h, "mv jobs away");
	job = home_enqueue("again", "{}");
	home_wait_log(h, "job_not_started");
	put_of(h, "tmp/#/file", job);
	put_of(h, "tmp/#_delivery/g", job);
	put_of(h, "store/again/#/" A_GUID ".txt", job);
	before = starts_that_failed(h);
	until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
	while (starts_that_failed(h) < before + 3) {
		assert_true(clock_mono_ms() < until_ms);
		home_pause(20);
	}
	assert_true(exists_of(h, "tmp/#/file", job));
	assert_true(exists_of(h, "tmp/#_delivery/g", job));
	home_run(h, "mv away jobs");
	home_wait_state(job, "ENDED");
	wait_gone_of(h, "tmp/#", job);
	stop(h);
	assert_false(exists_of(h, "store/again/#/" A_GUID ".txt", job));
	free(registered(h, job));
}

static void
all_of_a_job_the_database_does_not_know_any_more_goes(void **state)
{
	struct home *h = *state;
	int64_t job = a_past_job(h);
	char *file = registered(h, job), *output;

	test_db_sql("delete from jqm.history; delete from jqm.deliverable");
	put_of(h, "tmp/#/file", job);
	home_start(h);
	wait_gone_of(h, "tmp/#", job);
	stop(h);
	assert_false(exists(h, file));
	assert_false(exists(h, "store/done"));
	output = home_output(h, job, "stdout");
	assert_null(output);
	free(file);
}

static void
nothing_of_a_live_job_goes_and_it_goes_when_the_job_is_over(void **state)
{
	struct home *h = *state;
	int64_t job;

	test_db_sql("insert into jqm.queue (name) values ('nobody') on conflict do nothing");
	home_define("waits", "DEFAULTSHELLCOMMAND", "true");
	job = home_number(test_db_value("select jqm.enqueue('waits', queue_name => 'nobody')"));
	put_of(h, "tmp/#/file", job);
	put_of(h, "store/waits/#/" A_GUID, job);
	put(h, "tmp/.gone-1.0/file");
	home_start(h);
	wait_gone(h, "tmp/.gone-1.0");
	stop(h); /* a whole sweep, the second one, comes before its end */
	assert_true(exists_of(h, "tmp/#/file", job));
	assert_true(exists_of(h, "store/waits/#/" A_GUID, job));
	test_db_sql("select jqm.cancel(%lld)", (long long)job);
	home_start(h);
	wait_gone_of(h, "tmp/#", job);
	stop(h);
	/* It was never attempted: so says history, and nothing here is its. */
	assert_false(exists_of(h, "tmp/#", job));
}

static void
what_is_not_ours_stays_and_no_link_is_followed(void **state)
{
	struct home *h = *state;
	int64_t job = a_past_job(h);
	char *link = str_printf("%s/tmp/%lld_delivery", h->path, (long long)job);
	char *def = str_printf("%s/store/done", h->path), *aside = str_printf("%s/aside", h->path);

	put(h, "tmp/readme/file");
	put(h, "tmp/007/file"); /* no number as we write them */
	put(h, "tmp/999999999999/file"); /* no job had it yet */
	put(h, "tmp/-5/file");
	put_of(h, "aside/#/" A_GUID, job);
	put_of(h, "tmp/#/file", job);
	assert_int_equal(symlink(aside, link), 0);
	/* The store's directory becomes a link, too. */
	test_db_sql("delete from jqm.history; delete from jqm.deliverable");
	{
		char *moved = str_printf("%s.moved", def);

		assert_int_equal(rename(def, moved), 0);
		assert_int_equal(symlink(aside, def), 0);
		free(moved);
	}
	home_start(h);
	wait_gone_of(h, "tmp/#", job);
	stop(h);
	assert_true(exists(h, "tmp/readme/file"));
	assert_true(exists(h, "tmp/007/file"));
	assert_true(exists(h, "tmp/999999999999/file"));
	assert_true(exists(h, "tmp/-5/file"));
	assert_true(exists_of(h, "tmp/#_delivery", job));
	assert_true(exists_of(h, "aside/#/" A_GUID, job));
	free(link);
	free(def);
	free(aside);
}

static void
what_lies_in_the_place_of_a_job_that_never_ran_is_not_delivered(void **state)
{
	struct home *h = *state;
	int64_t job;
	char *files;

	home_define("off", "DEFAULTSHELLCOMMAND", "true");
	job = home_enqueue("off", "{}");
	test_db_sql("update jqm.job_def set enabled = false where name = 'off'");
	put_of(h, "tmp/#_delivery/g", job);
	home_start(h);
	home_wait_state(job, "ENDED");
	wait_gone_of(h, "tmp/#_delivery", job);
	files = test_db_value("select count(*) from jqm.deliverable where job_instance_id = %lld",
			      (long long)job);
	assert_string_equal(files, "0");
	free(files);
	stop(h);
}

/* The database came out of a backup: it takes the job's second attempt for its first one. */
static void
a_log_that_is_a_link_to_another_attempt_s_is_replaced_by_one_of_its_own(void **state)
{
	struct home *h = *state;
	char *later, *of_later, *link, *target, *output;
	struct stat st;
	int64_t job;

	home_define("once", "DEFAULTSHELLCOMMAND", "echo out");
	job = home_enqueue("once", "{}");
	later =
	    str_printf("joblogs/%lld/%010lld.2.stdout.log", (long long)job / 1000, (long long)job);
	target = str_printf("%010lld.2.stdout.log", (long long)job);
	link = str_printf("%s/joblogs/%lld/%010lld.stdout.log", h->path, (long long)job / 1000,
			  (long long)job);
	of_later = str_printf("%s/%s", h->path, later);
	put(h, later);
	assert_int_equal(symlink(target, link), 0);
	home_start(h);
	home_wait_state(job, "ENDED");
	stop(h);
	output = home_output(h, job, "stdout");
	assert_string_equal(output, "out\n");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(stat(of_later, &st), 0);
	assert_int_equal(st.st_size, 1); /* as it was */
	free(of_later);
	free(output);
	free(later);
	free(link);
	free(target);
}

/* Kill runner and keeper together at many moments of many jobs: the last runner leaves nothing. */
static void
whatever_was_killed_at_whatever_moment_no_directory_and_no_file_without_a_row_is_left(void **state)
{
	struct home *h = *state;
	char *count, *incarnation, *registered;

	home_define("file", "DEFAULTSHELLCOMMAND",
		    "echo > $JQM_JI_TEMP_DIR/t; for i in 1 2 3 4 5; do echo $i >"
		    " $JQM_JI_DELIVERY_DIR/f$i; done");
	test_db_sql("update jqm.queue_mapping set max_jobs = 20");
	test_db_sql("select jqm.enqueue('file') from generate_series(1, 300)");
	for (int i = 0; i < 10; i++) {
		home_start(h);
		home_wait("t", "select bool_or(lease_until > now()) from jqm.node");
		home_pause(40 + 23 * i);
		(void)kill(home_pid(h, "run/jqm-keeper.pid"), i % 2 == 0 ? SIGKILL : 0);
		home_kill_runner(h);
	}
	incarnation = test_db_value("select incarnation from jqm.node where name = '%s'", h->node);
	registered = str_printf("select incarnation > %s from jqm.node where name = '%s'",
				incarnation, h->node);
	home_start(h);
	home_wait("t", registered); /* it heeds signals by then */
	home_wait("300", "select count(*) from jqm.history");
	stop(h);
	free(registered);
	free(incarnation);
	count = str_printf("find %s/tmp -mindepth 1 | wc -l", h->path);
	{
		FILE *pipe = popen(count, "r");
		int n = -1;

		assert_non_null(pipe);
		assert_int_equal(fscanf(pipe, "%d", &n), 1);
		(void)pclose(pipe);
		assert_int_equal(n, 0);
	}
	free(count);
	count = str_printf("find %s/store -type f 2>/dev/null | wc -l", h->path);
	{
		FILE *pipe = popen(count, "r");
		char *rows = test_db_value("select count(*) from jqm.deliverable");
		int n = -1;

		assert_non_null(pipe);
		assert_int_equal(fscanf(pipe, "%d", &n), 1);
		(void)pclose(pipe);
		assert_int_equal(n, home_number(rows));
	}
	free(count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(directories_of_a_job_that_is_over_go_and_what_history_has_stays),
		HOME_TEST(what_comes_to_lie_there_while_a_runner_runs_goes_when_it_ends),
		HOME_TEST(what_an_interrupted_attempt_had_collected_goes_when_a_later_one_is_over),
		HOME_TEST(and_not_before_though_attempts_in_between_are_put_back),
		HOME_TEST(all_of_a_job_the_database_does_not_know_any_more_goes),
		HOME_TEST(nothing_of_a_live_job_goes_and_it_goes_when_the_job_is_over),
		HOME_TEST(what_is_not_ours_stays_and_no_link_is_followed),
		HOME_TEST(what_lies_in_the_place_of_a_job_that_never_ran_is_not_delivered),
		HOME_TEST(a_log_that_is_a_link_to_another_attempt_s_is_replaced_by_one_of_its_own),
		HOME_TEST(
		    whatever_was_killed_at_whatever_moment_no_directory_and_no_file_without_a_row_is_left),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("leftovers");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
