/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sql/schema/0007: a node whose lease is over, its jobs, and who may give it up.  Node 1 (n1) has the job,
 * node 2 (n2) looks on; both have leases of 10 s.
 */
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
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

/* Everybody alive, no job anywhere; the rule for jobs of a lost node. */
static void
begin(const char *on_node_loss, int losses_max)
{
	test_db_sql("DELETE FROM jqm.job_instance;"
		    "UPDATE jqm.node SET incarnation = 1, lease_ms = 10000,"
		    " lease_until = now() + interval '10 s', lease_since = now() - interval '1 h';"
		    "UPDATE jqm.job_def SET on_node_loss = '%s', node_losses_max = %d",
		    on_node_loss, losses_max);
}

static void
node_1_falls_silent(void)
{
	test_db_sql("UPDATE jqm.node SET lease_until = now() - interval '1 ms' WHERE name = 'n1'");
}

static int64_t
running_on_node_1(void)
{
	int64_t id = a_job_of("Plain");

	test_db_sql(A_CLAIM);
	a_job_starts(id);
	return id;
}

#define RESCUE "SELECT coalesce(string_agg(node_name || jobs, ','), '-') FROM jqm.rescue(2, 1)"
#define LOST "SELECT others_lost FROM jqm.node_heartbeat(2, 1, 10000, '{}')"

static void
a_lost_node_s_job_crashes_with_the_reason(void **state)
{
	int64_t id;
	char *text;

	(void)state;
	begin("CRASH", 2);
	id = running_on_node_1();
	assert_value(LOST, "f");
	assert_value(RESCUE, "-");
	node_1_falls_silent();
	assert_value(LOST, "t");
	assert_value(RESCUE, "n11");
	text = test_db_value("SELECT state || ' ' || reason || ' ' || node_name FROM jqm.past_job"
			     " WHERE id = %lld",
			     (long long)id);
	assert_string_equal(text, "CRASHED its node \"n1\" was lost n1");
	free(text);
	assert_value(LOST, "f");
	assert_value(RESCUE, "-");
}

static void
the_rule_of_the_definition_decides(void **state)
{
	static const struct {
		const char *rule;
		int most;
		const char *becomes;
	} cases[] = {
		{ "REQUEUE", 1, "SUBMITTED" }, { "HOLD", 1, "HOLDED" },
		{ "REQUEUE", 0, "CRASHED" },   { "HOLD", 0, "CRASHED" },
		{ "CRASH", 5, "CRASHED" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t id;

		begin(cases[i].rule, cases[i].most);
		id = running_on_node_1();
		node_1_falls_silent();
		assert_value(RESCUE, "n11");
		assert_job_state(id, cases[i].becomes);
	}
}

/* Its node was told at the start whether to end it before the job may start elsewhere. */
static void
the_rule_under_which_a_job_was_claimed_counts_whatever_its_definition_says_now(void **state)
{
	static const struct {
		const char *at_start, *now, *becomes;
		const char *is_bound;
	} cases[] = {
		{ "CRASH", "REQUEUE", "CRASHED", "f" },
		{ "HOLD", "REQUEUE", "HOLDED", "f" },
		{ "REQUEUE", "CRASH", "SUBMITTED", "t" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t id;

		begin(cases[i].at_start, 1);
		id = running_on_node_1();
		test_db_sql("UPDATE jqm.job_def SET on_node_loss = '%s'", cases[i].now);
		assert_value("SELECT lease_bound FROM jqm.job_order", cases[i].is_bound);
		node_1_falls_silent();
		assert_value(RESCUE, "n11");
		assert_job_state(id, cases[i].becomes);
		/* the next attempt is under the new rule */
		if (strcmp(cases[i].becomes, "SUBMITTED") == 0) {
			test_db_sql("SELECT jqm.claim(2, 1, " A_QUEUE ", 1)");
			assert_value("SELECT lease_bound FROM jqm.job_order", "f");
		}
	}
}

static void
a_job_with_a_concurrency_key_is_bound_to_the_lease_before_there_is_a_limit(void **state)
{
	(void)state;
	begin("CRASH", 1);
	test_db_sql("SELECT jqm.enqueue('Plain'); UPDATE jqm.job_instance SET concurrency_key ="
		    " 'licence', needs_care = true");
	test_db_sql(A_CLAIM);
	assert_value("SELECT lease_bound FROM jqm.job_order", "t");
}

static void
a_job_that_takes_every_node_down_is_not_run_for_ever(void **state)
{
	int64_t id;
	char *is;

	(void)state;
	begin("REQUEUE", 2);
	id = a_job_of("Plain");
	for (int loss = 1; loss <= 3; loss++) {
		test_db_sql("SELECT jqm.claim(1, incarnation, 1, 1) FROM jqm.node WHERE id = 1");
		node_1_falls_silent();
		assert_value(RESCUE, "n11");
		test_db_sql(
		    "UPDATE jqm.node SET lease_until = now() + interval '10 s' WHERE id = 1");
	}
	assert_job_state(id, "CRASHED");
	is = test_db_value("SELECT node_losses || ' ' || attempt || ' ' || (SELECT count(*) FROM"
			   " jqm.job_attempt AS a WHERE a.job_instance_id = h.id)"
			   " FROM jqm.history AS h WHERE id = %lld",
			   (long long)id);
	assert_string_equal(is, "2 3 2");
	free(is);
}

/* It may have been started: nothing must run twice unless its definition says so. */
static void
a_job_that_was_only_claimed_counts_as_started(void **state)
{
	int64_t id;

	(void)state;
	begin("CRASH", 2);
	id = a_job_of("Plain");
	test_db_sql(A_CLAIM);
	node_1_falls_silent();
	assert_value(RESCUE, "n11");
	assert_job_state(id, "CRASHED");
}

static void
a_node_that_was_given_up_changes_nothing_any_more(void **state)
{
	int64_t id;

	(void)state;
	begin("REQUEUE", 2);
	id = running_on_node_1();
	node_1_falls_silent();
	assert_value(RESCUE, "n11");
	a_job_ends(id, "ENDED"); /* says the old incarnation */
	assert_job_state(id, "SUBMITTED");
	assert_value("SELECT count(*) FROM jqm.node_heartbeat(1, 1, 10000, '{}')", "0");
	assert_value("SELECT count(*) FROM jqm.claim(1, 1, 1, 1)", "0");
}

/* All leases ended while the database was away: who comes back first gives nobody up at once. */
static void
after_an_outage_every_node_has_the_time_to_come_back(void **state)
{
	(void)state;
	begin("CRASH", 2);
	(void)running_on_node_1();
	test_db_sql("UPDATE jqm.node SET lease_until = now() - interval '1 min'");
	assert_value(LOST, "f"); /* n2 is back: its lease begins anew */
	assert_value(RESCUE, "-");
	assert_value("SELECT count(*) FROM jqm.node_heartbeat(1, 1, 10000, '{}')", "1");
	test_db_sql("UPDATE jqm.node SET lease_since = now() - interval '12 s' WHERE id = 2");
	assert_value(LOST, "f"); /* n1 is back too */
	assert_value(RESCUE, "-");
	assert_value("SELECT state FROM jqm.job_instance", "RUNNING");
}

/* An outage of not quite a lease: n1's heartbeat was longer ago than n2's, so its lease alone is over. */
static void
after_an_outage_of_not_quite_a_lease_nobody_is_given_up(void **state)
{
	(void)state;
	begin("CRASH", 2);
	(void)running_on_node_1();
	node_1_falls_silent();
	test_db_sql("UPDATE jqm.node SET lease_until = now() + interval '3 s' WHERE name = 'n2'");
	assert_value(LOST, "f");
	assert_value(RESCUE, "-");
	assert_value("SELECT count(*) FROM jqm.node_heartbeat(1, 1, 10000, '{}')", "1");
	assert_value("SELECT state FROM jqm.job_instance", "RUNNING");
}

static void
who_has_no_lease_gives_nobody_up(void **state)
{
	(void)state;
	begin("CRASH", 2);
	(void)running_on_node_1();
	node_1_falls_silent();
	assert_value("SELECT count(*) FROM jqm.rescue(2, 7)", "0");
	test_db_sql("UPDATE jqm.node SET lease_until = now() - interval '1 ms' WHERE id = 2");
	assert_value(RESCUE, "-");
	assert_value("SELECT state FROM jqm.job_instance", "RUNNING");
}

/* Two rescuers, the first one's transaction still open. */
static void
of_two_rescuers_one_does_it(void **state)
{
	struct db *one = db_new(test_db_conninfo_as("jqm_runner"), "test_rescue");
	struct err err = ERR_INIT;

	(void)state;
	begin("CRASH", 2);
	test_db_sql(
	    "INSERT INTO jqm.node (name, repo_job_def, repo_deliverable, repo_tmp, incarnation,"
	    " lease_ms, lease_until, lease_since) VALUES ('n3', '/j', '/d', '/t', 1, 10000,"
	    " now() + interval '1 h', now() - interval '1 h') ON CONFLICT DO NOTHING");
	(void)running_on_node_1();
	node_1_falls_silent();
	assert_sql(one, "BEGIN");
	assert_int_equal(db_exec_sql(one, "SELECT jqm.rescue(3, 1)", &err), 0);
	assert_value(RESCUE, "-");
	assert_sql(one, "COMMIT");
	assert_value(RESCUE, "-");
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
	db_free(one);
}

static void
a_lost_highlander_leaves_its_place_to_the_one_that_waits(void **state)
{
	int64_t first, second;

	(void)state;
	begin("REQUEUE", 2);
	first = a_job_of("Highlander");
	test_db_sql(A_CLAIM);
	second = a_job_of("Highlander");
	node_1_falls_silent();
	assert_value(RESCUE, "n11");
	assert_job_state(first,
			 "SCHEDULED"); /* the second waits already: the first queues behind it */
	test_db_sql("SELECT jqm.claim(2, 1, 1, 1)");
	assert_job_state(second, "ATTRIBUTED");
	test_db_sql("SELECT jqm.promote_due()");
	assert_job_state(first, "SUBMITTED");
	test_db_sql("DELETE FROM jqm.job_instance");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_node_s_job_crashes_with_the_reason),
		cmocka_unit_test(the_rule_of_the_definition_decides),
		cmocka_unit_test(
		    the_rule_under_which_a_job_was_claimed_counts_whatever_its_definition_says_now),
		cmocka_unit_test(
		    a_job_with_a_concurrency_key_is_bound_to_the_lease_before_there_is_a_limit),
		cmocka_unit_test(a_job_that_takes_every_node_down_is_not_run_for_ever),
		cmocka_unit_test(a_job_that_was_only_claimed_counts_as_started),
		cmocka_unit_test(a_node_that_was_given_up_changes_nothing_any_more),
		cmocka_unit_test(after_an_outage_every_node_has_the_time_to_come_back),
		cmocka_unit_test(after_an_outage_of_not_quite_a_lease_nobody_is_given_up),
		cmocka_unit_test(who_has_no_lease_gives_nobody_up),
		cmocka_unit_test(of_two_rescuers_one_does_it),
		cmocka_unit_test(a_lost_highlander_leaves_its_place_to_the_one_that_waits),
	};

	return cmocka_run_group_tests(tests, a_job_set_up_beside_n2, a_job_tear_down);
}
