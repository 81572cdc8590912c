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
#define IN_TURN_S 10 /* it would take if a hundred were told each second */

/* A home whose runner takes no jobs: what was fired stays where it can be counted. */
static struct home *
begin(void **state)
{
	struct home *h = *state;

	test_db_sql("truncate jqm.schedule cascade");
	home_define("tick", "DEFAULTSHELLCOMMAND", "true");
	home_start(h);
	home_wait("t", "select count(*) > 0 from jqm.node where lease_until > now()");
	test_db_sql("update jqm.queue_mapping set max_jobs = 0");
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
	test_db_sql("select jqm.schedule_create('tick', '* * * * *')");
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
	test_db_sql("update jqm.schedule set cron_expression = '* * * * *', time_zone = 'UTC'"
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

static void
many_that_are_due_together_do_not_wait_for_the_next_second(void **state)
{
	char *seconds;

	(void)begin(state);
	test_db_sql("insert into jqm.schedule (job_def_id, cron_expression)"
		    " select id, '0 4 * * *' from jqm.job_def, generate_series(1, %d)",
		    MANY);
	home_wait("0", "select count(*) from jqm.schedule where next_fire_at is null");
	test_db_sql("update jqm.schedule set next_fire_at = now() - interval '1 s'");
	home_wait("1000", "select count(*) from jqm.schedule_slot where outcome = 'FIRED'");
	seconds =
	    test_db_value("select floor(extract(epoch from max(created_at) - min(created_at)))"
			  " from jqm.schedule_slot");
	print_message("%d in %s s\n", MANY, seconds);
	assert_true(home_number(seconds) < IN_TURN_S - 2);
	home_wait("1000", "select count(*) from jqm.job_instance");
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
