/* SPDX-License-Identifier: Apache-2.0 */
/* The same, while the store of delivered files may not be written: these are where the job made them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* A job that has run, and whose file is not stored. */
static int64_t
one_waits(struct home *h)
{
	int64_t job;

	home_define("delivers", "DEFAULTSHELLCOMMAND", "echo data > $JQM_JI_DELIVERY_DIR/f");
	home_start(h);
	home_wait_state(home_enqueue("delivers", "{}"), "ENDED");
	home_run(h, "chmod 500 store/*");
	job = home_enqueue("delivers", "{}");
	home_wait_log(h, "collect_waits");
	home_wait_state(job, "RUNNING"); /* so quick that only its end would have said so */
	return job;
}

static void
an_end_whose_files_cannot_be_stored_now_waits_with_them(void **state)
{
	struct home *h = *state;
	int64_t job = one_waits(h);

	home_kill_runner(h); /* the next one knows as much */
	home_start(h);
	home_run(h, "chmod 750 store/*");
	home_wait_state(job, "ENDED");
	home_wait("f f", "select string_agg(original_file_name, ' ') from jqm.deliverable");
}

static void
who_wants_it_dead_does_not_want_it_to_wait(void **state)
{
	struct home *h = *state;
	int64_t job = one_waits(h);

	test_db_sql("select jqm.kill(%lld)", (long long)job);
	home_wait_state(job, "CRASHED");
	home_wait("t", "select bool_or(reason like 'could not deliver %') from jqm.history");
}

static void
a_node_that_stops_does_not_wait_and_loses_no_end(void **state)
{
	struct home *h = *state;
	int64_t job = one_waits(h);

	assert_int_equal(kill(h->runner, SIGTERM), 0);
	assert_int_equal(home_wait_runner(h), 0);
	home_wait_state(job, "CRASHED");
	home_wait("t", "select bool_and(lease_until is null) from jqm.node");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(an_end_whose_files_cannot_be_stored_now_waits_with_them),
		HOME_TEST(who_wants_it_dead_does_not_want_it_to_wait),
		HOME_TEST(a_node_that_stops_does_not_wait_and_loses_no_end),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("runner_stored_later");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
