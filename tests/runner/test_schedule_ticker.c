/* SPDX-License-Identifier: Apache-2.0 */
/* A runner with schedules that are wrong, new, many, or were missed. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

#define MANY 1000
#define GAPS_MAX 4
#define NEVER "0 0 29 2 *" /* as good as: nothing comes due while a test counts */

/* A home whose runner takes no jobs: what was fired stays where it can be counted. */
static struct home *
begin(void **state)
{
	struct home *h = *state;

	test_db_sql("truncate jqm.schedule cascade");
	home_define("tick", "DEFAULTSHELLCOMMAND", "true");
	test_db_sql("insert into jqm.node (name, repo_job_def, repo_deliverable, repo_tmp)"
		    " values ('%s', '/j', '/o', '/t')",
		    h->node);
	test_db_sql("insert into jqm.queue_mapping (node_id, queue_id, max_jobs,"
		    " polling_interval_ms) select n.id, q.id, 0, 1000 from jqm.node as n,"
		    " jqm.queue as q where n.name = '%s' and q.default_queue",
		    h->node);
	home_start(h);
	home_wait("t", "select count(*) > 0 from jqm.node where lease_until > now()");
	return h;
}

static void
a_schedule_that_makes_no_sense_disturbs_no_other_and_works_once_corrected(void **state)
{
	static const char *const wrong[][3] = {
		{ "nonsense", "UTC", "the cron pattern at character 1 has 1 field" },
		{ "61 * * * *", "UTC", "minute \"61\" is outside 0 to 59, at character 1" },
		{ "0 0 30 2 *", "UTC", "is never due" },
		{ "* * * * *", "Mars/Base", "there is no time zone \"Mars/Base\"" },
		{ "* * * * *", "../../../etc/passwd", "there is no time zone" },
	};
	char *log;

	(void)begin(state);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		test_db_sql("insert into jqm.schedule (job_def_id, cron_expression, time_zone)"
			    " select id, '%s', '%s' from jqm.job_def",
			    wrong[i][0], wrong[i][1]);
	test_db_sql("select jqm.schedule_create('tick', '" NEVER "')");
	home_wait("5", "select count(problem) from jqm.schedule");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *problem =
		    test_db_value("select problem from jqm.schedule where cron_expression = '%s'"
				  " and time_zone = '%s'",
				  wrong[i][0], wrong[i][1]);

		if (strstr(problem, wrong[i][2]) == NULL)
			fail_msg("%s: %s", wrong[i][0], problem);
		free(problem);
	}
	home_wait("t", "select next_fire_at > now() from jqm.schedule where problem is null");
	test_db_sql("update jqm.schedule set next_fire_at = now() where problem is null");
	home_wait("1", "select count(*) from jqm.job_instance");
	/* corrected, and made when it was wrong: its time comes like any other's */
	test_db_sql("update jqm.schedule set cron_expression = '" NEVER "', time_zone = 'UTC'"
		    " where problem is not null");
	home_wait("0", "select count(*) from jqm.schedule where next_fire_at is null");
	test_db_sql("update jqm.schedule set next_fire_at = now()");
	home_wait("7", "select count(*) from jqm.job_instance");
	log = home_log(*state);
	assert_non_null(strstr(log, "schedule_unusable"));
	free(log);
}

static void
a_schedule_made_just_before_its_slot_does_not_miss_it(void **state)
{
	(void)begin(state);
	/* made 90 s ago, and nobody has looked yet: one or two slots have come since */
	test_db_sql("begin; select jqm.schedule_create('tick', '* * * * *', misfire => 'ALL');"
		    " update jqm.schedule set since = now() - interval '90 s'; commit");
	home_wait("t", "select next_fire_at > now() from jqm.schedule");
	home_wait("t", "select count(*) between 1 and 2 from jqm.job_instance");
}

/*
 * A hundred are told at a time.  Were the next hundred told a second later, on a machine that needs less for them, there would
 * be nine gaps; one that is busy with other things may make some, too: then once more.
 */
static void
many_that_are_due_together_do_not_wait_for_the_next_second(void **state)
{
	int64_t gaps = INT64_MAX;

	(void)begin(state);
	test_db_sql("insert into jqm.schedule (job_def_id, cron_expression)"
		    " select id, '" NEVER "' from jqm.job_def, generate_series(1, %d)",
		    MANY);
	home_wait("0", "select count(*) from jqm.schedule where next_fire_at is null");
	for (int tries = 0; tries < 5 && gaps > GAPS_MAX; tries++) {
		test_db_sql("delete from jqm.schedule_slot; delete from jqm.job_instance;"
			    " update jqm.schedule set next_fire_at = now() - interval '1 s'");
		home_wait("1000", "select count(*) from jqm.schedule_slot where outcome = 'FIRED'");
		gaps = home_number(test_db_value(
		    "select count(*) from (select created_at - lag(created_at) over (order by"
		    " created_at) as gap from jqm.schedule_slot) as g"
		    " where gap > interval '400 ms'"));
		print_message("%lld gaps\n", (long long)gaps);
		home_wait("1000", "select count(*) from jqm.job_instance");
	}
	assert_true(gaps <= GAPS_MAX);
}

/* A day without any node: each rule makes of it what it says. */
static void
a_day_that_was_missed_is_made_good_as_each_rule_says(void **state)
{
	struct home *h = begin(state);

	test_db_sql("select jqm.schedule_create('tick', '*/5 * * * *', misfire => r)"
		    " from unnest(array['SKIP', 'ONCE', 'ALL']) as r");
	home_wait("3", "select count(*) from jqm.schedule where next_fire_at > now()");
	home_kill_runner(h);
	test_db_sql(
	    "update jqm.schedule set misfire_window_s = 7200,"
	    " next_fire_at = to_timestamp(floor(extract(epoch from now()) / 300) * 300 - 86400)");
	home_start(h);
	home_wait("3", "select count(*) from jqm.schedule where next_fire_at > now()");
	/* two hours have 24 of them; the newest may be less than a minute old, which fires anyway */
	home_wait("t", "select count(*) between 23 and 25 from jqm.job_instance where schedule_id ="
		       " (select id from jqm.schedule where misfire = 'ALL')");
	home_wait("t", "select count(*) between 1 and 2 from jqm.job_instance where schedule_id ="
		       " (select id from jqm.schedule where misfire = 'ONCE')");
	home_wait("t", "select count(*) between 0 and 1 from jqm.job_instance where schedule_id ="
		       " (select id from jqm.schedule where misfire = 'SKIP')");
	home_wait("t", "select count(*) = count(distinct (schedule_id, slot)) and count(*) > 60"
		       " from jqm.schedule_slot");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(
		    a_schedule_that_makes_no_sense_disturbs_no_other_and_works_once_corrected),
		HOME_TEST(a_schedule_made_just_before_its_slot_does_not_miss_it),
		HOME_TEST(many_that_are_due_together_do_not_wait_for_the_next_second),
		HOME_TEST(a_day_that_was_missed_is_made_good_as_each_rule_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
