/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/run_table.h"

#include <assert.h>

#include "runner/job_run.h"

static struct job_run **
bucket(struct run_table *table, int64_t job_id)
{
	return &table->buckets[(uint64_t)job_id % RUN_TABLE_BUCKETS];
}

void
run_table_add(struct run_table *table, struct job_run *run)
{
	struct job_run **head = bucket(table, run->order.id);

	run->bucket_next = *head;
	*head = run;
	run->all_prev = NULL;
	run->all_next = table->all;
	if (table->all != NULL)
		table->all->all_prev = run;
	table->all = run;
	table->count++;
}

static void
remove_from_work(struct run_table *table, struct job_run *run)
{
	struct job_run *before = NULL;

	if (!run->in_work)
		return;
	for (struct job_run *r = table->work_first; r != run; r = r->work_next)
		before = r;
	if (before == NULL)
		table->work_first = run->work_next;
	else
		before->work_next = run->work_next;
	if (table->work_last == run)
		table->work_last = before;
	run->in_work = false;
}

void
run_table_remove(struct run_table *table, struct job_run *run)
{
	struct job_run **at = bucket(table, run->order.id);

	while (*at != run) {
		assert(*at != NULL);
		at = &(*at)->bucket_next;
	}
	*at = run->bucket_next;
	if (run->all_prev != NULL)
		run->all_prev->all_next = run->all_next;
	else
		table->all = run->all_next;
	if (run->all_next != NULL)
		run->all_next->all_prev = run->all_prev;
	table->count--;
	remove_from_work(table, run);
}

struct job_run *
run_table_find(const struct run_table *table, int64_t job_id, int32_t attempt)
{
	struct job_run *run = table->buckets[(uint64_t)job_id % RUN_TABLE_BUCKETS];

	while (run != NULL && (run->order.id != job_id || run->order.attempt != attempt))
		run = run->bucket_next;
	return run;
}

struct job_run *
run_table_find_other(const struct run_table *table, const struct job_run *run)
{
	struct job_run *other = table->buckets[(uint64_t)run->order.id % RUN_TABLE_BUCKETS];

	while (other != NULL && (other->order.id != run->order.id || other == run))
		other = other->bucket_next;
	return other;
}

bool
run_table_has(const struct run_table *table, int64_t job_id)
{
	const struct job_run *run = table->buckets[(uint64_t)job_id % RUN_TABLE_BUCKETS];

	while (run != NULL && run->order.id != job_id)
		run = run->bucket_next;
	return run != NULL;
}

void
run_table_push(struct run_table *table, struct job_run *run)
{
	if (run->in_work)
		return;
	run->in_work = true;
	run->work_next = NULL;
	if (table->work_last == NULL)
		table->work_first = run;
	else
		table->work_last->work_next = run;
	table->work_last = run;
}

struct job_run *
run_table_pop(struct run_table *table)
{
	struct job_run *run = table->work_first;

	if (run == NULL)
		return NULL;
	table->work_first = run->work_next;
	if (table->work_first == NULL)
		table->work_last = NULL;
	run->in_work = false;
	return run;
}
