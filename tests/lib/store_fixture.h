/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/store_fixture.h: what tests of the stores of jobs share: a database of their own with queue SLOW, definitions "billing" (its
 * parameters: mode, month) and "single" (a highlander), node alpha; and a handle with the web API's rights.
 */
#ifndef TESTS_LIB_STORE_FIXTURE_H
#define TESTS_LIB_STORE_FIXTURE_H

#include <stdint.h>

#include "base/err.h"
#include "model/job_instance.h"
#include "model/job_request.h"
#include "model/memory.h"

struct db;

struct store_fixture {
	struct db *db; /* as jqm_api, with its rights */
	struct pool pool;
	struct err err;
};

int store_set_up(void **state);
int store_tear_down(void **state);

/* The runner of node alpha takes what waits and starts it; and ends a job as the members of a JSON object say. */
void store_claim_and_start(void);
void store_finish(int64_t id, const char *members);

int64_t store_enqueue(struct store_fixture *f, const struct job_request *request);
struct job_instance store_read_job(struct store_fixture *f, int64_t id);

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, store_set_up, store_tear_down)

#endif
