/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/a_race.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static struct db *one;

int
race_set_up(void **state)
{
	one = db_new(test_db_conninfo(), "test_races_one");
	return async_set_up(state);
}

int
race_tear_down(void **state)
{
	db_free(one);
	return async_tear_down(state);
}

int
race_group_set_up(void **state)
{
	if (a_job_set_up(state) == -1)
		return -1;
	test_db_sql("SELECT jqm.node_register('n2', gen_random_uuid(), 3600000, '/j', '/d', '/t',"
		    " 'localhost', 1)");
	return 0;
}

int64_t
race_job_in(const char *definition, const char *state)
{
	int64_t id;

	test_db_sql("DELETE FROM jqm.job_instance;"
		    "UPDATE jqm.node SET incarnation = 1, lease_ms = 3600000, lease_since = now()"
		    " - interval '2 h', lease_until = now() + interval '1 h';"
		    "UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 3600,"
		    " on_node_loss = 'CRASH'");
	id = a_job_of(definition);
	if (strcmp(state, "SUBMITTED") != 0)
		test_db_sql(A_CLAIM);
	if (strcmp(state, "RUNNING") == 0)
		a_job_starts(id);
	return id;
}

void
race_assert_job(int64_t id, const char *like)
{
	char *text =
	    test_db_value("SELECT state FROM jqm.job_instance WHERE id = %lld UNION ALL"
			  " SELECT concat_ws(' ', state, reason) FROM jqm.history WHERE id = %lld",
			  (long long)id, (long long)id);
	char *same = test_db_value("SELECT $q$%s$q$ LIKE $q$%s$q$", text, like);

	if (strcmp(same, "t") != 0)
		fail_msg("it is \"%s\", not \"%s\"", text, like);
	free(same);
	free(text);
}

static void
run(const struct race *race, bool commits)
{
	int64_t id = race_job_in(race->definition, race->state);
	size_t before = async_trace.done_count;

	if (race->before != NULL)
		test_db_sql("%s", race->before);
	assert_sql(one, "BEGIN");
	assert_sql(one, race->first);
	if (race->between != NULL)
		test_db_sql("%s", race->between);
	async_send_text(race->second);
	if (race->how == WAITS)
		async_wait_for_lock();
	else
		async_run_until(&async_trace.done_count, before + 1);
	assert_sql(one, commits ? "COMMIT" : "ROLLBACK");
	async_run_until(&async_trace.done_count, before + 1);
	assert_value("SELECT count(*) FROM jqm.job_instance AS j WHERE EXISTS"
		     " (SELECT FROM jqm.history AS h WHERE h.id = j.id)",
		     "0");
	if (!commits)
		return;
	if (async_told != race->second_is_told)
		fail_msg("the second is told: %s", err_kind_name(async_told));
	race_assert_job(id, race->end);
}

void
race_run(const struct race *race)
{
	print_message("%s %s: %s, then %s\n", race->definition, race->state, race->first,
		      race->second);
	run(race, true);
	run(race, false);
	test_db_sql("DELETE FROM jqm.job_instance");
}
