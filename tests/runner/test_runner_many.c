/* SPDX-License-Identifier: Apache-2.0 */
/* Many jobs at once start, end by themselves and are killed, and the runner's loop turns all the while. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/loop_watch.h"
#include "base/str.h"
#include "tests/lib/loop_passes.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

#define JOBS 300

/* A sanitizer's programs need several times as long for the same. */
#ifdef __SANITIZE_ADDRESS__
#define TIMES 4
#else
#define TIMES 1
#endif

static void
enqueue_all(const char *name)
{
	char jobs[16];

	(void)snprintf(jobs, sizeof(jobs), "%d", JOBS);
	test_db_sql("select count(jqm.enqueue('%s')) from generate_series(1, %d)", name, JOBS);
	home_wait(jobs, "select count(*) from jqm.job_instance where state = 'RUNNING'");
}

static void
wait_all_ended(const char *state)
{
	char jobs[16], ended[96];

	(void)snprintf(jobs, sizeof(jobs), "%d", JOBS);
	(void)snprintf(ended, sizeof(ended), "select count(*) from jqm.history where state = '%s'",
		       state);
	home_wait(jobs, ended);
}

/* A pass is told within a second, by a later one: each heartbeat is one. */
static void
wait_until_told(void)
{
	int64_t now_ms = home_number(
	    test_db_value("select (extract(epoch from clock_timestamp()) * 1000)::bigint"));
	char later[160];

	(void)snprintf(later, sizeof(later),
		       "select bool_or(extract(epoch from last_seen_alive) * 1000 > %lld)"
		       " from jqm.node",
		       (long long)now_ms + 1500);
	home_wait("t", later);
}

/* Each of the first ones waits for a line of its own. */
static void
many_jobs_start_end_and_are_killed_at_once_and_no_pass_is_long(void **state)
{
	struct home *h = *state;
	char *gate = str_printf("%s/gate", h->path);
	char *command = str_printf("read -r _ <%s", gate);
	char *log = str_printf("%s/log/jqm-runner.log", h->path);
	char lines[JOBS];
	int fd;

	memset(lines, '\n', sizeof(lines));
	assert_int_equal(mkfifo(gate, 0600), 0);
	fd = open(gate, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	home_define("waits", "DEFAULTSHELLCOMMAND", command);
	home_define("stays", "DEFAULTSHELLCOMMAND", "exec sleep 600");
	home_start(h);
	home_wait("1", "select count(*) from jqm.queue_mapping");
	test_db_sql("update jqm.queue_mapping set max_jobs = %d", JOBS);
	enqueue_all("waits");
	assert_int_equal(write(fd, lines, sizeof(lines)), (ssize_t)sizeof(lines));
	wait_all_ended("ENDED");
	enqueue_all("stays");
	test_db_sql("select jqm.kill(id, 'bob') from jqm.job_instance");
	wait_all_ended("KILLED");
	wait_until_told();
	assert_in_range(loop_longest_cpu_ms(log), 0, TIMES * LOOP_BUSY_MS - 1);
	(void)close(fd);
	free(command);
	free(gate);
	free(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(many_jobs_start_end_and_are_killed_at_once_and_no_pass_is_long),
	};

	(void)test_db_create("runner_many");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
