/* SPDX-License-Identifier: Apache-2.0 */
/* What runners do to the database beside their jobs, and one that was replaced does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "store/job_back_store.h"
#include "store/node_store.h"
#include "tests/lib/runner_calls.h"
#include "tests/lib/test_db.h"

static void
the_writes_of_a_replaced_runner_change_nothing(void **state)
{
	struct node_life old = runner_register("one", ID_ONE), new;
	struct job_key running, taken;
	struct runner_answer *answer;

	(void)state;
	test_db_sql("select jqm.enqueue('j') from generate_series(1, 3)");
	running = runner_claim_one(old);
	taken = runner_claim_one(old);
	assert_int_equal(runner_start(old, running), 1);
	new = runner_register("one", ID_ONE);
	assert_true(new.incarnation > old.incarnation);
	/* take_back has not happened yet; nobody else may touch them either */
	assert_int_equal(runner_finish(new, running), 0);
	{
		const struct job_key known[] = { running, taken };

		answer = runner_answer_new();
		answer->wants_orders = true;
		job_take_back_send(runner_db, new, known, 2, runner_answered, answer);
		runner_answer_wait(answer);
		assert_int_equal(answer->n, 2);
		runner_answer_free(answer);
	}
	assert_int_equal(runner_beat(old), 0);
	assert_int_equal(runner_start(old, taken), 0);
	assert_int_equal(runner_finish(old, running), 0);
	assert_int_equal(runner_give_back(old, taken), 0);
	answer = runner_claim(old, 5);
	assert_int_equal(answer->n, 0);
	runner_answer_free(answer);
	answer = runner_answer_new();
	job_take_back_send(runner_db, old, NULL, 0, runner_answered, answer);
	runner_answer_wait(answer);
	assert_int_equal(answer->n, -1);
	assert_int_equal(answer->err.kind, ERR_CONFLICT);
	runner_answer_free(answer);
	assert_seen("ATTRIBUTED,RUNNING,SUBMITTED",
		    "select string_agg(state, ',' order by state) from jqm.job_instance");
	assert_seen("0", "select count(*) from jqm.history");
	assert_int_equal(runner_beat(new), 1);
	assert_int_equal(runner_finish(new, running), 1);
}

static void
taking_back_sorts_known_given_back_and_lost(void **state)
{
	struct node_life old = runner_register("one", ID_ONE), new;
	struct job_key running, lost, taken, unsent;
	struct runner_answer *answer = runner_answer_new();

	(void)state;
	test_db_sql("select jqm.enqueue('j') from generate_series(1, 4)");
	running = runner_claim_one(old);
	lost = runner_claim_one(old);
	taken = runner_claim_one(old);
	unsent = runner_claim_one(old);
	assert_int_equal(runner_start(old, running), 1);
	assert_int_equal(runner_start(old, lost), 1);
	new = runner_register("one", ID_ONE);
	{
		const struct job_key known[] = { running, taken, { 999999, 1 } };

		answer->wants_orders = true;
		job_take_back_send(runner_db, new, known, 3, runner_answered, answer);
		runner_answer_wait(answer);
	}
	assert_int_equal(answer->n, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(answer->orders[i].running, answer->orders[i].id == running.id);
	runner_answer_free(answer);
	{
		char *state_of = test_db_value("select state from jqm.job_instance where id = %lld",
					       (long long)unsent.id);
		assert_string_equal(state_of, "SUBMITTED");
		free(state_of);
		state_of = test_db_value("select state from jqm.history where id = %lld",
					 (long long)lost.id);
		assert_string_equal(state_of, "CRASHED");
		free(state_of);
	}
	assert_int_equal(runner_finish(new, running), 1);
}

static void
a_held_lease_is_refused_to_another_installation(void **state)
{
	struct runner_answer *answer;
	struct node_life life = runner_register("one", ID_ONE);

	(void)state;
	answer = runner_try_register("one", ID_TWO);
	assert_int_equal(answer->n, -1);
	assert_int_equal(answer->err.kind, ERR_CONFLICT);
	assert_non_null(strstr(answer->err.text, "is served by another runner"));
	runner_answer_free(answer);

	answer = runner_answer_new();
	node_leave_send(runner_db, life, runner_answered, answer);
	runner_answer_wait(answer);
	runner_answer_free(answer);
	life = runner_register("one", ID_TWO);
	assert_int_equal(runner_beat(life), 1);
}

static void
the_flag_is_raised_unless_somebody_is_enqueuing(void **state)
{
	struct node_life life = runner_register("one", ID_ONE);
	struct db *open = db_new(test_db_conninfo_as("postgres"), "test");
	struct runner_answer *answer = runner_answer_new();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(db_exec_sql(open,
				     "begin; select pg_advisory_xact_lock_shared("
				     "jqm.queue_lock_class(), id::int) from jqm.queue",
				     &err),
			 0);
	node_wait_send(runner_db, life, &runner_queue, 1, runner_answered, answer);
	runner_answer_wait(answer);
	assert_int_equal(answer->n, 0);
	runner_answer_free(answer);
	assert_int_equal(db_exec_sql(open, "commit", &err), 0);
	answer = runner_answer_new();
	node_wait_send(runner_db, life, &runner_queue, 1, runner_answered, answer);
	runner_answer_wait(answer);
	assert_int_equal(answer->n, 1);
	assert_int_equal(answer->ids[0], runner_queue);
	runner_answer_free(answer);
	assert_seen("1", "select count(*) from jqm.runner_waiting");
	answer = runner_answer_new();
	node_wake_send(runner_db, life, runner_answered, answer);
	runner_answer_wait(answer);
	runner_answer_free(answer);
	assert_seen("0", "select count(*) from jqm.runner_waiting");
	db_free(open);
}

static void
raise_flag(struct node_life life)
{
	struct runner_answer *answer = runner_answer_new();

	node_wait_send(runner_db, life, &runner_queue, 1, runner_answered, answer);
	runner_answer_wait(answer);
	runner_answer_free(answer);
}

static void
lower_flags(struct node_life life)
{
	struct runner_answer *answer = runner_answer_new();

	node_wake_send(runner_db, life, runner_answered, answer);
	runner_answer_wait(answer);
	runner_answer_free(answer);
}

static void
a_replaced_runner_neither_raises_nor_lowers_its_successor_s_flag(void **state)
{
	struct node_life old = runner_register("one", ID_ONE);
	struct node_life new = runner_register("one", ID_ONE);

	(void)state;
	lower_flags(new);
	raise_flag(old);
	assert_seen("0", "select count(*) from jqm.runner_waiting");
	raise_flag(new);
	lower_flags(old);
	assert_seen("1", "select count(*) from jqm.runner_waiting");
	lower_flags(new);
	assert_seen("0", "select count(*) from jqm.runner_waiting");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CALLS_TEST(the_writes_of_a_replaced_runner_change_nothing),
		CALLS_TEST(taking_back_sorts_known_given_back_and_lost),
		CALLS_TEST(a_held_lease_is_refused_to_another_installation),
		CALLS_TEST(the_flag_is_raised_unless_somebody_is_enqueuing),
		CALLS_TEST(a_replaced_runner_neither_raises_nor_lowers_its_successor_s_flag),
	};

	return cmocka_run_group_tests(tests, runner_calls_begin, runner_calls_end);
}
