/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches against an oracle: every job there is, read one way, filtered and sorted in C as
 * model/job_query.h says, must be what job_search() finds the other way; for queries made at random.
 */
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
#include "model/job_query.h"
#include "model/memory.h"
#include "model/queue.h"
#include "store/job_instance_store.h"
#include "store/job_search_store.h"
#include "tests/lib/job_oracle.h"
#include "tests/lib/test_db.h"

#define JOBS_MAX 3000
#define QUERIES 400

static struct db *db;
static struct pool all_pool;
static struct job_instance_list all;
static unsigned dice_state = 7;

/* 0 to n - 1, the same ones in every run. */
static unsigned
dice(unsigned n)
{
	dice_state = dice_state * 1103515245u + 12345u;
	return (dice_state >> 16) % n;
}

static int
set_up(void **state)
{
	int64_t ids[JOBS_MAX];
	size_t n = 0;
	struct err err = ERR_INIT;
	(void)state;

	(void)test_db_create("job_search");
	test_db_sql(
	    "SELECT jqm.node_register('alpha', gen_random_uuid(), 15000, '/j', '/o', '/t', 'h', 1),"
	    " jqm.node_register('beta', gen_random_uuid(), 15000, '/j', '/o', '/t', 'h', 2);"
	    "INSERT INTO jqm.queue (name) VALUES ('Slow_1'), ('Slow%%2'), ('Gone');"
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type, application, module, "
	    "keyword1,"
	    " keyword2) SELECT v.*, q.id, 'true', 'DIRECTEXECUTABLE', a, m, k, nullif(k, 'ka')"
	    " FROM (VALUES ('Alpha'), ('Alpine'), ('Be_ta'), ('Be\\ta'), ('Gamma')) AS v,"
	    " jqm.queue AS q, LATERAL (SELECT 'app' || length(v.column1) AS a, CASE WHEN"
	    " v.column1 LIKE 'A%%' THEN 'mod' END AS m, 'k' || right(v.column1, 1) AS k) AS t"
	    " WHERE q.default_queue;");
	/* past jobs in three partitions, live ones between them */
	test_db_sql(
	    "SELECT setval('jqm.job_instance_id_seq', 500700), setseed(0.3);"
	    "SELECT jqm.history_extend();"
	    "INSERT INTO jqm.history (id, job_def_id, queue_id, state, snapshot_id, user_name_id,"
	    " queue_name_id, node_name_id, priority, attempt, enqueued_at, started_at, ended_at,"
	    " highlander, from_schedule, progress, parameters, parent_id, session_key, module,"
	    " application, keyword1, keyword2, keyword3)"
	    " SELECT (g %% 3) * 250000 + g, d.id, CASE WHEN g %% 11 = 0 THEN 99 ELSE q.id END,"
	    " (ARRAY['ENDED','ENDED','CRASHED','KILLED','CANCELLED'])[1 + g %% 5], d.snapshot_id,"
	    " CASE WHEN g %% 7 > 0 THEN jqm.name_snapshot_id('u', 'user' || g %% 7) END, q.name_id,"
	    " CASE WHEN g %% 5 <> 4 THEN n.name_id END, 0, 1, now() - g %% 50 * interval '1 hour',"
	    " CASE WHEN g %% 5 <> 4 THEN now() - g %% 40 * interval '1 hour' END,"
	    " now() - g %% 30 * interval '1 hour', false, false, 0, '{}',"
	    " CASE WHEN g %% 4 = 0 THEN g / 40 + 1 END, CASE WHEN g %% 2 = 0 THEN 's' || g %% 20 "
	    "END,"
	    " CASE WHEN g %% 3 = 0 THEN 'im' || g %% 4 END, CASE WHEN g %% 3 = 1 THEN '' ELSE 'ia' "
	    "END,"
	    " 'i' || g %% 9, nullif('j' || g %% 2, 'j0'), CASE WHEN g %% 50 = 0 THEN 'u' || g END"
	    " FROM generate_series(1, 600) AS g"
	    " JOIN LATERAL (SELECT * FROM jqm.job_def ORDER BY id OFFSET g %% 5 LIMIT 1) AS d ON "
	    "true"
	    " JOIN LATERAL (SELECT * FROM jqm.queue ORDER BY id OFFSET g %% 3 LIMIT 1) AS q ON true"
	    " JOIN LATERAL (SELECT * FROM jqm.node ORDER BY id OFFSET g %% 2 LIMIT 1) AS n ON "
	    "true");
	test_db_sql(
	    "SELECT setval('jqm.job_instance_id_seq', 250700);"
	    "SELECT jqm.enqueue((ARRAY['Alpha','Alpine','Be_ta','Be\\ta','Gamma'])[1 + g %% 5],"
	    " user_name => nullif('user' || g %% 7, 'user0'), held => g %% 3 = 0,"
	    " session_id => CASE WHEN g %% 2 = 0 THEN 's' || g %% 20 END,"
	    " queue_name => CASE WHEN g %% 4 = 0 THEN 'Slow_1' END, keyword1 => 'i' || g %% 9,"
	    " parent_id => nullif(g %% 6, 0), module => nullif('im' || g %% 4, 'im1'))"
	    " FROM generate_series(1, 120) AS g;"
	    "SELECT setval('jqm.job_instance_id_seq', 500700);"
	    "UPDATE jqm.job_instance SET enqueued_at = now() - id %% 50 * interval '1 hour',"
	    " submitter_id = CASE WHEN id %% 3 > 0 THEN user_name_id END;"
	    "UPDATE jqm.history SET submitter_id = CASE WHEN id %% 3 > 0 THEN user_name_id END;");
	/* account 3 is called user3 */
	test_db_sql("INSERT INTO jqm.name_snapshot (kind, name)"
		    " SELECT 'a', substr(name, 5) || ':' || name FROM jqm.name_snapshot"
		    " WHERE kind = 'u';");
	for (int i = 0; i < 2; i++)
		test_db_sql("UPDATE jqm.%s AS j SET submitter_id = a.id"
			    "  FROM jqm.name_snapshot AS u, jqm.name_snapshot AS a"
			    " WHERE u.id = j.submitter_id AND u.kind = 'u' AND a.kind = 'a'"
			    "   AND a.name = substr(u.name, 5) || ':' || u.name; ANALYZE",
			    i == 0 ? "history" : "job_instance");
	db = db_new(test_db_conninfo_as("jqm_api"), "test_job_search");
	for (int64_t third = 0; third < 3; third++)
		for (int64_t id = third * 250000; id < third * 250000 + 1000; id++)
			ids[n++] = id;
	pool_init(&all_pool);
	if (job_instance_read_many(db, ids, n, &all_pool.memory, &all, &err) == -1)
		fail_msg("%s", err.text);
	print_message("%zu jobs\n", all.len);
	return all.len == 720 ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	pool_free(&all_pool);
	db_free(db);
	return 0;
}

/* Behind the row that after names? */
static bool
is_behind(const struct job_instance *job, const struct job_query *q)
{
	bool descending = false;

	(void)job_query_is_by_id(q, &descending);
	return !q->after.set || (descending ? job->id < q->after.value : job->id > q->after.value);
}

static void
assert_as_the_oracle_says(const struct job_query *question)
{
	const struct job_instance *want[JOBS_MAX];
	size_t n = 0, total = 0, first = (size_t)question->first_row.value;
	size_t size = question->page_size.set ? (size_t)question->page_size.value : JOBS_MAX;
	struct job_query answer = *question;
	struct job_ids ids;
	struct err err = ERR_INIT;
	struct pool pool;

	for (size_t i = 0; i < all.len; i++) {
		if (!job_oracle_fits(&all.items[i], question))
			continue;
		total++;
		if (is_behind(&all.items[i], question))
			want[n++] = &all.items[i];
	}
	job_oracle_sort(question, want, n);
	first = first > n ? n : first;
	n = n - first < size ? n - first : size;
	pool_init(&pool);
	if (job_search(db, &answer, &pool.memory, &err) == -1)
		fail_msg("%s", err.text);
	if (job_search_ids(db, question, &pool.memory, &ids, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(answer.instances.len, n);
	assert_int_equal(ids.len, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(answer.instances.items[i].id, want[first + i]->id);
		assert_int_equal(ids.items[i], want[first + i]->id);
	}
	assert_int_equal(answer.total.set, !question->after.set || question->exact_total);
	if (answer.total.set)
		assert_int_equal(answer.total.value, total);
	assert_false(answer.total_is_estimate);
	pool_free(&pool);
}

/* ---- queries at random ---- */

/* A filter for a text that some job has as given: itself, parts of it, none, something else. */
static const char *
some_text(const char *given, struct memory *memory)
{
	if (given == NULL || given[0] == '\0')
		given = "x";
	switch (dice(6)) {
	case 0:
		return "";
	case 1:
		return memory_printf(memory, "%.2s%%", given);
	case 2:
		return memory_printf(memory, "%%%s", given + strlen(given) / 2);
	case 3:
		return memory_printf(memory, "%%_%s", given + 1);
	default:
		return given;
	}
}

static void
some_filters(struct job_query *q, struct memory *memory)
{
	const struct job_instance *job = &all.items[dice((unsigned)all.len)];
	struct {
		const char **filter;
		const char *given;
	} texts[] = {
		{ &q->user, job->user },
		{ &q->session_id, job->session_id },
		{ &q->definition_keyword1, job->definition_keyword1 },
		{ &q->definition_keyword2, job->definition_keyword2 },
		{ &q->definition_keyword3, job->definition_keyword3 },
		{ &q->definition_module, "mod" },
		{ &q->definition_application, "app5" },
		{ &q->keyword1, job->keyword1 },
		{ &q->keyword2, job->keyword2 },
		{ &q->keyword3, job->keyword3 },
		{ &q->module, job->module },
		{ &q->application, job->application },
		{ &q->queue_name, job->queue_name },
		{ &q->node_name, job->node_name },
	};
	struct {
		struct opt_time *filter;
		const struct opt_time *given;
	} dates[] = {
		{ &q->enqueued_before, &job->enqueued_at },
		{ &q->enqueued_after, &job->enqueued_at },
		{ &q->started_before, &job->started_at },
		{ &q->started_after, &job->started_at },
		{ &q->ended_before, &job->ended_at },
		{ &q->ended_after, &job->ended_at },
	};

	for (unsigned k = dice(4); k > 0; k--) {
		unsigned i = dice(24);

		if (i < 14)
			*texts[i].filter = some_text(texts[i].given, memory);
		else if (i < 20)
			*dates[i - 14].filter = *dates[i - 14].given;
		else if (i == 20)
			q->id = (struct opt_int64){ true, dice(9) == 0 ? -1 : job->id };
		else if (i == 21)
			q->parent_id = (struct opt_int64){ true, dice(3) == 0 ? -1 : job->parent };
		else if (i == 22)
			q->queue_id =
			    (struct opt_int64){ true, job->queue->id == 0 ? -1 : job->queue->id };
		else
			q->statuses.len = 1 + dice(3);
	}
	q->application_names.len = dice(3) == 0 ? dice(4) : 0;
	q->application_names.items = memory_alloc_array(memory, 4, sizeof(char *));
	for (size_t i = 0; i < q->application_names.len; i++)
		q->application_names.items[i] =
		    some_text(all.items[dice((unsigned)all.len)].application_name, memory);
	q->statuses.items = memory_alloc_array(memory, 3, sizeof(char *));
	for (size_t i = 0; i < q->statuses.len; i++)
		q->statuses.items[i] = job_state_name(all.items[dice((unsigned)all.len)].state);
}

/* Limits of a caller: one to three of some jobs' names, or of none. */
static const struct text_list *
some_scope(struct memory *memory)
{
	struct text_list *scope = memory_alloc(memory, sizeof(*scope));

	scope->items = memory_alloc_array(memory, 3, sizeof(char *));
	for (unsigned k = 1 + dice(3); k > 0; k--) {
		const struct job_instance *job = &all.items[dice((unsigned)all.len)];
		const char *names[] = { job->queue_name, job->application_name,
					job->user == NULL ? NULL : job->user + strlen("user") };
		static const char *const kinds[] = { "queue", "definition", "own" };
		unsigned kind = dice(3);
		const char *name = dice(8) == 0 || names[kind] == NULL ? "nothing" : names[kind];

		scope->items[scope->len++] = memory_printf(memory, "%s=%s", kinds[kind], name);
	}
	return scope;
}

static void
some_query(struct job_query *q, struct memory *memory)
{
	*q = job_query_defaults;
	q->live = dice(2) == 0;
	q->past = !q->live || dice(2) == 0;
	q->scope = dice(3) == 0 ? some_scope(memory) : NULL;
	some_filters(q, memory);
	q->sorts.len = dice(3);
	q->sorts.items = memory_alloc_array(memory, 3, sizeof(q->sorts.items[0]));
	for (size_t i = 0; i < q->sorts.len; i++)
		q->sorts.items[i] = (struct job_sort){ dice(3), 1 + dice(11) };
	if (dice(2) == 0)
		q->sorts.items[0] = (struct job_sort){ dice(3), JOB_SORT_ID };
	if (dice(3) == 0)
		q->first_row = (struct opt_int64){ true, dice(60) };
	q->page_size.value = dice(5) == 0 ? dice(3) : 1 + dice(100);
	q->page_size.set = dice(6) != 0;
	if (q->sorts.len > 0 && q->sorts.items[0].column == JOB_SORT_ID && !q->first_row.set &&
	    dice(2) == 0) {
		q->after = (struct opt_int64){ true, all.items[dice((unsigned)all.len)].id };
		q->exact_total = dice(2) == 0;
	}
}

/* What is asked, should it fail. */
static void
print_query(int number, const struct job_query *q)
{
	const struct doc_json_style style = { .dates_as_text = true };
	struct buf text = BUF_INIT(100000);

	doc_json_write(&job_query_doc, q, &style, &text);
	print_message("query %d: %s\n", number, buf_text(&text));
	buf_free(&text);
}

static void
queries_at_random_find_what_the_oracle_finds(void **state)
{
	(void)state;

	for (int i = 0; i < QUERIES; i++) {
		struct job_query q;
		struct err err = ERR_INIT;
		struct pool pool;

		pool_init(&pool);
		some_query(&q, &pool.memory);
		print_query(i, &q);
		assert_int_equal(job_query_check(&q, &err), 0);
		assert_as_the_oracle_says(&q);
		pool_free(&pool);
	}
}

static void
each_sort_column_works_on_each_source(void **state)
{
	(void)state;

	for (int column = JOB_SORT_ID; column <= JOB_SORT_SESSIONID; column++)
		for (int variant = 0; variant < 6; variant++) {
			struct job_sort sort = { variant % 2 + 1, column };
			struct job_query q = job_query_defaults;

			q.live = variant / 2 != 1;
			q.past = variant / 2 != 0;
			q.sorts = (struct job_sort_list){ &sort, 1 };
			assert_as_the_oracle_says(&q);
		}
}

static void
a_page_deep_inside_is_the_same_page(void **state)
{
	struct job_sort sort = { JOB_ORDER_DESCENDING, JOB_SORT_ID };
	struct job_query q = job_query_defaults;
	(void)state;

	q.live = true;
	q.sorts = (struct job_sort_list){ &sort, 1 };
	for (int64_t first = 0; first < 800; first += 90) {
		q.first_row = (struct opt_int64){ true, first };
		assert_as_the_oracle_says(&q);
	}
	/* further in than ranges are walked */
	q.first_row.value = 1000000;
	assert_as_the_oracle_says(&q);
	q.first_row.value = INT64_MAX;
	assert_as_the_oracle_says(&q);
}

static void
keys_lead_through_all_pages_once(void **state)
{
	struct job_sort sort = { JOB_ORDER_DESCENDING, JOB_SORT_ID };
	struct job_query q = job_query_defaults;
	size_t seen = 0;
	(void)state;

	q.live = true;
	q.sorts = (struct job_sort_list){ &sort, 1 };
	q.page_size.value = 37;
	for (;;) {
		struct job_query answer = q;
		struct err err = ERR_INIT;
		struct pool pool;

		pool_init(&pool);
		assert_int_equal(job_search(db, &answer, &pool.memory, &err), 0);
		for (size_t i = 0; i < answer.instances.len; i++)
			assert_int_equal(answer.instances.items[i].id,
					 all.items[all.len - 1 - seen++].id);
		if (answer.instances.len == 0) {
			pool_free(&pool);
			break;
		}
		q.after =
		    (struct opt_int64){ true, answer.instances.items[answer.instances.len - 1].id };
		pool_free(&pool);
	}
	assert_int_equal(seen, all.len);
}

static void
texts_are_data_whatever_they_hold(void **state)
{
	static const char *const texts[] = {
		"'; DROP TABLE jqm.history; --",
		"\\",
		"%\\",
		"\\%",
		"{a,b}",
		"%{\"a\\\",\"}%",
		"$1",
		"%$99%",
		"\xf0\x9f\x98\x80",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *name = texts[i];
		struct job_query q = job_query_defaults;

		q.live = true;
		q.session_id = texts[i];
		assert_as_the_oracle_says(&q);
		q.session_id = NULL;
		q.user = texts[i];
		assert_as_the_oracle_says(&q);
		q.user = NULL;
		q.application_names = (struct text_list){ &name, 1 };
		assert_as_the_oracle_says(&q);
	}
}

static void
all_filters_together_are_one_statement(void **state)
{
	const char *names[] = { "Alpha", "Be%", "x" }, *states[] = { "ENDED", "RUNNING" };
	struct job_sort sorts[12];
	struct opt_time date = { true, 0 };
	struct job_query q = {
		.id = { true, 5 },
		.parent_id = { true, 5 },
		.application_names = { names, 3 },
		.user = "a%",
		.session_id = "a%",
		.definition_keyword1 = "a%",
		.definition_keyword2 = "",
		.definition_keyword3 = "a",
		.definition_module = "a",
		.definition_application = "a",
		.keyword1 = "a%",
		.keyword2 = "a",
		.keyword3 = "",
		.module = "a",
		.application = "a%",
		.queue_name = "a%",
		.node_name = "",
		.queue_id = { true, 1 },
		.enqueued_before = date,
		.enqueued_after = date,
		.started_before = date,
		.started_after = date,
		.ended_before = date,
		.ended_after = date,
		.statuses = { states, 2 },
		.first_row = { true, 0 },
		.page_size = { true, 10 },
		.sorts = { sorts, 11 },
		.live = true,
		.past = true,
	};
	(void)state;

	for (int i = 0; i < 11; i++)
		sorts[i] = (struct job_sort){ i % 3, 11 - i };
	assert_as_the_oracle_says(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_at_random_find_what_the_oracle_finds),
		cmocka_unit_test(each_sort_column_works_on_each_source),
		cmocka_unit_test(a_page_deep_inside_is_the_same_page),
		cmocka_unit_test(keys_lead_through_all_pages_once),
		cmocka_unit_test(texts_are_data_whatever_they_hold),
		cmocka_unit_test(all_filters_together_are_one_statement),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
