/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/handover.h: the two directories of a job that runs as another account, WORK/<id> and WORK/<id>_delivery.
 *
 * The runner makes them; for the run they are the account's, and in the keeper's group, which may look into
 * them (mode 0750; where WORK hands its group on, mode 2711, into what is made in them too, so that the runner can measure it all). Afterwards they are the keeper's account's again, mode 0700: the directories in
 * them, and the files directly in them that have one name, too, which is what has to be collected or emptied.
 * Names are made here from the number of the job, below a directory that the keeper was started with, and no
 * link is followed, so no order can be about anything else; WORK must be ours, and nobody else's to write.  What belongs to others than that account stays theirs.
 *
 * Taking back may take long: a child does it.  Where it stands can be seen from outside:
 *
 *	owner       group       the directory is
 *	account     keeper's    the account's
 *	keeper's    number of   being taken back, or was when somebody died: to be ordered once more
 *	            the account
 *	keeper's    keeper's    the keeper's
 */
#ifndef KEEPER_HANDOVER_H
#define KEEPER_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct keeper;
struct keeper_not_started;
struct local_account;

#define HANDOVERS_MAX 8 /* taken back at the same time */

struct handovers {
	const char *work_dir; /* NULL: none was named */
	struct {
		pid_t pid; /* 0: free */
		int64_t job_id;
	} children[HANDOVERS_MAX];
};

/* Both directories become the account's: 0; or -1, why, and neither is. */
int handover_give(const struct handovers *handovers, int64_t job_id,
		  const struct local_account *account, struct keeper_not_started *why);

/* The job did not start: both become ours again at once; nothing can be in them. */
void handover_undo(const struct handovers *handovers, int64_t job_id);

/*
 * Take back what is the account's, in a child; nothing happens while the job lives, for a job that is being seen to,
 * or when too many are: whoever ordered it looks, and orders again.
 */
void handover_take_back(struct keeper *keeper, int64_t job_id);

/* A child of ours has ended; true: it was one of these. */
bool handover_reaped(struct handovers *handovers, pid_t pid);

#endif
