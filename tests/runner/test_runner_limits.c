/* SPDX-License-Identifier: Apache-2.0 */
/* The real runner and keeper: what a definition allows a run, and where and how it runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* A shell definition with these columns set ("run_max_s = 1, grace_ms = 0"). */
static void
define(const char *name, const char *command, const char *columns)
{
	home_define(name, "DEFAULTSHELLCOMMAND", command);
	test_db_sql("update jqm.job_def set %s where name = '%s'", columns, name);
}

static int64_t
run(struct home *h, const char *name, const char *state)
{
	int64_t job = home_enqueue(name, "{}");

	(void)h;
	home_wait_state(job, state);
	return job;
}

static void
each_limit_kills_and_history_names_it(void **state)
{
	struct home *h = *state;

	define("slow", "sleep 60", "run_max_s = 1");
	define("busy", "while :; do :; done", "cpu_max_s = 1");
	define("many", "for i in 1 2 3 4 5 6; do sleep 60 & done; wait", "processes_max = 3");
	define("big", "head -c 2000000 /dev/zero > \"$JQM_JI_TEMP_DIR/x\"; sleep 60",
	       "files_max_bytes = 1000000");
	home_start(h);
	home_assert_history(run(h, "slow", "KILLED"), "reason", "ran longer than 1 s");
	home_assert_history(run(h, "busy", "KILLED"), "reason",
			    "used more than 1 s of processor time");
	home_assert_history(run(h, "many", "KILLED"), "reason",
			    "had more than 3 processes and threads");
	home_assert_history(run(h, "big", "KILLED"), "reason",
			    "disk quota of 1000000 bytes exceeded");
}

static void
a_definition_has_its_own_number_of_files(void **state)
{
	struct home *h = *state;

	define("three", "cd \"$JQM_JI_DELIVERY_DIR\"; touch a b c", "files_max_count = 2");
	home_start(h);
	home_assert_history(run(h, "three", "CRASHED"), "reason", "delivered files exceed 2 files");
}

/* A file of no blocks is no matter of the disk quota, and its length is what would be delivered. */
static void
a_definition_has_its_own_size_of_files_whatever_the_node_allows(void **state)
{
	struct home *h = *state;
	const char *command = "cd \"$JQM_JI_DELIVERY_DIR\"; truncate -s 9000 a; truncate -s 9000 b";

	home_configure(h, "job_files_max_bytes = 10000\njob_files_max_count = 1\n");
	define("nodes", command, "files_max_count = 2");
	define("less", command, "files_max_count = 0, files_max_bytes = 8000");
	define("more", command, "files_max_count = 2, files_max_bytes = 18000");
	define("any", command, "files_max_count = 0, files_max_bytes = 0");
	home_start(h);
	home_assert_history(run(h, "nodes", "CRASHED"), "reason",
			    "delivered files exceed 10000 bytes");
	home_assert_history(run(h, "less", "CRASHED"), "reason",
			    "delivered files exceed 8000 bytes");
	(void)run(h, "more", "ENDED");
	(void)run(h, "any", "ENDED");
}

/* It ignores TERM: the time until KILL is its definition's, not the node's second. */
static void
a_definition_has_its_own_grace(void **state)
{
	struct home *h = *state;
	int64_t job, before_ms;
	pid_t child;

	define(
	    "stubborn",
	    "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > ../child; sleep 300' & wait; sleep 300",
	    "grace_ms = 2500");
	home_start(h);
	job = home_enqueue("stubborn", "{}");
	child = home_pid(h, "child");
	home_wait_state(job, "RUNNING");
	before_ms = clock_mono_ms();
	test_db_sql("select jqm.kill(%lld, 'bob')", (long long)job);
	home_wait_state(job, "KILLED");
	assert_true(clock_mono_ms() - before_ms >= 2500);
	home_assert_history(job, "reason || signal", "killed by bob9");
	home_wait_dead(child);
}

/* It was asked to end and did so well: who asked is what history tells. */
static void
a_job_that_ends_well_when_killed_was_killed_all_the_same(void **state)
{
	struct home *h = *state;
	int64_t job;

	define("tidy",
	       "trap 'echo tidied; exit 0' TERM; echo $$ > ../up; while :; do sleep 0.05; done",
	       "grace_ms = 5000");
	home_start(h);
	job = home_enqueue("tidy", "{}");
	(void)home_pid(h, "up");
	test_db_sql("select jqm.kill(%lld, 'carol')", (long long)job);
	home_wait_state(job, "KILLED");
	home_assert_history(job, "reason || exit_code", "killed by carol0");
	home_assert_output(h, job, "tidied\n");
}

/* Then the niceness: so much more than this test has, at most 19. */
static void
assert_output_nice(const struct home *h, int64_t job, const char *before, int more)
{
	int nice_of_job = getpriority(PRIO_PROCESS, 0) + more;
	char *expected = str_printf("%s\n%d\n", before, nice_of_job > 19 ? 19 : nice_of_job);

	home_assert_output(h, job, expected);
	free(expected);
}

static void
umask_directory_and_niceness_are_the_definition_s(void **state)
{
	struct home *h = *state;
	char *command = str_printf("mkdir -p %s/jobs/below", h->path);

	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
	free(command);
	define("masked", "umask; pwd -P | sed 's/.*\\///'; nice", "umask = 23");
	define("below", "pwd -P | sed 's/.*\\///'; nice",
	       "working_directory = 'below', priority = 10");
	define("absolute", "pwd; nice", "working_directory = '/', priority = 3");
	home_start(h);
	assert_output_nice(h, run(h, "masked", "ENDED"), "0027\njobs", 10);
	assert_output_nice(h, run(h, "below", "ENDED"), "below", 0);
	assert_output_nice(h, run(h, "absolute", "ENDED"), "/", 7);
}

static void
a_working_directory_that_is_not_there_is_named(void **state)
{
	struct home *h = *state;
	char *reason;

	define("nowhere", "true", "working_directory = 'no/such'");
	home_start(h);
	reason = test_db_value("select reason from jqm.history where id = %lld",
			       (long long)run(h, "nowhere", "CRASHED"));
	assert_non_null(strstr(reason, "could not enter working directory \""));
	assert_non_null(strstr(reason, "/no/such\": No such file or directory"));
	free(reason);
}

static void
a_working_directory_nobody_may_enter_is_named(void **state)
{
	struct home *h = *state;
	char *path = str_printf("%s/jobs/closed", h->path);
	char *expected =
	    str_printf("could not enter the working directory \"%s\": Permission denied", path);

	assert_int_equal(mkdir(path, 0600), 0);
	define("closed", "true", "working_directory = 'closed'");
	home_start(h);
	home_assert_history(run(h, "closed", "CRASHED"), "reason", expected);
	free(expected);
	free(path);
}

/* The job that could not begin is not given back to be tried again, and the node goes on. */
static void
too_little_memory_to_begin_is_the_job_s_end(void **state)
{
	struct home *h = *state;

	define("tiny", "true", "memory_max_bytes = 1048576");
	define("next", "true", "memory_max_bytes = 1073741824");
	home_start(h);
	home_assert_history(run(h, "tiny", "CRASHED"), "attempt", "1");
	home_assert_history(run(h, "next", "ENDED"), "attempt", "1");
}

/* Neither a new runner nor a new definition makes history tell of another limit than what it was. */
static void
history_names_the_limit_the_job_had_when_it_started(void **state)
{
	struct home *h = *state;
	int64_t job;

	define("slow", "echo $$ > ../up; sleep 300", "run_max_s = 3");
	home_start(h);
	job = home_enqueue("slow", "{}");
	(void)home_pid(h, "up");
	home_wait_state(job, "RUNNING");
	home_kill_runner(h);
	test_db_sql("update jqm.job_def set run_max_s = 1000");
	home_start(h);
	home_wait_state(job, "KILLED");
	home_assert_history(job, "reason", "ran longer than 3 s");
	home_assert_history(job, "ended_at - started_at between '2.9 s' and '200 s'", "t");
}

static void
a_job_learns_its_items_and_not_what_it_asked_for(void **state)
{
	struct home *h = *state;
	int64_t job;

	test_db_sql("insert into jqm.global_parameter (key, value) values"
		    " ('discreteRmList', 'p2, p1,p3'), ('discreteRmName', 'my-Ports')");
	define("items", "echo \"$JQM_RM_DISCRETE_MY_PORTS_ITEMS $#\"; set | grep -c consumption",
	       "umask = 0");
	home_start(h);
	job = home_enqueue("items",
			   "{\"com.enioka.jqm.rm.discrete.my-ports.consumption\": \"2\","
			   " \"com.enioka.jqm.rm.discrete.consumption\": \"1\","
			   " \"com.enioka.jqm.rm.quantity.consumption\": \"1\", \"x\": \"y\"}");
	home_wait_state(job, "CRASHED"); /* grep found nothing */
	home_assert_output(h, job, "p1,p2 1\n0\n");
	test_db_sql("delete from jqm.global_parameter where key like 'discreteRm%%'");
}

/* Of a whole log, how often. */
static int
times(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

/* The runner itself finds it within seconds; the job goes on. */
static void
a_job_over_its_soft_limit_is_said_and_goes_on(void **state)
{
	struct home *h = *state;
	int64_t job, later;
	char *log;

	define("late", "echo $$ > ../up; sleep 300", "alert_after_min = 5");
	home_define("true", "DEFAULTSHELLCOMMAND", "true");
	home_start(h);
	job = home_enqueue("late", "{}");
	(void)home_pid(h, "up");
	home_wait_state(job, "RUNNING");
	test_db_sql("update jqm.job_instance set email = 'a@b.example',"
		    " started_at = now() - interval '5 min'");
	home_wait("runs longer than 5 min",
		  "select string_agg(text_message, ',') from jqm.message");
	/* What finds late jobs promotes due ones, too: it has looked again by then. */
	later = home_number(test_db_value("select jqm.enqueue('true', run_after => now() +"
					  " interval '1.5 s')"));
	home_wait_state(later, "ENDED");
	home_wait_state(job, "RUNNING");
	home_wait("1 1", "select (select count(*) from jqm.message) || ' ' ||"
			 " (select count(*) from jqm.mail where occasion = 'LATE')");
	log = home_log(h);
	assert_int_equal(times(log, "jobs_late"), 1);
	assert_non_null(strstr(log, "jobs_late jobs=1"));
	free(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(each_limit_kills_and_history_names_it),
		HOME_TEST(a_definition_has_its_own_number_of_files),
		HOME_TEST(a_definition_has_its_own_size_of_files_whatever_the_node_allows),
		HOME_TEST(a_definition_has_its_own_grace),
		HOME_TEST(a_job_that_ends_well_when_killed_was_killed_all_the_same),
		HOME_TEST(umask_directory_and_niceness_are_the_definition_s),
		HOME_TEST(a_working_directory_that_is_not_there_is_named),
		HOME_TEST(a_working_directory_nobody_may_enter_is_named),
		HOME_TEST(too_little_memory_to_begin_is_the_job_s_end),
		HOME_TEST(history_names_the_limit_the_job_had_when_it_started),
		HOME_TEST(a_job_learns_its_items_and_not_what_it_asked_for),
		HOME_TEST(a_job_over_its_soft_limit_is_said_and_goes_on),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("limits");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
