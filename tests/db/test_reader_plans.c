/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of the web API on tables that grow for ever: each must reach its rows by an index. */
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
#include "model/deliverable.h"
#include "model/job_instance.h"
#include "model/memory.h"
#include "store/deliverable_store.h"
#include "store/job_instance_store.h"
#include "store/job_log_store.h"
#include "tests/lib/test_db.h"

#define PLAN_BYTES_MAX 200000

static struct db *db;

static int
set_up(void **state)
{
	(void)state;
	(void)test_db_create("reader_plans");
	test_db_sql(
	    "SELECT jqm.node_register('alpha', gen_random_uuid(), 15000, '/j', '/o', '/t', 'h', 1);"
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type)"
	    " SELECT 'a', id, 'true', 'DIRECTEXECUTABLE' FROM jqm.queue;"
	    "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id, queue_name_id,"
	    " node_name_id, priority, attempt, enqueued_at, ended_at, highlander, from_schedule,"
	    " progress, parameters, parent_id)"
	    " SELECT g, d.id, q.id, 'ENDED', d.snapshot_id, q.name_id, n.name_id, 0, 1, now(),"
	    " now(), false, false, 0, '{}', nullif(g / 2, 0) FROM generate_series(1, 20000) AS g, "
	    "jqm.job_def AS d,"
	    " jqm.queue AS q, jqm.node AS n;"
	    "INSERT INTO jqm.message (job_instance_id, text_message)"
	    " SELECT g, 'm' FROM generate_series(1, 20000) AS g;"
	    "INSERT INTO jqm.deliverable (job_instance_id, node_name_id, random_id, path,"
	    " original_file_name, size_bytes, sha256) SELECT g, n.name_id, gen_random_uuid(), 'p',"
	    " 'n', 1, repeat('0', 64) FROM generate_series(1, 20000) AS g, jqm.node AS n;"
	    "INSERT INTO jqm.job_attempt SELECT g, 1, n.name_id, now(), now(), now(), 3 FROM"
	    " generate_series(1, 20000) AS g, jqm.node AS n;"
	    "INSERT INTO jqm.job_waited_for SELECT g, g - 1, 'end' FROM"
	    " generate_series(1, 20000) AS g;"
	    "INSERT INTO jqm.job_restart SELECT g, g + 1 FROM generate_series(1, 20000) AS g;"
	    "ANALYZE");
	db = db_new(test_db_conninfo_as("jqm_api"), "test_reader_plans");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	db_free(db);
	return 0;
}

static const struct db_stmt *
stmt_named(const char *name)
{
	size_t count;
	const struct db_stmt *const *list = db_stmt_list(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i]->name, name) == 0)
			return list[i];
	fail_msg("there is no statement \"%s\"", name);
	return NULL;
}

/* The plan of the statement with this first parameter; others are 50: rows at most, or an id; a fourth
 * is no limit; the caller frees it. */
static char *
plan_of(const char *name, const char *param)
{
	struct db_stmt explain = *stmt_named(name);
	const char *params[] = { param, "50", "50", NULL };
	struct buf text = BUF_INIT(PLAN_BYTES_MAX), plan = BUF_INIT(PLAN_BYTES_MAX);
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	assert_in_range(explain.n_params, 1, 4);
	buf_printf(&text, "EXPLAIN (COSTS OFF) %s", explain.text);
	explain.name = "";
	explain.text = buf_text(&text);
	if (db_exec(db, &explain, params, &rows, &err) == -1)
		fail_msg("%s: %s", name, err.text);
	for (int row = 0; row < db_rows(rows); row++)
		buf_printf(&plan, "%s\n", db_text(rows, row, 0));
	db_result_free(rows);
	buf_free(&text);
	return buf_take(&plan);
}

/* The rows are found, and the modules are linked, statements and all. */
static void
rows_in_the_middle_are_found(void **state)
{
	struct job_instance job;
	struct job_place place;
	struct job_log_place log;
	struct deliverable_list files;
	struct err err = ERR_INIT;
	struct pool pool;
	(void)state;

	pool_init(&pool);
	assert_int_equal(job_instance_read(db, 15000, &pool.memory, &job, &err), 0);
	assert_int_equal(job.messages.len, 1);
	assert_int_equal(job_instance_place(db, 15000, &pool.memory, &place, &err), 0);
	assert_string_equal(place.node_name, "alpha");
	assert_int_equal(job_log_place(db, 15000, 0, &pool.memory, &log, &err), 0);
	assert_string_equal(log.node_name, "alpha");
	assert_int_equal(deliverable_list_of_job(db, 15000, &pool.memory, &files, &err), 0);
	assert_int_equal(files.len, 1);
	pool_free(&pool);
}

static void
no_reader_walks_a_table_that_grows(void **state)
{
	static const struct {
		const char *stmt, *param, *index;
	} cases[] = {
		{ "job_instance_read_past", "15000", "past_job_of" },
		{ "job_instance_place", "15000", "past_job_of" },
		{ "job_log_place", "15000", "past_job_of" },
		{ "job_instance_list_all", "50", "history_0_pkey" },
		{ "job_instance_list_newest", "15000", "history_0_pkey" },
		{ "job_instance_list_children", "15000", "parent_id_id_idx" },
		{ "job_instance_list_children_newest", "15000", "parent_id_id_idx" },
		{ "job_instance_dependents", "15000", "job_waited_for_waits_for" },
		{ "job_attempt_read_for", "{7,15000}", "job_attempt_pkey" },
		{ "message_read_for", "{7,15000}", "message_job_instance" },
		{ "deliverable_list_of_job", "15000", "deliverable_job_instance" },
		{ "deliverable_by_id", "15000", "deliverable_pkey" },
		{ "deliverable_by_random_id", "0b2f5c1e-7d3a-4f61-9c55-1d2e3f405162",
		  "deliverable_random_id_key" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *plan = plan_of(cases[i].stmt, cases[i].param);

		(void)fprintf(stderr, "%s:\n%s", cases[i].stmt, plan); /* cmocka would cut it off */
		assert_null(strstr(plan, "Seq Scan on history_0")); /* the others are empty */
		assert_null(strstr(plan, "Seq Scan on message"));
		assert_null(strstr(plan, "Seq Scan on deliverable"));
		assert_null(strstr(plan, "Seq Scan on job_attempt"));
		assert_null(strstr(plan, "Seq Scan on job_waited_for"));
		assert_null(strstr(plan, "Seq Scan on job_restart"));
		assert_non_null(strstr(plan, cases[i].index));
		free(plan);
	}
}

/* What jqm.past_job_of() does, which hides its plan: one partition is looked at, by its key. */
static void
a_past_job_is_found_by_a_plan_that_is_made_once(void **state)
{
	struct db_stmt explain = { .name = "",
				   .text = "EXPLAIN (COSTS OFF) EXECUTE of_id (15000)" };
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(
	    db_exec_sql(db,
			"SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
			"PREPARE of_id (bigint) AS SELECT * FROM jqm.past_job WHERE id = $1",
			&err),
	    0);
	assert_int_equal(db_exec(db, &explain, NULL, &rows, &err), 0);
	for (int row = 0, removed = 0, found = 0;; row++) {
		assert_true(row < db_rows(rows));
		assert_null(strstr(db_text(rows, row, 0), "Seq Scan on history"));
		removed |= strstr(db_text(rows, row, 0), "Subplans Removed") != NULL;
		found |= strstr(db_text(rows, row, 0), "history_0_pkey") != NULL;
		if (removed && found)
			break;
	}
	db_result_free(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_in_the_middle_are_found),
		cmocka_unit_test(no_reader_walks_a_table_that_grows),
		cmocka_unit_test(a_past_job_is_found_by_a_plan_that_is_made_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
