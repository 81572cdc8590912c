/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/a_cluster.h: several nodes, each with a real runner and keeper, on the newest database of
 * test_db.h.  Their jobs write what they see into one file, a line at a time (O_APPEND).
 */
#ifndef TESTS_LIB_A_CLUSTER_H
#define TESTS_LIB_A_CLUSTER_H

#include "tests/lib/runner_home.h"

#define CLUSTER_NODES 10

struct cluster {
	struct home *homes[CLUSTER_NODES]; /* NULL: not started yet */
	char *record; /* a file of the first home */
};

/* For cmocka: *state is a cluster, of which nothing runs; no job, limit, item or schedule. */
int cluster_set_up(void **state);
int cluster_tear_down(void **state);

/* Start those of the first n nodes that do not run.  Each may run so many jobs of the default queue, which counts on
 * return, and looks for them once an hour: what starts sooner was told of. */
void cluster_start(struct cluster *c, int n, int max_jobs);

/* Until each runner works with the mappings as the table has them (but for their intervals). */
void cluster_settle(const struct cluster *c);

/* A shell definition whose jobs append "S id" and "E id" around command; columns: more of its row. */
void cluster_define(const struct cluster *c, const char *name, const char *command,
		    const char *columns);

/* Until that many jobs are in history and none is live. */
void cluster_wait_all_over(const char *how_many);

/* Until so many jobs have written their S since the file was made. */
void cluster_wait_starts(const struct cluster *c, int how_many);

/* Just so many jobs have. */
void cluster_assert_starts(const struct cluster *c, int starts);

/* The largest number of jobs between their S and E, and how many S there were. */
int cluster_most_at_a_time(const struct cluster *c, int *starts_out);

void cluster_assert_value(const char *sql, const char *expected);
void cluster_kill_all(void); /* whatever is live; until it is over */

void cluster_queue(const char *name); /* one more */
int64_t cluster_enqueue_into(const char *queue_name, const char *definition);

/* The database's clock in milliseconds: what is measured happens in several processes. */
#define CLUSTER_NOW_MS "(extract(epoch from clock_timestamp()) * 1000)::bigint"
/* Run statements of plpgsql in one transaction; the moment before it. */
int64_t cluster_change(const char *statements);
/*
 * The job runs, and was claimed within a second of that moment, not before it.  When the moment is that of the last
 * cluster_change() the second begins when that was committed.  For the body of a CLUSTER_SOON() test.
 */
void cluster_assert_claimed_soon(int64_t job, int64_t since_ms);
/* The same for anything that took so long. */
void cluster_assert_soon(int64_t ms);

/*
 * "Within a second" holds on a machine that gives the programs a second.  So a busy one may be late four times: each time
 * the whole test is made once more, with a cluster of its own.
 */
void cluster_soon(void **state, void (*once)(void **state));
#define CLUSTER_SOON(test, once)           \
	static void test(void **state)     \
	{                                  \
		cluster_soon(state, once); \
	}

#define CLUSTER_TEST(test) cmocka_unit_test_setup_teardown(test, cluster_set_up, cluster_tear_down)

#endif
