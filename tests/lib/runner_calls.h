/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/runner_calls.h: what runners do to the database, one call at a time, without a runner: each waits for its answer.
 *
 * Tests begin with one definition, "j" of the default queue, and no job and no node.
 */
#ifndef TESTS_LIB_RUNNER_CALLS_H
#define TESTS_LIB_RUNNER_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/job_order.h"
#include "store/node_store.h"

struct db_async;
struct db_result;

#define ID_ONE "00000000-0000-4000-8000-000000000001"
#define ID_TWO "00000000-0000-4000-8000-000000000002"
#define RUNNER_ANSWER_MAX 64

extern struct db_async *runner_db; /* as jqm_runner */
extern int64_t runner_queue; /* the default one */

/* What came back: the first column of each row, or the error; and the orders, for claims. */
struct runner_answer {
	bool done;
	bool wants_orders;
	struct node_life life;
	int n; /* rows; -1: it failed */
	int64_t ids[RUNNER_ANSWER_MAX];
	struct job_order orders[RUNNER_ANSWER_MAX];
	struct err err;
};

/* For cmocka: of the group, in a database of its own; of each test. */
int runner_calls_begin(void **state);
int runner_calls_end(void **state);
int runner_calls_set_up(void **state);

#define CALLS_TEST(test) cmocka_unit_test_setup(test, runner_calls_set_up)

/* For calls that are not below: the callback and its argument, which is waited for and freed. */
struct runner_answer *runner_answer_new(void);
void runner_answered(void *arg, const struct db_result *rows, const struct err *err);
void runner_answer_wait(struct runner_answer *answer);
void runner_answer_free(struct runner_answer *answer);
int runner_answer_rows(struct runner_answer *answer); /* wait, free: how many rows came */

/* The node's new life; or whatever comes. */
struct node_life runner_register(const char *node, const char *instance);
struct runner_answer *runner_try_register(const char *node, const char *instance);

struct runner_answer *runner_claim(struct node_life life, int max);
struct job_key runner_claim_one(struct node_life life);

/* How many rows came back: 0 for who has been replaced.  The end is CRASHED, with a message and a file. */
int runner_start(struct node_life life, struct job_key key);
int runner_finish(struct node_life life, struct job_key key);
int runner_give_back(struct node_life life, struct job_key key);
int runner_beat(struct node_life life);

/* The statement's only value. */
void assert_seen(const char *expected, const char *sql);
int64_t number_seen(const char *sql);

#endif
