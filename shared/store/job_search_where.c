/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_search_where.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/job_query.h"
#include "model/memory.h"
#include "store/array_param.h"
#include "store/int_param.h"

#define YEAR_1_US (INT64_C(-62135596800) * 1000000)

/* "$7": the value is bound there. */
static void
put_param(struct search_sql *sql, const char *value, const char *cast)
{
	assert(sql->n_params < SEARCH_PARAMS_MAX);
	sql->params[sql->n_params++] = value;
	buf_printf(&sql->text, "$%d::%s", sql->n_params, cast);
}

void
search_put_int(struct search_sql *sql, int64_t value)
{
	char *text = memory_alloc(sql->memory, INT_PARAM_SIZE);

	put_param(sql, int_param(text, value), "bigint");
}

void
search_and_column(struct search_sql *sql, const char *column, const char *op)
{
	buf_printf(&sql->text, " AND %s %s ", column, op);
}

/* A pattern of ours has no escape, LIKE has one: a backslash is itself when it is doubled. */
static const char *
like_pattern(struct memory *memory, const char *text)
{
	char *pattern = memory_alloc(memory, 2 * strlen(text) + 1), *end = pattern;

	for (; *text != '\0'; text++) {
		if (*text == '\\')
			*end++ = '\\';
		*end++ = *text;
	}
	return pattern;
}

/* column is what a text of a query says: see model/job_query.h */
static void
put_text_match(struct search_sql *sql, const char *column, const char *text)
{
	if (text[0] == '\0') {
		buf_printf(&sql->text, "(%s IS NULL OR %s = '')", column, column);
	} else if (strchr(text, '%') == NULL) {
		buf_printf(&sql->text, "%s = ", column);
		put_param(sql, text, "text");
	} else {
		buf_printf(&sql->text, "%s LIKE ", column);
		put_param(sql, like_pattern(sql->memory, text), "text");
	}
}

static void
and_text(struct search_sql *sql, const char *column, const char *text)
{
	if (text == NULL)
		return;
	buf_puts(&sql->text, " AND ");
	put_text_match(sql, column, text);
}

static void
put_texts(struct search_sql *sql, const struct text_list *list)
{
	put_param(sql, array_param(sql->memory, list), "text[]");
}

/* One of the names; those with a wildcard in an array of their own. */
static void
and_names(struct search_sql *sql, const char *column, const struct text_list *names)
{
	struct text_list plain = { NULL, 0 }, patterns = { NULL, 0 };

	if (names->len == 0)
		return;
	plain.items = memory_alloc_array(sql->memory, names->len, sizeof(plain.items[0]));
	patterns.items = memory_alloc_array(sql->memory, names->len, sizeof(plain.items[0]));
	for (size_t i = 0; i < names->len; i++) {
		const char *name = names->items[i];

		if (strchr(name, '%') == NULL)
			plain.items[plain.len++] = name;
		else
			patterns.items[patterns.len++] = like_pattern(sql->memory, name);
	}
	buf_printf(&sql->text, " AND (%s = ANY (", column);
	put_texts(sql, &plain);
	buf_printf(&sql->text, ") OR %s LIKE ANY (", column);
	put_texts(sql, &patterns);
	buf_puts(&sql->text, "))");
}

/* us as the database reads it, which knows no year 0; to the millisecond. */
static const char *
date_param(struct search_sql *sql, int64_t us)
{
	char *text = memory_alloc(sql->memory, CLOCK_TEXT_SIZE);

	if (us < YEAR_1_US)
		us = YEAR_1_US;
	clock_rfc3339(text, us < TIME_US_MAX ? us : TIME_US_MAX);
	return text;
}

/* Callers see milliseconds and give them: of both ends the whole one is meant. */
static void
and_dates(struct search_sql *sql, const char *column, const struct opt_time *after,
	  const struct opt_time *before)
{
	if (after->set) {
		search_and_column(sql, column, ">=");
		put_param(sql, date_param(sql, after->us), "timestamptz");
	}
	if (before->set) {
		search_and_column(sql, column, "<");
		put_param(sql, date_param(sql, before->us + 1000), "timestamptz");
	}
}

/* What is asked of the definition. */
static void
and_definition(struct search_sql *sql, const struct job_query *query)
{
	and_names(sql, "s.name", &query->application_names);
	and_text(sql, "s.keyword1", query->definition_keyword1);
	and_text(sql, "s.keyword2", query->definition_keyword2);
	and_text(sql, "s.keyword3", query->definition_keyword3);
	and_text(sql, "s.module", query->definition_module);
	and_text(sql, "s.application", query->definition_application);
}

static bool
asks_definition(const struct job_query *query)
{
	return query->application_names.len > 0 || query->definition_keyword1 != NULL ||
	       query->definition_keyword2 != NULL || query->definition_keyword3 != NULL ||
	       query->definition_module != NULL || query->definition_application != NULL;
}

static const char *
name_asked(const struct job_query *query, enum search_dictionary dictionary)
{
	switch (dictionary) {
	case SEARCH_USERS:
		return query->user;
	case SEARCH_QUEUES:
		return query->queue_name;
	case SEARCH_NODES:
		return query->node_name;
	default:
		return NULL;
	}
}

void
search_put_dictionary(struct search_sql *sql, const struct job_query *query,
		      enum search_dictionary dictionary)
{
	static const char *const kinds[] = { "", "u", "q", "n" };

	if (dictionary == SEARCH_DEFINITIONS) {
		buf_puts(&sql->text, "SELECT s.id FROM jqm.definition_snapshot AS s WHERE true");
		and_definition(sql, query);
		return;
	}
	buf_printf(&sql->text, "SELECT s.id FROM jqm.name_snapshot AS s WHERE s.kind = '%s'",
		   kinds[dictionary]);
	and_text(sql, "s.name", name_asked(query, dictionary));
}

bool
search_asks(const struct job_query *query, enum search_dictionary dictionary)
{
	return dictionary == SEARCH_DEFINITIONS ? asks_definition(query)
						: name_asked(query, dictionary) != NULL;
}

/* A column of history that holds the id of a name. */
static void
and_dictionary(struct search_sql *sql, const struct job_query *query,
	       const struct search_names *names, enum search_dictionary dictionary)
{
	static const char *const columns[] = { "j.snapshot_id", "j.user_name_id", "j.queue_name_id",
					       "j.node_name_id" };
	const struct search_ids *found = &names->of[dictionary];
	const char *name = name_asked(query, dictionary), *column = columns[dictionary];
	bool or_none = name != NULL && name[0] == '\0';
	char *array;

	if (!found->asked)
		return;
	buf_puts(&sql->text, or_none ? " AND (" : " AND ");
	if (or_none)
		buf_printf(&sql->text, "%s IS NULL OR ", column);
	if (found->too_many) {
		buf_printf(&sql->text, "%s IN (", column);
		search_put_dictionary(sql, query, dictionary);
		buf_putc(&sql->text, ')');
	} else if (found->len == 1) {
		buf_printf(&sql->text, "%s = ", column);
		array = memory_alloc(sql->memory, INT_PARAM_SIZE);
		put_param(sql, int_param(array, found->ids[0]), "int");
	} else {
		buf_printf(&sql->text, "%s = ANY (", column);
		array = int_array_param(found->ids, found->len);
		put_param(sql, memory_dup(sql->memory, array), "int[]");
		free(array);
		buf_putc(&sql->text, ')');
	}
	if (or_none)
		buf_putc(&sql->text, ')');
}

static void
and_number(struct search_sql *sql, const char *column, const struct opt_int64 *number)
{
	if (!number->set)
		return;
	if (number->value == -1) {
		buf_printf(&sql->text, " AND %s IS NULL", column);
		return;
	}
	search_and_column(sql, column, "=");
	search_put_int(sql, number->value);
}

/* A live job's queue is always there; a past one's may be gone. */
static void
and_queue_id(struct search_sql *sql, const struct job_query *query)
{
	if (query->queue_id.set && query->queue_id.value == -1)
		buf_puts(&sql->text,
			 " AND NOT EXISTS (SELECT FROM jqm.queue AS q WHERE q.id = j.queue_id)");
	else
		and_number(sql, "j.queue_id", &query->queue_id);
}

static void
and_parent(struct search_sql *sql, const struct job_query *query)
{
	const struct opt_int64 none = { true, -1 };
	bool is_none = query->parent_id.set && query->parent_id.value == 0;

	and_number(sql, "j.parent_id", is_none ? &none : &query->parent_id);
}

static void
and_statuses(struct search_sql *sql, const struct text_list *statuses)
{
	if (statuses->len == 0)
		return;
	if (statuses->len == 1) {
		search_and_column(sql, "j.state", "=");
		put_param(sql, statuses->items[0], "text");
		return;
	}
	buf_puts(&sql->text, " AND j.state = ANY (");
	put_texts(sql, statuses);
	buf_putc(&sql->text, ')');
}

/* Names of live jobs are few: they are compared where they stand. */
static void
and_live_names(struct search_sql *sql, const struct job_query *query)
{
	and_names(sql, "j.definition_name", &query->application_names);
	and_text(sql, "j.definition_keyword1", query->definition_keyword1);
	and_text(sql, "j.definition_keyword2", query->definition_keyword2);
	and_text(sql, "j.definition_keyword3", query->definition_keyword3);
	and_text(sql, "j.definition_module", query->definition_module);
	and_text(sql, "j.definition_application", query->definition_application);
	and_text(sql, "j.user_name", query->user);
	and_text(sql, "j.queue_name", query->queue_name);
	and_text(sql, "j.node_name", query->node_name);
}

/* Past jobs within the caller's limits, by the ids these have in the dictionaries. */
static void
and_past_scope(struct search_sql *sql, const struct search_names *names)
{
	static const char *const columns[] = { "j.queue_name_id", "j.snapshot_id",
					       "j.submitter_id" };

	buf_puts(&sql->text, " AND (false");
	for (int i = 0; i < SEARCH_SCOPE_KINDS; i++) {
		const struct search_ids *found = &names->scope[i];
		char *array = int_array_param(found->ids, found->len);

		if (found->len > 0) {
			buf_printf(&sql->text, " OR %s = ANY (", columns[i]);
			put_param(sql, memory_dup(sql->memory, array), "int[]");
			buf_putc(&sql->text, ')');
		}
		free(array);
	}
	buf_putc(&sql->text, ')');
}

/* Nothing is added for callers without limits. */
static void
and_scope(struct search_sql *sql, const struct job_query *query, const struct search_names *names,
	  bool past)
{
	if (query->scope == NULL)
		return;
	if (past) {
		and_past_scope(sql, names);
		return;
	}
	buf_puts(&sql->text, " AND jqm.in_scope(");
	put_texts(sql, query->scope);
	buf_puts(&sql->text, ", j.queue_name, j.definition_name,"
			     " (SELECT split_part(b.name, ':', 1) FROM jqm.name_snapshot AS b"
			     " WHERE b.id = j.submitter_id))");
}

void
search_put_source(struct search_sql *sql, const struct job_query *query,
		  const struct search_names *names, bool past, const char *joins)
{
	buf_printf(&sql->text, " FROM jqm.%s_job_key AS j%s WHERE true", past ? "past" : "live",
		   joins);
	and_scope(sql, query, names, past);
	and_number(sql, "j.id", &query->id);
	and_parent(sql, query);
	for (int i = 0; past && i < SEARCH_DICTIONARIES; i++)
		and_dictionary(sql, query, names, i);
	if (!past)
		and_live_names(sql, query);
	and_queue_id(sql, query);
	and_text(sql, "j.session_key", query->session_id);
	and_text(sql, "j.keyword1", query->keyword1);
	and_text(sql, "j.keyword2", query->keyword2);
	and_text(sql, "j.keyword3", query->keyword3);
	and_text(sql, "j.module", query->module);
	and_text(sql, "j.application", query->application);
	and_dates(sql, "j.enqueued_at", &query->enqueued_after, &query->enqueued_before);
	and_dates(sql, "j.started_at", &query->started_after, &query->started_before);
	and_dates(sql, "j.ended_at", &query->ended_after, &query->ended_before);
	and_statuses(sql, &query->statuses);
}
