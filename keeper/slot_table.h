/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/slot_table.h: the keeper's memory of its jobs, a file mapped MAP_SHARED.
 *
 * The file is the state: whoever dies, what was stored is there for the next keeper.  A slot's
 * state is stored last, with release; a slot of state FREE has no other meaning.
 */
#ifndef KEEPER_SLOT_TABLE_H
#define KEEPER_SLOT_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wire/keeper_wire.h"

struct err;

#define SLOT_COUNT_MAX 65536 /* a slot's number must fit into the low bits of a mark */
#define TABLE_ID_SIZE 17
#define BOOT_ID_SIZE 40

enum slot_state {
	SLOT_FREE = 0,
	SLOT_LIVE = 1,
	SLOT_ENDED = 2, /* nothing of it lives (or left says how much) */
	SLOT_STARTING = 3, /* written before the process exists: it may, or may not */
	SLOT_EMPTYING = 4 /* first process ended, result stored; descendants are being ended */
};

struct slot {
	_Atomic uint32_t state;
	int32_t attempt;
	int64_t job_id;
	int64_t incarnation;
	int32_t pid; /* of the first process = its session = its group */
	int32_t cause; /* enum keeper_cause */
	uint64_t pid_start; /* field 22 of /proc/PID/stat: with boot id and pid, who is meant */
	uint64_t mark; /* RLIMIT_LOCKS of all processes of the job; 0: not in use */
	int64_t started_us, ended_us;
	int32_t exit_code, signal;
	int32_t left;
	int32_t spare;
	int64_t user_us, system_us, max_rss_kb;
	int64_t run_max_ms, grace_ms, log_max_bytes;
	int64_t memory_max_bytes, cpu_max_s, processes_max;
	struct keeper_log logs[KEEPER_STREAMS];
};

struct slot_table {
	int fd; /* holds the lock */
	struct table_header *header;
	struct slot *slots;
	uint32_t count; /* slots in the file */
	uint32_t limit; /* slots that may be used: --slots */
	char id[TABLE_ID_SIZE]; /* random, made with the file */
	bool same_boot; /* what the file says was written since the last boot */
};

#define SLOT_TABLE_INIT                            \
	{                                          \
		-1, NULL, NULL, 0, 0, { 0 }, false \
	}

/*
 * Open or create the table at path with room for at least slots jobs, and lock it.
 * -1: ERR_CONFLICT another keeper holds it; ERR_INVALID not a table, or one of another version
 * (the file is untouched); ERR_INTERNAL.
 */
int slot_table_open(struct slot_table *table, const char *path, uint32_t slots, struct err *err);

/* As slot_table_open() of an existing file, read-only and without the lock: is it one of ours? */
int slot_table_check(const char *path, uint32_t *used_out, uint32_t *count_out, struct err *err);

/* Note that what the table says is of this boot; call once the last keeper's slots are settled. */
void slot_table_adopt(struct slot_table *table);

/* Unmap, unlock, close.  The file stays. */
void slot_table_close(struct slot_table *table);

/* "JQM_KEEPER_TAG=TABLE.JOB.ATTEMPT", in the environment of each process of the job. */
#define SLOT_TAG_NAME "JQM_KEEPER_TAG"
#define SLOT_TAG_SIZE 96
void slot_tag(const struct slot_table *table, const struct slot *slot, char out[SLOT_TAG_SIZE]);

/* The cgroup of the job, below the keeper's: "jqm-TABLE-JOB-ATTEMPT". */
#define SLOT_GROUP_SIZE 80
void slot_group(const struct slot_table *table, const struct slot *slot, char out[SLOT_GROUP_SIZE]);

/* The state; all else of the slot was written before it. */
enum slot_state slot_state(const struct slot *slot);

/* Store the state, after all else that was written to slot. */
void slot_set_state(struct slot *slot, enum slot_state state);

#endif
