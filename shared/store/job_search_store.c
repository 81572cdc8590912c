/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_search_store.c: first the ids of the page, then its jobs.
 *
 * Sorted by id, which is what nearly everybody wants, history is looked through range by range from the
 * end where the page begins.  Other orders, and pages far inside, are one statement over all of it.
 */
#include "store/job_search_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/num.h"
#include "db/db.h"
#include "model/job_query.h"
#include "model/memory.h"
#include "store/array_param.h"
#include "store/job_instance_store.h"
#include "store/job_search_dates.h"
#include "store/job_search_sql.h"
#include "store/opt_value.h"

/* Rows to leave out and rows to give together: up to here ranges are walked. */
#define WALK_MAX 20000
#define COUNT_TIMEOUT "SAVEPOINT counting; SET LOCAL statement_timeout = '300ms'"

DB_STMT(ranges_stmt) = {
	.name = "job_search_ranges",
	.text = "SELECT first_id, end_id FROM jqm.history_ranges()",
	.read_only = true,
};

/* The same, and when the first job of each was enqueued. */
DB_STMT(range_dates_stmt) = {
	.name = "job_search_range_dates",
	.text = "SELECT r.first_id, r.end_id, (SELECT " DB_US(
	    "k.enqueued_at") " FROM jqm.past_job_key AS k"
			     " WHERE k.id >= r.first_id AND k.id < r.end_id ORDER BY k.id LIMIT 1)"
			     " FROM jqm.history_ranges() AS r ORDER BY 1",
	.read_only = true,
};

DB_STMT(history_size_stmt) = {
	.name = "job_search_history_size",
	.text = "SELECT jqm.history_size()",
	.read_only = true,
};

/* One search under way. */
struct search {
	struct job_query *query;
	struct memory *memory;
	struct search_names names;
	int64_t first, size; /* rows to leave out; rows wanted, one more than are given */
	struct job_ids ids; /* what was found */
	bool want_jobs;
	bool cut; /* the query wants more rows than are given to anybody */
};

static int
run(struct db *db, struct search_sql *sql, struct db_result **rows_out, struct err *err)
{
	struct db_stmt stmt = {
		.name = "",
		.text = buf_text(&sql->text),
		.n_params = sql->n_params,
		.read_only = true,
	};

	if (buf_check(&sql->text, err) == -1)
		return -1;
	return db_exec(db, &stmt, sql->params, rows_out, err);
}

/* Run what sql says and put the numbers of its first column, at most max in all, behind those of out. */
static int
run_numbers(struct db *db, struct search_sql *sql, size_t max, struct job_ids *out, struct err *err)
{
	struct db_result *rows = NULL;
	int rc = run(db, sql, &rows, err);

	if (rc == 0 && out->items == NULL)
		out->items = memory_alloc_array(sql->memory, max, sizeof(out->items[0]));
	for (int row = 0; rc == 0 && row < db_rows(rows) && out->len < max; row++)
		out->items[out->len++] = db_int64(rows, row, 0);
	db_result_free(rows);
	return rc;
}

static int
find_names(struct db *db, struct search *search, struct err *err)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < SEARCH_DICTIONARIES && search->query->past; i++) {
		struct search_ids *found = &search->names.of[i];
		struct job_ids ids = { NULL, 0 };
		struct search_sql sql;

		search_sql_init(&sql, search->memory);
		found->asked = search_names_sql(&sql, search->query, i);
		if (found->asked)
			rc = run_numbers(db, &sql, SEARCH_IDS_MAX + 1, &ids, err);
		search_sql_free(&sql);
		found->ids = ids.items;
		found->len = ids.len;
		found->too_many = ids.len > SEARCH_IDS_MAX;
	}
	return rc;
}

DB_STMT(scope_ids_stmt) = {
	.name = "job_search_scope_ids",
	.text = "SELECT strpos('qsu', kind::text) - 1, id FROM jqm.scope_ids($1::text[])",
	.n_params = 1,
	.read_only = true,
};

/* What a caller's limits are called in history. */
static int
find_scope(struct db *db, struct search *search, struct err *err)
{
	const char *scope = array_param(search->memory, search->query->scope);
	struct db_result *rows = NULL;
	int n;

	if (scope == NULL || !search->query->past)
		return 0;
	if (db_exec(db, &scope_ids_stmt, (const char *const[]){ scope }, &rows, err) == -1)
		return -1;
	n = db_rows(rows);
	for (int i = 0; i < SEARCH_SCOPE_KINDS; i++)
		search->names.scope[i].ids =
		    memory_alloc_array(search->memory, (size_t)n, sizeof(int64_t));
	for (int row = 0; row < n; row++) {
		struct search_ids *found = &search->names.scope[db_int64(rows, row, 0)];

		found->ids[found->len++] = db_int64(rows, row, 1);
	}
	db_result_free(rows);
	return 0;
}

static int
find_range(struct db *db, struct search *search, const struct search_range *range,
	   struct job_ids *out, struct err *err)
{
	struct search_sql sql;
	int rc;

	search_sql_init(&sql, search->memory);
	search_ids_sql(&sql, search->query, &search->names, range,
		       search->first + search->size - (int64_t)out->len);
	rc = run_numbers(db, &sql, (size_t)(search->first + search->size), out, err);
	search_sql_free(&sql);
	return rc;
}

/* Cut range to the ids the query can mean at all; false: none of them. */
static bool
narrow(const struct job_query *query, bool descending, struct search_range *range)
{
	if (query->id.set) {
		if (query->id.value < range->first_id || query->id.value >= range->end_id)
			return false;
	}
	if (query->after.set && descending && query->after.value < range->end_id)
		range->end_id = query->after.value;
	if (query->after.set && !descending && query->after.value >= range->first_id)
		range->first_id =
		    query->after.value == INT64_MAX ? INT64_MAX : query->after.value + 1;
	return range->first_id < range->end_id;
}

/* The dates a range begins and ends with, about; a range without a job has none. */
static bool
sorts_found(const struct search *search, const struct db_result *rows, int row, bool descending)
{
	bool last = row == db_rows(rows) - 1;

	return search_sorts_found(search->query, opt_time_of(rows, row, 2),
				  last ? (struct opt_time){ true, clock_wall_us() }
				       : opt_time_of(rows, row + 1, 2),
				  descending);
}

/* Ids of past jobs, range by range, until there are enough. */
static int
walk_past(struct db *db, struct search *search, bool descending, struct job_ids *out,
	  struct err *err)
{
	bool dates = search_asks_dates(search->query);
	struct db_result *rows = NULL;
	int rc = db_exec(db, dates ? &range_dates_stmt : &ranges_stmt, NULL, &rows, err);
	int n = rc == 0 ? db_rows(rows) : 0;

	for (int i = 0; i < n && rc == 0; i++) {
		int row = descending ? n - 1 - i : i;
		struct search_range range = {
			.past = true,
			.first_id = db_int64(rows, row, 0),
			.end_id = db_int64(rows, row, 1),
			.sort_found = dates && sorts_found(search, rows, row, descending),
		};

		if (!narrow(search->query, descending, &range))
			continue;
		rc = find_range(db, search, &range, out, err);
		if ((int64_t)out->len >= search->first + search->size)
			break;
	}
	db_result_free(rows);
	return rc;
}

/* Two lists sorted by id become one. */
static struct job_ids
merge(const struct job_ids *a, const struct job_ids *b, bool descending, struct memory *memory)
{
	struct job_ids out = {
		.items = memory_alloc_array(memory, a->len + b->len, sizeof(out.items[0])),
	};

	for (size_t i = 0, j = 0; i < a->len || j < b->len;) {
		bool take_a =
		    j == b->len || (i < a->len && (a->items[i] < b->items[j]) != descending);

		out.items[out.len++] = take_a ? a->items[i++] : b->items[j++];
	}
	return out;
}

/* The page of a query sorted by id. */
static int
find_by_id(struct db *db, struct search *search, bool descending, struct err *err)
{
	struct search_range live = { false, INT64_MIN, INT64_MAX, false };
	struct job_ids alive = { NULL, 0 }, past = { NULL, 0 };
	size_t first = (size_t)search->first;

	if (search->query->live && narrow(search->query, descending, &live) &&
	    find_range(db, search, &live, &alive, err) == -1)
		return -1;
	if (search->query->past && walk_past(db, search, descending, &past, err) == -1)
		return -1;
	search->ids = merge(&alive, &past, descending, search->memory);
	if (first > search->ids.len)
		first = search->ids.len;
	search->ids.items += first;
	search->ids.len -= first;
	if ((int64_t)search->ids.len > search->size)
		search->ids.len = (size_t)search->size;
	return 0;
}

static int
find_sorted(struct db *db, struct search *search, struct err *err)
{
	struct search_sql sql;
	int rc;

	search_sql_init(&sql, search->memory);
	search_sorted_sql(&sql, search->query, &search->names, search->first, search->size);
	rc = run_numbers(db, &sql, (size_t)search->size, &search->ids, err);
	search_sql_free(&sql);
	return rc;
}

static int
find_page(struct db *db, struct search *search, struct err *err)
{
	bool descending = false;
	bool walk = job_query_is_by_id(search->query, &descending) &&
		    (search->query->after.set || search->first <= WALK_MAX - search->size ||
		     search->first == 0);

	if (find_names(db, search, err) == -1 || find_scope(db, search, err) == -1)
		return -1;
	return walk ? find_by_id(db, search, descending, err) : find_sorted(db, search, err);
}

static int
count_up_to(struct db *db, struct search *search, int64_t max, int64_t *out, struct err *err)
{
	struct job_ids count = { NULL, 0 };
	struct search_sql sql;
	int rc;

	search_sql_init(&sql, search->memory);
	search_count_sql(&sql, search->query, &search->names, max);
	rc = run_numbers(db, &sql, 1, &count, err);
	search_sql_free(&sql);
	if (rc == 0)
		*out = count.items[0];
	return rc;
}

/* "... rows=123 ..." of the first line of a plan. */
static int64_t
rows_of_plan(const char *line)
{
	const char *at = strstr(line, "rows=");
	char digits[20];
	int64_t rows = 0;

	if (at == NULL)
		return 0;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)strspn(at + 5, "0123456789"), at + 5);
	(void)num_int64(digits, 0, INT64_MAX, &rows);
	return rows;
}

/* What the planner thinks of one of the two sources, live or past. */
static int
estimate_source(struct db *db, struct search *search, bool past, int64_t *out, struct err *err)
{
	struct db_result *rows = NULL;
	struct search_sql sql;
	int rc;

	search_sql_init(&sql, search->memory);
	search_estimate_sql(&sql, search->query, &search->names, past);
	rc = run(db, &sql, &rows, err);
	*out = rc == 0 ? rows_of_plan(db_text(rows, 0, 0)) : 0;
	db_result_free(rows);
	search_sql_free(&sql);
	return rc;
}

static int
estimate(struct db *db, struct search *search, int64_t *out, struct err *err)
{
	int64_t live = 0, past = 0;

	if (search->query->live && estimate_source(db, search, false, &live, err) == -1)
		return -1;
	if (search->query->past && estimate_source(db, search, true, &past, err) == -1)
		return -1;
	*out = live + past;
	return 0;
}

/* A history nobody filters is not counted when it is surely long: 0 when it may not be. */
static int
estimate_unfiltered(struct db *db, struct search *search, int64_t *out, struct err *err)
{
	struct db_result *rows = NULL;
	int64_t live = 0;
	int rc;

	*out = 0;
	if (!search->query->past || search->query->scope != NULL ||
	    job_query_has_filter(search->query))
		return 0;
	rc = db_exec(db, &history_size_stmt, NULL, &rows, err);
	if (rc == 0 && db_int64(rows, 0, 0) > 2 * JOB_SEARCH_COUNT_MAX) {
		if (search->query->live)
			rc = estimate_source(db, search, false, &live, err);
		*out = db_int64(rows, 0, 0) + live;
	}
	db_result_free(rows);
	return rc;
}

/* Count while that is cheap; else what the planner thinks. */
static int
count_or_estimate(struct db *db, struct search *search, struct err *err)
{
	struct job_query *query = search->query;
	int64_t n = 0, guess = 0;
	bool counted;

	if (estimate_unfiltered(db, search, &guess, err) == -1)
		return -1;
	if (guess > 0) {
		query->total = (struct opt_int64){ true, guess };
		query->total_is_estimate = true;
		return 0;
	}
	if (db_exec_sql(db, COUNT_TIMEOUT, err) == -1)
		return -1;
	counted = count_up_to(db, search, JOB_SEARCH_COUNT_MAX + 1, &n, err) == 0;
	if (!counted && err->kind != ERR_BUSY)
		return -1;
	err_clear(err);
	/* takes the time limit back, too */
	if (db_exec_sql(db, "ROLLBACK TO SAVEPOINT counting", err) == -1)
		return -1;
	query->total_is_estimate = !counted || n > JOB_SEARCH_COUNT_MAX;
	if (query->total_is_estimate && estimate(db, search, &guess, err) == -1)
		return -1;
	query->total = (struct opt_int64){ true, guess > n ? guess : n };
	return 0;
}

/* n rows are given, and more is whether there are more behind them: no estimate may say less. */
static int
find_total(struct db *db, struct search *search, int64_t n, bool more, struct err *err)
{
	struct job_query *query = search->query;
	int64_t seen = n > 0 ? search->first + n + more : 0;

	query->total = (struct opt_int64){ false, 0 };
	query->total_is_estimate = false;
	if (!more && !query->after.set && (n > 0 || search->first == 0)) {
		query->total = (struct opt_int64){ true, search->first + n };
		return 0;
	}
	if (query->exact_total) {
		query->total.set = true;
		return count_up_to(db, search, INT64_MAX, &query->total.value, err);
	}
	if (query->after.set)
		return 0;
	if (count_or_estimate(db, search, err) == -1)
		return -1;
	if (query->total.value < seen)
		query->total.value = seen;
	return 0;
}

static int
search_in_tx(struct db *db, void *arg, struct err *err)
{
	struct search *search = arg;
	int64_t given = search->size - 1;
	bool more;

	memset(&search->ids, 0, sizeof(search->ids));
	if (find_page(db, search, err) == -1)
		return -1;
	more = (int64_t)search->ids.len > given;
	if (more)
		search->ids.len = (size_t)given;
	if (more && search->cut)
		return err_set(err, ERR_TOO_LARGE,
			       "more than %" PRId64 " jobs match: ask for pages, or less", given);
	if (!search->want_jobs)
		return 0;
	if (find_total(db, search, (int64_t)search->ids.len, more, err) == -1)
		return -1;
	return job_instance_read_many(db, search->ids.items, search->ids.len, search->memory,
				      &search->query->instances, err);
}

/* max: rows at most, if the query wants no less. */
static int
search_up_to(struct db *db, struct search *search, int64_t max, struct err *err)
{
	const struct job_query *query = search->query;
	int64_t size = query->page_size.set ? query->page_size.value : max;

	search->cut = !query->page_size.set || size > max;
	if (size > max)
		size = max;
	search->first = query->first_row.value;
	search->size = size + 1;
	return db_tx_snapshot(db, search_in_tx, search, err);
}

int
job_search(struct db *db, struct job_query *query, struct memory *memory, struct err *err)
{
	struct search search = { .query = query, .memory = memory, .want_jobs = true };

	return search_up_to(db, &search, JOB_QUERY_PAGE_MAX, err);
}

int
job_search_ids(struct db *db, const struct job_query *query, struct memory *memory,
	       struct job_ids *out, struct err *err)
{
	struct job_query copy = *query;
	struct search search = { .query = &copy, .memory = memory };

	if (search_up_to(db, &search, JOB_QUERY_IDS_MAX, err) == -1)
		return -1;
	*out = search.ids;
	return 0;
}
