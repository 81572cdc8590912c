/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/a_sender.h: two programs that tell the world of the ends of jobs (role jqm_notifier), beside the jobs of a_job.h: for
 * tests of what two of them do to each other.
 */
#ifndef TESTS_LIB_A_SENDER_H
#define TESTS_LIB_A_SENDER_H

struct db;

/* Of a group of tests: a_job_set_up(), and the two. */
extern struct db *a_sender, *another_sender;
int a_sender_set_up(void **state);
int a_sender_tear_down(void **state);

/* The one value of sql, when one of them asks. */
void assert_said(struct db *sender, const char *sql, const char *expected);

#endif
