/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/a_job.h: jobs in any state, for tests of the schema's verbs.  A database with the definitions
 * Plain (parameter a=1) and Highlander, the default queue (number 1), a queue "other" (number 2) and a
 * node (number 1) that serves the first.
 */
#ifndef TESTS_LIB_A_JOB_H
#define TESTS_LIB_A_JOB_H

#include <stdint.h>

struct db;

#define A_QUEUE "(SELECT id FROM jqm.queue WHERE default_queue)"
#define A_CLAIM "SELECT jqm.claim(1, 1, " A_QUEUE ", 1)"
#define A_JOB_UNKNOWN 999999

/* Of a group of tests: the database, and a_client with the rights of a caller. */
extern struct db *a_client;
int a_job_set_up(void **state);
/* The same, and another node: n2, number 2, with a lease of 10 s. */
int a_job_set_up_beside_n2(void **state);
int a_job_tear_down(void **state);

/* One number, by SQL; the second makes its SQL like printf(). */
int64_t a_number(const char *sql);
int64_t a_number_of(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Enqueue one of that definition; start one that the node has claimed; end one that it has, as ENDED, CRASHED or
 * KILLED. */
int64_t a_job_of(const char *definition);
void a_job_starts(int64_t id);
void a_job_ends(int64_t id, const char *end);

/* A job of definition Plain in that state, the only live one; "unknown": A_JOB_UNKNOWN, and none. */
int64_t a_job_in(const char *state);

/* Every state a_job_in() makes, "unknown" last. */
#define A_JOB_STATES 10
extern const char *const a_job_states[A_JOB_STATES];

/*
 * The state an outcome stands for: S SUBMITTED, D SCHEDULED, H HOLDED, A ATTRIBUTED, R RUNNING, E ENDED,
 * F CRASHED, K KILLED, C CANCELLED, - and ? none ("").  Any other is as before.
 */
const char *a_job_state_after(char outcome, const char *before);

/* The state of a live or past job, "" when there is none; free() it. */
char *a_job_state(int64_t id);

/* All that is known of it: its row, live or past, and its messages; free() it. */
char *a_job_row(int64_t id);

/* Of a live or past job. */
void assert_job_state(int64_t id, const char *want);
void assert_job_reason(int64_t id, const char *want);

#endif
