/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "model/job_query.h"
#include "model/memory.h"
#include "store/job_search_dates.h"
#include "store/job_search_sql.h"

static struct pool pool;
static struct search_sql sql;
static const struct search_names no_names;

static int
set_up(void **state)
{
	(void)state;
	pool_init(&pool);
	search_sql_init(&sql, &pool.memory);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	search_sql_free(&sql);
	pool_free(&pool);
	return 0;
}

/* The statement for a page of a query, made anew. */
static const char *
page_of(const struct job_query *query, const struct search_names *names)
{
	search_sql_free(&sql);
	search_sql_init(&sql, &pool.memory);
	search_sorted_sql(&sql, query, names, 10, 50);
	assert_false(sql.text.failed);
	return buf_text(&sql.text);
}

static bool
is_param(const char *value)
{
	for (int i = 0; i < sql.n_params; i++)
		if (strcmp(sql.params[i], value) == 0)
			return true;
	return false;
}

static void
texts_are_parameters_and_never_text(void **state)
{
	const char *name = "x'; DROP TABLE history";
	struct job_query q = job_query_defaults;
	(void)state;

	q.live = true;
	q.application_names = (struct text_list){ &name, 1 };
	q.user = q.session_id = q.keyword1 = q.queue_name = q.node_name = "x'; DROP TABLE history";
	assert_null(strstr(page_of(&q, &no_names), "DROP"));
	assert_true(is_param("x'; DROP TABLE history"));
}

static void
limits_add_nothing_to_the_statements_of_those_who_have_none(void **state)
{
	const char *limits[] = { "queue=x'y", "own=me" };
	const struct text_list scope = { limits, 2 };
	struct search_names names = { 0 };
	struct job_query q = job_query_defaults;
	int64_t ids[] = { 7 };
	const char *text;
	(void)state;

	q.live = true;
	text = page_of(&q, &no_names);
	assert_null(strstr(text, "scope"));
	assert_null(strstr(text, "submitter"));
	q.scope = &scope;
	names.scope[SEARCH_SCOPE_SUBMITTERS] = (struct search_ids){ .ids = ids, .len = 1 };
	text = page_of(&q, &names);
	assert_non_null(strstr(text, "jqm.in_scope($1::text[], j.queue_name"));
	assert_non_null(strstr(text, "(false OR j.submitter_id = ANY ($"));
	assert_null(strstr(text, "x'y"));
	/* limits that history has no name for: nothing */
	text = page_of(&q, &no_names);
	assert_non_null(strstr(text, "AND (false)"));
}

static void
a_percent_sign_makes_a_pattern_without_escape(void **state)
{
	struct job_query q = job_query_defaults;
	(void)state;

	q.session_id = "a\\%_b";
	assert_non_null(strstr(page_of(&q, &no_names), "j.session_key LIKE $"));
	assert_true(is_param("a\\\\%_b"));
	q.session_id = "a\\_b";
	assert_non_null(strstr(page_of(&q, &no_names), "j.session_key = $"));
	assert_true(is_param("a\\_b"));
	q.session_id = "";
	assert_non_null(
	    strstr(page_of(&q, &no_names), "(j.session_key IS NULL OR j.session_key = '')"));
}

static void
names_become_the_ids_that_were_found(void **state)
{
	int64_t ids[] = { 7, 9 };
	struct search_names names = { .of[SEARCH_USERS] = { .asked = true, .ids = ids } };
	struct job_query q = job_query_defaults;
	(void)state;

	q.user = "a%";
	names.of[SEARCH_USERS].len = 1;
	assert_non_null(strstr(page_of(&q, &names), "j.user_name_id = $1::int"));
	assert_true(is_param("7"));
	names.of[SEARCH_USERS].len = 2;
	assert_non_null(strstr(page_of(&q, &names), "j.user_name_id = ANY ($1::int[])"));
	assert_true(is_param("{7,9}"));
	names.of[SEARCH_USERS].len = 0;
	(void)page_of(&q, &names);
	assert_true(is_param("{}"));
	names.of[SEARCH_USERS].too_many = true;
	assert_non_null(strstr(page_of(&q, &names), "j.user_name_id IN (SELECT s.id"));
	q.user = "";
	assert_non_null(strstr(page_of(&q, &names), "(j.user_name_id IS NULL OR "));
}

static void
a_dictionary_is_asked_only_for_its_filter(void **state)
{
	struct job_query q = job_query_defaults;
	(void)state;

	for (int i = 0; i < SEARCH_DICTIONARIES; i++)
		assert_false(search_names_sql(&sql, &q, i));
	q.definition_module = "m";
	assert_true(search_names_sql(&sql, &q, SEARCH_DEFINITIONS));
	assert_non_null(strstr(buf_text(&sql.text), "jqm.definition_snapshot"));
	assert_false(search_names_sql(&sql, &q, SEARCH_NODES));
}

static void
minus_one_is_none(void **state)
{
	struct job_query q = job_query_defaults;
	(void)state;

	q.parent_id = (struct opt_int64){ true, -1 };
	assert_non_null(strstr(page_of(&q, &no_names), "j.parent_id IS NULL"));
	q.parent_id.value = 0; /* a parent of number 0 is how JQM says none */
	assert_non_null(strstr(page_of(&q, &no_names), "j.parent_id IS NULL"));
	q.queue_id = (struct opt_int64){ true, -1 };
	assert_non_null(strstr(page_of(&q, &no_names), "NOT EXISTS (SELECT FROM jqm.queue"));
}

static void
both_ends_of_a_date_are_meant_to_the_millisecond(void **state)
{
	struct job_query q = job_query_defaults;
	(void)state;

	q.ended_before = (struct opt_time){ true, INT64_C(1700000000123000) };
	assert_non_null(strstr(page_of(&q, &no_names), "j.ended_at < $1::timestamptz"));
	assert_true(is_param("2023-11-14T22:13:20.124Z"));
	q.ended_before.us = TIME_US_MAX;
	(void)page_of(&q, &no_names);
	assert_true(is_param("9999-12-31T23:59:59.999Z"));
	q.ended_before.us = TIME_US_MIN;
	(void)page_of(&q, &no_names);
	assert_true(is_param("0001-01-01T00:00:00.000Z"));
}

static void
a_column_is_sorted_by_once_and_the_id_comes_last(void **state)
{
	struct job_sort sorts[] = { { JOB_ORDER_DESCENDING, JOB_SORT_USERNAME },
				    { JOB_ORDER_NONE, JOB_SORT_DATEEND },
				    { JOB_ORDER_ASCENDING, JOB_SORT_USERNAME } };
	struct job_query q = job_query_defaults;
	(void)state;

	q.sorts = (struct job_sort_list){ sorts, 3 };
	assert_non_null(strstr(page_of(&q, &no_names), " ORDER BY user_name DESC, ended_at, id"));
	q.live = true;
	q.past = false; /* nothing that lives has an end date */
	assert_non_null(strstr(page_of(&q, &no_names), " ORDER BY user_name DESC, id"));
}

static void
a_query_says_where_to_look_and_what_makes_sense(void **state)
{
	struct job_sort by_user = { JOB_ORDER_NONE, JOB_SORT_USERNAME }, none = { 0, 0 };
	const char *no_state = "DANCING";
	struct job_query q = job_query_defaults;
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(job_query_check(&q, &err), 0);
	q.past = false;
	assert_int_equal(job_query_check(&q, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	q.live = true;
	q.statuses = (struct text_list){ &no_state, 1 };
	assert_int_equal(job_query_check(&q, &err), -1);
	assert_non_null(strstr(err.text, "DANCING"));
	q.statuses.len = 0;
	q.sorts = (struct job_sort_list){ &none, 1 };
	assert_int_equal(job_query_check(&q, &err), -1);
	q.sorts.items = &by_user;
	assert_int_equal(job_query_check(&q, &err), 0);
	q.after = (struct opt_int64){ true, 5 };
	assert_int_equal(job_query_check(&q, &err), -1);
	assert_false(job_query_has_filter(&q));
	q.node_name = "";
	assert_true(job_query_has_filter(&q));
}

/* A range whose jobs were enqueued from second 100 to 200. */
static bool
sorts_found(int64_t after_s, int64_t before_s, bool descending)
{
	struct job_query q = job_query_defaults;

	q.enqueued_after = (struct opt_time){ after_s > 0, after_s * 1000000 };
	q.ended_before = (struct opt_time){ before_s > 0, before_s * 1000000 };
	return search_sorts_found(&q, (struct opt_time){ true, 100000000 },
				  (struct opt_time){ true, 200000000 }, descending);
}

static void
the_ids_are_walked_unless_much_would_be_passed_over(void **state)
{
	(void)state;

	assert_false(sorts_found(50, 250, true));
	assert_false(sorts_found(50, 190, true)); /* a tenth to pass over */
	assert_true(sorts_found(50, 110, true)); /* nine tenths */
	assert_false(sorts_found(50, 110, false));
	assert_true(sorts_found(190, 0, false));
	assert_false(sorts_found(190, 0, true));
	assert_true(sorts_found(140, 150, true));
	assert_true(
	    sorts_found(300, 400, true)); /* nothing to be found: the index says so at once */
	assert_true(sorts_found(0, 50, false));
	assert_true(sorts_found(160, 120, true));
}

int
main(void)
{
#define with_sql(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		with_sql(texts_are_parameters_and_never_text),
		with_sql(limits_add_nothing_to_the_statements_of_those_who_have_none),
		with_sql(a_percent_sign_makes_a_pattern_without_escape),
		with_sql(names_become_the_ids_that_were_found),
		with_sql(a_dictionary_is_asked_only_for_its_filter),
		with_sql(minus_one_is_none),
		with_sql(both_ends_of_a_date_are_meant_to_the_millisecond),
		with_sql(a_column_is_sorted_by_once_and_the_id_comes_last),
		with_sql(a_query_says_where_to_look_and_what_makes_sense),
		with_sql(the_ids_are_walked_unless_much_would_be_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
