/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_search_sql.c: the statements around the filters of a query: which, sorted how, how many. */
#include "store/job_search_sql.h"

#include <string.h>

#include "model/job_query.h"
#include "store/job_search_where.h"

void
search_sql_init(struct search_sql *sql, struct memory *memory)
{
	memset(sql, 0, sizeof(*sql));
	sql->text = (struct buf)BUF_INIT(SEARCH_SQL_BYTES_MAX);
	sql->memory = memory;
}

void
search_sql_free(struct search_sql *sql)
{
	buf_free(&sql->text);
}

bool
search_names_sql(struct search_sql *sql, const struct job_query *query,
		 enum search_dictionary dictionary)
{
	if (!search_asks(query, dictionary))
		return false;
	search_put_dictionary(sql, query, dictionary);
	buf_printf(&sql->text, " LIMIT %d", SEARCH_IDS_MAX + 1);
	return true;
}

static void
put_limit(struct search_sql *sql, int64_t offset, int64_t limit)
{
	if (offset > 0) {
		buf_puts(&sql->text, " OFFSET ");
		search_put_int(sql, offset);
	}
	buf_puts(&sql->text, " LIMIT ");
	search_put_int(sql, limit);
}

static void
and_range(struct search_sql *sql, const struct search_range *range)
{
	if (range->first_id != INT64_MIN) {
		search_and_column(sql, "j.id", ">=");
		search_put_int(sql, range->first_id);
	}
	if (range->end_id != INT64_MAX) {
		search_and_column(sql, "j.id", "<");
		search_put_int(sql, range->end_id);
	}
}

void
search_ids_sql(struct search_sql *sql, const struct job_query *query,
	       const struct search_names *names, const struct search_range *range, int64_t limit)
{
	bool descending = false;

	(void)job_query_is_by_id(query, &descending);
	buf_puts(&sql->text, "SELECT j.id");
	search_put_source(sql, query, names, range->past, "");
	and_range(sql, range);
	/* no index has id + 0 */
	buf_printf(&sql->text, " ORDER BY j.id%s%s", range->sort_found ? " + 0" : "",
		   descending ? " DESC" : "");
	put_limit(sql, 0, limit);
}

/* By enum job_sort_column: what a source is sorted by, and where a past job has it when it is a name. */
static const struct {
	const char *name, *past, *join;
} sort_columns[] = {
	[JOB_SORT_ID] = { "id", NULL, "" },
	[JOB_SORT_APPLICATIONNAME] = { "definition_name", "s.name",
				       " LEFT JOIN jqm.definition_snapshot AS s"
				       " ON s.id = j.snapshot_id" },
	[JOB_SORT_QUEUENAME] = { "queue_name", "q.name",
				 " LEFT JOIN jqm.name_snapshot AS q ON q.id = j.queue_name_id" },
	[JOB_SORT_STATUS] = { "state", NULL, "" },
	[JOB_SORT_DATEENQUEUE] = { "enqueued_at", NULL, "" },
	[JOB_SORT_DATEATTRIBUTION] = { "attributed_at", NULL, "" },
	[JOB_SORT_DATEEXECUTION] = { "started_at", NULL, "" },
	[JOB_SORT_DATEEND] = { "ended_at", NULL, "" },
	[JOB_SORT_USERNAME] = { "user_name", "u.name",
				" LEFT JOIN jqm.name_snapshot AS u ON u.id = j.user_name_id" },
	[JOB_SORT_PARENTID] = { "parent_id", NULL, "" },
	[JOB_SORT_SESSIONID] = { "session_key", NULL, "" },
};

/* The i-th column to sort by, unless it has come before or says nothing: end dates where nobody has one. */
static bool
sorts(const struct job_query *query, size_t i)
{
	enum job_sort_column column = query->sorts.items[i].column;

	for (size_t before = 0; before < i; before++)
		if (query->sorts.items[before].column == column)
			return false;
	return column != JOB_SORT_DATEEND || query->past;
}

/* " ORDER BY a DESC, id": the id comes last, so that pages do not overlap. */
static void
put_order(struct search_sql *sql, const struct job_query *query)
{
	buf_puts(&sql->text, " ORDER BY ");
	for (size_t i = 0; i < query->sorts.len; i++) {
		const struct job_sort *sort = &query->sorts.items[i];

		if (sorts(query, i))
			buf_printf(&sql->text, "%s%s, ", sort_columns[sort->column].name,
				   sort->order == JOB_ORDER_DESCENDING ? " DESC" : "");
	}
	buf_puts(&sql->text, "id");
}

/* One source with all the columns it is sorted by, up to the parenthesis. */
static void
put_sorted_source(struct search_sql *sql, const struct job_query *query,
		  const struct search_names *names, bool past)
{
	struct buf joins = BUF_INIT(SEARCH_SQL_BYTES_MAX);

	buf_puts(&sql->text, "(SELECT j.id");
	for (size_t i = 0; i < query->sorts.len; i++) {
		enum job_sort_column column = query->sorts.items[i].column;
		const char *name = sort_columns[column].name;

		if (column == JOB_SORT_ID || !sorts(query, i))
			continue;
		if (past && sort_columns[column].past != NULL) {
			buf_printf(&sql->text, ", %s AS %s", sort_columns[column].past, name);
			buf_puts(&joins, sort_columns[column].join);
		} else {
			buf_printf(&sql->text, ", j.%s", name);
		}
	}
	search_put_source(sql, query, names, past, buf_text(&joins));
	buf_free(&joins);
	put_order(sql, query);
}

void
search_sorted_sql(struct search_sql *sql, const struct job_query *query,
		  const struct search_names *names, int64_t offset, int64_t limit)
{
	int64_t all = limit > INT64_MAX - offset ? INT64_MAX : offset + limit;

	buf_puts(&sql->text, "SELECT k.id FROM (");
	if (query->live) {
		put_sorted_source(sql, query, names, false);
		put_limit(sql, 0, all);
		buf_puts(&sql->text, query->past ? ") UNION ALL " : ")");
	}
	if (query->past) {
		put_sorted_source(sql, query, names, true);
		put_limit(sql, 0, all);
		buf_putc(&sql->text, ')');
	}
	buf_puts(&sql->text, ") AS k");
	put_order(sql, query);
	put_limit(sql, offset, limit);
}

void
search_count_sql(struct search_sql *sql, const struct job_query *query,
		 const struct search_names *names, int64_t max)
{
	buf_puts(&sql->text, "SELECT count(*) FROM (");
	if (query->live) {
		buf_puts(&sql->text, "(SELECT 1");
		search_put_source(sql, query, names, false, "");
		put_limit(sql, 0, max);
		buf_puts(&sql->text, query->past ? ") UNION ALL " : ")");
	}
	if (query->past) {
		buf_puts(&sql->text, "(SELECT 1");
		search_put_source(sql, query, names, true, "");
		put_limit(sql, 0, max);
		buf_putc(&sql->text, ')');
	}
	buf_puts(&sql->text, ") AS k");
}

void
search_estimate_sql(struct search_sql *sql, const struct job_query *query,
		    const struct search_names *names, bool past)
{
	buf_puts(&sql->text, "EXPLAIN SELECT 1");
	search_put_source(sql, query, names, past, "");
}
