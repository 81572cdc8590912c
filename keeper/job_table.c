/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/job_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"

#define NONE (-1)

static uint32_t
chain_of(const struct job_table *table, uint64_t key)
{
	key *= UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(key >> 33) & (table->chains - 1);
}

static int32_t *
job_chain(const struct job_table *table, int64_t job_id, int32_t attempt)
{
	return &table->by_job[chain_of(table, (uint64_t)job_id * 31 + (uint64_t)attempt)];
}

static int32_t *
pid_chain(const struct job_table *table, pid_t pid)
{
	return &table->by_pid[chain_of(table, (uint64_t)pid)];
}

static void
link_job(struct job_table *table, int32_t at)
{
	const struct slot *slot = job_slot(table, at);
	int32_t *head = job_chain(table, slot->job_id, slot->attempt);

	table->runs[at].next_by_job = *head;
	*head = at;
}

static void
unlink_job(struct job_table *table, int32_t at)
{
	const struct slot *slot = job_slot(table, at);
	int32_t *link = job_chain(table, slot->job_id, slot->attempt);

	while (*link != at)
		link = &table->runs[*link].next_by_job;
	*link = table->runs[at].next_by_job;
}

static void
unlink_pid(struct job_table *table, int32_t at)
{
	int32_t *link = pid_chain(table, job_slot(table, at)->pid);

	while (*link != at)
		link = &table->runs[*link].next_by_pid;
	*link = table->runs[at].next_by_pid;
}

static void
run_clear(struct run *run)
{
	memset(run, 0, sizeof(*run));
	run->timeout_at_ms = NEVER_MS;
	run->log_look_ms = NEVER_MS;
	run->resources_look_ms = NEVER_MS;
	for (int i = 0; i < KEEPER_STREAMS; i++)
		run->log_fds[i] = -1;
	run->next_by_job = NONE;
	run->next_by_pid = NONE;
}

int
job_table_init(struct job_table *table, struct err *err)
{
	uint32_t count = table->file.count;

	for (table->chains = 64; table->chains < count; table->chains *= 2)
		continue;
	table->runs = calloc(count, sizeof(*table->runs));
	table->by_job = malloc(table->chains * sizeof(*table->by_job));
	table->by_pid = malloc(table->chains * sizeof(*table->by_pid));
	if (table->runs == NULL || table->by_job == NULL || table->by_pid == NULL) {
		job_table_free(table);
		return err_errno(err, ERR_INTERNAL, "could not make memory for %u slots", count);
	}
	for (uint32_t i = 0; i < table->chains; i++)
		table->by_job[i] = table->by_pid[i] = NONE;
	for (uint32_t i = 0; i < count; i++) {
		run_clear(&table->runs[i]);
		if (slot_state(&table->file.slots[i]) == SLOT_FREE)
			continue;
		link_job(table, (int32_t)i);
		table->used++;
		table->top = i + 1;
	}
	return 0;
}

void
job_table_free(struct job_table *table)
{
	free(table->runs);
	free(table->by_job);
	free(table->by_pid);
	table->runs = NULL;
	table->by_job = NULL;
	table->by_pid = NULL;
}

struct slot *
job_slot(const struct job_table *table, int32_t at)
{
	assert(at >= 0 && (uint32_t)at < table->file.count);
	return &table->file.slots[at];
}

struct run *
job_run(const struct job_table *table, int32_t at)
{
	assert(at >= 0 && (uint32_t)at < table->file.count);
	return &table->runs[at];
}

bool
job_is_live(const struct job_table *table, int32_t at)
{
	enum slot_state state = slot_state(job_slot(table, at));

	return state == SLOT_LIVE || state == SLOT_EMPTYING;
}

int32_t
job_find(const struct job_table *table, int64_t job_id, int32_t attempt)
{
	int32_t at = *job_chain(table, job_id, attempt);

	while (at != NONE &&
	       (table->file.slots[at].job_id != job_id || table->file.slots[at].attempt != attempt))
		at = table->runs[at].next_by_job;
	return at;
}

int32_t
job_find_pid(const struct job_table *table, pid_t pid)
{
	int32_t at = *pid_chain(table, pid);

	while (at != NONE && table->file.slots[at].pid != pid)
		at = table->runs[at].next_by_pid;
	return at;
}

int32_t
job_find_mark(const struct job_table *table, uint64_t mark)
{
	uint32_t at = (uint32_t)(mark & (SLOT_COUNT_MAX - 1));

	if (at >= table->top || table->file.slots[at].mark != mark ||
	    slot_state(&table->file.slots[at]) == SLOT_FREE)
		return NONE;
	return (int32_t)at;
}

bool
job_is_mark(uint64_t limit)
{
	return limit >> 60 == 1;
}

/* Random but for the slot's number; below RLIM_INFINITY and any limit a human would set. */
static uint64_t
mark_make(int32_t at)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		random = (uint64_t)clock_wall_us() * UINT64_C(0x9e3779b97f4a7c15);
	random = (random >> 19) | (UINT64_C(1) << 44); /* 45 bits, the highest set */
	return random * SLOT_COUNT_MAX + (uint64_t)at;
}

int32_t
job_new(struct job_table *table, const struct keeper_start *start, bool with_mark)
{
	struct slot *slot;
	int32_t at = 0;

	if (table->used >= table->file.limit)
		return NONE;
	while (slot_state(job_slot(table, at)) != SLOT_FREE)
		at++;
	slot = job_slot(table, at);
	memset((char *)slot + sizeof(slot->state), 0, sizeof(*slot) - sizeof(slot->state));
	slot->job_id = start->job.job_id;
	slot->attempt = start->job.attempt;
	slot->incarnation = start->job.incarnation;
	slot->exit_code = -1;
	slot->run_max_ms = start->run_max_ms;
	slot->grace_ms = start->grace_ms;
	slot->memory_max_bytes = start->memory_max_bytes;
	slot->cpu_max_s = start->cpu_max_s;
	slot->processes_max = start->processes_max;
	slot->log_max_bytes = start->log_max_bytes;
	slot->mark = with_mark ? mark_make(at) : 0;
	slot_set_state(slot, SLOT_STARTING);

	run_clear(job_run(table, at));
	job_run(table, at)->lease_bound = start->lease_bound != 0;
	link_job(table, at);
	table->used++;
	if ((uint32_t)at >= table->top)
		table->top = (uint32_t)at + 1;
	return at;
}

void
job_set_live(struct job_table *table, int32_t at, pid_t pid, uint64_t pid_start)
{
	struct slot *slot = job_slot(table, at);
	int32_t *head = pid_chain(table, pid);

	slot->pid = pid;
	slot->pid_start = pid_start;
	slot_set_state(slot, SLOT_LIVE);
	table->runs[at].next_by_pid = *head;
	*head = at;
	table->live++;
}

static void
close_logs(struct run *run)
{
	for (int i = 0; i < KEEPER_STREAMS; i++)
		fd_close(&run->log_fds[i]);
}

void
job_set_ended(struct job_table *table, int32_t at)
{
	struct run *run = job_run(table, at);

	assert(job_is_live(table, at));
	unlink_pid(table, at);
	table->live--;
	close_logs(run);
	run->phase = RUN_QUIET;
	run->first_gone = false;
	run->resuming = false;
	run->pause_rounds = 0;
	run->timeout_at_ms = NEVER_MS;
	run->log_look_ms = NEVER_MS;
	run->resources_look_ms = NEVER_MS;
	slot_set_state(job_slot(table, at), SLOT_ENDED);
}

void
job_forget(struct job_table *table, int32_t at)
{
	assert(!job_is_live(table, at));
	unlink_job(table, at);
	close_logs(&table->runs[at]);
	slot_set_state(job_slot(table, at), SLOT_FREE);
	table->used--;
	while (table->top > 0 && slot_state(&table->file.slots[table->top - 1]) == SLOT_FREE)
		table->top--;
}

void
job_report(const struct job_table *table, int32_t at, bool as_started, struct keeper_report *out)
{
	const struct slot *slot = job_slot(table, at);
	bool ended = slot_state(slot) == SLOT_ENDED && !as_started;

	memset(out, 0, sizeof(*out));
	out->job.job_id = slot->job_id;
	out->job.attempt = slot->attempt;
	out->job.incarnation = slot->incarnation;
	out->state = ended ? KEEPER_SLOT_ENDED : KEEPER_SLOT_LIVE;
	out->pid = slot->pid;
	out->started_us = slot->started_us;
	out->exit_code = -1;
	out->log_max_bytes = slot->log_max_bytes;
	out->run_max_ms = slot->run_max_ms;
	out->memory_max_bytes = slot->memory_max_bytes;
	out->cpu_max_s = slot->cpu_max_s;
	out->processes_max = slot->processes_max;
	memcpy(out->logs, slot->logs, sizeof(out->logs));
	if (!ended)
		return;
	out->ended_us = slot->ended_us;
	out->exit_code = slot->exit_code;
	out->signal = slot->signal;
	out->cause = slot->cause;
	out->left = slot->left;
	out->user_us = slot->user_us;
	out->system_us = slot->system_us;
	out->max_rss_kb = slot->max_rss_kb;
}
