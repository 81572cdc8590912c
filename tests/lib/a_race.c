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

#include "base/str.h"
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

static const char *const points_of_first[] = { "BEFORE_COMMIT", "LEASE_ENDS", "LEASE_GIVEN_BACK" };
static const char *const meanwhile[] = {
	NULL, LOST, "UPDATE jqm.node SET lease_until = NULL, last_seen_alive = NULL WHERE id = 1"
};
static const char *const points_of_second[] = { "THROUGH", "AT_JOB", "AT_NODE", "AT_KEY" };

/* A session that waits for a row of a table has the lock of that row's place in it; not so who waits for a key. */
static void
assert_second_is(enum race_second_at at)
{
	static const char *const tables[] = { "", "job_instance", "node", "no table" };
	char *table;

	async_wait_for_lock();
	table = test_db_value(
	    "SELECT coalesce((SELECT l.relation::regclass::text FROM pg_locks AS l WHERE l.pid ="
	    " a.pid AND l.locktype = 'tuple' AND l.granted), 'no table') FROM pg_stat_activity AS"
	    " a WHERE a.datname = current_database() AND a.wait_event_type = 'Lock'");
	if (strcmp(str_starts(table, "jqm.") ? table + 4 : table, tables[at]) != 0)
		fail_msg("the second waits for a row of \"%s\", not %s", table,
			 points_of_second[at]);
	free(table);
}

/* All that n1's first runner could have on its mind. */
#define ITS_LAST_WORDS                                                                       \
	"SELECT count(*) FROM jqm.turn(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id," \
	" 'attempt', attempt, 'ago_ms', 0)) FROM jqm.job_instance), (SELECT jsonb_agg("      \
	"jsonb_build_object('id', id, 'attempt', attempt, 'state', 'KILLED')) FROM"          \
	" jqm.job_instance), '{1,2}', '{10,10}')"

/* Whatever the two did, and in whatever order. */
static void
assert_all_is_whole(const struct race *race, int64_t id)
{
	assert_value("SELECT count(*) FROM jqm.job_instance AS j WHERE EXISTS"
		     " (SELECT FROM jqm.history AS h WHERE h.id = j.id)",
		     "0");
	assert_value(
	    "SELECT count(*) FROM (SELECT FROM jqm.history GROUP BY id HAVING count(*) > 1)"
	    " AS twice",
	    "0");
	/* each attempt before the last one is kept, as a failure or a loss of its node */
	assert_int_equal(
	    a_number_of(
		"SELECT count(*) FROM (SELECT id, attempt, failures, node_losses FROM"
		" jqm.job_instance UNION ALL SELECT id, attempt, failures, node_losses FROM"
		" jqm.history WHERE id >= %lld) AS j WHERE failures + node_losses <> (SELECT"
		" count(*) FROM jqm.job_attempt AS a WHERE a.job_instance_id = j.id AND"
		" a.attempt <= j.attempt)",
		(long long)id),
	    0);
	if (a_number("SELECT incarnation FROM jqm.node WHERE id = 1") == 1)
		return;
	/* n1's next runner, or whoever gave it up, is through */
	if (strcmp(race->first, REGISTER) == 0 || strcmp(race->second, REGISTER) == 0)
		test_db_sql(
		    "SELECT jqm.take_back(1, incarnation, '[]') FROM jqm.node WHERE id = 1");
	assert_value("SELECT count(*) FROM jqm.job_instance AS j JOIN jqm.node AS n ON n.id ="
		     " j.node_id WHERE j.incarnation <> n.incarnation",
		     "0");
	assert_value(ITS_LAST_WORDS, "0");
}

static void
assert_outcome(const struct race *race, int64_t id)
{
	char *text;

	if (async_told != race->second_is_told)
		fail_msg("the second is told: %s", err_kind_name(async_told));
	race_assert_job(id, race->end);
	if (race->end[0] != '\0')
		assert_int_equal(a_number_of("SELECT attempt FROM jqm.job_instance WHERE id = %lld"
					     " UNION ALL SELECT attempt FROM jqm.history WHERE id ="
					     " %lld",
					     (long long)id, (long long)id),
				 race->attempts);
	if (race->others == NULL)
		return;
	text = test_db_value("SELECT string_agg(concat_ws(' ', state, node_name), '; ' ORDER BY id)"
			     " FROM (SELECT id, state, node_name FROM jqm.live_job UNION ALL SELECT"
			     " id, state, node_name FROM jqm.past_job) AS j WHERE id > %lld",
			     (long long)id);
	assert_string_equal(text, race->others);
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
	if (meanwhile[race->first_at] != NULL)
		test_db_sql("%s", meanwhile[race->first_at]);
	async_send_text(race->second);
	if (race->second_at != THROUGH)
		assert_second_is(race->second_at);
	else
		async_run_until(&async_trace.done_count, before + 1);
	assert_sql(one, commits ? "COMMIT" : "ROLLBACK");
	async_run_until(&async_trace.done_count, before + 1);
	if (commits)
		assert_outcome(race, id);
	assert_all_is_whole(race, id);
}

void
race_run(const struct race *race)
{
	print_message("%s %s", race->definition, race->state);
	if (race->before != NULL)
		print_message(" (%s)", race->before_name);
	print_message(": %s at %s, then %s %s -> %s, attempts %d", race->first_name,
		      points_of_first[race->first_at], race->second_name,
		      points_of_second[race->second_at], race->end[0] == '\0' ? "gone" : race->end,
		      race->attempts);
	print_message("%s%s\n", race->others == NULL ? "" : "; beside it ",
		      race->others == NULL ? "" : race->others);
	run(race, true);
	run(race, false);
	test_db_sql("DELETE FROM jqm.job_instance");
}
