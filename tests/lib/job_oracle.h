/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/job_oracle.h: the filters and orders of model/job_query.h once more, job by job in plain C, for
 * tests that compare.  Of definitions it knows those of tests/db/test_job_search.c: names that begin with
 * A are of module "mod", and each is of application "app<length of its name>".
 */
#ifndef TESTS_LIB_JOB_ORACLE_H
#define TESTS_LIB_JOB_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

struct job_instance;
struct job_query;

/* Does the query find the job, on whatever page? */
bool job_oracle_fits(const struct job_instance *job, const struct job_query *q);

/* Into the order the query wants, by id at last. */
void job_oracle_sort(const struct job_query *q, const struct job_instance **jobs, size_t n);

#endif
