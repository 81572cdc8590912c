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
#include "tests/lib/test_db.h"

struct fixture {
	struct db *db; /* as jqm_api, with its rights */
	struct pool pool;
	struct err err;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)test_db_create("job_row");
	test_db_sql("SET ROLE jqm_owner;"
		    "INSERT INTO jqm.queue (name) VALUES ('SLOW');"
		    "INSERT INTO jqm.job_def (name, queue_id, path, path_type, keyword1, module,"
		    " parameters) SELECT 'billing', id, 'true', 'DEFAULTSHELLCOMMAND', 'finance',"
		    " 'm', '{\"mode\": \"full\", \"month\": \"01\"}' FROM jqm.queue"
		    " WHERE default_queue;"
		    "INSERT INTO jqm.job_def (name, queue_id, path, path_type, highlander)"
		    " SELECT 'single', id, 'true', 'DEFAULTSHELLCOMMAND', true FROM jqm.queue"
		    " WHERE default_queue;"
		    "SELECT jqm.node_register('alpha', gen_random_uuid(), 15000, '/j', '/o', '/t',"
		    " 'localhost', 1789);");
	f->db = db_new(test_db_conninfo_as("jqm_api"), "test_job_row");
	pool_init(&f->pool);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	db_free(f->db);
	pool_free(&f->pool);
	free(f);
	return 0;
}

static int64_t
enqueue(struct fixture *f, const struct job_request *request)
{
	int64_t id = 0;

	if (job_instance_enqueue(f->db, request, &id, &f->err) == -1)
		fail_msg("not enqueued: %s", f->err.text);
	return id;
}

static struct job_instance
read_job(struct fixture *f, int64_t id)
{
	struct job_instance job;

	if (job_instance_read(f->db, id, &f->pool.memory, &job, &f->err) == -1)
		fail_msg("not read: %s", f->err.text);
	return job;
}

/* The runner of node alpha takes what waits, starts it, and ends it as the JSON says. */
static void
claim_and_start(void)
{
	test_db_sql("SELECT jqm.claim(n.id, n.incarnation, q.id, 10) FROM jqm.node n, jqm.queue q;"
		    "SELECT jqm.mark_started(n.id, n.incarnation, (SELECT jsonb_agg("
		    "jsonb_build_object('id', id, 'attempt', attempt, 'ago_ms', 0))"
		    " FROM jqm.job_instance WHERE state = 'ATTRIBUTED')) FROM jqm.node n");
}

static void
finish(int64_t id, const char *more)
{
	test_db_sql("SELECT jqm.finish(n.id, n.incarnation, '[{\"id\": %ld, \"attempt\": 1, %s}]')"
		    " FROM jqm.node n",
		    (long)id, more);
}

/* Two ways lead to a job: each member is the same. */
static void
assert_same_among_many(struct fixture *f, int64_t id)
{
	const struct doc_json_style style = { .dates_as_text = true };
	struct buf alone = BUF_INIT(100000), among = BUF_INIT(100000);
	struct job_instance job = read_job(f, id);
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
	struct fixture *f = *state;
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
	int64_t bare = enqueue(f, &(struct job_request){ .application_name = "billing" });
	int64_t id = enqueue(f, &full);

	assert_same_among_many(f, id);
	assert_same_among_many(f, bare);
	test_db_sql("UPDATE jqm.job_instance SET position = id + 0.5, run_after = NULL, state = "
		    "'SUBMITTED'");
	assert_same_among_many(f, id);
	assert_same_among_many(f, bare);
	claim_and_start();
	assert_same_among_many(f, id);
	finish(id, "\"state\": \"ENDED\", \"exit_code\": 0, \"reason\": \"why\", \"messages\": "
		   "[\"one\"]");
	assert_same_among_many(f, bare);
	finish(bare, "\"state\": \"KILLED\", \"signal\": 9");
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
	struct fixture *f = *state;
	int64_t old = enqueue(f, &(struct job_request){ .application_name = "billing" });
	int64_t young = enqueue(f, &(struct job_request){ .application_name = "billing" });
	struct job_instance job;

	claim_and_start();
	finish(old, "\"state\": \"ENDED\", \"exit_code\": 0");
	finish(young, "\"state\": \"ENDED\", \"exit_code\": 0");
	assert_int_equal(read_job(f, old).state, JOB_ENDED);
	test_db_sql("UPDATE jqm.history SET ended_at = now() - interval '2 days' WHERE id = %ld;"
		    "SELECT setval(pg_get_serial_sequence('jqm.job_instance', 'id'), 600000);"
		    "SELECT jqm.purge_partition(now() - interval '1 day')",
		    (long)old);
	assert_int_equal(job_instance_read(f->db, old, &f->pool.memory, &job, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	err_clear(&f->err);
	assert_int_equal(read_job(f, young).state, JOB_ENDED);
	assert_int_equal(read_job(f, young).id, young);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_job_alone_is_the_same_as_among_many_in_each_member),
		T(a_past_job_is_found_wherever_a_purge_has_put_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
