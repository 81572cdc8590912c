/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0011: past jobs anew, and queues as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* A job with all its tags that ended so. */
static int64_t
tagged_past_job(const char *end)
{
	int64_t id;

	test_db_sql("DELETE FROM jqm.job_instance");
	id = a_number(
	    "SELECT jqm.enqueue('Plain', '{\"b\": \"2\"}', user_name => 'u', session_id => 's',"
	    " application => 'ap', module => 'm', keyword1 => 'k1', keyword2 => 'k2',"
	    " keyword3 => 'k3', email => 'e@x', parent_id => 5)");
	test_db_sql(A_CLAIM);
	a_job_ends(id, end);
	return id;
}

#define TAGS                                                                                     \
	"concat_ws('|', definition_name, user_name, session_key, application, module, keyword1," \
	" keyword2, keyword3, email, parent_id, parameters)"

static void
a_past_job_is_enqueued_again_with_all_its_tags(void **state)
{
	int64_t id = tagged_past_job("ENDED");

	(void)state;
	test_db_sql("SELECT jqm.enqueue_again(%lld, 'alice')", (long long)id);
	assert_value("SELECT state || '|' || " TAGS " FROM jqm.live_job",
		     "SUBMITTED|Plain|u|s|ap|m|k1|k2|k3|e@x|5|{\"a\": \"1\", \"b\": \"2\"}");
	test_db_sql("DELETE FROM jqm.job_instance");
}

static void
a_crashed_job_is_restarted_once_and_stays_in_history(void **state)
{
	int64_t id = tagged_past_job("CRASHED");
	int64_t again;
	char sql[150], want[100];

	(void)state;
	/* what the definition became since does not matter */
	test_db_sql("UPDATE jqm.job_def SET parameters = '{\"c\": \"3\"}' WHERE name = 'Plain'");
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.restart_crashed(%lld, 'alice')",
		       (long long)id);
	again = a_number(sql);
	assert_value("SELECT state || '|' || " TAGS " FROM jqm.live_job",
		     "SUBMITTED|Plain|u|s|ap|m|k1|k2|k3|e@x|5|{\"a\": \"1\", \"b\": \"2\"}");
	assert_sql_fails(a_client, sql, ERR_CONFLICT);
	(void)snprintf(
	    sql, sizeof(sql),
	    "SELECT p.state || ' ' || m.text_message FROM jqm.past_job AS p, jqm.message AS m"
	    " WHERE p.id = %lld AND m.job_instance_id = p.id",
	    (long long)id);
	(void)snprintf(want, sizeof(want), "CRASHED restarted as job instance %lld by alice",
		       (long long)again);
	assert_value(sql, want);
	(void)snprintf(want, sizeof(want), "%lld", (long long)id);
	assert_value("SELECT restart_of FROM jqm.job_restart AS r, jqm.job_instance AS j"
		     " WHERE r.job_instance_id = j.id",
		     want);
	/* who deletes the new one may restart the old one again */
	test_db_sql("SELECT jqm.delete(%lld)", (long long)again);
	test_db_sql("SELECT jqm.restart_crashed(%lld)", (long long)id);
	test_db_sql("UPDATE jqm.job_def SET parameters = '{\"a\": \"1\"}' WHERE name = 'Plain';"
		    "DELETE FROM jqm.job_instance");
}

static void
a_crashed_highlander_is_not_restarted_into_a_waiting_twin(void **state)
{
	int64_t id;
	char sql[100];

	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance");
	id = a_job_of("Highlander");
	test_db_sql(A_CLAIM);
	a_job_ends(id, "CRASHED");
	(void)a_job_of("Highlander");
	(void)snprintf(sql, sizeof(sql), "SELECT jqm.restart_crashed(%lld)", (long long)id);
	assert_sql_fails(a_client, sql, ERR_CONFLICT);
	assert_value("SELECT count(*) FROM jqm.job_instance", "1");
	test_db_sql("DELETE FROM jqm.job_instance");
	assert_sql(a_client, sql);
	test_db_sql("DELETE FROM jqm.job_instance");
}

static size_t answers;
static enum err_kind answer;

static void
note_answer(void *arg, const struct db_result *result, const struct err *err)
{
	(void)arg;
	(void)result;
	answer = err->kind;
	answers++;
}

static void
of_two_sessions_that_restart_one_job_one_wins(void **state)
{
	static const struct db_stmt restart = {
		.name = "test_restart",
		.text = "SELECT jqm.restart_crashed(max(id)) FROM jqm.past_job",
	};
	struct db *first = db_new(test_db_conninfo(), "test_verbs_first");

	(void)state;
	(void)tagged_past_job("KILLED");
	assert_sql(first, "BEGIN; SELECT jqm.restart_crashed(max(id)) FROM jqm.past_job");
	db_async_send(dba, &restart, NULL, note_answer, NULL);
	async_wait_for_lock();
	assert_sql(first, "COMMIT");
	async_run_until(&answers, 1);
	assert_int_equal(answer, ERR_CONFLICT);
	assert_value("SELECT count(*) FROM jqm.job_instance", "1");
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(first);
}

static void
a_queue_is_paused_resumed_and_cleared_as_a_whole(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance");
	assert_value("SELECT jqm.queue_status(" A_QUEUE ")", "RUNNING");
	assert_value("SELECT jqm.queue_capacity(" A_QUEUE ")", "5");
	assert_value("SELECT jqm.queue_status(id) FROM jqm.queue WHERE name = 'other'", "PAUSED");
	test_db_sql(
	    "SELECT jqm.node_register('n2', gen_random_uuid(), 1000, '/j', '/d', '/t', 'h', 1);"
	    "UPDATE jqm.queue_mapping SET max_jobs = 0 WHERE node_id = 2");
	assert_value("SELECT jqm.queue_status(" A_QUEUE ")", "PARTIALLY_RUNNING");
	test_db_sql("UPDATE jqm.queue_mapping SET max_jobs = 3 WHERE node_id = 2;"
		    "UPDATE jqm.node SET enabled = false WHERE id = 1");
	assert_value("SELECT jqm.queue_capacity(" A_QUEUE ")", "3");
	test_db_sql("UPDATE jqm.node SET enabled = true; SELECT jqm.queue_pause(" A_QUEUE ")");
	assert_value("SELECT jqm.queue_status(" A_QUEUE ") || jqm.queue_capacity(" A_QUEUE ")",
		     "PAUSED0");
	assert_value("SELECT string_agg(max_jobs::text, '') FROM jqm.node_mappings(1)", "0");
	test_db_sql("SELECT jqm.queue_resume(" A_QUEUE ")");
	assert_value("SELECT jqm.queue_status(" A_QUEUE ") || jqm.queue_capacity(" A_QUEUE ")",
		     "RUNNING8");

	(void)a_job_in("RUNNING");
	(void)a_job_of("Plain");
	test_db_sql("SELECT jqm.enqueue('Plain', held => true),"
		    " jqm.enqueue('Plain', run_after => 'tomorrow'),"
		    " jqm.enqueue('Plain', queue_name => 'other')");
	assert_value("SELECT jqm.queue_clear(" A_QUEUE ", 'alice')", "3");
	assert_value("SELECT string_agg(state, ',' ORDER BY id) FROM jqm.live_job",
		     "RUNNING,SUBMITTED");
	assert_value("SELECT count(*) FROM jqm.past_job WHERE state = 'CANCELLED'"
		     " AND reason = 'cancelled: queue cleared by alice'",
		     "3");
	test_db_sql("DELETE FROM jqm.job_instance");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_past_job_is_enqueued_again_with_all_its_tags),
		cmocka_unit_test(a_crashed_job_is_restarted_once_and_stays_in_history),
		cmocka_unit_test(a_crashed_highlander_is_not_restarted_into_a_waiting_twin),
		with_dba(of_two_sessions_that_restart_one_job_one_wins),
		cmocka_unit_test(a_queue_is_paused_resumed_and_cleared_as_a_whole),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
