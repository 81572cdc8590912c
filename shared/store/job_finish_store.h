/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_finish_store.h: the end of jobs: live row to history row with files and messages. */
#ifndef STORE_JOB_FINISH_STORE_H
#define STORE_JOB_FINISH_STORE_H

#include <stddef.h>

#include "db/db.h"
#include "store/node_store.h"

struct job_end;

/*
 * End n jobs in one statement, all or none.  Rows: the ids that were ours; an id that is missing was
 * ended before (so a repeat is harmless) or is in another runner's hands.
 */
void job_finish_send(struct db_async *db, struct node_life life, const struct job_end *const *ends,
		     size_t n, db_done_fn *done, void *arg);

/* The parameter of the above, as text: fresh memory. */
char *job_finish_text(const struct job_end *const *ends, size_t n);

#endif
