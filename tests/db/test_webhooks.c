/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema, webhooks: which ends are told to whom, and a delivery's way out. */
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
#include "tests/lib/a_sender.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static int
nothing_there(void **state)
{
	(void)state;
	test_db_sql("DELETE FROM jqm.job_instance; DELETE FROM jqm.webhook_delivery;"
		    " DELETE FROM jqm.webhook");
	return 0;
}

#define SEALED "1:0123456789abcdef:AAAA"
#define HOOK                                                        \
	"INSERT INTO jqm.webhook (name, url, new_secret%s) VALUES " \
	"('%s', 'https://example.org/', '" SEALED "'%s)"
#define DELIVERIES                                                                               \
	"SELECT coalesce(string_agg(w.name || ' ' || d.event || ' ' || d.state, ',' ORDER "      \
	"BY w.name, d.id), '-') FROM jqm.webhook_delivery AS d JOIN jqm.webhook AS w ON w.id = " \
	"d.webhook_id"
#define CLAIM                                                                         \
	"SELECT coalesce(string_agg(name || ' ' || try, ',' ORDER BY id), '-') FROM " \
	"jqm.webhook_claim(10, 10, 2, 100, '{}', '{}', '{}', 60000)"
#define TOLD(outcome, more)                                                                \
	"SELECT coalesce(jqm.webhook_told(id, tries, '" outcome "', 'n1', 5, 500, 'why', " \
	"'answer', " more ", false), '-') FROM jqm.webhook_delivery"

/* Outcomes are told by whoever may read the table, as if the sender had said it. */
static void
assert_told(const char *sql, const char *expected)
{
	char *state = test_db_value("%s", sql);

	assert_string_equal(state, expected);
	free(state);
}

static void
a_hook(const char *name, const char *columns, const char *values)
{
	test_db_sql(HOOK, columns, name, values);
}

static void
each_end_is_told_to_whom_it_matters(void **state)
{
	static const char *const ends[] = { "ENDED", "CRASHED", "KILLED" };
	static const char *const told[] = {
		"all job.ended PENDING,good job.ended PENDING",
		"all job.crashed PENDING,bad job.crashed PENDING",
		"all job.killed PENDING,bad job.killed PENDING",
	};

	(void)state;
	a_hook("all", "", "");
	a_hook("good", ", states", ", '{ENDED}'");
	a_hook("bad", ", states", ", '{KILLED,CRASHED}'");
	a_hook("off", ", enabled", ", false");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		a_job_ends(a_job_in("RUNNING"), ends[i]);
		assert_value(DELIVERIES, told[i]);
		test_db_sql("DELETE FROM jqm.webhook_delivery");
	}
	test_db_sql("SELECT jqm.cancel(jqm.enqueue('Plain'))");
	assert_value(DELIVERIES, "all job.cancelled PENDING");
}

/* Deliveries are those of its end only. */
static void
a_job_of_is_cancelled(const char *definition, const char *queue, const char *login)
{
	int64_t id = a_number_of("SELECT jqm.enqueue('%s', queue_name => '%s')", definition, queue);

	test_db_sql(
	    "DELETE FROM jqm.webhook_delivery;"
	    "UPDATE jqm.job_instance SET submitter_id = jqm.name_snapshot_id('a', coalesce("
	    "(SELECT id || ':%s' FROM jqm.account WHERE login = '%s'), ':sql')) WHERE id = %lld;"
	    "SELECT jqm.cancel(%lld)",
	    login, login, (long long)id, (long long)id);
}

static void
filters_of_definition_queue_and_account_count_together(void **state)
{
	(void)state;
	test_db_sql("INSERT INTO jqm.account (login) VALUES ('ann'), ('annabel')");
	a_hook("plain", ", job_def_id", ", (SELECT id FROM jqm.job_def WHERE name = 'Plain')");
	a_hook("other queue", ", queue_id", ", 2");
	a_hook("ann", ", account_id", ", (SELECT id FROM jqm.account WHERE login = 'ann')");
	a_hook("ann plain", ", account_id, job_def_id",
	       ", (SELECT id FROM jqm.account WHERE login = 'ann'), (SELECT id FROM jqm.job_def"
	       " WHERE name = 'Plain')");
	a_job_of_is_cancelled("Plain", "DEFAULT", "nobody");
	assert_value(DELIVERIES, "plain job.cancelled PENDING");
	a_job_of_is_cancelled("Highlander", "other", "nobody");
	assert_value(DELIVERIES, "other queue job.cancelled PENDING");
	a_job_of_is_cancelled("Plain", "DEFAULT", "ann");
	assert_value(DELIVERIES, "ann job.cancelled PENDING,ann plain job.cancelled "
				 "PENDING,plain job.cancelled PENDING");
	a_job_of_is_cancelled("Plain", "DEFAULT", "annabel");
	assert_value(DELIVERIES, "plain job.cancelled PENDING");
}

static void
an_attempt_that_is_followed_by_another_is_not_told(void **state)
{
	int64_t id;

	(void)state;
	a_hook("all", "", "");
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 1");
	id = a_job_in("RUNNING");
	a_job_ends(id, "CRASHED");
	assert_value(DELIVERIES, "-");
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 1");
}

static void
an_end_told_twice_is_one_delivery(void **state)
{
	int64_t id;

	(void)state;
	a_hook("all", "", "");
	id = a_job_in("RUNNING");
	a_job_ends(id, "ENDED");
	test_db_sql(
	    "SELECT jqm.finish(1, 1, '[{\"id\": %lld, \"attempt\": 1, \"state\": \"ENDED\"}]')",
	    (long long)id);
	assert_value(DELIVERIES, "all job.ended PENDING");
}

static void
what_is_told_has_the_job_and_no_parameter(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "CRASHED");
	assert_said(
	    a_sender,
	    "SELECT concat_ws(' ', body::jsonb ->> 'type', body::jsonb -> 'data' ->> 'state', "
	    "body::jsonb -> 'data' ->> 'applicationName', body::jsonb -> 'data' ->> 'queueName', "
	    "body LIKE '%arameter%') FROM jqm.webhook_claim(1, 1, 1, 1, '{}', '{}', '{}', 60000)",
	    "job.crashed CRASHED Plain DEFAULT f");
}

static void
each_try_has_the_same_number_and_the_same_bytes(void **state)
{
	char *first, *second;

	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	assert_said(a_sender, CLAIM, "all 1");
	first = test_db_value("SELECT event_id || body FROM jqm.webhook_delivery");
	assert_told(TOLD("FAILED", "NULL"), "PENDING");
	test_db_sql("UPDATE jqm.webhook_delivery SET next_try_at = now();"
		    "UPDATE jqm.job_def SET name = 'Plain2' WHERE name = 'Plain'");
	assert_said(another_sender, CLAIM, "all 2");
	second = test_db_value("SELECT event_id || body FROM jqm.webhook_delivery");
	assert_string_equal(first, second);
	test_db_sql("UPDATE jqm.job_def SET name = 'Plain' WHERE name = 'Plain2'");
	free(first);
	free(second);
}

static void
what_one_has_claimed_is_nobody_else_s_until_the_lease_is_over(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	assert_said(a_sender, CLAIM, "all 1");
	assert_said(another_sender, CLAIM, "-");
	test_db_sql("UPDATE jqm.webhook_delivery SET next_try_at = now(), lease_until = now()");
	assert_said(another_sender, CLAIM, "all 2");
	assert_value("SELECT try || ' ' || reason FROM jqm.webhook_attempt",
		     "1 unknown: its sender never told");
	/* The first one comes late. */
	assert_value(
	    "SELECT coalesce(jqm.webhook_told(id, 1, 'DELIVERED', 'n', 1, 200, NULL, NULL, "
	    "NULL, false), '-') FROM jqm.webhook_delivery",
	    "-");
	assert_value(DELIVERIES, "all job.ended PENDING");
}

static void
what_another_session_works_on_is_not_waited_for(void **state)
{
	struct err err = ERR_INIT;
	struct db *other = db_new(test_db_conninfo(), "other");

	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	assert_int_equal(
	    db_exec_sql(other,
			"BEGIN; SELECT FROM jqm.webhook_delivery ORDER BY id LIMIT 1 FOR "
			"UPDATE",
			&err),
	    0);
	assert_said(a_sender, CLAIM, "all 1");
	assert_value("SELECT string_agg(tries::text, ',' ORDER BY id) FROM jqm.webhook_delivery",
		     "0,1");
	db_free(other);
}

static void
of_one_hook_only_some_are_on_their_way_at_a_time(void **state)
{
	(void)state;
	a_hook("slow", "", "");
	for (int i = 0; i < 4; i++)
		test_db_sql("SELECT jqm.webhook_ping(max(id)) FROM jqm.webhook");
	a_hook("well", "", "");
	test_db_sql("SELECT jqm.webhook_ping(max(id)) FROM jqm.webhook");
	assert_said(a_sender, CLAIM, "slow 1,slow 1,well 1");
	test_db_sql("SELECT jqm.webhook_ping(min(id)) FROM jqm.webhook");
	assert_value(
	    "SELECT coalesce(string_agg(c.name, ','), '-') FROM (SELECT array_agg(w.id) AS ids"
	    " FROM jqm.webhook AS w, generate_series(1, 2) WHERE w.name = 'slow') AS b,"
	    " jqm.webhook_claim(10, 10, 2, 100, b.ids, '{}', '{}', 60000) AS c",
	    "-");
	/* Of one that nothing arrives at, one. */
	test_db_sql("UPDATE jqm.webhook SET failing_since = now() WHERE name = 'slow'");
	assert_said(another_sender, CLAIM, "slow 1");
}

static void
a_disabled_hook_keeps_what_waits(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	test_db_sql("UPDATE jqm.webhook SET enabled = false");
	assert_said(a_sender, CLAIM, "-");
	test_db_sql("UPDATE jqm.webhook SET enabled = true");
	assert_said(a_sender, CLAIM, "all 1");
}

static void
what_was_delivered_stays_as_a_log(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	assert_said(a_sender, CLAIM, "all 1");
	assert_told(TOLD("DELIVERED", "NULL"), "DELIVERED");
	assert_told(TOLD("DELIVERED", "NULL"), "-"); /* said once more */
	assert_said(a_sender, CLAIM, "-");
	assert_value("SELECT concat_ws(' ', try, node_name, took_ms, status, reason, answer) FROM "
		     "jqm.webhook_attempt",
		     "1 n1 5 500 why answer");
	assert_said(a_sender, "SELECT jqm.webhook_forget(30, 100)", "0");
	test_db_sql("UPDATE jqm.webhook_delivery SET over_at = now() - interval '31 days'");
	assert_said(a_sender, "SELECT jqm.webhook_forget(30, 100)", "1");
	assert_value("SELECT count(*) FROM jqm.webhook_attempt", "0");
}

static void
what_failed_is_due_again_later_and_later_up_to_an_hour(void **state)
{
	static const struct {
		int tries, least_s, most_s;
	} cases[] = { { 0, 5, 10 },      { 1, 10, 20 },     { 2, 20, 40 },
		      { 8, 1280, 2560 }, { 9, 1800, 3600 }, { 60, 1800, 3600 } };

	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *fits;

		print_message("case: %d\n", cases[i].tries);
		test_db_sql("UPDATE jqm.webhook_delivery SET next_try_at = now(), tries = %d",
			    cases[i].tries);
		(void)a_number("SELECT count(*) FROM jqm.webhook_claim(10, 10, 2, 100, '{}', '{}', "
			       "'{}', 60000)");
		assert_told(TOLD("FAILED", "0"), "PENDING");
		fits =
		    test_db_value("SELECT next_try_at - now() BETWEEN interval '%d s' - interval "
				  "'1 s' AND interval '%d s' FROM jqm.webhook_delivery",
				  cases[i].least_s, cases[i].most_s);
		assert_string_equal(fits, "t");
		free(fits);
	}
}

static void
a_receiver_may_ask_for_more_time_up_to_an_hour(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	assert_said(a_sender, CLAIM, "all 1");
	assert_told(TOLD("FAILED", "1800"), "PENDING");
	assert_value(
	    "SELECT next_try_at - now() BETWEEN interval '29 min' AND interval '30 min' FROM "
	    "jqm.webhook_delivery",
	    "t");
	test_db_sql("UPDATE jqm.webhook_delivery SET next_try_at = now()");
	assert_said(a_sender, CLAIM, "all 2");
	assert_told(TOLD("FAILED", "2000000000"), "PENDING");
	assert_value(
	    "SELECT next_try_at - now() BETWEEN interval '59 min' AND interval '60 min' FROM "
	    "jqm.webhook_delivery",
	    "t");
}

static void
it_is_given_up_after_three_days_or_when_the_receiver_is_gone(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	assert_said(a_sender, CLAIM, "all 1");
	test_db_sql("UPDATE jqm.webhook_delivery SET wanted_since = now() - interval '3 days'");
	assert_told(TOLD("FAILED", "0"), "GIVEN_UP");
	assert_value("SELECT concat_ws(' ', enabled, failing_since IS NOT NULL) FROM jqm.webhook",
		     "t t");
	test_db_sql(
	    "DELETE FROM jqm.webhook_delivery; SELECT jqm.webhook_ping(id) FROM jqm.webhook");
	assert_said(a_sender, CLAIM, "all 1");
	assert_told(TOLD("GONE", "0"), "GIVEN_UP");
	assert_value("SELECT concat_ws(' ', enabled, given_up, problem) FROM jqm.webhook",
		     "f 2 disabled: its receiver answered 410 Gone");
	test_db_sql("UPDATE jqm.webhook SET enabled = true");
	assert_value("SELECT problem IS NULL AND failing_since IS NULL FROM jqm.webhook", "t");
}

static void
what_nobody_could_try_for_three_days_is_given_up_too(void **state)
{
	(void)state;
	a_hook("off", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	test_db_sql(
	    "UPDATE jqm.webhook SET enabled = false;"
	    "UPDATE jqm.webhook_delivery SET wanted_since = now() - interval '3 days' WHERE id = "
	    "(SELECT min(id) FROM jqm.webhook_delivery)");
	assert_said(a_sender, "SELECT jqm.webhook_forget(30, 100)", "1");
	assert_value(DELIVERIES, "off job.ended GIVEN_UP,off job.ended PENDING");
}

static void
it_is_told_again_when_somebody_wants_that(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	assert_said(a_sender, CLAIM, "all 1");
#define AGAIN "SELECT jqm.webhook_redeliver(webhook_id, id) FROM jqm.webhook_delivery"
	assert_sql_fails(a_client, "SELECT jqm.webhook_redeliver(1, 1)", ERR_DENIED);
	{
		struct db *api = db_new(test_db_conninfo(), "test");

		assert_sql_fails(api, AGAIN, ERR_CONFLICT); /* on its way */
		assert_told(TOLD("DELIVERED", "0"), "DELIVERED");
		assert_sql(api, AGAIN);
		assert_said(a_sender, CLAIM, "all 2");
		test_db_sql(
		    "UPDATE jqm.webhook_delivery SET wanted_since = now() - interval '3 days'");
		assert_told(TOLD("FAILED", "0"), "GIVEN_UP");
		assert_sql(api, AGAIN);
		assert_said(a_sender, CLAIM, "all 3");
		assert_told(TOLD("FAILED", "0"),
			    "PENDING"); /* three days anew, and the first pause */
		assert_value(
		    "SELECT next_try_at < now() + interval '11 s' FROM jqm.webhook_delivery", "t");
		db_free(api);
	}
	assert_value(
	    "SELECT count(*) FROM jqm.audit WHERE action = 'redeliver' AND kind = 'webhook'", "2");
}

static void
what_is_about_a_purged_job_goes(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	test_db_sql("DELETE FROM jqm.history"); /* before anybody looked */
	assert_said(a_sender, CLAIM, "-");
	assert_value(DELIVERIES, "all job.ended GIVEN_UP");
	assert_value("SELECT given_up FROM jqm.webhook", "1");
	test_db_sql("DELETE FROM jqm.webhook_delivery");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	test_db_sql("SELECT jqm.purge_rows(now() + interval '1 s', 100)");
	assert_value(DELIVERIES, "-");
}

static void
what_a_deleted_hook_leaves_is_forgotten(void **state)
{
	(void)state;
	a_hook("all", "", "");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	test_db_sql("DELETE FROM jqm.webhook");
	assert_said(a_sender, CLAIM, "-");
	assert_said(a_sender, "SELECT jqm.webhook_forget(30, 100)", "1");
	assert_value("SELECT count(*) FROM jqm.webhook_delivery", "0");
}

static void
what_a_hook_is_about_stays(void **state)
{
	static const char *const deletions[] = {
		"DELETE FROM jqm.job_def WHERE name = 'Highlander'",
		"DELETE FROM jqm.queue WHERE name = 'other'",
		"DELETE FROM jqm.account WHERE login = 'bea'",
	};
	struct db *owner = db_new(test_db_conninfo(), "test");

	(void)state;
	test_db_sql("INSERT INTO jqm.account (login) VALUES ('bea')");
	a_hook("about", ", job_def_id, queue_id, account_id",
	       ", (SELECT id FROM jqm.job_def WHERE name = 'Highlander'), 2, (SELECT id FROM "
	       "jqm.account WHERE login = 'bea')");
	for (size_t i = 0; i < sizeof(deletions) / sizeof(deletions[0]); i++)
		assert_sql_fails(owner, deletions[i], ERR_CONFLICT);
	test_db_sql("DELETE FROM jqm.webhook");
	assert_sql(owner, deletions[2]);
	db_free(owner);
}

static void
another_secret_leaves_the_last_one_for_a_day(void **state)
{
	(void)state;
	a_hook("all", "", "");
	test_db_sql("UPDATE jqm.webhook SET new_secret = '1:0123456789abcdef:BBBB'");
	assert_value(
	    "SELECT concat_ws(' ', secret, old_secret, new_secret, old_secret_until - now() "
	    "BETWEEN interval '23 h' AND interval '24 h') FROM jqm.webhook",
	    "1:0123456789abcdef:BBBB " SEALED " t");
	a_job_ends(a_job_in("RUNNING"), "ENDED");
	assert_said(a_sender,
		    "SELECT old_secret FROM jqm.webhook_claim(1, 1, 1, 1, '{}', '{}', '{}', 60000)",
		    SEALED);
	test_db_sql("UPDATE jqm.webhook SET old_secret_until = now();"
		    "UPDATE jqm.webhook_delivery SET next_try_at = now()");
	assert_said(a_sender,
		    "SELECT coalesce(old_secret, '-') FROM jqm.webhook_claim(1, 1, 1, 1, '{}', "
		    "'{}', '{}', 60000)",
		    "-");
	assert_value("SELECT count(*) FROM jqm.audit WHERE kind = 'webhook' AND changes::text ~ "
		     "'AAAA|BBBB'",
		     "0");
}

static void
senders_may_do_that_and_nothing_else(void **state)
{
	(void)state;
	assert_denied("jqm_notifier", "SELECT FROM jqm.webhook");
	assert_denied("jqm_notifier", "SELECT FROM jqm.webhook_delivery");
	assert_denied("jqm_notifier", "SELECT jqm.webhook_ping(1)");
	assert_denied("jqm_api", "SELECT FROM jqm.webhook");
	assert_denied("jqm_api", "SELECT FROM jqm.webhook_claim(1, 1, 1, 1, '{}', '{}', '{}', 1)");
	assert_denied("jqm_client",
		      "SELECT FROM jqm.webhook_claim(1, 1, 1, 1, '{}', '{}', '{}', 1)");
	assert_denied("jqm_runner",
		      "SELECT FROM jqm.webhook_claim(1, 1, 1, 1, '{}', '{}', '{}', 1)");
}

#define with_nothing(test) cmocka_unit_test_setup(test, nothing_there)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_nothing(each_end_is_told_to_whom_it_matters),
		with_nothing(filters_of_definition_queue_and_account_count_together),
		with_nothing(an_attempt_that_is_followed_by_another_is_not_told),
		with_nothing(an_end_told_twice_is_one_delivery),
		with_nothing(what_is_told_has_the_job_and_no_parameter),
		with_nothing(each_try_has_the_same_number_and_the_same_bytes),
		with_nothing(what_one_has_claimed_is_nobody_else_s_until_the_lease_is_over),
		with_nothing(what_another_session_works_on_is_not_waited_for),
		with_nothing(of_one_hook_only_some_are_on_their_way_at_a_time),
		with_nothing(a_disabled_hook_keeps_what_waits),
		with_nothing(what_was_delivered_stays_as_a_log),
		with_nothing(what_failed_is_due_again_later_and_later_up_to_an_hour),
		with_nothing(a_receiver_may_ask_for_more_time_up_to_an_hour),
		with_nothing(it_is_given_up_after_three_days_or_when_the_receiver_is_gone),
		with_nothing(what_nobody_could_try_for_three_days_is_given_up_too),
		with_nothing(it_is_told_again_when_somebody_wants_that),
		with_nothing(what_is_about_a_purged_job_goes),
		with_nothing(what_a_deleted_hook_leaves_is_forgotten),
		with_nothing(what_a_hook_is_about_stays),
		with_nothing(another_secret_leaves_the_last_one_for_a_day),
		with_nothing(senders_may_do_that_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, a_sender_set_up, a_sender_tear_down);
}
