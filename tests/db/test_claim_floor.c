/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql/schema/0007_runner.sql, claim_plainly(): a session whose walk through a queue was long begins where that
 * ended.  The memory is a setting, so tests write it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* The session remembers that nothing older than 5 s waits, and is to believe it for so many seconds more. */
static void
remember(struct db *db, int for_s)
{
	char *sql = str_printf(
	    "SELECT set_config('jqm.claimed_from_1', (array_fill((extract(epoch FROM "
	    "clock_timestamp()) * 1000 - 5000)::float8, ARRAY[11]) || (extract(epoch FROM "
	    "clock_timestamp()) + %d)::float8)::text, false)",
	    for_s);

	assert_sql(db, sql);
	free(sql);
}

/* The session claims up to room jobs and gets exactly these, in whatever order. */
static void
assert_claims(struct db *db, int room, const char *ids)
{
	char *sql = str_printf(
	    "DO $$ DECLARE got text := (SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '')"
	    " FROM jqm.claim(1, 1, 1, %d)); BEGIN IF got <> '%s' THEN RAISE EXCEPTION"
	    " 'claimed \"%%\"', got; END IF; END $$",
	    room, ids);

	assert_sql(db, sql);
	free(sql);
}

static char *
text_of(int64_t id)
{
	return str_printf("%lld", (long long)id);
}

static void
only_this(struct db *db, int room, int64_t id)
{
	char *text = text_of(id);

	assert_claims(db, room, text);
	free(text);
}

static void
what_came_back_to_a_place_in_front_is_found_when_the_time_is_over(void **state)
{
	struct db *db = *state;
	int64_t back, fresh;

	test_db_sql("DELETE FROM jqm.job_instance");
	back = a_job_of("Plain");
	fresh = a_job_of("Plain");
	test_db_sql("UPDATE jqm.job_instance SET position = 1000 WHERE id = %lld", (long long)back);
	remember(db, 1000);
	only_this(db, 10, fresh);
	assert_claims(db, 10, "");
	remember(db, -1);
	only_this(db, 10, back);
}

static void
a_session_that_remembers_nothing_takes_all(void **state)
{
	struct db *db = *state;
	int64_t back;

	test_db_sql("DELETE FROM jqm.job_instance");
	back = a_job_of("Plain");
	test_db_sql("UPDATE jqm.job_instance SET position = 1000");
	only_this(db, 10, back);
}

static void
priorities_come_in_their_order_and_no_more_than_there_is_room_for(void **state)
{
	struct db *db = *state;
	int64_t none, low, high;
	char *both;

	test_db_sql("DELETE FROM jqm.job_instance");
	none = a_job_of("Plain");
	low = a_job_of("Plain");
	high = a_job_of("Plain");
	test_db_sql("UPDATE jqm.job_instance SET priority = p, effective_priority = p FROM"
		    " (VALUES (%lld, 3), (%lld, 9)) AS v(job, p) WHERE id = job",
		    (long long)low, (long long)high);
	remember(db, 1000);
	both = str_printf("%lld %lld", (long long)low, (long long)high);
	assert_claims(db, 2, both);
	only_this(db, 2, none);
	free(both);
}

static void
a_highlander_waits_for_the_one_that_runs(void **state)
{
	struct db *db = *state;
	int64_t first;

	test_db_sql("DELETE FROM jqm.job_instance");
	first = a_job_of("Highlander");
	remember(db, 1000);
	only_this(db, 10, first);
	(void)a_job_of("Highlander");
	assert_claims(db, 10, "");
}

/* Who was slow to commit is not passed by. */
static void
what_is_remembered_stays_a_second_behind(void **state)
{
	struct db *db = *state;

	test_db_sql("DELETE FROM jqm.job_instance");
	(void)a_job_of("Plain");
	remember(db, 1000);
	assert_sql(db, "SELECT jqm.claim(1, 1, 1, 10)");
	assert_sql(db, "DO $$ DECLARE v float8[] := current_setting('jqm.claimed_from_1'); BEGIN "
		       "ASSERT cardinality(v) = 12 AND v[1] > 0 AND (SELECT max(f) FROM "
		       "unnest(v[1:11]) AS f) <= extract(epoch FROM clock_timestamp()) * 1000 - "
		       "1000; END $$");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_db(what_came_back_to_a_place_in_front_is_found_when_the_time_is_over),
		with_db(a_session_that_remembers_nothing_takes_all),
		with_db(priorities_come_in_their_order_and_no_more_than_there_is_room_for),
		with_db(a_highlander_waits_for_the_one_that_runs),
		with_db(what_is_remembered_stays_a_second_behind),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
