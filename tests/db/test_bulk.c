/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0025: keys of requests that may be sent again, also by two at once; one verb on many jobs. */
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
#include "model/job_request.h"
#include "model/memory.h"
#include "store/job_bulk_store.h"
#include "store/job_instance_store.h"
#include "tests/lib/a_job.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define WITH_KEY(definition) \
	"SELECT jqm.enqueue('" definition "', idempotency_key => 'k', idempotency_owner => 'me')"

static struct db *one; /* a session of its own, with a transaction left open */

static int
set_up(void **state)
{
	test_db_sql("DELETE FROM jqm.job_instance; DELETE FROM jqm.idempotency_key");
	one = db_new(test_db_conninfo(), "test_bulk_one");
	return async_set_up(state);
}

static int
tear_down(void **state)
{
	db_free(one);
	return async_tear_down(state);
}

/* One session has the key and has not committed; the second's answer, once the first has said end. */
static int64_t
second_after(const char *first, const char *end, const char *second)
{
	const struct db_stmt stmt = { .name = "", .text = second };

	assert_sql(one, "BEGIN");
	assert_sql(one, first);
	async_send_plain(&stmt, 1);
	async_wait_for_lock();
	assert_sql(one, end);
	async_run_until(&async_trace.done_count, 1);
	return async_trace.values[0];
}

static void
who_sends_a_key_again_gets_the_first_job(void **state)
{
	int64_t id = a_number(WITH_KEY("Plain"));
	(void)state;

	assert_int_equal(a_number(WITH_KEY("Plain")), id);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.job_instance"), 1);
	/* also when that is over, or gone */
	assert_int_equal(a_number_of("SELECT 1 FROM jqm.cancel(%lld)", (long long)id), 1);
	assert_int_equal(a_number(WITH_KEY("Plain")), id);
	assert_int_equal(a_number("SELECT count(*) FROM jqm.job_instance"), 0);
}

static void
keys_of_others_and_keys_that_are_over_are_other_keys(void **state)
{
	int64_t id = a_number(WITH_KEY("Plain"));
	(void)state;

	assert_int_not_equal(a_number("SELECT jqm.enqueue('Plain', idempotency_key => 'k',"
				      " idempotency_owner => 'you')"),
			     id);
	assert_int_not_equal(a_number("SELECT jqm.enqueue('Plain', idempotency_key => 'k')"), id);
	test_db_sql("UPDATE jqm.idempotency_key SET expires_at = now()");
	assert_int_not_equal(a_number(WITH_KEY("Plain")), id);
	/* each new one takes two old ones along */
	assert_value("SELECT count(*) FROM jqm.idempotency_key", "1");
}

static void
a_key_is_of_one_definition(void **state)
{
	(void)state;

	(void)a_number(WITH_KEY("Plain"));
	assert_sql_fails(a_client, WITH_KEY("Highlander"), ERR_CONFLICT);
	assert_sql_fails(a_client,
			 "SELECT jqm.enqueue('Plain', idempotency_key => repeat('k', 256))",
			 ERR_INVALID);
}

static void
a_request_that_was_refused_keeps_no_key(void **state)
{
	(void)state;

	assert_sql_fails(a_client,
			 "SELECT jqm.enqueue('Plain', priority => 99, idempotency_key => 'k',"
			 " idempotency_owner => 'me')",
			 ERR_INVALID);
	assert_value("SELECT count(*) FROM jqm.idempotency_key", "0");
	assert_true(a_number(WITH_KEY("Plain")) > 0);
}

static void
a_highlanders_key_leads_to_the_one_that_waits(void **state)
{
	int64_t id = a_job_of("Highlander");
	(void)state;

	assert_int_equal(a_number(WITH_KEY("Highlander")), id);
	test_db_sql("DELETE FROM jqm.job_instance");
	assert_int_equal(a_number(WITH_KEY("Highlander")), id);
}

static void
of_two_with_one_key_at_once_the_second_waits_and_gets_the_firsts_job(void **state)
{
	int64_t second = second_after(WITH_KEY("Plain"), "COMMIT", WITH_KEY("Plain"));
	(void)state;

	assert_int_equal(async_trace.kinds[0], ERR_NONE);
	assert_int_equal(second, a_number("SELECT id FROM jqm.job_instance"));
}

static void
when_the_first_takes_it_back_the_second_makes_the_job(void **state)
{
	int64_t second = second_after(WITH_KEY("Plain"), "ROLLBACK", WITH_KEY("Plain"));
	(void)state;

	assert_int_equal(async_trace.kinds[0], ERR_NONE);
	assert_int_equal(second, a_number("SELECT id FROM jqm.job_instance"));
}

static void
many_requests_are_made_all_or_none(void **state)
{
	struct job_request requests[3] = { { .application_name = "Plain" },
					   { .application_name = "Plain" },
					   { .application_name = "Plain" } };
	int64_t ids[3];
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(job_instance_enqueue_all(a_client, requests, 3, ids, &err), 0);
	assert_true(ids[0] < ids[1] && ids[1] < ids[2]);
	requests[1].queue_name = "nowhere";
	assert_int_equal(job_instance_enqueue_all(a_client, requests, 3, ids, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, "request [1]"));
	assert_value("SELECT count(*) FROM jqm.job_instance", "3");
}

static void
of_many_each_is_as_if_it_were_enqueued_alone(void **state)
{
	struct text_pair pairs[] = { { "month", "2024-03", false },
				     { "quote", "\"\\' \xC3\xA9", false } };
	struct job_request full = {
		.application_name = "Plain",
		.session_id = "s",
		.trace_id = "t",
		.application = "a",
		.user = "alice",
		.module = "m",
		.keyword1 = "1",
		.keyword2 = "2",
		.keyword3 = "3",
		.parent_job_id = { true, 7 },
		.submitter = "bob",
		.start_state = JOB_HOLDED,
		.priority = { true, 4 },
		.max_attempts = { true, 3 },
		.parameters = { pairs, 2 },
	};
	struct job_request few = { .application_name = "Plain" };
	struct job_request requests[] = { full, few, full, few };
	int64_t ids[4], id;
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(job_instance_enqueue(a_client, &full, &id, &err), 0);
	assert_int_equal(job_instance_enqueue(a_client, &few, &id, &err), 0);
	assert_int_equal(job_instance_enqueue_all(a_client, requests, 4, ids, &err), 0);
	assert_value("SELECT count(*) FROM jqm.job_instance", "6");
	assert_value(
	    "SELECT count(DISTINCT to_jsonb(j) - 'id' - 'position' - 'enqueued_at' - 'runnable_at')"
	    " FROM jqm.job_instance AS j",
	    "2");
	assert_value(
	    "SELECT string_agg(coalesce(priority, 0)::text, '' ORDER BY id)"
	    " || bool_and(position > before)::text FROM (SELECT *, lag(position, 1, 0::float8)"
	    " OVER (ORDER BY id) AS before FROM jqm.job_instance) AS j",
	    "404040true");
}

static void
among_many_the_special_ones_are_not_forgotten(void **state)
{
	struct job_request requests[] = { { .application_name = "Plain" },
					  { .application_name = "Plain",
					    .run_after = { true, 1900000000000000 } },
					  { .application_name = "Plain", .idempotency_key = "k" },
					  { .application_name = "Plain", .idempotency_key = "k" } };
	int64_t ids[4];
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(job_instance_enqueue_all(a_client, requests, 4, ids, &err), 0);
	assert_int_equal(ids[2], ids[3]);
	assert_value("SELECT string_agg(state, ' ' ORDER BY id) FROM jqm.job_instance",
		     "SUBMITTED SCHEDULED SUBMITTED");
}

/* A limited permission is looked at for each, however ordinary the request. */
static void
of_many_none_gets_past_a_limited_permission(void **state)
{
	const char *limits[] = { "definition=Other" };
	struct text_list scope = { limits, 1 };
	struct job_request requests[] = { { .application_name = "Plain" },
					  { .application_name = "Plain", .scope = &scope } };
	int64_t ids[2];
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(job_instance_enqueue_all(a_client, requests, 2, ids, &err), -1);
	assert_non_null(strstr(err.text, "request [1]"));
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
}

/* What jqm.enqueue_ordinary() leaves to jqm.enqueue(), and then does nothing of the rest either. */
static void
one_that_is_not_ordinary_is_left_with_all_others(void **state)
{
	static const char *const others[] = {
		"{\"name\":\"Nobody\"}",
		"{\"name\":\"Plain\",\"queue\":\"nowhere\"}",
		"{\"name\":\"Plain\",\"priority\":11}",
		"{\"name\":\"Plain\",\"max_attempts\":0}",
		"{\"name\":\"Plain\",\"parameters\":{\"a\":null}}",
		"{\"name\":\"Plain\",\"parameters\":{\"com.enioka.jqm.rm.quantity.consumption\":"
		"\"2\"}}",
		"{\"name\":\"Plain\",\"session\":"
		"\"0123456789012345678901234567890123456789012345678901\"}",
		"{}",
	};
	char sql[400];
	(void)state;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)snprintf(
		    sql, sizeof(sql),
		    "SELECT count(*) FROM jqm.enqueue_ordinary('[{\"name\":\"Plain\"},%s]')",
		    others[i]);
		assert_value(sql, "0");
	}
	assert_value("SELECT count(*) FROM jqm.enqueue_ordinary('[]')", "0");
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
	test_db_sql("UPDATE jqm.job_def SET highlander = true WHERE name = 'Plain'");
	assert_value("SELECT count(*) FROM jqm.enqueue_ordinary('[{\"name\":\"Plain\"}]')", "0");
	test_db_sql("UPDATE jqm.job_def SET highlander = false WHERE name = 'Plain'");
	assert_value("SELECT count(*) FROM jqm.enqueue_ordinary('[{\"name\":\"Plain\"}]')", "1");
}

/* ---- one verb on many ---- */

/* A job of Plain in each state, in the order of the enumeration below. */
enum { SUBMITTED, HELD, SCHEDULED, RUNNING, ENDED, CANCELLED, JOBS };

static void
a_job_in_each_state(int64_t ids[JOBS + 1])
{
	ids[RUNNING] = a_job_of("Plain");
	test_db_sql(A_CLAIM);
	ids[SUBMITTED] = a_job_of("Plain");
	ids[HELD] = a_number("SELECT jqm.enqueue('Plain', held => true)");
	ids[SCHEDULED] = a_number("SELECT jqm.enqueue('Plain', run_after => 'tomorrow')");
	ids[ENDED] = a_number("SELECT jqm.enqueue('Plain', held => true)");
	ids[CANCELLED] = a_number("SELECT jqm.enqueue('Plain', held => true)");
	test_db_sql("SELECT jqm.cancel(%lld), jqm.cancel(%lld);"
		    "UPDATE jqm.history SET state = 'ENDED' WHERE id = %lld",
		    (long long)ids[ENDED], (long long)ids[CANCELLED], (long long)ids[ENDED]);
	ids[JOBS] = A_JOB_UNKNOWN;
}

/* Bit i: it is done to the i-th. */
static unsigned
done_to(const char *verb, int64_t number, bool dry)
{
	const struct job_bulk bulk = { .verb = verb, .by = "bob", .number = number };
	int64_t items[JOBS + 1];
	struct job_ids ids = { items, JOBS + 1 }, done;
	struct err err = ERR_INIT;
	struct pool pool;
	unsigned bits = 0;

	test_db_sql("DELETE FROM jqm.job_instance");
	a_job_in_each_state(items);
	pool_init(&pool);
	if ((dry ? job_bulk_dry : job_bulk_do)(a_client, &bulk, &ids, &pool.memory, &done, &err) ==
	    -1)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < done.len; i++)
		for (size_t j = 0; j <= JOBS; j++)
			bits |= done.items[i] == items[j] ? 1u << j : 0;
	if (strcmp(verb, "enqueue_again") != 0 || dry)
		assert_int_equal(__builtin_popcount(bits), done.len);
	else
		bits = (unsigned)done.len;
	pool_free(&pool);
	return bits;
}

static void
a_verb_is_done_to_those_whose_state_allows_it(void **state)
{
	static const struct {
		const char *verb;
		unsigned bits;
	} cases[] = {
		{ "kill", 1u << SUBMITTED | 1u << SCHEDULED | 1u << RUNNING },
		{ "hold", 1u << SUBMITTED },
		{ "resume", 1u << HELD },
		{ "set_queue", 1u << SUBMITTED | 1u << HELD | 1u << SCHEDULED },
		{ "enqueue_again", 1u << ENDED },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].verb);
		assert_int_equal(done_to(cases[i].verb, 2, true), cases[i].bits);
		if (strcmp(cases[i].verb, "enqueue_again") == 0)
			assert_int_equal(done_to(cases[i].verb, 2, false), 1);
		else
			assert_int_equal(done_to(cases[i].verb, 2, false), cases[i].bits);
	}
}

static void
what_cannot_be_done_to_any_is_refused(void **state)
{
	(void)state;

	assert_sql_fails(a_client, "SELECT jqm.do_to_all('set_queue', '{1}', 'bob', 999)",
			 ERR_NOT_FOUND);
	assert_sql_fails(a_client, "SELECT jqm.do_to_all('dance', '{1}', 'bob')", ERR_INVALID);
	assert_sql_fails(a_client, "SELECT jqm.jobs_open_to(NULL, '{1}')", ERR_INVALID);
}

int
main(void)
{
#define with_sessions(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		with_sessions(who_sends_a_key_again_gets_the_first_job),
		with_sessions(keys_of_others_and_keys_that_are_over_are_other_keys),
		with_sessions(a_key_is_of_one_definition),
		with_sessions(a_request_that_was_refused_keeps_no_key),
		with_sessions(a_highlanders_key_leads_to_the_one_that_waits),
		with_sessions(of_two_with_one_key_at_once_the_second_waits_and_gets_the_firsts_job),
		with_sessions(when_the_first_takes_it_back_the_second_makes_the_job),
		with_sessions(many_requests_are_made_all_or_none),
		with_sessions(of_many_each_is_as_if_it_were_enqueued_alone),
		with_sessions(among_many_the_special_ones_are_not_forgotten),
		with_sessions(of_many_none_gets_past_a_limited_permission),
		with_sessions(one_that_is_not_ordinary_is_left_with_all_others),
		with_sessions(a_verb_is_done_to_those_whose_state_allows_it),
		with_sessions(what_cannot_be_done_to_any_is_refused),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
