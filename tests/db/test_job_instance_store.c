/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_instance_store.c, job_query.c, message_store.c: jobs as the web API sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "model/job_instance.h"
#include "model/job_request.h"
#include "model/memory.h"
#include "model/queue.h"
#include "store/job_instance_store.h"
#include "store/message_store.h"
#include "tests/lib/store_fixture.h"
#include "tests/lib/test_db.h"

static void
a_request_becomes_a_job_with_all_it_said(void **state)
{
	struct store_fixture *f = *state;
	struct text_pair pairs[] = {
		{ "month", "02", false },
		{ "quote\"\\", "a\nb'; DROP TABLE x; -- é", false },
	};
	const struct job_request request = {
		.application_name = "billing",
		.session_id = "s1",
		.trace_id = "t1",
		.application = "app",
		.user = "alice",
		.module = "mod",
		.keyword1 = "k1",
		.keyword2 = "k2",
		.keyword3 = "k3",
		.email = "a@example.org",
		.queue_name = "SLOW",
		.parent_job_id = { true, 77 },
		.priority = { true, 4 },
		.parameters = { pairs, 2 },
		.max_attempts = { true, 7 },
		.concurrency_key = "db \"1\"",
	};
	struct job_instance job = store_read_job(f, store_enqueue(f, &request));

	assert_string_equal(job.application_name, "billing");
	assert_string_equal(job.session_id, "s1");
	assert_string_equal(job.trace_id, "t1");
	assert_string_equal(job.application, "app");
	assert_string_equal(job.user, "alice");
	assert_string_equal(job.module, "mod");
	assert_string_equal(job.keyword1, "k1");
	assert_string_equal(job.keyword2, "k2");
	assert_string_equal(job.keyword3, "k3");
	assert_string_equal(job.definition_keyword1, "finance");
	assert_null(job.definition_keyword2);
	assert_string_equal(job.email, "a@example.org");
	assert_string_equal(job.queue_name, "SLOW");
	assert_string_equal(job.queue->name, "SLOW");
	assert_true(job.queue->id > 0);
	assert_int_equal(job.parent, 77);
	assert_int_equal(job.priority.value, 4);
	assert_int_equal(job.state, JOB_SUBMITTED);
	assert_true(job.position > 0);
	assert_int_equal(job.parameters.len, 3);
	assert_string_equal(text_map_get(&job.parameters, "mode"), "full");
	assert_string_equal(text_map_get(&job.parameters, "month"), "02");
	assert_string_equal(text_map_get(&job.parameters, pairs[1].key), pairs[1].value);
	assert_true(job.enqueued_at.set && job.enqueued_at.us > 0);
	assert_false(job.started_at.set);
	assert_false(job.ended_at.set);
	assert_null(job.node_name);
	assert_int_equal(job.attempt, 0);
	assert_int_equal(job.messages.len, 0);
	assert_int_equal(job.max_attempts, 7);
	assert_string_equal(job.concurrency_key, "db \"1\"");
	assert_int_equal(job.failures, 0);
	assert_int_equal(job.attempts.len, 0);
	assert_int_equal(job.wait_for.len, 0);
	assert_false(job.schedule_id.set);
	assert_false(job.restart_of.set);
	assert_false(job.late);
}

static void
a_bare_request_takes_what_the_definition_says(void **state)
{
	struct store_fixture *f = *state;
	struct job_instance job =
	    store_read_job(f, store_enqueue(f, &(struct job_request){ .application_name = "billing",
								      .queue_name = "",
								      .user = "",
								      .priority = { true, 0 } }));

	assert_string_equal(job.queue_name, "DEFAULT");
	assert_null(job.user);
	assert_int_equal(job.parent, 0);
	assert_false(job.priority.set);
	assert_string_equal(text_map_get(&job.parameters, "month"), "01");
}

static void
what_the_request_asks_decides_the_first_state(void **state)
{
	struct store_fixture *f = *state;
	const struct job_request held = { .application_name = "billing",
					  .start_state = JOB_HOLDED };
	const struct job_request later = { .application_name = "billing",
					   .run_after = { true, 4102444800123000 } };
	struct job_instance job = store_read_job(f, store_enqueue(f, &held));

	assert_int_equal(job.state, JOB_HOLDED);
	assert_int_equal(job.state, job_request_first_state(&held));
	job = store_read_job(f, store_enqueue(f, &later));
	assert_int_equal(job.state, JOB_SCHEDULED);
	assert_int_equal(job.state, job_request_first_state(&later));
	assert_int_equal(job.run_after.us, 4102444800123000);
	assert_true(job.from_schedule);
}

static void
a_waiting_highlander_is_returned_again(void **state)
{
	struct store_fixture *f = *state;
	const struct job_request request = { .application_name = "single" };
	int64_t id = store_enqueue(f, &request);

	assert_int_equal(store_enqueue(f, &request), id);
	assert_true(store_read_job(f, id).highlander);
}

static void
a_refusal_names_what_is_wrong_and_leaves_nothing(void **state)
{
	struct store_fixture *f = *state;
	struct text_pair no_value = { "a", NULL, false };
	struct text_pair consumption = { "com.enioka.jqm.rm.quantity.consumption", "lots", false };
	const char *quoted = "1\",\"2}\\", *unknown = "999999";
	const struct {
		struct job_request request;
		const char *says;
	} cases[] = {
		{ { .application_name = "missing" }, "there is no job definition \"missing\"" },
		{ { .application_name = NULL }, "applicationName is missing" },
		{ { .application_name = "billing", .queue_name = "NOPE" },
		  "there is no queue \"NOPE\"" },
		{ { .application_name = "billing", .priority = { true, 11 } }, "priority 11" },
		{ { .application_name = "billing", .priority = { true, INT64_MAX } }, "" },
		{ { .application_name = "billing", .parameters = { &no_value, 1 } }, "\"a\"" },
		{ { .application_name = "billing", .parameters = { &consumption, 1 } },
		  "parameter \"com.enioka.jqm.rm.quantity.consumption\" is \"lots\"" },
		{ { .application_name = "billing", .max_attempts = { true, 0 } }, "maxAttempts 0" },
		{ { .application_name = "billing", .max_attempts = { true, INT64_MAX } }, "" },
		{ { .application_name = "billing", .wait_for = { &quoted, 1 } },
		  "waitFor \"1\",\"2}\\\" is not the number of a job" },
		{ { .application_name = "billing", .wait_for = { &unknown, 1 } },
		  "waitFor: there is no job instance 999999" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t id;

		print_message("case: %s\n", cases[i].says);
		err_clear(&f->err);
		assert_int_equal(job_instance_enqueue(f->db, &cases[i].request, &id, &f->err), -1);
		assert_int_equal(f->err.kind, ERR_INVALID);
		assert_non_null(strstr(f->err.text, cases[i].says));
	}
	{
		char *count = test_db_value("SELECT count(*) FROM jqm.job_instance");

		assert_string_equal(count, "0");
		free(count);
	}
}

static void
a_job_reads_the_same_live_and_past(void **state)
{
	struct store_fixture *f = *state;
	int64_t id =
	    store_enqueue(f, &(struct job_request){ .application_name = "billing", .user = "bob" });
	struct job_instance job;

	store_claim_and_start();
	job = store_read_job(f, id);
	assert_int_equal(job.state, JOB_RUNNING);
	assert_string_equal(job.node_name, "alpha");
	assert_true(job.started_at.set);
	assert_int_equal(job.attempt, 1);
	assert_false(job.exit_code.set);

	store_finish(id, "\"state\": \"CRASHED\", \"exit_code\": 3, \"reason\": \"exit code 3\","
			 "\"progress\": 40, \"messages\": [\"one\", \"two\"]");
	job = store_read_job(f, id);
	assert_int_equal(job.state, JOB_CRASHED);
	assert_string_equal(job.node_name, "alpha");
	assert_string_equal(job.user, "bob");
	assert_int_equal(job.exit_code.value, 3);
	assert_true(job.exit_code.set);
	assert_false(job.signal.set);
	assert_string_equal(job.end_reason, "exit code 3");
	assert_int_equal(job.progress, 40);
	assert_int_equal(job.position, 0);
	assert_true(job.ended_at.set);
	assert_int_equal(job.messages.len, 2);
	assert_string_equal(job.messages.items[0], "one");
	assert_string_equal(job.messages.items[1], "two");
	assert_string_equal(text_map_get(&job.parameters, "mode"), "full");
}

static void
a_job_shows_what_it_waits_for_and_its_earlier_attempts(void **state)
{
	struct store_fixture *f = *state;
	const struct job_request request = { .application_name = "billing",
					     .max_attempts = { true, 2 } };
	int64_t first = store_enqueue(f, &request), other = store_enqueue(f, &request), second;
	const char *waits[2];
	struct job_request waiting = { .application_name = "billing", .wait_for = { waits, 2 } };
	struct job_instance_list list;
	struct job_instance job;

	waits[0] = memory_printf(&f->pool.memory, "end:%lld", (long long)other);
	waits[1] = memory_printf(&f->pool.memory, "%lld", (long long)first);
	second = store_enqueue(f, &waiting);
	job = store_read_job(f, second);
	assert_int_equal(job.state, JOB_SCHEDULED);
	assert_int_equal(job.wait_for.len, 2);
	assert_string_equal(job.wait_for.items[0],
			    memory_printf(&f->pool.memory, "success:%lld", (long long)first));
	assert_string_equal(job.wait_for.items[1], waits[0]);

	store_claim_and_start();
	store_finish(first, "\"state\": \"CRASHED\", \"exit_code\": 3, \"started_ago_ms\": 100");
	store_finish(other, "\"state\": \"CRASHED\", \"signal\": 9, \"reason\": \"why\"");
	job = store_read_job(f, first);
	assert_int_equal(job.state, JOB_SCHEDULED);
	assert_null(job.node_name);
	assert_int_equal(job.failures, 1);
	assert_int_equal(job.max_attempts, 2);
	assert_int_equal(job.attempts.len, 1);
	assert_int_equal(job.attempts.items[0].attempt, 1);
	assert_string_equal(job.attempts.items[0].node_name, "alpha");
	assert_int_equal(job.attempts.items[0].exit_code.value, 3);
	assert_false(job.attempts.items[0].signal.set);
	assert_true(job.attempts.items[0].started_at.set);
	assert_true(job.attempts.items[0].ended_at.us >= job.attempts.items[0].started_at.us);
	assert_null(job.attempts.items[0].reason);
	/* in a list, each has its own */
	assert_int_equal(
	    job_instance_list_newest(f->db, INT64_MAX, 10, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 3);
	assert_int_equal(list.items[0].attempts.len, 0);
	assert_int_equal(list.items[0].wait_for.len, 2);
	assert_int_equal(list.items[1].attempts.len, 1);
	assert_int_equal(list.items[1].attempts.items[0].signal.value, 9);
	assert_string_equal(list.items[1].attempts.items[0].reason, "why");
	assert_int_equal(list.items[2].attempts.items[0].exit_code.value, 3);

	test_db_sql("SELECT jqm.cancel(%lld)", (long long)first);
	job = store_read_job(f, first);
	assert_int_equal(job.state, JOB_CANCELLED);
	assert_int_equal(job.attempts.len, 1);
	assert_int_equal(job.max_attempts, 2);
	job = store_read_job(f, second); /* in vain */
	assert_int_equal(job.state, JOB_CANCELLED);
	assert_int_equal(job.wait_for.len, 2);
}

static void
a_restarted_job_names_the_one_it_replaces(void **state)
{
	struct store_fixture *f = *state;
	int64_t id = store_enqueue(
	    f, &(struct job_request){ .application_name = "billing", .concurrency_key = "db" });
	struct job_instance job;
	char *again;

	store_claim_and_start();
	store_finish(id, "\"state\": \"CRASHED\", \"exit_code\": 3");
	again = test_db_value("SELECT jqm.restart_crashed(%lld)", (long long)id);
	job = store_read_job(f, strtoll(again, NULL, 10));
	assert_true(job.restart_of.set);
	assert_int_equal(job.restart_of.value, id);
	assert_string_equal(job.concurrency_key, "db");
	free(again);
}

static void
children_live_and_past_are_listed_page_by_page(void **state)
{
	struct store_fixture *f = *state;
	const struct job_request plain = { .application_name = "billing" };
	int64_t parent = store_enqueue(f, &plain), child[3];
	struct job_request of_parent = { .application_name = "billing",
					 .parent_job_id = { true, parent } };
	struct job_instance_list list;

	for (int i = 0; i < 3; i++) {
		child[i] = store_enqueue(f, &of_parent);
		(void)store_enqueue(f, &plain);
	}
	test_db_sql("SELECT jqm.cancel(%lld)", (long long)child[1]);
#define CHILDREN(after, max)                                                                    \
	assert_int_equal(job_instance_list_children(f->db, parent, after, max, &f->pool.memory, \
						    &list, &f->err),                            \
			 0)
	CHILDREN(0, 10);
	assert_int_equal(list.len, 3);
	assert_int_equal(list.items[0].id, child[0]);
	assert_int_equal(list.items[1].id, child[1]);
	assert_int_equal(list.items[1].state, JOB_CANCELLED);
	assert_int_equal(list.items[2].id, child[2]);
	assert_int_equal(list.items[2].parent, parent);
	CHILDREN(0, 2);
	assert_int_equal(list.len, 2);
	CHILDREN(child[1], 2);
	assert_int_equal(list.len, 1);
	assert_int_equal(list.items[0].id, child[2]);
	assert_int_equal(job_instance_list_children_newest(f->db, parent, child[2], 10,
							   &f->pool.memory, &list, &f->err),
			 0);
	assert_int_equal(list.len, 2);
	assert_int_equal(list.items[0].id, child[1]);
	assert_int_equal(
	    job_instance_list_children(f->db, child[0], 0, 10, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 0);
}

static void
an_unknown_job_is_not_found(void **state)
{
	struct store_fixture *f = *state;
	struct job_instance job;
	struct job_place place;

	assert_int_equal(job_instance_read(f->db, 4711, &f->pool.memory, &job, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	assert_string_equal(f->err.text, "there is no job instance 4711");
	assert_int_equal(job_instance_place(f->db, 4711, &f->pool.memory, &place, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	assert_int_equal(job_instance_kill(f->db, 4711, "root", &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	assert_int_equal(job_instance_cancel(f->db, 4711, "root", &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
}

static void
lists_hold_the_oldest_first_each_job_once(void **state)
{
	struct store_fixture *f = *state;
	struct job_instance_list list;
	int64_t first = 0;

	for (int i = 0; i < 7; i++) {
		int64_t id =
		    store_enqueue(f, &(struct job_request){ .application_name = "billing" });

		first = first == 0 ? id : first;
		if (i == 2) {
			store_claim_and_start();
			store_finish(first, "\"state\": \"ENDED\", \"exit_code\": 0,"
					    "\"messages\": [\"done\"]");
		}
	}
	assert_int_equal(job_instance_list_all(f->db, 50, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 7);
	for (size_t i = 0; i < list.len; i++)
		assert_int_equal(list.items[i].id, first + (int64_t)i);
	assert_int_equal(list.items[0].state, JOB_ENDED);
	assert_int_equal(list.items[0].messages.len, 1);
	assert_int_equal(list.items[1].messages.len, 0);

	assert_int_equal(job_instance_list_all(f->db, 3, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 3);
	assert_int_equal(list.items[2].id, first + 2);

	assert_int_equal(job_instance_list_live(f->db, 50, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 6);
	assert_int_equal(list.items[0].id, first + 1);

	assert_int_equal(
	    job_instance_list_newest(f->db, first + 6, 5, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.len, 5);
	for (size_t i = 0; i < list.len; i++)
		assert_int_equal(list.items[i].id, first + 5 - (int64_t)i);
}

static void
a_waiting_job_is_cancelled_and_then_it_is_too_late(void **state)
{
	struct store_fixture *f = *state;
	int64_t id = store_enqueue(f, &(struct job_request){ .application_name = "billing" });
	struct job_instance job;
	struct job_place place;

	assert_int_equal(job_instance_cancel(f->db, id, "carol", &f->err), 0);
	job = store_read_job(f, id);
	assert_int_equal(job.state, JOB_CANCELLED);
	assert_string_equal(job.end_reason, "cancelled by carol");
	assert_int_equal(job_instance_place(f->db, id, &f->pool.memory, &place, &f->err), 0);
	assert_int_equal(place.state, JOB_CANCELLED);
	assert_null(place.node_name);
	assert_int_equal(job_instance_cancel(f->db, id, "carol", &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CONFLICT);
	assert_int_equal(job_instance_kill(f->db, id, "carol", &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CONFLICT);
}

/* As many as a job may say; and of each of several the oldest. */
static void
a_job_alone_shows_all_its_messages(void **state)
{
	struct store_fixture *f = *state;
	struct job_instance_list list;
	struct job_instance job;
	int64_t id = store_enqueue(f, &(struct job_request){ .application_name = "billing" });

	(void)store_enqueue(f, &(struct job_request){ .application_name = "billing" });
	test_db_sql("INSERT INTO jqm.message (job_instance_id, text_message)"
		    " SELECT %lld, 'm' || i FROM generate_series(1, 10500) AS i",
		    (long long)id);
	assert_int_equal(job_instance_read(f->db, id, &f->pool.memory, &job, &f->err), 0);
	assert_int_equal(job.messages.len, 10500);
	assert_string_equal(job.messages.items[10499], "m10500");
	assert_int_equal(job_instance_list_all(f->db, 50, &f->pool.memory, &list, &f->err), 0);
	assert_int_equal(list.items[0].messages.len, MESSAGES_PER_JOB_MAX);
	assert_string_equal(list.items[0].messages.items[0], "m1");
}

static void
a_running_job_gets_the_order_to_die_and_a_message(void **state)
{
	struct store_fixture *f = *state;
	int64_t id = store_enqueue(f, &(struct job_request){ .application_name = "billing" });
	struct job_instance job;
	char *order;

	store_claim_and_start();
	assert_int_equal(job_instance_cancel(f->db, id, "dave", &f->err), -1);
	assert_int_equal(f->err.kind, ERR_CONFLICT);
	assert_int_equal(job_instance_kill(f->db, id, "dave", &f->err), 0);
	order = test_db_value("SELECT instruction || ' ' || instruction_by FROM jqm.job_instance");
	assert_string_equal(order, "KILL dave");
	free(order);
	job = store_read_job(f, id);
	assert_int_equal(job.state, JOB_RUNNING);
	assert_int_equal(job.messages.len, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_request_becomes_a_job_with_all_it_said),
		STORE_TEST(a_bare_request_takes_what_the_definition_says),
		STORE_TEST(what_the_request_asks_decides_the_first_state),
		STORE_TEST(a_waiting_highlander_is_returned_again),
		STORE_TEST(a_refusal_names_what_is_wrong_and_leaves_nothing),
		STORE_TEST(a_job_reads_the_same_live_and_past),
		STORE_TEST(a_job_shows_what_it_waits_for_and_its_earlier_attempts),
		STORE_TEST(a_restarted_job_names_the_one_it_replaces),
		STORE_TEST(children_live_and_past_are_listed_page_by_page),
		STORE_TEST(an_unknown_job_is_not_found),
		STORE_TEST(lists_hold_the_oldest_first_each_job_once),
		STORE_TEST(a_waiting_job_is_cancelled_and_then_it_is_too_late),
		STORE_TEST(a_job_alone_shows_all_its_messages),
		STORE_TEST(a_running_job_gets_the_order_to_die_and_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
