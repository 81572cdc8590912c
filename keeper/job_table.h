/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/job_table.h: the slots of the file, what this keeper alone remembers of each, and the
 * ways to find one: by (job, attempt), by pid, by mark.
 *
 * A job is named by the number of its slot, or -1 for none.
 */
#ifndef KEEPER_JOB_TABLE_H
#define KEEPER_JOB_TABLE_H

#include <sys/types.h>

#include "keeper/slot_table.h"
#include "wire/keeper_wire.h"

enum run_phase {
	RUN_QUIET, /* nobody wants its end */
	RUN_ASKED, /* TERM is to be sent, with the next look at the timers */
	RUN_TERM, /* TERM was sent; kill_at_ms is when patience ends */
	RUN_KILL /* since kill_from_ms: scan and kill until nothing is found, or too long */
};

#define NEVER_MS INT64_MAX

/* What dies with the keeper. */
struct run {
	enum run_phase phase;
	bool first_gone; /* the first process is a zombie we keep, so that its number stays ours */
	bool paused;
	bool resuming; /* CONT is to be sent, with the next look at the timers */
	uint8_t
	    pause_rounds; /* so many more rounds of STOP at most, one with each look at the timers */
	bool lease_bound; /* it must not outlive the node's lease */
	bool memory_by_group, processes_by_group, time_by_group; /* its cgroup limits, or counts */
	uint8_t tell; /* enum tell_bit: what the runner has not been told yet */
	int empty_scans; /* in a row, in RUN_KILL */
	int unsure_passes; /* reap passes in a row that could not prove the tree empty */
	uint32_t pause_seen; /* processes the last of these rounds found */
	uint64_t seen_pass; /* last reap pass that saw a descendant of it */
	int64_t kill_at_ms;
	int64_t kill_from_ms;
	int64_t timeout_at_ms; /* NEVER_MS: none */
	int64_t paused_at_ms;
	int64_t resources_look_ms; /* NEVER_MS: no limit to look after */
	int64_t orphans_cpu_us; /* of its processes that we reaped */
	int64_t log_look_ms; /* NEVER_MS: no limit */
	int64_t log_seen_ms; /* of the last look, and the files' sizes then */
	int64_t log_seen_bytes[KEEPER_STREAMS];
	int log_fds[KEEPER_STREAMS]; /* only of jobs with a log limit */
	int32_t next_by_job, next_by_pid;
};

struct job_table {
	struct slot_table file;
	struct run *runs; /* as many as slots */
	int32_t *by_job, *by_pid; /* heads of hash chains */
	uint32_t chains; /* a power of 2 */
	uint32_t used; /* slots not FREE */
	uint32_t live; /* of these, not ENDED */
	uint32_t top; /* no used slot from here on */
};

/* Make the memory part for an opened file and index what is in it.  0, or -1 with err. */
int job_table_init(struct job_table *table, struct err *err);
void job_table_free(struct job_table *table);

/* The slot of an attempt, of a first process, of a mark; -1: there is none.  By pid only while it is live. */
int32_t job_find(const struct job_table *table, int64_t job_id, int32_t attempt);
int32_t job_find_pid(const struct job_table *table, pid_t pid);
int32_t job_find_mark(const struct job_table *table, uint64_t mark);

/* Does this limit look like a mark, of this table or another one's? */
bool job_is_mark(uint64_t limit);

/* A free slot, filled with the order, a mark if wanted and state STARTING; or -1: none is free. */
int32_t job_new(struct job_table *table, const struct keeper_start *start, bool with_mark);

/* The process exists: from here on job_find_pid() finds it, and the state is LIVE. */
void job_set_live(struct job_table *table, int32_t at, pid_t pid, uint64_t pid_start);

/* Nothing is expected of its process any more: state ENDED, its pid may be anyone's. */
void job_set_ended(struct job_table *table, int32_t at);

/* The slot is free; the job must not be live (a STARTING one is not). */
void job_forget(struct job_table *table, int32_t at);

/* Of a slot (asserts that it is one): what the file says, what this keeper alone knows, and does something of it live? */
struct slot *job_slot(const struct job_table *table, int32_t at);
struct run *job_run(const struct job_table *table, int32_t at);
bool job_is_live(const struct job_table *table, int32_t at);

/* What the runner is to know; with as_started as it was when it started. */
void job_report(const struct job_table *table, int32_t at, bool as_started,
		struct keeper_report *out);

#endif
