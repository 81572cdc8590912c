/* SPDX-License-Identifier: Apache-2.0 */
/* What runners claim, start and end, several at once, with two of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "model/job_end.h"
#include "model/job_order.h"
#include "store/job_turn_store.h"
#include "store/node_store.h"
#include "tests/lib/runner_calls.h"
#include "tests/lib/test_db.h"

static void
two_claimers_never_get_the_same_job(void **state)
{
	struct node_life one = runner_register("one", ID_ONE), two = runner_register("two", ID_TWO);
	struct db *open = db_new(test_db_conninfo_as("jqm_runner"), "test");
	struct db_stmt stmt = { .name = "", .n_params = 0 };
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	struct runner_answer *answer;

	(void)state;
	test_db_sql("select jqm.enqueue('j') from generate_series(1, 10)");
	stmt.text =
	    str_printf("select id from jqm.claim(%lld, %lld, %lld, 6)", (long long)one.node_id,
		       (long long)one.incarnation, (long long)runner_queue);
	assert_int_equal(db_exec_sql(open, "begin", &err), 0);
	assert_int_equal(db_exec(open, &stmt, NULL, &rows, &err), 0);
	assert_int_equal(db_rows(rows), 6);
	/* The first transaction is still open: the second neither waits nor takes the same. */
	answer = runner_claim(two, 10);
	assert_int_equal(answer->n, 4);
	for (int i = 0; i < 4; i++)
		for (int row = 0; row < 6; row++)
			assert_true(answer->orders[i].id != db_int64(rows, row, 0));
	runner_answer_free(answer);
	assert_int_equal(db_exec_sql(open, "commit", &err), 0);
	answer = runner_claim(two, 10);
	assert_int_equal(answer->n, 0);
	runner_answer_free(answer);
	db_result_free(rows);
	db_free(open);
	free((char *)(uintptr_t)stmt.text);
}

/* The slot of a job that ends is asked for in the same turn; and nothing is half done. */
static void
a_turn_ends_starts_and_claims_at_once(void **state)
{
	struct node_life life = runner_register("one", ID_ONE);
	const struct job_wanted wanted = { runner_queue, 2 };
	struct job_key over;
	struct job_end end;
	const struct job_end *ends[] = { &end };
	struct job_started started = { { 0, 0 }, 1500 };
	struct job_turn turn = { &started, 1, ends, 1, &wanted, 1 };
	struct runner_answer *answer = runner_answer_new();

	(void)state;
	test_db_sql("update jqm.job_def set highlander = true");
	test_db_sql("select jqm.enqueue('j')");
	over = runner_claim_one(life);
	test_db_sql("select jqm.enqueue('j')"); /* cannot be claimed while the first is there */
	job_end_init(&end, over.id, over.attempt);
	end.exit_code = 0;
	started.key = over;
	job_turn_send(runner_db, life, &turn, runner_answered, answer);
	runner_answer_wait(answer);
	assert_int_equal(answer->n, 3); /* started, ended, the next one */
	assert_int_equal(answer->ids[0], over.id);
	assert_int_equal(answer->ids[1], over.id);
	assert_true(answer->ids[2] > over.id);
	assert_seen("ATTRIBUTED", "select string_agg(state, ',') from jqm.job_instance");
	assert_seen("ENDED", "select string_agg(state, ',') from jqm.history");
	job_end_free(&end);
	runner_answer_free(answer);
}

/* Those with more to say, and those without, which travel in another form. */
static void
ends_of_all_kinds_are_told_at_once(void **state)
{
	struct node_life life = runner_register("one", ID_ONE);
	struct job_end end[3];
	const struct job_end *ends[] = { &end[0], &end[1], &end[2] };
	const struct job_turn turn = { .ends = ends, .n_ends = 3 };
	struct runner_answer *answer = runner_answer_new();

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct job_key key;

		test_db_sql("select jqm.enqueue('j')");
		key = runner_claim_one(life);
		job_end_init(&end[i], key.id, key.attempt);
	}
	end[0].exit_code = 0;
	end[0].has_run = true;
	end[0].started_us = clock_wall_us() - 3000000;
	end[0].ended_us = clock_wall_us() - 1000000;
	end[0].user_us = 11000;
	end[0].system_us = 22000;
	end[0].max_rss_kb = 33;
	end[1].state = JOB_END_KILLED;
	end[1].signal = 9;
	end[2].exit_code = 4;
	job_end_say(&end[2], "more");
	job_turn_send(runner_db, life, &turn, runner_answered, answer);
	assert_int_equal(runner_answer_rows(answer), 3);
	assert_seen("ENDED 0  t 2 11 22 33,KILLED  9 f    ,ENDED 4  f    ",
		    "select string_agg(format('%s %s %s %s %s %s %s %s', state, exit_code, signal,"
		    " started_at is not null, round(extract(epoch from ended_at - started_at)),"
		    " user_ms, system_ms, max_rss_kb), ',' order by id) from jqm.history");
	assert_seen("more", "select string_agg(text_message, ',') from jqm.message");
	for (int i = 0; i < 3; i++)
		job_end_free(&end[i]);
}

static void
an_order_says_all_a_runner_must_know(void **state)
{
	struct node_life life = runner_register("one", ID_ONE);
	struct runner_answer *answer;
	const struct job_order *order;
	char *token;

	(void)state;
	test_db_sql(
	    "select jqm.enqueue('j', '{\"b\": \"2\", \"B\": \"$(x)\\n\", \"10\": \"\303\251\"}',"
	    " user_name => 'bob', keyword2 => 'k', trace_id => 't')");
	answer = runner_claim(life, 5);
	assert_int_equal(answer->n, 1);
	order = &answer->orders[0];
	assert_int_equal(order->attempt, 1);
	assert_string_equal(order->definition_name, "j");
	assert_string_equal(order->definition_keyword[0], "dk");
	assert_string_equal(order->definition_keyword[1], "");
	assert_string_equal(order->keyword[1], "k");
	assert_string_equal(order->user_name, "bob");
	assert_string_equal(order->trace_id, "t");
	assert_string_equal(order->path, "true");
	assert_string_equal(order->path_type, "DEFAULTSHELLCOMMAND");
	assert_true(order->definition_enabled);
	assert_false(order->running);
	assert_int_equal(order->queue_id, runner_queue);
	assert_int_equal(order->n_parameters, 3);
	assert_string_equal(order->parameters[0].key, "10");
	assert_string_equal(order->parameters[0].value, "\303\251");
	assert_string_equal(order->parameters[1].key, "B");
	assert_string_equal(order->parameters[1].value, "$(x)\n");
	assert_string_equal(order->parameters[2].key, "b");
	token = test_db_value("select jqm.job_token(%lld, 1)", (long long)order->id);
	assert_string_equal(order->token, token);
	free(token);
	runner_answer_free(answer);
}

static void
a_repeated_finish_finds_nothing(void **state)
{
	struct node_life life = runner_register("one", ID_ONE);
	struct job_key key;

	(void)state;
	test_db_sql("select jqm.enqueue('j')");
	key = runner_claim_one(life);
	assert_int_equal(runner_start(life, key), 1);
	assert_int_equal(runner_finish(life, key), 1);
	assert_int_equal(runner_finish(life, key), 0);
	assert_seen("1 1 1 0",
		    "select (select count(*) from jqm.history) || ' ' || (select count(*) from"
		    " jqm.message) || ' ' || (select count(*) from jqm.deliverable) || ' ' ||"
		    " (select count(*) from jqm.job_instance)");
	assert_seen("CRASHED 3 exit code 3 \\xFF",
		    "select state || ' ' || exit_code || ' ' || reason from jqm.history");
	assert_seen("x \"y\".txt", "select original_file_name from jqm.deliverable");
}

static void
another_attempt_s_end_is_not_this_one_s(void **state)
{
	struct node_life life = runner_register("one", ID_ONE);
	struct job_key first, second;

	(void)state;
	test_db_sql("select jqm.enqueue('j')");
	first = runner_claim_one(life);
	assert_int_equal(runner_give_back(life, first), 1);
	assert_int_equal(runner_give_back(life, first), 0);
	second = runner_claim_one(life);
	assert_int_equal(second.id, first.id);
	assert_int_equal(second.attempt, first.attempt + 1);
	assert_int_equal(runner_start(life, first), 0);
	assert_int_equal(runner_finish(life, first), 0);
	assert_int_equal(runner_finish(life, second), 1);
}

static void
of_a_highlander_one_runs_and_one_waits(void **state)
{
	struct node_life life = runner_register("one", ID_ONE);
	struct job_key first, second;
	struct runner_answer *answer;
	int64_t a, b;

	(void)state;
	test_db_sql("update jqm.job_def set highlander = true");
	a = number_seen("select jqm.enqueue('j')");
	b = number_seen("select jqm.enqueue('j')");
	assert_int_equal(a, b);
	first = runner_claim_one(life);
	b = number_seen("select jqm.enqueue('j')");
	assert_true(a != b);
	answer = runner_claim(life, 5);
	assert_int_equal(answer->n, 0);
	runner_answer_free(answer);
	/* Given back while its successor waits: absorbed. */
	assert_int_equal(runner_give_back(life, first), 1);
	assert_seen("CANCELLED", "select state from jqm.history");
	second = runner_claim_one(life);
	assert_int_equal(second.id, b);
	assert_int_equal(runner_finish(life, second), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CALLS_TEST(two_claimers_never_get_the_same_job),
		CALLS_TEST(a_turn_ends_starts_and_claims_at_once),
		CALLS_TEST(ends_of_all_kinds_are_told_at_once),
		CALLS_TEST(an_order_says_all_a_runner_must_know),
		CALLS_TEST(a_repeated_finish_finds_nothing),
		CALLS_TEST(another_attempt_s_end_is_not_this_one_s),
		CALLS_TEST(of_a_highlander_one_runs_and_one_waits),
	};

	return cmocka_run_group_tests(tests, runner_calls_begin, runner_calls_end);
}
