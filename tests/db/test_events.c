/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema, events: noted while somebody listens, read once each, in whatever order things are committed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static struct db *listener;
static char *epoch, *seen; /* of the listener */

static int
set_up(void **state)
{
	(void)a_job_set_up(state);
	listener = db_new(test_db_conninfo_as("jqm_events"), "listener");
	return 0;
}

static int
tear_down(void **state)
{
	db_free(listener);
	free(epoch);
	free(seen);
	return a_job_tear_down(state);
}

/* What the listener is told by sql; free() it. */
static char *
told(const char *sql)
{
	struct db_stmt stmt = { .name = "", .text = sql };
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	char *text;

	if (db_exec(listener, &stmt, NULL, &rows, &err) == -1)
		fail_msg("%s: %s", sql, err.text);
	text = str_dup(db_text(rows, 0, 0) == NULL ? "" : db_text(rows, 0, 0));
	db_result_free(rows);
	return text;
}

static void
look_from_here(void)
{
	char *sql;

	free(epoch);
	free(seen);
	epoch = told("SELECT epoch FROM jqm.events_keep(100)");
	sql = str_printf("SELECT snapshot FROM jqm.events_between('%s', NULL, 10)", epoch);
	seen = told(sql);
	free(sql);
}

static void
nobody_listens(void)
{
	test_db_sql("SELECT setval('jqm.event_wanted_until', 0); DELETE FROM jqm.job_instance; "
		    "DELETE FROM jqm.event");
}

static int
from_here(void **state)
{
	(void)state;
	nobody_listens();
	look_from_here();
	return 0;
}

/* What a look shows, and the listener has seen it. */
static void
assert_heard(const char *expected)
{
	char *sql = str_printf(
	    "SELECT coalesce(string_agg(CASE WHEN lost THEN 'LOST' ELSE kind || ' ' || state || "
	    "coalesce(' ' || (data::json->>'message'), '') || coalesce(' ' || "
	    "(data::json->>'exitCode'), '') || "
	    "CASE kind WHEN 'progress' THEN ' ' || (data::json->>'progress') ELSE '' END END, ', ' "
	    "ORDER BY (data::json->>'event')::bigint), '') || '#' || max(snapshot) FROM "
	    "jqm.events_between('%s', '%s', 1000)",
	    epoch, seen);
	char *got = told(sql), *hash = strchr(got, '#');

	assert_non_null(hash);
	*hash = '\0';
	free(seen);
	seen = str_dup(hash + 1);
	assert_string_equal(got, expected);
	free(got);
	free(sql);
}

static void
a_job_from_its_beginning_to_its_end(void **state)
{
	int64_t id;

	(void)state;
	id = a_job_in("RUNNING");
	assert_heard("state SUBMITTED, state ATTRIBUTED, state RUNNING");
	assert_heard("");
	/* What nobody is told of, such as ageing, is no event. */
	test_db_sql("UPDATE jqm.job_instance SET effective_priority = 3, position = position + 1");
	assert_heard("");
	test_db_sql("SELECT jqm.set_progress(%lld, 40, 1)", (long long)id);
	test_db_sql("SELECT jqm.set_progress(%lld, 40, 1)", (long long)id);
	test_db_sql("SELECT jqm.say(%lld, 'hello', 1)", (long long)id);
	test_db_sql("SELECT jqm.kill(%lld, 'me')", (long long)id);
	a_job_ends(id, "CRASHED");
	test_db_sql("SELECT jqm.add_message(%lld, 'afterwards')", (long long)id);
	assert_heard(
	    "progress RUNNING 40, message RUNNING hello, change RUNNING, message RUNNING Kill "
	    "attempt on the job, state CRASHED, message CRASHED afterwards");
}

static void
what_is_committed_late_is_heard_late_and_once(void **state)
{
	struct db *slow = db_new(test_db_conninfo(), "slow"),
		  *slower = db_new(test_db_conninfo(), "slower");

	(void)state;
	assert_sql(slower, "BEGIN; SELECT jqm.enqueue('Plain', priority => 3)");
	assert_sql(slow, "BEGIN; SELECT jqm.enqueue('Plain', held => true)");
	(void)a_job_of("Plain");
	assert_heard("state SUBMITTED");
	assert_sql(slow, "COMMIT");
	assert_heard("state HOLDED");
	(void)a_job_of("Plain");
	assert_heard("state SUBMITTED");
	assert_sql(slower, "COMMIT");
	assert_heard("state SUBMITTED");
	assert_heard("");
	db_free(slow);
	db_free(slower);
}

static void
what_is_rolled_back_never_happened(void **state)
{
	struct db *other = db_new(test_db_conninfo(), "other");

	(void)state;
	assert_sql(other, "BEGIN; SELECT jqm.enqueue('Plain')");
	assert_sql(other, "ROLLBACK");
	assert_heard("");
	db_free(other);
}

static void
a_job_that_is_deleted_is_told_so(void **state)
{
	int64_t id = a_job_in("SUBMITTED");

	(void)state;
	assert_heard("state SUBMITTED");
	test_db_sql("SELECT jqm.delete(%lld)", (long long)id);
	assert_heard("state DELETED");
}

static void
nothing_is_noted_while_nobody_listens(void **state)
{
	(void)state;
	nobody_listens();
	(void)a_job_in("RUNNING");
	assert_value("SELECT count(*) FROM jqm.event", "0");
	/* Who listens then has heard nothing of it, and what he knew is of no use. */
	assert_heard("");
	look_from_here();
	assert_heard("");
}

static void
while_nobody_listens_a_change_calls_nothing(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.events_let_go()"); /* somebody does: nothing happens */
	(void)a_job_in("SUBMITTED");
	assert_heard("state SUBMITTED");
	nobody_listens();
	test_db_sql("SELECT jqm.events_let_go()");
	assert_value("SELECT pg_sequence_last_value('jqm.event_wanted_until') IS NULL", "t");
	look_from_here();
	(void)a_job_in("SUBMITTED");
	assert_heard("state SUBMITTED");
}

static void
who_listens_again_after_a_pause_has_another_source(void **state)
{
	char *before = str_dup(epoch);

	(void)state;
	look_from_here();
	assert_string_equal(epoch, before);
	nobody_listens();
	look_from_here();
	assert_string_not_equal(epoch, before);
	free(epoch);
	epoch = str_dup(before);
	assert_heard("LOST");
	free(before);
}

static void
the_source_knows_who_was_at_work_when_it_began(void **state)
{
	struct db *other = db_new(test_db_conninfo(), "other");
	char *open, *sql;

	(void)state;
	nobody_listens();
	assert_sql(other, "BEGIN; SELECT jqm.enqueue('Plain')");
	look_from_here();
	/* Whoever looks sees that one is left that is older than the source. */
	sql = str_printf("SELECT pg_snapshot_xmin('%s') <= begun::xid8 FROM jqm.events_keep(1)",
			 seen);
	open = told(sql);
	assert_string_equal(open, "t");
	free(open);
	free(sql);
	assert_sql(other, "COMMIT");
	assert_heard(""); /* it did that before it could know */
	db_free(other);
}

static void
more_at_once_than_asked_for_is_a_loss(void **state)
{
	(void)state;
	test_db_sql("SELECT jqm.enqueue('Plain') FROM generate_series(1, 1001)");
	assert_heard("LOST");
	(void)a_job_of("Plain");
	assert_heard("state SUBMITTED");
}

static void
what_was_lost_with_a_crash_is_noticed(void **state)
{
	(void)state;
	/* As PostgreSQL leaves unlogged tables. */
	test_db_sql("TRUNCATE jqm.event, jqm.event_source");
	assert_heard("LOST");
	look_from_here();
	(void)a_job_of("Plain");
	assert_heard("state SUBMITTED");
}

static void
old_events_go_and_whoever_needs_them_is_told(void **state)
{
	char *long_ago = str_dup(seen);

	(void)state;
	(void)a_job_of("Plain");
	assert_heard("state SUBMITTED");
	test_db_sql("UPDATE jqm.event SET at = at - interval '6 min'");
	(void)a_job_of("Plain");
	free(told("SELECT epoch FROM jqm.events_keep(100)"));
	assert_value("SELECT count(*) FROM jqm.event", "1");
	assert_heard("state SUBMITTED");
	free(seen);
	seen = long_ago;
	assert_heard("LOST");
}

static void
history_begins_where_there_are_not_too_many(void **state)
{
	char *from, *sql, *n;

	(void)state;
	for (int i = 0; i < 5; i++)
		(void)a_job_of("Plain");
	from = told("SELECT from_xid FROM jqm.events_keep(3)");
	sql = str_printf(
	    "SELECT count(xid) FROM jqm.events_between('%s', ((%s::bigint + 1) || ':' || "
	    "(%s::bigint + 1) || ':')::pg_snapshot, 100)",
	    epoch, from, from);
	n = told(sql);
	assert_string_equal(n, "3");
	free(n);
	free(sql);
	free(from);
}

static void
who_is_another_by_now_may_not_go_on(void **state)
{
	char *sql, *verdicts;

	(void)state;
	test_db_sql("INSERT INTO jqm.account (login) VALUES ('one'), ('two'), ('three')");
	sql = test_db_value("SELECT format('SELECT jqm.events_may(ARRAY[%%s], ARRAY[%%s], ARRAY[0, "
			    "0, 999, 0, 0])', "
			    "string_agg(id::text, ', ' ORDER BY id) || ', 999999, 0', "
			    "string_agg((stamp + CASE login WHEN 'two' THEN 1 ELSE 0 END)::text, "
			    "', ' ORDER BY id) || ', 1, 0') "
			    "FROM jqm.account WHERE login IN ('one', 'two', 'three')");
	verdicts = told(sql);
	/* The second has another stamp, the third a session that is none; who is nobody has to log in. */
	assert_string_equal(verdicts, "10000");
	free(verdicts);
	test_db_sql(
	    "INSERT INTO jqm.global_parameter (key, value) VALUES ('disableWsApiClient', 'true')");
	verdicts = told(sql);
	assert_string_equal(verdicts, "00000");
	free(verdicts);
	test_db_sql("DELETE FROM jqm.global_parameter WHERE key = 'disableWsApiClient'");
	verdicts = told(sql);
	assert_string_equal(verdicts, "10000");
	free(verdicts);
	test_db_sql("UPDATE jqm.account SET locked = true WHERE login = 'one'");
	verdicts = told(sql);
	assert_string_equal(verdicts, "00000");
	free(verdicts);
	free(sql);
	test_db_sql("DELETE FROM jqm.account WHERE login IN ('one', 'two', 'three')");
}

static void
the_role_may_call_its_functions_and_nothing_else(void **state)
{
	static const char *const not_its[] = {
		"SELECT * FROM jqm.event",
		"SELECT * FROM jqm.job_instance",
		"SELECT * FROM jqm.account",
		"SELECT jqm.enqueue('Plain')",
		"SELECT jqm.kill(1, 'x')",
		"SELECT * FROM jqm.cluster_secret",
		"SELECT nextval('jqm.event_wanted_until')",
		"INSERT INTO jqm.event_source VALUES ('x', '1:1:')",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(not_its) / sizeof(not_its[0]); i++)
		assert_denied("jqm_events", not_its[i]);
	assert_denied("jqm_runner", "SELECT jqm.events_key()");
	assert_denied("jqm_client", "SELECT jqm.events_keep(1)");
	assert_denied("jqm_api", "SELECT jqm.events_keep(1)");
}

#define heard(test) cmocka_unit_test_setup(test, from_here)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		heard(a_job_from_its_beginning_to_its_end),
		heard(what_is_committed_late_is_heard_late_and_once),
		heard(what_is_rolled_back_never_happened),
		heard(a_job_that_is_deleted_is_told_so),
		heard(nothing_is_noted_while_nobody_listens),
		heard(while_nobody_listens_a_change_calls_nothing),
		heard(who_listens_again_after_a_pause_has_another_source),
		heard(the_source_knows_who_was_at_work_when_it_began),
		heard(more_at_once_than_asked_for_is_a_loss),
		heard(what_was_lost_with_a_crash_is_noticed),
		heard(old_events_go_and_whoever_needs_them_is_told),
		heard(history_begins_where_there_are_not_too_many),
		heard(who_is_another_by_now_may_not_go_on),
		heard(the_role_may_call_its_functions_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
