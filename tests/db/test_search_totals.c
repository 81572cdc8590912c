/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Totals of searches: counted up to JOB_SEARCH_COUNT_MAX, estimated beyond and said so, exact when asked.
 * An estimate is never below what the page shows; with fresh statistics it is off by a tenth at most.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "model/job_query.h"
#include "model/memory.h"
#include "store/job_search_store.h"
#include "tests/lib/test_db.h"

#define LIMIT JOB_SEARCH_COUNT_MAX

static struct db *db;
/* Of session "limit" there are LIMIT jobs, of "over" one more, of "many" the rest. */
static int64_t jobs = 0;

/* n ended jobs more, of one session each; autovacuum does not come between. */
static void
add_past(const char *session, int64_t n)
{
	test_db_sql(
	    "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id,"
	    " queue_name_id, priority, attempt, enqueued_at, ended_at, highlander,"
	    " from_schedule, progress, parameters, session_key)"
	    " SELECT g, 1, 1, 'ENDED', 1, 1, 0, 1, now(), now(), false, false, 0, '{}', '%s'"
	    " FROM generate_series(%lld, %lld) AS g;"
	    "SELECT setval('jqm.job_instance_id_seq', %lld)",
	    session, (long long)jobs + 1, (long long)(jobs + n), (long long)(jobs + n));
	jobs += n;
}

static int
set_up(void **state)
{
	(void)state;
	(void)test_db_create("search_totals");
	test_db_sql("SELECT jqm.history_extend();"
		    "ALTER TABLE jqm.history_0 SET (autovacuum_enabled = off);"
		    "ALTER TABLE jqm.job_instance SET (autovacuum_enabled = off);"
		    "INSERT INTO jqm.job_def (name, queue_id, path, path_type)"
		    " SELECT 'a', id, 'true', 'DIRECTEXECUTABLE' FROM jqm.queue");
	db = db_new(test_db_conninfo_as("jqm_api"), "test_search_totals");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_free(db);
	return 0;
}

static struct job_query
page_of(const char *session, int64_t first)
{
	struct job_query query = job_query_defaults;

	query.session_id = session;
	query.first_row = (struct opt_int64){ true, first };
	query.page_size = (struct opt_int64){ true, 10 };
	return query;
}

/* The total, and whether it is an estimate. */
static int64_t
total_of(struct job_query query, bool *estimated)
{
	struct err err = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	if (job_search(db, &query, &pool.memory, &err) == -1)
		fail_msg("%s", err.text);
	assert_true(query.total.set);
	assert_int_equal(query.instances.len, 10);
	print_message("%s: %s%lld\n", query.session_id == NULL ? "all" : query.session_id,
		      query.total_is_estimate ? "about " : "", (long long)query.total.value);
	*estimated = query.total_is_estimate;
	pool_free(&pool);
	return query.total.value;
}

static void
assert_exact(struct job_query query, int64_t want)
{
	bool estimated;

	assert_int_equal(total_of(query, &estimated), want);
	assert_false(estimated);
}

/* As statistics of now say: a tenth more or less. */
static void
assert_estimated(struct job_query query, int64_t about)
{
	bool estimated;

	assert_in_range(total_of(query, &estimated), about - about / 10, about + about / 10);
	assert_true(estimated);
}

static void
up_to_the_limit_all_are_counted(void **state)
{
	(void)state;

	add_past("limit", LIMIT);
	assert_exact(page_of(NULL, 0), LIMIT);
	assert_exact(page_of("limit", 0), LIMIT);
	test_db_sql("ANALYZE");
	assert_exact(page_of(NULL, 0), LIMIT);
	assert_exact(page_of("limit", 0), LIMIT);
}

static void
one_more_is_an_estimate_and_not_below_what_was_counted(void **state)
{
	bool estimated;
	(void)state;

	/* the planner still thinks of what was there before */
	add_past("over", LIMIT + 1);
	assert_int_equal(total_of(page_of("over", 0), &estimated), LIMIT + 1);
	assert_true(estimated);
	assert_exact(page_of("limit", 0), LIMIT);
	test_db_sql("ANALYZE");
	assert_estimated(page_of("over", 0), LIMIT + 1);
	assert_true(total_of(page_of("over", 0), &estimated) >= LIMIT + 1);
}

static void
long_histories_are_estimated_with_a_filter_and_without(void **state)
{
	(void)state;

	add_past("many", 2 * LIMIT);
	test_db_sql("ANALYZE");
	assert_estimated(page_of(NULL, 0), jobs);
	assert_estimated(page_of("many", 0), 2 * LIMIT);
	/* few of many are counted, as ever */
	assert_exact(page_of("limit", 0), LIMIT);
}

static void
who_asks_for_the_exact_total_gets_it(void **state)
{
	struct job_query all = page_of(NULL, 0), many = page_of("man%", 0);
	(void)state;

	all.exact_total = many.exact_total = true;
	assert_exact(all, jobs);
	assert_exact(many, 2 * LIMIT);
	many.sorts =
	    (struct job_sort_list){ &(struct job_sort){ JOB_ORDER_DESCENDING, JOB_SORT_ID }, 1 };
	many.first_row.set = false;
	many.after = (struct opt_int64){ true, jobs - 5 };
	assert_exact(many, 2 * LIMIT);
}

static void
live_jobs_are_part_of_an_estimate(void **state)
{
	struct job_query both = page_of(NULL, 0), live = page_of(NULL, 0);
	(void)state;

	test_db_sql("SELECT jqm.enqueue('a', held => true) FROM generate_series(1, %d)", 2 * LIMIT);
	test_db_sql("ANALYZE");
	live.live = both.live = true;
	live.past = false;
	assert_estimated(live, 2 * LIMIT);
	assert_estimated(both, jobs + 2 * LIMIT);
	both.exact_total = true;
	assert_exact(both, jobs + 2 * LIMIT);
}

static void
no_estimate_is_below_the_rows_of_the_page(void **state)
{
	bool estimated;
	(void)state;

	/* statistics that are old: of half of the rows */
	add_past("new", 4 * LIMIT);
	assert_true(total_of(page_of(NULL, jobs - 11), &estimated) == jobs);
	assert_true(estimated);
	assert_true(total_of(page_of("new", 4 * LIMIT - 11), &estimated) == 4 * LIMIT);
	assert_true(estimated);
	/* behind the last row nothing is left to guess */
	assert_exact(page_of(NULL, jobs - 10), jobs);
}

/* Each row takes a millisecond: a page is there in time, no count is. */
static void
what_takes_too_long_to_count_is_estimated(void **state)
{
	char *view = test_db_value("SELECT rtrim(pg_get_viewdef('jqm.past_job_key'), ';')");
	(void)state;

	test_db_sql("ANALYZE");
	test_db_sql("CREATE OR REPLACE VIEW jqm.past_job_key AS SELECT * FROM (%s) AS k"
		    " WHERE pg_sleep(0.001) IS NOT NULL",
		    view);
	assert_estimated(page_of("limit", 0), LIMIT);
	free(view);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_to_the_limit_all_are_counted),
		cmocka_unit_test(one_more_is_an_estimate_and_not_below_what_was_counted),
		cmocka_unit_test(long_histories_are_estimated_with_a_filter_and_without),
		cmocka_unit_test(who_asks_for_the_exact_total_gets_it),
		cmocka_unit_test(live_jobs_are_part_of_an_estimate),
		cmocka_unit_test(no_estimate_is_below_the_rows_of_the_page),
		cmocka_unit_test(what_takes_too_long_to_count_is_estimated),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
