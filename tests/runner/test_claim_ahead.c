/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real runners: where jobs are brief more are claimed than there are places, and nobody can tell but by the
 * clock (runner/slots.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "tests/lib/a_cluster.h"
#include "tests/lib/test_db.h"

static void
many(const char *definition, int jobs)
{
	test_db_sql("select count(jqm.enqueue('%s')) from generate_series(1, %d)", definition,
		    jobs);
}

static void
brief_jobs_are_never_more_than_there_are_places(void **state)
{
	struct cluster *c = *state;
	int starts;

	cluster_define(c, "brief", "true", NULL);
	cluster_start(c, 1, 3);
	many("brief", 400);
	cluster_wait_all_over("400");
	assert_in_range(cluster_most_at_a_time(c, &starts), 1, 3);
	assert_int_equal(starts, 400);
}

static void
what_was_claimed_ahead_of_long_jobs_goes_back_and_runs_elsewhere(void **state)
{
	struct cluster *c = *state;

	cluster_define(c, "brief", "true", NULL);
	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 2);
	test_db_sql("begin; select count(jqm.enqueue('brief')) from generate_series(1, 100);"
		    " select count(jqm.enqueue('long')) from generate_series(1, 6); commit");
	home_wait("100", "select count(*) from jqm.history");
	home_wait("2 4", "select count(*) filter (where state = 'RUNNING') || ' ' ||"
			 " count(*) filter (where state = 'SUBMITTED') from jqm.job_instance");
	cluster_start(c, 2, 4);
	home_wait("6 2", "select count(*) || ' ' || count(distinct node_id) from jqm.job_instance"
			 " where state = 'RUNNING'");
	cluster_kill_all();
}

/*
 * They would wait for half a second.  On a busy machine that may be over before the change is made or seen:
 * then once more.
 */
static void
what_was_claimed_ahead_starts_at_once_when_there_is_more_room(void **state)
{
	struct cluster *c = *state;
	bool at_once = false;

	cluster_define(c, "brief", "true", NULL);
	cluster_define(c, "long", "sleep 300", NULL);
	cluster_start(c, 1, 2);
	for (int round = 0; round < 20 && !at_once; round++) {
		char *text;

		test_db_sql(
		    "begin; select count(jqm.enqueue('brief')) from generate_series(1, 100);"
		    " select count(jqm.enqueue('long')) from generate_series(1, 4); commit");
		home_wait("2",
			  "select count(*) from jqm.job_instance where state = 'RUNNING'"
			  " and job_def_id = (select id from jqm.job_def where name = 'long')");
		test_db_sql("update jqm.queue_mapping set max_jobs = 4");
		home_wait("4", "select count(*) from jqm.job_instance where state = 'RUNNING'");
		text = test_db_value("select max(attempt) = 1 and max(started_at - attributed_at) <"
				     " interval '450 ms' from jqm.job_instance");
		at_once = text[0] == 't';
		free(text);
		cluster_kill_all();
		test_db_sql("update jqm.queue_mapping set max_jobs = 2");
	}
	assert_true(at_once);
}

/* "id id ...": the jobs, as the runner heard that they had begun; caller frees. */
static char *
starts_told(const struct home *h)
{
	struct buf ids = BUF_INIT(100000);
	char *log = home_log(h), *text;

	for (const char *at = log; (at = strstr(at, " job_started job=")) != NULL;) {
		at += strlen(" job_started job=");
		buf_printf(&ids, "%s%lld", ids.len == 0 ? "" : " ", strtoll(at, NULL, 10));
	}
	text = str_dup(buf_text(&ids));
	buf_free(&ids);
	free(log);
	return text;
}

static void
they_start_in_the_order_of_the_queue(void **state)
{
	struct cluster *c = *state;
	char *told, *wanted;

	cluster_define(c, "brief", "true", NULL);
	cluster_start(c, 1, 2);
	test_db_sql("update jqm.node set root_log_level = 'DEBUG'");
	home_wait_log(c->homes[0], " log_level level=DEBUG");
	test_db_sql("select count(jqm.enqueue('brief', priority => 1 + i %% 10)) from "
		    "generate_series(1, 300) as i");
	cluster_wait_all_over("300");
	told = starts_told(c->homes[0]);
	wanted = test_db_value(
	    "select string_agg(id::text, ' ' order by priority desc, id) from jqm.history");
	assert_string_equal(told, wanted);
	free(told);
	free(wanted);
}

/* A queue of one place is how people say "one after the other". */
static void
in_a_queue_of_one_place_a_job_starts_when_history_has_the_last_one(void **state)
{
	struct cluster *c = *state;

	cluster_define(c, "brief", "true", NULL);
	cluster_start(c, 1, 1);
	many("brief", 60);
	cluster_wait_all_over("60");
	/* in the order of their claims; the ones that are wrong are named */
	cluster_assert_value(
	    "select coalesce(string_agg(concat_ws(' ', id, attempt, attributed_at, started_at,"
	    " ended_at, 'before it', last_id, last_end), '; '), 'none')"
	    " from (select *, lag(ended_at) over w as last_end, lag(id) over w as last_id"
	    " from jqm.history window w as (order by attributed_at, id)) as h"
	    " where attributed_at < last_end",
	    "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLUSTER_TEST(brief_jobs_are_never_more_than_there_are_places),
		CLUSTER_TEST(what_was_claimed_ahead_of_long_jobs_goes_back_and_runs_elsewhere),
		CLUSTER_TEST(what_was_claimed_ahead_starts_at_once_when_there_is_more_room),
		CLUSTER_TEST(they_start_in_the_order_of_the_queue),
		CLUSTER_TEST(in_a_queue_of_one_place_a_job_starts_when_history_has_the_last_one),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("claim_ahead");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
