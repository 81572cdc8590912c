/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/job_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/job_query.h"
#include "model/queue.h"

static bool
like(const char *text, const char *pattern)
{
	if (*pattern == '\0')
		return *text == '\0';
	if (*pattern == '%')
		return like(text, pattern + 1) || (*text != '\0' && like(text + 1, pattern));
	return *text != '\0' && (*pattern == '_' || *pattern == *text) &&
	       like(text + 1, pattern + 1);
}

static bool
text_fits(const char *text, const char *wanted)
{
	if (wanted == NULL)
		return true;
	if (wanted[0] == '\0')
		return text == NULL || text[0] == '\0';
	if (text == NULL)
		return false;
	return strchr(wanted, '%') == NULL ? strcmp(text, wanted) == 0 : like(text, wanted);
}

static bool
one_fits(const char *text, const struct text_list *wanted)
{
	for (size_t i = 0; i < wanted->len; i++)
		if (text_fits(text, wanted->items[i]))
			return true;
	return wanted->len == 0;
}

static bool
number_fits(int64_t number, const struct opt_int64 *wanted)
{
	return !wanted->set || number == (wanted->value == -1 ? 0 : wanted->value);
}

static bool
date_fits(const struct opt_time *date, const struct opt_time *after, const struct opt_time *before)
{
	if (!after->set && !before->set)
		return true;
	/* to the millisecond, which is what callers see */
	return date->set && (!after->set || date->us / 1000 >= after->us / 1000) &&
	       (!before->set || date->us / 1000 <= before->us / 1000);
}

static bool
is_limit(const char *limit, const char *kind, const char *name)
{
	size_t len = strlen(kind);

	return name != NULL && strncmp(limit, kind, len) == 0 && strcmp(limit + len, name) == 0;
}

/* Account 3 is called user3. */
static const char *
account_of(const struct job_instance *job)
{
	return job->submitted_by == NULL ? NULL : job->submitted_by + strlen("user");
}

static bool
scope_fits(const struct job_instance *job, const struct text_list *scope)
{
	for (size_t i = 0; scope != NULL && i < scope->len; i++)
		if (is_limit(scope->items[i], "queue=", job->queue_name) ||
		    is_limit(scope->items[i], "definition=", job->application_name) ||
		    is_limit(scope->items[i], "own=", account_of(job)))
			return true;
	return scope == NULL;
}

bool
job_oracle_fits(const struct job_instance *job, const struct job_query *q)
{
	bool over = job_state_is_over(job->state), is_a = job->application_name[0] == 'A';
	char application[30];

	(void)snprintf(application, sizeof(application), "app%zu", strlen(job->application_name));
	return (over ? q->past : q->live) && scope_fits(job, q->scope) &&
	       number_fits(job->id, &q->id) && number_fits(job->parent, &q->parent_id) &&
	       one_fits(job->application_name, &q->application_names) &&
	       text_fits(job->user, q->user) && text_fits(job->session_id, q->session_id) &&
	       text_fits(job->definition_keyword1, q->definition_keyword1) &&
	       text_fits(job->definition_keyword2, q->definition_keyword2) &&
	       text_fits(job->definition_keyword3, q->definition_keyword3) &&
	       text_fits(is_a ? "mod" : NULL, q->definition_module) &&
	       text_fits(application, q->definition_application) &&
	       text_fits(job->keyword1, q->keyword1) && text_fits(job->keyword2, q->keyword2) &&
	       text_fits(job->keyword3, q->keyword3) && text_fits(job->module, q->module) &&
	       text_fits(job->application, q->application) &&
	       text_fits(job->queue_name, q->queue_name) &&
	       text_fits(job->node_name, q->node_name) &&
	       number_fits(job->queue->id, &q->queue_id) &&
	       date_fits(&job->enqueued_at, &q->enqueued_after, &q->enqueued_before) &&
	       date_fits(&job->started_at, &q->started_after, &q->started_before) &&
	       date_fits(&job->ended_at, &q->ended_after, &q->ended_before) &&
	       one_fits(job_state_name(job->state), &q->statuses);
}

static const char *
sort_text(const struct job_instance *job, enum job_sort_column column)
{
	switch (column) {
	case JOB_SORT_APPLICATIONNAME:
		return job->application_name;
	case JOB_SORT_QUEUENAME:
		return job->queue_name;
	case JOB_SORT_STATUS:
		return job_state_name(job->state);
	case JOB_SORT_USERNAME:
		return job->user;
	default:
		return job->session_id;
	}
}

/* A number, and whether there is one. */
static struct opt_int64
sort_number(const struct job_instance *job, enum job_sort_column column)
{
	switch (column) {
	case JOB_SORT_ID:
		return (struct opt_int64){ true, job->id };
	case JOB_SORT_PARENTID:
		return (struct opt_int64){ job->parent != 0, job->parent };
	case JOB_SORT_DATEENQUEUE:
		return (struct opt_int64){ job->enqueued_at.set, job->enqueued_at.us };
	case JOB_SORT_DATEEXECUTION:
		return (struct opt_int64){ job->started_at.set, job->started_at.us };
	case JOB_SORT_DATEEND:
		return (struct opt_int64){ job->ended_at.set, job->ended_at.us };
	default:
		return (struct opt_int64){ false, 0 }; /* DATEATTRIBUTION: nobody has one here */
	}
}

/* Ascending, with nothing behind everything. */
static int
compare_by(const struct job_instance *a, const struct job_instance *b, enum job_sort_column column)
{
	struct opt_int64 x, y;

	if (column == JOB_SORT_APPLICATIONNAME || column == JOB_SORT_QUEUENAME ||
	    column == JOB_SORT_STATUS || column == JOB_SORT_USERNAME ||
	    column == JOB_SORT_SESSIONID) {
		const char *s = sort_text(a, column), *t = sort_text(b, column);

		return s != NULL && t != NULL ? strcmp(s, t) : (s == NULL) - (t == NULL);
	}
	x = sort_number(a, column);
	y = sort_number(b, column);
	if (x.set && y.set)
		return (x.value > y.value) - (x.value < y.value);
	return y.set - x.set;
}

static const struct job_query *sorting; /* qsort() passes nothing on */

static int
compare_jobs(const void *left, const void *right)
{
	const struct job_instance *a = *(const struct job_instance *const *)left;
	const struct job_instance *b = *(const struct job_instance *const *)right;

	for (size_t i = 0; i < sorting->sorts.len; i++) {
		const struct job_sort *sort = &sorting->sorts.items[i];
		int order = compare_by(a, b, sort->column);

		if (order != 0)
			return sort->order == JOB_ORDER_DESCENDING ? -order : order;
	}
	return compare_by(a, b, JOB_SORT_ID);
}

void
job_oracle_sort(const struct job_query *q, const struct job_instance **jobs, size_t n)
{
	sorting = q;
	qsort(jobs, n, sizeof(jobs[0]), compare_jobs);
}
