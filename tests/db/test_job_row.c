/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_row.c: one job read by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "db/db.h"
#include "model/job_instance.h"
#include "model/job_request.h"
#include "model/memory.h"
#include "store/job_instance_store.h"
#include "tests/lib/store_fixture.h"
#include "tests/lib/test_db.h"

/* Two ways lead to a job: each member is the same. */
static void
assert_same_among_many(struct store_fixture *f, int64_t id)
{
	const struct doc_json_style style = { .dates_as_text = true };
	struct buf alone = BUF_INIT(100000), among = BUF_INIT(100000);
	struct job_instance job = store_read_job(f, id);
	struct job_instance_list list;

	assert_int_equal(job_instance_read_many(f->db, &id, 1, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 1);
	doc_json_write(&job_instance_doc, &job, &style, &alone);
	doc_json_write(&job_instance_doc, &list.items[0], &style, &among);
	assert_string_equal(buf_text(&alone), buf_text(&among));
	buf_free(&alone);
	buf_free(&among);
}

static void
a_job_alone_is_the_same_as_among_many_in_each_member(void **state)
{
	struct store_fixture *f = *state;
	struct text_pair pairs[] = { { "päth", "a \"b\" \\ c\n", false },
				     { "z", "1", false },
				     { "aa", "{}", false } };
	const struct job_request full = {
		.application_name = "billing",
		.user = "bob",
		.session_id = "s",
		.application = "a",
		.module = "m",
		.keyword1 = "k1",
		.keyword2 = "k2",
		.keyword3 = "k3",
		.email = "a@b.c",
		.trace_id = "t",
		.queue_name = "SLOW",
		.submitter = "carol",
		.priority = { true, 7 },
		.parent_job_id = { true, 77 },
		.run_after = { true, INT64_C(4102444799999999) },
		.max_attempts = { true, 3 },
		.concurrency_key = "key",
		.parameters = { pairs, 3 },
	};
	int64_t bare = store_enqueue(f, &(struct job_request){ .application_name = "billing" });
	int64_t id = store_enqueue(f, &full);

	assert_same_among_many(f, id);
	assert_same_among_many(f, bare);
	test_db_sql("UPDATE jqm.job_instance SET position = id + 0.5, run_after = NULL, state = "
		    "'SUBMITTED'");
	assert_same_among_many(f, id);
	assert_same_among_many(f, bare);
	store_claim_and_start();
	assert_same_among_many(f, id);
	store_finish(id,
		     "\"state\": \"ENDED\", \"exit_code\": 0, \"reason\": \"why\", \"messages\": "
		     "[\"one\"]");
	assert_same_among_many(f, bare);
	store_finish(bare, "\"state\": \"KILLED\", \"signal\": 9");
	assert_same_among_many(f, bare);
	/* names are those of then, and a queue that is gone has no number */
	test_db_sql("UPDATE jqm.queue SET name = 'LATER' WHERE name = 'SLOW'");
	assert_same_among_many(f, id);
	test_db_sql("DELETE FROM jqm.queue_mapping; DELETE FROM jqm.queue WHERE name = 'LATER'");
	assert_same_among_many(f, id);
}

static void
a_past_job_is_found_wherever_a_purge_has_put_it(void **state)
{
	struct store_fixture *f = *state;
	int64_t old = store_enqueue(f, &(struct job_request){ .application_name = "billing" });
	int64_t young = store_enqueue(f, &(struct job_request){ .application_name = "billing" });
	struct job_instance job;

	store_claim_and_start();
	store_finish(old, "\"state\": \"ENDED\", \"exit_code\": 0");
	store_finish(young, "\"state\": \"ENDED\", \"exit_code\": 0");
	assert_int_equal(store_read_job(f, old).state, JOB_ENDED);
	test_db_sql("UPDATE jqm.history SET ended_at = now() - interval '2 days' WHERE id = %ld;"
		    "SELECT setval(pg_get_serial_sequence('jqm.job_instance', 'id'), 600000);"
		    "SELECT jqm.purge_partition(now() - interval '1 day')",
		    (long)old);
	assert_int_equal(job_instance_read(f->db, old, &f->pool.memory, &job, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	err_clear(&f->err);
	assert_int_equal(store_read_job(f, young).state, JOB_ENDED);
	assert_int_equal(store_read_job(f, young).id, young);
}

/* Beyond the last partition there is none; what else is wrong with one is told, and not taken for that. */
static void
only_a_partition_that_is_not_there_counts_as_no_partition(void **state)
{
	struct store_fixture *f = *state;
	struct job_instance job;

	assert_int_equal(
	    job_instance_read(f->db, INT64_C(90000000001), &f->pool.memory, &job, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	err_clear(&f->err);
	test_db_sql("CREATE TABLE jqm.history_90000250000 (id bigint);"
		    "GRANT SELECT ON jqm.history_90000250000 TO jqm_api");
	assert_int_equal(
	    job_instance_read(f->db, INT64_C(90000250001), &f->pool.memory, &job, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_INTERNAL);
	test_db_sql("DROP TABLE jqm.history_90000250000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_job_alone_is_the_same_as_among_many_in_each_member),
		STORE_TEST(a_past_job_is_found_wherever_a_purge_has_put_it),
		STORE_TEST(only_a_partition_that_is_not_there_counts_as_no_partition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
