/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/runner_calls.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/str.h"
#include "db/db.h"
#include "model/job_end.h"
#include "store/job_back_store.h"
#include "store/job_order_row.h"
#include "store/job_turn_store.h"
#include "tests/lib/test_db.h"

struct db_async *runner_db;
int64_t runner_queue;

void
runner_answered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct runner_answer *answer = arg;

	answer->done = true;
	if (rows == NULL) {
		answer->n = -1;
		answer->err = *err;
		return;
	}
	answer->n = db_rows(rows);
	assert_true(answer->n <= RUNNER_ANSWER_MAX);
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
	struct runner_answer *answer = arg;

	runner_answered(arg, rows, err);
	if (rows != NULL)
		node_life_read(rows, &answer->life);
}

void
runner_answer_wait(struct runner_answer *answer)
{
	int64_t until_ms = clock_mono_ms() + 60000;

	while (!answer->done) {
		struct pollfd p = { db_async_fd(runner_db), POLLIN, 0 };

		if (db_async_wants_write(runner_db))
			p.events |= POLLOUT;
		(void)poll(&p, 1, 50);
		db_async_process(runner_db);
		assert_true(clock_mono_ms() < until_ms);
	}
}

struct runner_answer *
runner_answer_new(void)
{
	struct runner_answer *answer = calloc(1, sizeof(*answer));

	assert_non_null(answer);
	return answer;
}

void
runner_answer_free(struct runner_answer *answer)
{
	for (int i = 0; answer->wants_orders && i < answer->n; i++)
		job_order_free(&answer->orders[i]);
	free(answer);
}

struct runner_answer *
runner_try_register(const char *node, const char *uuid)
{
	const struct node_registration r = { node, uuid, 15000, "/", "/", "/", "h", 1, "INFO" };
	struct runner_answer *answer = runner_answer_new();

	node_register_send(runner_db, &r, registered, answer);
	runner_answer_wait(answer);
	return answer;
}

struct node_life
runner_register(const char *node, const char *instance)
{
	struct runner_answer *answer = runner_try_register(node, instance);
	struct node_life life = answer->life;

	assert_int_equal(answer->n, 1);
	runner_answer_free(answer);
	return life;
}

struct runner_answer *
runner_claim(struct node_life life, int max)
{
	const struct job_wanted wanted = { runner_queue, max };
	const struct job_turn turn = { .wanted = &wanted, .n_wanted = 1 };
	struct runner_answer *answer = runner_answer_new();

	answer->wants_orders = true;
	job_turn_send(runner_db, life, &turn, runner_answered, answer);
	runner_answer_wait(answer);
	return answer;
}

struct job_key
runner_claim_one(struct node_life life)
{
	struct runner_answer *answer = runner_claim(life, 1);
	struct job_key key;

	assert_int_equal(answer->n, 1);
	key = (struct job_key){ answer->orders[0].id, answer->orders[0].attempt };
	runner_answer_free(answer);
	return key;
}

int
runner_answer_rows(struct runner_answer *answer)
{
	int n;

	runner_answer_wait(answer);
	n = answer->n;
	runner_answer_free(answer);
	return n;
}

int
runner_start(struct node_life life, struct job_key key)
{
	const struct job_started started = { key, 5000 };
	const struct job_turn turn = { .started = &started, .n_started = 1 };
	struct runner_answer *answer = runner_answer_new();

	job_turn_send(runner_db, life, &turn, runner_answered, answer);
	return runner_answer_rows(answer);
}

int
runner_finish(struct node_life life, struct job_key key)
{
	struct runner_answer *answer = runner_answer_new();
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
	job_turn_send(runner_db, life, &turn, runner_answered, answer);
	n = runner_answer_rows(answer);
	job_end_free(&end);
	return n;
}

int
runner_give_back(struct node_life life, struct job_key key)
{
	struct runner_answer *answer = runner_answer_new();

	job_give_back_send(runner_db, life, &key, 1, runner_answered, answer);
	return runner_answer_rows(answer);
}

int
runner_beat(struct node_life life)
{
	struct runner_answer *answer = runner_answer_new();
	int64_t polled[] = { runner_queue };

	node_heartbeat_send(runner_db, life, 15000, polled, 1, runner_answered, answer);
	return runner_answer_rows(answer);
}

int64_t
number_seen(const char *sql)
{
	char *text = test_db_value("%s", sql);
	int64_t out = -1;

	assert_int_equal(num_int64(text, INT64_MIN, INT64_MAX, &out), 0);
	free(text);
	return out;
}

void
assert_seen(const char *expected, const char *sql)
{
	char *value = test_db_value("%s", sql);

	assert_string_equal(value, expected);
	free(value);
}

int
runner_calls_set_up(void **state)
{
	(void)state;
	test_db_sql(
	    "delete from jqm.job_instance; delete from jqm.history; delete from jqm.message;"
	    " delete from jqm.deliverable; update jqm.node set lease_until = null;"
	    " update jqm.node set last_seen_alive = null; delete from jqm.job_def; delete from "
	    "jqm.node;"
	    " insert into jqm.job_def (name, queue_id, path, path_type, keyword1) select 'j',"
	    " id, 'true', 'DEFAULTSHELLCOMMAND', 'dk' from jqm.queue where default_queue");
	runner_queue = number_seen("select id from jqm.queue where default_queue");
	return 0;
}

int
runner_calls_begin(void **state)
{
	(void)state;
	(void)test_db_create("runner_calls");
	runner_db = db_async_new(test_db_conninfo_as("jqm_runner"), "test");
	return 0;
}

int
runner_calls_end(void **state)
{
	(void)state;
	db_async_free(runner_db);
	return 0;
}
