/* SPDX-License-Identifier: Apache-2.0 */
/* Which node has the logs of which attempt, from the first request to history. */
#include "store/job_log_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "model/memory.h"
#include "tests/lib/a_job.h"
#include "tests/lib/test_db.h"

/* The second node claims; it is number 2. */
#define CLAIM_OF_N2 "SELECT jqm.claim(2, 1, " A_QUEUE ", 1)"

static struct db *api;

static int
set_up(void **state)
{
	if (a_job_set_up(state) == -1)
		return -1;
	test_db_sql("SELECT jqm.node_register('n2', gen_random_uuid(), 3600000, '/j', '/d', '/t',"
		    " 'localhost', 1);"
		    "UPDATE jqm.job_def SET attempts_max = 3, retry_delay_s = 0");
	api = db_new(test_db_conninfo_as("jqm_api"), "test_job_log_store");
	return 0;
}

static int
tear_down(void **state)
{
	db_free(api);
	return a_job_tear_down(state);
}

/* node "": no node; NULL: there was no such attempt. */
static void
assert_place(int64_t id, int32_t attempt, const char *node)
{
	struct job_log_place place;
	struct err err = ERR_INIT;
	struct pool pool;

	pool_init(&pool);
	assert_int_equal(job_log_place(api, id, attempt, &pool.memory, &place, &err), 0);
	assert_true(place.was == (node != NULL));
	if (node != NULL && node[0] != '\0')
		assert_string_equal(place.node_name, node);
	else
		assert_null(place.node_name);
	pool_free(&pool);
}

static void
crash(int64_t id, int node, int attempt)
{
	test_db_sql(
	    "SELECT jqm.mark_started(%d, 1, '[{\"id\": %lld, \"attempt\": %d, \"ago_ms\": 0}]');"
	    "SELECT jqm.finish(%d, 1, '[{\"id\": %lld, \"attempt\": %d, \"state\": \"CRASHED\","
	    " \"exit_code\": 1, \"started_ago_ms\": 0}]')",
	    node, (long long)id, attempt, node, (long long)id, attempt);
}

static void
each_attempt_is_where_it_ran(void **state)
{
	int64_t id = a_job_of("Plain");
	(void)state;

	assert_place(id, 0, "");
	assert_place(id, 1, NULL);
	test_db_sql(A_CLAIM);
	assert_place(id, 0, "n1");
	assert_place(id, 1, "n1");
	assert_place(id, 2, NULL);
	crash(id, 1, 1);
	/* Between two attempts: the newest is the one that was. */
	assert_place(id, 0, "n1");
	assert_place(id, 1, "n1");
	assert_place(id, 2, NULL);
	/* Taken and given back: no attempt of anybody's. */
	test_db_sql(A_CLAIM);
	test_db_sql("SELECT jqm.give_back(1, 1, '[{\"id\": %lld, \"attempt\": 2}]')",
		    (long long)id);
	assert_place(id, 2, NULL);
	test_db_sql(CLAIM_OF_N2);
	assert_place(id, 0, "n2");
	assert_place(id, 1, "n1");
	assert_place(id, 2, NULL);
	assert_place(id, 3, "n2");
	crash(id, 2, 3);
	test_db_sql(A_CLAIM);
	crash(id, 1, 4);
	assert_job_state(id, "CRASHED");
	assert_place(id, 0, "n1");
	assert_place(id, 1, "n1");
	assert_place(id, 3, "n2");
	assert_place(id, 4, "n1");
	assert_place(id, 5, NULL);
}

static void
a_job_cancelled_between_two_attempts_has_the_log_of_the_first(void **state)
{
	int64_t id = a_job_of("Plain");
	(void)state;

	test_db_sql(A_CLAIM);
	crash(id, 1, 1);
	test_db_sql("SELECT jqm.cancel(%lld)", (long long)id);
	assert_place(id, 0, "n1");
	assert_place(id, 1, "n1");
	assert_place(id, 2, NULL);
}

static void
a_job_that_does_not_exist_is_not_found(void **state)
{
	struct job_log_place place;
	struct err err = ERR_INIT;
	struct pool pool;
	(void)state;

	pool_init(&pool);
	assert_int_equal(job_log_place(api, A_JOB_UNKNOWN, 0, &pool.memory, &place, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_attempt_is_where_it_ran),
		cmocka_unit_test(a_job_cancelled_between_two_attempts_has_the_log_of_the_first),
		cmocka_unit_test(a_job_that_does_not_exist_is_not_found),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
