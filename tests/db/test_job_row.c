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
#include "store/current_names.h"
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

static void
assert_priority(struct store_fixture *f, int64_t id, int64_t expected)
{
	struct job_instance job = store_read_job(f, id);

	assert_int_equal(job.priority.value, expected);
}

static void
a_row_that_was_kept_is_given_only_while_it_is_the_same(void **state)
{
	struct store_fixture *f = *state;
	const struct job_request request = { .application_name = "billing",
					     .priority = { true, 3 } };
	int64_t id = store_enqueue(f, &request), other = store_enqueue(f, &request);

	for (int priority = 4; priority < 8; priority++) {
		test_db_sql("UPDATE jqm.job_instance SET priority = %d WHERE id = %ld", priority,
			    (long)id);
		assert_priority(f, id, priority);
		assert_priority(f, id, priority);
		assert_priority(f, other, 3);
	}
	store_claim_and_start();
	assert_int_equal(store_read_job(f, id).state, JOB_RUNNING);
	store_finish(id, "\"state\": \"ENDED\", \"exit_code\": 0");
	assert_int_equal(store_read_job(f, id).state, JOB_ENDED);
	assert_int_equal(store_read_job(f, id).state, JOB_ENDED);
	test_db_sql("UPDATE jqm.history SET priority = 9 WHERE id = %ld", (long)id);
	assert_priority(f, id, 9);
	assert_int_equal(store_read_job(f, other).state, JOB_RUNNING);
	test_db_sql("DELETE FROM jqm.history WHERE id = %ld", (long)id);
	assert_int_equal(job_instance_read(f->db, id, &f->pool.memory,
					   &(struct job_instance){ .id = 0 }, &f->err),
			 -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	err_clear(&f->err);
}

/* After a fail-over the same version may be of another row; a view that says so of other values stands for that. */
static void
a_row_of_another_connection_is_not_taken_for_the_same(void **state)
{
	struct store_fixture *f = *state;
	int64_t id = store_enqueue(
	    f, &(struct job_request){ .application_name = "billing", .priority = { true, 3 } });
	char *view = test_db_value("SELECT replace(pg_get_viewdef('jqm.live_row'::regclass),"
				   " 'priority,', 'priority + 1 AS priority,')");

	assert_priority(f, id, 3);
	test_db_sql("CREATE OR REPLACE VIEW jqm.live_row AS %s", view);
	free(view);
	assert_priority(f, id, 3);
	db_disconnect(f->db);
	assert_priority(f, id, 4);
}

static void
names_are_kept_for_an_account_only_while_its_stamp_is_the_same(void **state)
{
	struct store_fixture *f = *state;
	int64_t id = store_enqueue(
	    f, &(struct job_request){ .application_name = "billing", .queue_name = "SLOW" });

	current_names_for(7, 1);
	assert_string_equal(store_read_job(f, id).queue_name, "SLOW");
	test_db_sql("UPDATE jqm.queue SET name = 'LATER' WHERE name = 'SLOW'");
	assert_string_equal(store_read_job(f, id).queue_name, "SLOW");
	current_names_for(7, 2);
	assert_string_equal(store_read_job(f, id).queue_name, "LATER");
	test_db_sql("UPDATE jqm.queue SET name = 'SLOW' WHERE name = 'LATER'");
	current_names_for(8, 2);
	assert_string_equal(store_read_job(f, id).queue_name, "SLOW");
	test_db_sql("UPDATE jqm.queue SET name = 'AGAIN' WHERE name = 'SLOW'");
	current_names_for(0, 0);
	assert_string_equal(store_read_job(f, id).queue_name, "AGAIN");
}

/* The numbers of jobs and names are the same in both. */
static void
what_is_kept_of_one_database_is_not_taken_for_that_of_another(void **state)
{
	const struct job_request slow = { .application_name = "billing", .queue_name = "SLOW" };
	struct store_fixture *f = *state, *other;
	void *other_state;
	int64_t id = store_enqueue(f, &slow);

	(void)store_set_up(&other_state);
	other = other_state;
	test_db_sql("UPDATE jqm.name_snapshot SET name = 'OTHER' WHERE name = 'SLOW'");
	assert_int_equal(store_enqueue(other, &(struct job_request){ .application_name = "billing",
								     .queue_name = "SLOW",
								     .priority = { true, 5 } }),
			 id);
	current_names_for(7, 1);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(store_read_job(f, id).queue_name, "SLOW");
		assert_false(store_read_job(f, id).priority.set);
		assert_string_equal(store_read_job(other, id).queue_name, "OTHER");
		assert_priority(other, id, 5);
	}
	current_names_for(0, 0);
	(void)store_tear_down(&other_state);
}

static void
assert_marks(int64_t id, const char *expected)
{
	char *marks = test_db_value(
	    "SELECT concat_ws(' ', CASE WHEN r.has_messages THEN 'messages' END,"
	    " CASE WHEN r.has_links THEN 'links' END) FROM"
	    " (SELECT id, has_messages, has_links FROM jqm.job_instance UNION ALL"
	    "  SELECT id, has_messages, has_links FROM jqm.history) AS r WHERE r.id = %ld",
	    (long)id);

	assert_string_equal(marks, expected);
	free(marks);
}

static void
the_row_says_whether_there_are_messages_and_links(void **state)
{
	struct store_fixture *f = *state;
	const struct job_request request = { .application_name = "billing" };
	int64_t said = store_enqueue(f, &request), ends = store_enqueue(f, &request);
	int64_t quiet = store_enqueue(f, &request), waits;
	char *restarted;

	test_db_sql("SELECT jqm.add_message(%ld, 'a'), jqm.add_message(%ld, 'b')", (long)said,
		    (long)said);
	assert_marks(said, "messages");
	restarted =
	    test_db_value("SELECT jqm.enqueue('billing', wait_for => ARRAY['%ld'])", (long)quiet);
	waits = strtoll(restarted, NULL, 10);
	free(restarted);
	assert_marks(waits, "links");
	store_claim_and_start();
	store_finish(said, "\"state\": \"ENDED\", \"exit_code\": 0");
	store_finish(ends, "\"state\": \"CRASHED\", \"exit_code\": 1, \"messages\": [\"x\"]");
	store_finish(quiet, "\"state\": \"CRASHED\", \"exit_code\": 1");
	assert_marks(said, "messages");
	assert_marks(ends, "messages");
	assert_marks(quiet, "");
	/* it waited in vain */
	assert_marks(waits, "links");
	restarted = test_db_value("SELECT jqm.restart_crashed(%ld)", (long)quiet);
	assert_marks(strtoll(restarted, NULL, 10), "messages links");
	assert_marks(quiet, "messages");
	assert_same_among_many(f, strtoll(restarted, NULL, 10));
	assert_same_among_many(f, quiet);
	free(restarted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_job_alone_is_the_same_as_among_many_in_each_member),
		STORE_TEST(a_past_job_is_found_wherever_a_purge_has_put_it),
		STORE_TEST(only_a_partition_that_is_not_there_counts_as_no_partition),
		STORE_TEST(a_row_that_was_kept_is_given_only_while_it_is_the_same),
		STORE_TEST(a_row_of_another_connection_is_not_taken_for_the_same),
		STORE_TEST(names_are_kept_for_an_account_only_while_its_stamp_is_the_same),
		STORE_TEST(what_is_kept_of_one_database_is_not_taken_for_that_of_another),
		STORE_TEST(the_row_says_whether_there_are_messages_and_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
