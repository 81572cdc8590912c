/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0043_turn.sql: what a runner says and asks at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define SETTINGS                                                                            \
	"(SELECT string_agg(name || '=' || current_setting(name), ' ' ORDER BY name) FROM " \
	"pg_settings WHERE name ~ '^(enable_.*|plan_cache_mode|lock_timeout|search_path)$')"

/* In the same transaction too: whatever is done in it next is planned as ever. */
static void
a_turn_leaves_no_setting_behind(void **state)
{
	struct db *db = *state;
	int64_t id = a_job_in("RUNNING");
	char *turn = str_printf("SELECT jqm.turn(1, 1, '[]', '[{\"id\": %lld, \"attempt\": 1,"
				" \"state\": \"ENDED\", \"exit_code\": 0}]', '{1}', '{10}')",
				(long long)id);

	(void)a_job_of("Plain");
	assert_sql(db, "BEGIN");
	assert_sql(db, "CREATE TEMP TABLE before ON COMMIT DROP AS SELECT " SETTINGS " AS text");
	assert_sql(db, turn);
	assert_sql(db, "DO $$ BEGIN ASSERT (SELECT text FROM before) = " SETTINGS ", " SETTINGS
		       "; END $$");
	assert_sql(db, "COMMIT");
	assert_job_state(id, "ENDED");
	assert_value("SELECT count(*) FROM jqm.job_instance WHERE state = 'ATTRIBUTED'", "1");
	free(turn);
}

static void
jobs_of_all_queues_come_by_priority_and_then_by_number(void **state)
{
	int64_t ids[4];
	char *want;
	(void)state;

	test_db_sql("DELETE FROM jqm.job_instance");
	for (int i = 0; i < 4; i++)
		ids[i] = a_job_of("Plain");
	test_db_sql("UPDATE jqm.job_instance SET queue_id = 2 WHERE id IN (%lld, %lld)",
		    (long long)ids[1], (long long)ids[2]);
	test_db_sql("UPDATE jqm.job_instance SET priority = 5, effective_priority = 5 WHERE id IN"
		    " (%lld, %lld)",
		    (long long)ids[2], (long long)ids[3]);
	want = str_printf("%lld %lld %lld %lld", (long long)ids[2], (long long)ids[3],
			  (long long)ids[0], (long long)ids[1]);
	assert_value(
	    "SELECT string_agg(r.id::text, ' ' ORDER BY r.n) FROM (SELECT t.id, row_number()"
	    " OVER () AS n FROM jqm.turn(1, 1, NULL, NULL, '{1,2}', '{10,10}') AS t) AS r",
	    want);
	free(want);
}

/* Two end at once, and one of them was told with an attempt that is not its own as well. */
static void
what_is_told_of_an_end_goes_to_its_job_alone(void **state)
{
	int64_t rich = a_job_in("RUNNING"), plain;
	(void)state;

	plain = a_job_of("Plain");
	test_db_sql("SELECT jqm.claim(1, 1, 1, 10)");
	test_db_sql("UPDATE jqm.job_instance SET email = 'b@x.y, a@x.y' WHERE id = %lld",
		    (long long)rich);
	test_db_sql("SELECT jqm.turn(1, 1, NULL, '["
		    "{\"id\": %lld, \"attempt\": 7, \"state\": \"KILLED\", \"messages\": [\"no\"]},"
		    "{\"id\": %lld, \"attempt\": 1, \"state\": \"ENDED\", \"exit_code\": 0},"
		    "{\"id\": %lld, \"attempt\": 1, \"state\": \"ENDED\", \"exit_code\": 0,"
		    " \"messages\": [\"one\", \"\", \"two\"], \"files\": [{\"guid\":"
		    " \"00000000-0000-4000-8000-000000000001\", \"path\": \"p\", \"name\": \"n\","
		    " \"size\": 3, \"sha256\": \"%064d\"}]}]', NULL, NULL)",
		    (long long)rich, (long long)plain, (long long)rich, 0);
	assert_job_state(rich, "ENDED");
	assert_job_state(plain, "ENDED");
	assert_int_equal(a_number_of("SELECT count(*) FROM jqm.message WHERE text_message IN"
				     " ('one', 'two') AND job_instance_id = %lld",
				     (long long)rich),
			 2);
	assert_value("SELECT count(*) FROM jqm.message WHERE text_message IN ('no', '')", "0");
	assert_int_equal(a_number_of("SELECT count(*) FROM jqm.deliverable AS d JOIN jqm.node AS n"
				     " ON n.name_id = d.node_name_id WHERE d.job_instance_id = %lld"
				     " AND d.file_family = 'n' AND d.size_bytes = 3",
				     (long long)rich),
			 1);
	assert_value("SELECT string_agg(recipient, ' ' ORDER BY id) FROM jqm.mail", "a@x.y b@x.y");
}

#define STARTED "'[{\"id\": %lld, \"attempt\": 1, \"ago_ms\": 1}]'"
#define PLAIN_END                                         \
	"SELECT jqm.turn(1, 1, " STARTED ", NULL, NULL, " \
	"NULL, '{\"(%lld,1,ENDED,0,,1,1,1,1,1)\"}')"
#define CRASHED_END                                                                      \
	"SELECT jqm.turn(1, 1, " STARTED ", '[{\"id\": %lld, \"attempt\": 1, \"state\":" \
	" \"CRASHED\", \"exit_code\": 1}]', NULL, NULL)"

/*
 * Whatever was known of the table when the statements were planned: index entries of others are not looked at, for a node may run
 * a thousand jobs, and a row of the index by nodes stays for each that did until the table is vacuumed.  Its own is looked up some times, with
 * each version of it that somebody may still see: ten or so.
 */
static void
starts_and_ends_read_no_job_but_their_own(void **state)
{
	static const char *const known[] = { "SELECT", "VACUUM ANALYZE jqm.job_instance",
					     "SELECT" };
	static const char *const become[] = { "ENDED", "ENDED", "CRASHED" };
	struct db *db = *state;
	int64_t id;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		char *turn;

		test_db_sql("DELETE FROM jqm.job_instance");
		test_db_sql("%s", known[i]);
		id = a_job_in("RUNNING");
		for (int n = 0; n < 100; n++)
			(void)a_job_of("Plain");
		test_db_sql("SELECT jqm.claim(1, 1, 1, 100)");
		turn = i == 2 ? str_printf(CRASHED_END, (long long)id, (long long)id)
			      : str_printf(PLAIN_END, (long long)id, (long long)id);
		assert_sql(db, "BEGIN");
		assert_sql(db, turn);
		assert_sql(db,
			   "DO $$ BEGIN ASSERT (SELECT "
			   "sum(pg_stat_get_xact_tuples_returned(indexrelid)) < 50"
			   " FROM pg_index WHERE indrelid = 'jqm.job_instance'::regclass); END $$");
		assert_sql(db, "COMMIT");
		assert_job_state(id, become[i]);
		free(turn);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_db(a_turn_leaves_no_setting_behind),
		with_db(jobs_of_all_queues_come_by_priority_and_then_by_number),
		with_db(what_is_told_of_an_end_goes_to_its_job_alone),
		with_db(starts_and_ends_read_no_job_but_their_own),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
