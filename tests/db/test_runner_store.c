/* SPDX-License-Identifier: Apache-2.0 */
/* What runners do to the database, with two of them and with one that was replaced. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"
#include "db/db.h"
#include "model/job_end.h"
#include "model/job_order.h"
#include "store/job_back_store.h"
#include "store/job_order_row.h"
#include "store/job_turn_store.h"
#include "store/node_store.h"
#include "tests/lib/test_db.h"

#define ID_ONE "00000000-0000-4000-8000-000000000001"
#define ID_TWO "00000000-0000-4000-8000-000000000002"
#define ANSWER_MAX 64

static struct db_async *db; /* as jqm_runner */
static int64_t queue_id;

/* What came back: the first column of each row, or the error; and the orders, for claims. */
struct answer {
	bool done;
	bool wants_orders;
	struct node_life life;
	int n; /* rows; -1: it failed */
	int64_t ids[ANSWER_MAX];
	struct job_order orders[ANSWER_MAX];
	struct err err;
};

static void
answered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct answer *answer = arg;

	answer->done = true;
	if (rows == NULL) {
		answer->n = -1;
		answer->err = *err;
		return;
	}
	answer->n = db_rows(rows);
	assert_true(answer->n <= ANSWER_MAX);
	for (int row = 0; row < answer->n; row++) {
		const char *first = db_text(rows, row, 0);

		if (first != NULL) /* 0 when it is no number */
			(void)num_int64(first, 1, INT64_MAX, &answer->ids[row]);
		if (answer->wants_orders)
			assert_int_equal(
			    job_order_read(rows, row, &answer->orders[row], &answer->err), 0);
	}
}

static void
registered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct answer *answer = arg;

	answered(arg, rows, err);
	if (rows != NULL)
		node_life_read(rows, &answer->life);
}

static void
wait_answer(struct answer *answer)
{
	int64_t until_ms = clock_mono_ms() + 60000;

	while (!answer->done) {
		struct pollfd p = { db_async_fd(db), POLLIN, 0 };

		if (db_async_wants_write(db))
			p.events |= POLLOUT;
		(void)poll(&p, 1, 50);
		db_async_process(db);
		assert_true(clock_mono_ms() < until_ms);
	}
}

static struct answer *
an_answer(void)
{
	struct answer *answer = calloc(1, sizeof(*answer));

	assert_non_null(answer);
	return answer;
}

static void
answer_free(struct answer *answer)
{
	for (int i = 0; answer->wants_orders && i < answer->n; i++)
		job_order_free(&answer->orders[i]);
	free(answer);
}

static struct answer *
try_register(const char *node, const char *uuid)
{
	const struct node_registration r = { node, uuid, 15000, "/", "/", "/", "h", 1, "INFO" };
	struct answer *answer = an_answer();

	node_register_send(db, &r, registered, answer);
	wait_answer(answer);
	return answer;
}

static struct node_life
a_life(const char *node, const char *instance)
{
	struct answer *answer = try_register(node, instance);
	struct node_life life = answer->life;

	assert_int_equal(answer->n, 1);
	answer_free(answer);
	return life;
}

static struct answer *
claim(struct node_life life, int max)
{
	const struct job_wanted wanted = { queue_id, max };
	const struct job_turn turn = { .wanted = &wanted, .n_wanted = 1 };
	struct answer *answer = an_answer();

	answer->wants_orders = true;
	job_turn_send(db, life, &turn, answered, answer);
	wait_answer(answer);
	return answer;
}

/* Claim one; its key. */
static struct job_key
claim_one(struct node_life life)
{
	struct answer *answer = claim(life, 1);
	struct job_key key;

	assert_int_equal(answer->n, 1);
	key = (struct job_key){ answer->orders[0].id, answer->orders[0].attempt };
	answer_free(answer);
	return key;
}

/* Wait for it and free it: how many rows came back. */
static int
rows_answered(struct answer *answer)
{
	int n;

	wait_answer(answer);
	n = answer->n;
	answer_free(answer);
	return n;
}

static int
start(struct node_life life, struct job_key key)
{
	const struct job_started started = { key, 5000 };
	const struct job_turn turn = { .started = &started, .n_started = 1 };
	struct answer *answer = an_answer();

	job_turn_send(db, life, &turn, answered, answer);
	return rows_answered(answer);
}

static int
finish(struct node_life life, struct job_key key)
{
	struct answer *answer = an_answer();
	struct job_end end;
	const struct job_end *ends[] = { &end };
	const struct job_turn turn = { .ends = ends, .n_ends = 1 };
	int n;

	job_end_init(&end, key.id, key.attempt);
	job_end_set(&end, JOB_END_CRASHED, "exit code 3 \xff");
	end.exit_code = 3;
	end.has_run = true;
	end.started_us = end.ended_us = clock_wall_us();
	job_end_say(&end, "a message");
	job_end_add_file(&end, "5f0c9a52-9a5c-4a3e-8d3b-0123456789ab", str_dup("d/1/x.txt"),
			 str_dup("x \"y\".txt"), 3,
			 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	job_turn_send(db, life, &turn, answered, answer);
	n = rows_answered(answer);
	job_end_free(&end);
	return n;
}

static int
give_back(struct node_life life, struct job_key key)
{
	struct answer *answer = an_answer();

	job_give_back_send(db, life, &key, 1, answered, answer);
	return rows_answered(answer);
}

static int
beat(struct node_life life)
{
	struct answer *answer = an_answer();
	int64_t polled[] = { queue_id };

	node_heartbeat_send(db, life, 15000, polled, 1, answered, answer);
	return rows_answered(answer);
}

static int64_t
number(char *text)
{
	int64_t out = -1;

	assert_int_equal(num_int64(text, INT64_MIN, INT64_MAX, &out), 0);
	free(text);
	return out;
}

static void
assert_value(const char *expected, const char *sql)
{
	char *value = test_db_value("%s", sql);

	assert_string_equal(value, expected);
	free(value);
}

static int
set_up(void **state)
{
	(void)state;
	test_db_sql(
	    "delete from jqm.job_instance; delete from jqm.history; delete from jqm.message;"
	    " delete from jqm.deliverable; update jqm.node set lease_until = null;"
	    " update jqm.node set last_seen_alive = null; delete from jqm.job_def; delete from "
	    "jqm.node;"
	    " insert into jqm.job_def (name, queue_id, path, path_type, keyword1) select 'j',"
	    " id, 'true', 'DEFAULTSHELLCOMMAND', 'dk' from jqm.queue where default_queue");
	queue_id = number(test_db_value("select id from jqm.queue where default_queue"));
	return 0;
}

static void
two_claimers_never_get_the_same_job(void **state)
{
	struct node_life one = a_life("one", ID_ONE), two = a_life("two", ID_TWO);
	struct db *open = db_new(test_db_conninfo_as("jqm_runner"), "test");
	struct db_stmt stmt = { .name = "", .n_params = 0 };
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	struct answer *answer;

	(void)state;
	test_db_sql("select jqm.enqueue('j') from generate_series(1, 10)");
	stmt.text =
	    str_printf("select id from jqm.claim(%lld, %lld, %lld, 6)", (long long)one.node_id,
		       (long long)one.incarnation, (long long)queue_id);
	assert_int_equal(db_exec_sql(open, "begin", &err), 0);
	assert_int_equal(db_exec(open, &stmt, NULL, &rows, &err), 0);
	assert_int_equal(db_rows(rows), 6);
	/* The first transaction is still open: the second neither waits nor takes the same. */
	answer = claim(two, 10);
	assert_int_equal(answer->n, 4);
	for (int i = 0; i < 4; i++)
		for (int row = 0; row < 6; row++)
			assert_true(answer->orders[i].id != db_int64(rows, row, 0));
	answer_free(answer);
	assert_int_equal(db_exec_sql(open, "commit", &err), 0);
	answer = claim(two, 10);
	assert_int_equal(answer->n, 0);
	answer_free(answer);
	db_result_free(rows);
	db_free(open);
	free((char *)(uintptr_t)stmt.text);
}

/* The slot of a job that ends is asked for in the same turn; and nothing is half done. */
static void
a_turn_ends_starts_and_claims_at_once(void **state)
{
	struct node_life life = a_life("one", ID_ONE);
	const struct job_wanted wanted = { queue_id, 2 };
	struct job_key over;
	struct job_end end;
	const struct job_end *ends[] = { &end };
	struct job_started started = { { 0, 0 }, 1500 };
	struct job_turn turn = { &started, 1, ends, 1, &wanted, 1 };
	struct answer *answer = an_answer();

	(void)state;
	test_db_sql("update jqm.job_def set highlander = true");
	test_db_sql("select jqm.enqueue('j')");
	over = claim_one(life);
	test_db_sql("select jqm.enqueue('j')"); /* cannot be claimed while the first is there */
	job_end_init(&end, over.id, over.attempt);
	end.exit_code = 0;
	started.key = over;
	job_turn_send(db, life, &turn, answered, answer);
	wait_answer(answer);
	assert_int_equal(answer->n, 3); /* started, ended, the next one */
	assert_int_equal(answer->ids[0], over.id);
	assert_int_equal(answer->ids[1], over.id);
	assert_true(answer->ids[2] > over.id);
	assert_value("ATTRIBUTED", "select string_agg(state, ',') from jqm.job_instance");
	assert_value("ENDED", "select string_agg(state, ',') from jqm.history");
	job_end_free(&end);
	answer_free(answer);
}

/* Those with more to say, and those without, which travel in another form. */
static void
ends_of_all_kinds_are_told_at_once(void **state)
{
	struct node_life life = a_life("one", ID_ONE);
	struct job_end end[3];
	const struct job_end *ends[] = { &end[0], &end[1], &end[2] };
	const struct job_turn turn = { .ends = ends, .n_ends = 3 };
	struct answer *answer = an_answer();

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct job_key key;

		test_db_sql("select jqm.enqueue('j')");
		key = claim_one(life);
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
	job_turn_send(db, life, &turn, answered, answer);
	assert_int_equal(rows_answered(answer), 3);
	assert_value("ENDED 0  t 2 11 22 33,KILLED  9 f    ,ENDED 4  f    ",
		     "select string_agg(format('%s %s %s %s %s %s %s %s', state, exit_code, signal,"
		     " started_at is not null, round(extract(epoch from ended_at - started_at)),"
		     " user_ms, system_ms, max_rss_kb), ',' order by id) from jqm.history");
	assert_value("more", "select string_agg(text_message, ',') from jqm.message");
	for (int i = 0; i < 3; i++)
		job_end_free(&end[i]);
}

static void
an_order_says_all_a_runner_must_know(void **state)
{
	struct node_life life = a_life("one", ID_ONE);
	struct answer *answer;
	const struct job_order *order;
	char *token;

	(void)state;
	test_db_sql(
	    "select jqm.enqueue('j', '{\"b\": \"2\", \"B\": \"$(x)\\n\", \"10\": \"\303\251\"}',"
	    " user_name => 'bob', keyword2 => 'k', trace_id => 't')");
	answer = claim(life, 5);
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
	assert_int_equal(order->queue_id, queue_id);
	assert_int_equal(order->n_parameters, 3);
	assert_string_equal(order->parameters[0].key, "10");
	assert_string_equal(order->parameters[0].value, "\303\251");
	assert_string_equal(order->parameters[1].key, "B");
	assert_string_equal(order->parameters[1].value, "$(x)\n");
	assert_string_equal(order->parameters[2].key, "b");
	token = test_db_value("select jqm.job_token(%lld, 1)", (long long)order->id);
	assert_string_equal(order->token, token);
	free(token);
	answer_free(answer);
}

static void
the_writes_of_a_replaced_runner_change_nothing(void **state)
{
	struct node_life old = a_life("one", ID_ONE), new;
	struct job_key running, taken;
	struct answer *answer;

	(void)state;
	test_db_sql("select jqm.enqueue('j') from generate_series(1, 3)");
	running = claim_one(old);
	taken = claim_one(old);
	assert_int_equal(start(old, running), 1);
	new = a_life("one", ID_ONE);
	assert_true(new.incarnation > old.incarnation);
	/* take_back has not happened yet; nobody else may touch them either */
	assert_int_equal(finish(new, running), 0);
	{
		const struct job_key known[] = { running, taken };

		answer = an_answer();
		answer->wants_orders = true;
		job_take_back_send(db, new, known, 2, answered, answer);
		wait_answer(answer);
		assert_int_equal(answer->n, 2);
		answer_free(answer);
	}
	assert_int_equal(beat(old), 0);
	assert_int_equal(start(old, taken), 0);
	assert_int_equal(finish(old, running), 0);
	assert_int_equal(give_back(old, taken), 0);
	answer = claim(old, 5);
	assert_int_equal(answer->n, 0);
	answer_free(answer);
	answer = an_answer();
	job_take_back_send(db, old, NULL, 0, answered, answer);
	wait_answer(answer);
	assert_int_equal(answer->n, -1);
	assert_int_equal(answer->err.kind, ERR_CONFLICT);
	answer_free(answer);
	assert_value("ATTRIBUTED,RUNNING,SUBMITTED",
		     "select string_agg(state, ',' order by state) from jqm.job_instance");
	assert_value("0", "select count(*) from jqm.history");
	assert_int_equal(beat(new), 1);
	assert_int_equal(finish(new, running), 1);
}

static void
a_repeated_finish_finds_nothing(void **state)
{
	struct node_life life = a_life("one", ID_ONE);
	struct job_key key;

	(void)state;
	test_db_sql("select jqm.enqueue('j')");
	key = claim_one(life);
	assert_int_equal(start(life, key), 1);
	assert_int_equal(finish(life, key), 1);
	assert_int_equal(finish(life, key), 0);
	assert_value("1 1 1 0",
		     "select (select count(*) from jqm.history) || ' ' || (select count(*) from"
		     " jqm.message) || ' ' || (select count(*) from jqm.deliverable) || ' ' ||"
		     " (select count(*) from jqm.job_instance)");
	assert_value("CRASHED 3 exit code 3 \\xFF",
		     "select state || ' ' || exit_code || ' ' || reason from jqm.history");
	assert_value("x \"y\".txt", "select original_file_name from jqm.deliverable");
}

static void
another_attempt_s_end_is_not_this_one_s(void **state)
{
	struct node_life life = a_life("one", ID_ONE);
	struct job_key first, second;

	(void)state;
	test_db_sql("select jqm.enqueue('j')");
	first = claim_one(life);
	assert_int_equal(give_back(life, first), 1);
	assert_int_equal(give_back(life, first), 0);
	second = claim_one(life);
	assert_int_equal(second.id, first.id);
	assert_int_equal(second.attempt, first.attempt + 1);
	assert_int_equal(start(life, first), 0);
	assert_int_equal(finish(life, first), 0);
	assert_int_equal(finish(life, second), 1);
}

static void
taking_back_sorts_known_given_back_and_lost(void **state)
{
	struct node_life old = a_life("one", ID_ONE), new;
	struct job_key running, lost, taken, unsent;
	struct answer *answer = an_answer();

	(void)state;
	test_db_sql("select jqm.enqueue('j') from generate_series(1, 4)");
	running = claim_one(old);
	lost = claim_one(old);
	taken = claim_one(old);
	unsent = claim_one(old);
	assert_int_equal(start(old, running), 1);
	assert_int_equal(start(old, lost), 1);
	new = a_life("one", ID_ONE);
	{
		const struct job_key known[] = { running, taken, { 999999, 1 } };

		answer->wants_orders = true;
		job_take_back_send(db, new, known, 3, answered, answer);
		wait_answer(answer);
	}
	assert_int_equal(answer->n, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(answer->orders[i].running, answer->orders[i].id == running.id);
	answer_free(answer);
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
	assert_int_equal(finish(new, running), 1);
}

static void
a_held_lease_is_refused_to_another_installation(void **state)
{
	struct answer *answer;
	struct node_life life = a_life("one", ID_ONE);

	(void)state;
	answer = try_register("one", ID_TWO);
	assert_int_equal(answer->n, -1);
	assert_int_equal(answer->err.kind, ERR_CONFLICT);
	assert_non_null(strstr(answer->err.text, "is served by another runner"));
	answer_free(answer);

	answer = an_answer();
	node_leave_send(db, life, answered, answer);
	wait_answer(answer);
	answer_free(answer);
	life = a_life("one", ID_TWO);
	assert_int_equal(beat(life), 1);
}

static void
of_a_highlander_one_runs_and_one_waits(void **state)
{
	struct node_life life = a_life("one", ID_ONE);
	struct job_key first, second;
	struct answer *answer;
	int64_t a, b;

	(void)state;
	test_db_sql("update jqm.job_def set highlander = true");
	a = number(test_db_value("select jqm.enqueue('j')"));
	b = number(test_db_value("select jqm.enqueue('j')"));
	assert_int_equal(a, b);
	first = claim_one(life);
	b = number(test_db_value("select jqm.enqueue('j')"));
	assert_true(a != b);
	answer = claim(life, 5);
	assert_int_equal(answer->n, 0);
	answer_free(answer);
	/* Given back while its successor waits: absorbed. */
	assert_int_equal(give_back(life, first), 1);
	assert_value("CANCELLED", "select state from jqm.history");
	second = claim_one(life);
	assert_int_equal(second.id, b);
	assert_int_equal(finish(life, second), 1);
}

static void
the_flag_is_raised_unless_somebody_is_enqueuing(void **state)
{
	struct node_life life = a_life("one", ID_ONE);
	struct db *open = db_new(test_db_conninfo_as("postgres"), "test");
	struct answer *answer = an_answer();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(db_exec_sql(open,
				     "begin; select pg_advisory_xact_lock_shared("
				     "jqm.queue_lock_class(), id::int) from jqm.queue",
				     &err),
			 0);
	node_wait_send(db, life.node_id, &queue_id, 1, answered, answer);
	wait_answer(answer);
	assert_int_equal(answer->n, 0);
	answer_free(answer);
	assert_int_equal(db_exec_sql(open, "commit", &err), 0);
	answer = an_answer();
	node_wait_send(db, life.node_id, &queue_id, 1, answered, answer);
	wait_answer(answer);
	assert_int_equal(answer->n, 1);
	assert_int_equal(answer->ids[0], queue_id);
	answer_free(answer);
	assert_value("1", "select count(*) from jqm.runner_waiting");
	answer = an_answer();
	node_wake_send(db, life.node_id, answered, answer);
	wait_answer(answer);
	answer_free(answer);
	assert_value("0", "select count(*) from jqm.runner_waiting");
	db_free(open);
}

#define STORE_TEST(test) cmocka_unit_test_setup(test, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(two_claimers_never_get_the_same_job),
		STORE_TEST(a_turn_ends_starts_and_claims_at_once),
		STORE_TEST(ends_of_all_kinds_are_told_at_once),
		STORE_TEST(an_order_says_all_a_runner_must_know),
		STORE_TEST(the_writes_of_a_replaced_runner_change_nothing),
		STORE_TEST(a_repeated_finish_finds_nothing),
		STORE_TEST(another_attempt_s_end_is_not_this_one_s),
		STORE_TEST(taking_back_sorts_known_given_back_and_lost),
		STORE_TEST(a_held_lease_is_refused_to_another_installation),
		STORE_TEST(of_a_highlander_one_runs_and_one_waits),
		STORE_TEST(the_flag_is_raised_unless_somebody_is_enqueuing),
	};
	int rc;

	(void)test_db_create("runner_store");
	db = db_async_new(test_db_conninfo_as("jqm_runner"), "test");
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	db_async_free(db);
	return rc;
}
