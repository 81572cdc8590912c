/* SPDX-License-Identifier: Apache-2.0 */
/* What the client library asks of a large history reads what it answers with, and not the history. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"
#include "tests/lib/test_db.h"

/* Of 40000 rows, in two partitions. */
#define RARE "(g %% 2000 = 7)"

static int
set_up(void **state)
{
	(void)state;
	(void)test_db_create("client_functions");
	test_db_sql(
	    "SELECT jqm.node_register('n', gen_random_uuid(), 15000, '/j', '/o', '/t', 'h', 1);"
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type)"
	    " SELECT 'a', id, 'true', 'DIRECTEXECUTABLE' FROM jqm.queue;"
	    "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id, user_name_id,"
	    " queue_name_id, node_name_id, priority, attempt, enqueued_at, started_at, ended_at,"
	    " highlander, from_schedule, progress, parameters, parent_id, session_key, module)"
	    " SELECT g, 1, 1, CASE WHEN " RARE " THEN 'CRASHED' ELSE 'ENDED' END, 1, 1, 1, 1, 0, 1,"
	    " now() - (270000 - g) * interval '1 min', now(), now(), false, false, 0, '{}', 1,"
	    " CASE WHEN " RARE " THEN 's7' ELSE 's' END, CASE WHEN " RARE " THEN 'm7' ELSE 'm' END"
	    " FROM generate_series(230001, 270000) AS g");
	test_db_sql("SELECT setval('jqm.job_instance_id_seq', 270000); ANALYZE");
	test_db_sql("VACUUM jqm.history");
	return 0;
}

/* How many rows of history (heap or index) a call reads; what it answers must have that in it. */
static int64_t
rows_read(const char *call, const char *has)
{
	char sql[2000];
	char *text;
	int64_t n = -1;

	(void)snprintf(
	    sql, sizeof(sql),
	    "WITH c AS MATERIALIZED (SELECT (%s)::text AS answer)"
	    " SELECT CASE WHEN strpos(c.answer, '%s') = 0 THEN '-1' ELSE"
	    " (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))"
	    "  FROM pg_stat_xact_user_tables WHERE schemaname = 'jqm'"
	    "  AND relname LIKE 'history_%%0' AND c.answer IS NOT NULL)::text END FROM c",
	    call, has);
	text = test_db_value("%s", sql);
	assert_int_equal(num_int64(text, 0, INT64_MAX, &n), 0);
	free(text);
	return n;
}

static void
a_page_reads_a_page(void **state)
{
	static const struct {
		const char *query, *has;
	} cases[] = {
		{ "{}", "\"id\": 230001" },
		{ "{\"sortby\": [{\"col\": \"ID\", \"order\": \"DESCENDING\"}]}",
		  "\"id\": 270000" },
		{ "{\"after\": 249990}", "\"id\": 250000" },
		{ "{\"after\": 250010, \"sortby\": [{\"col\": \"ID\", \"order\": \"DESCENDING\"}]}",
		  "\"id\": 249990" },
		{ "{\"sortby\": [{\"col\": \"DATEENQUEUE\"}]}", "\"id\": 230001" },
		{ "{\"jobInstanceId\": 240000}", "\"id\": 240000" },
		{ "{\"instanceModule\": \"m7\"}", "\"module\": \"m7\"" },
		{ "{\"sessionId\": \"s7\"}", "\"sessionID\": \"s7\"" },
		{ "{\"statuses\": [\"CRASHED\"]}", "\"CRASHED\"" },
		{ "{\"applicationName\": [\"nobody\", \"b\"]}", "instances" },
		{ "{\"applicationName\": [\"a\"]}", "\"id\": 230001" },
		{ "{\"user\": \"nobody\"}", "instances" },
		{ "{\"queueName\": \"nobody\"}", "instances" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char call[600];
		int64_t n;

		(void)snprintf(call, sizeof(call),
			       "SELECT jqm.client_query('{\"queryLiveInstances\": true,"
			       " \"queryHistoryInstances\": true}'::jsonb || '%s')",
			       cases[i].query);
		n = rows_read(call, cases[i].has);
		(void)fprintf(stderr, "%s: %lld rows\n", cases[i].query, (long long)n);
		assert_true(n < 1000);
	}
}

static void
one_job_reads_one_row(void **state)
{
	(void)state;
	assert_true(rows_read("SELECT jqm.client_job(240000)", "\"id\": 240000") <= 4);
	assert_true(rows_read("SELECT jqm.client_files(240000)", "[]") <= 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_reads_a_page),
		cmocka_unit_test(one_job_reads_one_row),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
