/* SPDX-License-Identifier: Apache-2.0 */
/* The same, on a node that may not write where it must, or has lost a directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* Nothing of that is a job's fault: none is used up, and they run as soon as it is as it was. */
static void
a_node_that_has_lost_its_directories_uses_up_no_job(void **state)
{
	static const struct {
		const char *takes, *gives_back, *says;
	} cases[] = {
		{ "chmod 500 tmp", "chmod 700 tmp", "Permission denied" },
		{ "mv joblogs away && mkdir -m 500 joblogs", "rmdir joblogs && mv away joblogs",
		  "/joblogs/" },
		{ "chmod 500 joblogs/*", "chmod 750 joblogs/*", "could not open the output file" },
		{ "mv jobs away", "mv away jobs", "could not enter job repository" },
		{ "chmod 000 jobs", "chmod 700 jobs", "/jobs\": Permission denied" },
	};
	struct home *h = *state;

	home_define("short", "DEFAULTSHELLCOMMAND", "true");
	home_start(h);
	home_wait_state(home_enqueue("short", "{}"), "ENDED");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: %s\n", cases[i].takes);
		home_wait("0", "select count(*) from jqm.job_instance");
		home_run(h, "%s", cases[i].takes);
		test_db_sql("select jqm.enqueue('short') from generate_series(1, 5)");
		home_wait_log(h, cases[i].says);
		home_pause(300); /* others would follow it */
		home_run(h, "%s", cases[i].gives_back);
		home_wait("0", "select count(*) from jqm.job_instance");
		home_wait("0", "select count(*) from jqm.history where state <> 'ENDED'");
	}
}

/* Nor does what is left of a job's earlier attempt, which cannot be removed then, use up the job. */
static void
nor_does_one_that_cannot_remove_what_an_earlier_attempt_left(void **state)
{
	struct home *h = *state;
	int64_t job;

	home_define("again", "DEFAULTSHELLCOMMAND",
		    "[ ! -e ../first ] || exit 0; echo $$ > ../first;"
		    " until [ -e ../gate ]; do sleep 0.02; done; exit 3");
	test_db_sql("update jqm.job_def set attempts_max = 2, retry_delay_s = 0");
	home_start(h);
	job = home_enqueue("again", "{}");
	(void)home_pid(h, "first");
	home_run(h, "chmod 500 tmp");
	home_touch(h, "gate");
	home_wait_log(h, "could not remove directory");
	home_wait_log(h, "job_not_started");
	home_pause(300); /* its end would follow */
	home_run(h, "chmod 700 tmp");
	home_wait_state(job, "ENDED");
	home_assert_history(job, "failures", "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(a_node_that_has_lost_its_directories_uses_up_no_job),
		HOME_TEST(nor_does_one_that_cannot_remove_what_an_earlier_attempt_left),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("runner_shortage");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
