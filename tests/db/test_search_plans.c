/* SPDX-License-Identifier: Apache-2.0 */
/* Each filter of a search, and each date it can be sorted by, reaches past jobs by an index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include "model/job_query.h"
#include "model/memory.h"
#include "store/job_search_sql.h"
#include "tests/lib/test_db.h"

#define PLAN_BYTES_MAX 400000
/* Of 40000 rows. */
#define RARE "(g %% 2000 = 7)"

static struct db *db;
static struct pool pool;

/* Every value asked for is one of a few among many, or one in 2000. */
static int
set_up(void **state)
{
	(void)state;
	pool_init(&pool);
	(void)test_db_create("search_plans");
	test_db_sql(
	    "SELECT jqm.node_register('n', gen_random_uuid(), 15000, '/j', '/o', '/t', 'h', 1);"
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type)"
	    " SELECT 'a', id, 'true', 'DIRECTEXECUTABLE' FROM jqm.queue;"
	    "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id, user_name_id,"
	    " queue_name_id, node_name_id, priority, attempt, enqueued_at, started_at, ended_at,"
	    " highlander, from_schedule, progress, parameters, parent_id, session_key, module,"
	    " application, keyword1, keyword2, keyword3)"
	    " SELECT g, 1, CASE WHEN " RARE " THEN 7 ELSE 1 END,"
	    " CASE WHEN " RARE " THEN 'CRASHED' ELSE 'ENDED' END, CASE WHEN " RARE " THEN 7 ELSE 1"
	    " END, CASE WHEN " RARE " THEN 7 ELSE 1 END, CASE WHEN " RARE " THEN 7 ELSE 1 END,"
	    " CASE WHEN " RARE " THEN 7 ELSE 1 END, 0, 1, now() - (40000 - g) * interval '1 min',"
	    " now() - (40000 - g) * interval '1 min', now() - (40000 - g) * interval '1 min', "
	    "false,"
	    " false, 0, '{}', CASE WHEN " RARE " THEN 7 ELSE 1 END, CASE WHEN " RARE
	    " THEN 's7' ELSE 's' END, CASE WHEN " RARE " THEN 'm7' ELSE 'm' END, CASE WHEN " RARE
	    " THEN 'a7' ELSE 'a' END, CASE WHEN " RARE " THEN 'k7' ELSE 'k' END, CASE WHEN " RARE
	    " THEN 'k7' ELSE 'k' END, CASE WHEN " RARE " THEN 'k7' ELSE 'k' END"
	    " FROM generate_series(1, 40000) AS g");
	test_db_sql("SELECT setval('jqm.job_instance_id_seq', 40000); ANALYZE");
	test_db_sql("VACUUM jqm.history");
	db = db_new(test_db_conninfo_as("jqm_api"), "test_search_plans");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_free(db);
	pool_free(&pool);
	return 0;
}

/* The plan of what is built; the caller frees it. */
static char *
plan_of(const struct search_sql *sql)
{
	struct buf text = BUF_INIT(PLAN_BYTES_MAX), plan = BUF_INIT(PLAN_BYTES_MAX);
	struct db_stmt explain = { .name = "", .n_params = sql->n_params };
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	buf_printf(&text, "EXPLAIN (COSTS OFF) %s", buf_text(&sql->text));
	explain.text = buf_text(&text);
	if (db_exec(db, &explain, sql->params, &rows, &err) == -1)
		fail_msg("%s: %s", err.text, buf_text(&sql->text));
	for (int row = 0; row < db_rows(rows); row++)
		buf_printf(&plan, "%s\n", db_text(rows, row, 0));
	db_result_free(rows);
	buf_free(&text);
	return buf_take(&plan);
}

/* Of the page of a range, of the count: no walk of the table, and by that index. */
static void
assert_uses(const struct job_query *query, const struct search_names *names, const char *index)
{
	const struct search_range range = { true, 0, 250000, false };

	for (int count = 0; count < 2; count++) {
		struct search_sql sql;
		char *plan;

		search_sql_init(&sql, &pool.memory);
		if (count)
			search_count_sql(&sql, query, names, 10001);
		else
			search_ids_sql(&sql, query, names, &range, 51);
		plan = plan_of(&sql);
		print_message("%.800s\n",
			      plan); /* a longer one would be cut with its end of line */
		assert_null(strstr(plan, "Seq Scan on history_0"));
		assert_non_null(strstr(plan, index));
		free(plan);
		search_sql_free(&sql);
	}
}

static void
each_filter_has_an_index(void **state)
{
	static const struct opt_int64 seven = { true, 7 };
	static const struct opt_time late = { true, 0 };
	const char *crashed = "CRASHED";
	const struct {
		struct job_query query;
		const char *index;
	} cases[] = {
		{ { .id = seven }, "history_0_pkey" },
		{ { .parent_id = seven }, "history_0_parent_id_id_idx" },
		{ { .queue_id = seven }, "history_0_queue_id_id_idx" },
		{ { .session_id = "s7" }, "history_0_session_key_idx" },
		{ { .session_id = "s7%" }, "history_0_session_key_idx" },
		{ { .keyword1 = "k7" }, "history_0_keyword1_id_idx" },
		{ { .keyword2 = "k7" }, "history_0_keyword2_idx" },
		{ { .keyword3 = "k7" }, "history_0_keyword3_idx" },
		{ { .module = "m7" }, "history_0_module_id_idx" },
		{ { .module = "no such" }, "history_0_module_id_idx" },
		{ { .application = "a7" }, "history_0_application_id_idx" },
		{ { .statuses = { &crashed, 1 } }, "history_0_state_id_idx" },
		{ { .enqueued_after = late }, "history_0_enqueued_at_id_idx" },
		{ { .started_after = late }, "history_0_started_at_id_idx" },
		{ { .ended_after = late }, "history_0_ended_at_id_idx" },
	};
	const struct search_names none = { .of[0].asked = false };
	char *soon = test_db_value(
	    "SELECT (extract(epoch FROM now() - interval '1 hour') * 1000000)::bigint");
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_query query = cases[i].query;

		query.past = true;
		if (strstr(cases[i].index, "_at_id_idx") != NULL)
			query.enqueued_after.us = query.started_after.us = query.ended_after.us =
			    strtoll(soon, NULL, 10); /* those not set stay so */
		assert_uses(&query, &none, cases[i].index);
	}
	free(soon);
}

static void
each_name_has_an_index_on_its_id(void **state)
{
	static const char *const indexes[SEARCH_DICTIONARIES] = {
		"history_0_snapshot_id_id_idx",
		"history_0_user_name_id_id_idx",
		"history_0_queue_name_id_id_idx",
		"history_0_node_name_id_id_idx",
	};
	int64_t ids[] = { 7, 8 };
	struct job_query query = { .past = true };
	(void)state;

	for (int i = 0; i < SEARCH_DICTIONARIES; i++)
		for (size_t n = 1; n <= 2; n++) {
			struct search_names names;

			memset(&names, 0, sizeof(names));
			names.of[i] = (struct search_ids){ true, false, ids, n };
			assert_uses(&query, &names, indexes[i]);
		}
}

static void
pages_without_filter_and_by_date_need_no_sorting_of_all(void **state)
{
	static const struct {
		enum job_sort_column column;
		const char *index;
	} cases[] = {
		{ JOB_SORT_ID, "history_0_pkey" },
		{ JOB_SORT_DATEENQUEUE, "history_0_enqueued_at_id_idx" },
		{ JOB_SORT_DATEEXECUTION, "history_0_started_at_id_idx" },
		{ JOB_SORT_DATEEND, "history_0_ended_at_id_idx" },
	};
	const struct search_names none = { .of[0].asked = false };
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int order = JOB_ORDER_ASCENDING; order <= JOB_ORDER_DESCENDING; order++) {
			struct job_sort sort = { order, cases[i].column };
			struct job_query query = { .past = true, .sorts = { &sort, 1 } };
			struct search_sql sql;
			char *plan;

			search_sql_init(&sql, &pool.memory);
			search_sorted_sql(&sql, &query, &none, 0, 51);
			plan = plan_of(&sql);
			print_message("%.800s\n",
				      plan); /* a longer one would be cut with its end of line */
			assert_null(strstr(plan, "Seq Scan on history_0"));
			assert_non_null(strstr(plan, cases[i].index));
			free(plan);
			search_sql_free(&sql);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_filter_has_an_index),
		cmocka_unit_test(each_name_has_an_index_on_its_id),
		cmocka_unit_test(pages_without_filter_and_by_date_need_no_sorting_of_all),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
