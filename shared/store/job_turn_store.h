/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/job_turn_store.h: what a runner says and asks again and again, in one statement: jobs that
 * started, jobs that ended, and room for new ones.  A busy runner pays one commit for all of it.
 */
#ifndef STORE_JOB_TURN_STORE_H
#define STORE_JOB_TURN_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/db.h"
#include "store/json_param.h"
#include "store/node_store.h"

struct job_end;

/* Jobs of one queue that one turn takes, as jqm.claim() has it. */
#define JOB_CLAIM_MAX 200

/* ATTRIBUTED -> RUNNING since ago_us. */
struct job_started {
	struct job_key key;
	int64_t ago_us;
};

/* Take waiting jobs of a queue for so many units of its mapping: 1 each, but for large ones. */
struct job_wanted {
	int64_t queue_id;
	int room;
};

/* Any part may be empty. */
struct job_turn {
	const struct job_started *started;
	size_t n_started;
	const struct job_end *const *ends; /* live row to history row, with files and messages */
	size_t n_ends;
	const struct job_wanted *wanted; /* looked at after the ends are history */
	size_t n_wanted;
};

/*
 * All of it or nothing.  An ended job that no row names was ended before (so a repeat is harmless)
 * or is in another runner's hands; a started one may also be in use: say it again.  ERR_BUSY: the
 * row of an ended one is in use.
 */
void job_turn_send(struct db_async *db, struct node_life life, const struct job_turn *turn,
		   db_done_fn *done, void *arg);

/* What a row is about; of the first two only the id (db_int64(rows, row, 0)) is there. */
enum job_turn_row { JOB_TURN_STARTED, JOB_TURN_ENDED, JOB_TURN_ORDER };
enum job_turn_row job_turn_row(const struct db_result *rows, int row);

/* One of the rows says this about that job. */
bool job_turn_names(const struct db_result *rows, enum job_turn_row what, int64_t job_id);

/*
 * The parameter about those ends that are plain, "{..,..}", or about the others, "[{..},{..}]": fresh memory; NULL: none.  Plain are
 * those of which there is no more to say than jqm.plain_end has.
 */
char *job_turn_ends_text(const struct job_end *const *ends, size_t n, bool plain);

#endif
