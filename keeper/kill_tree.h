/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper/kill_tree.h: signals to all processes of a job, and its end by TERM, grace and KILL.
 *
 * A process belongs to a job by the mark all of the job's processes inherit (RLIMIT_LOCKS); where
 * marks cannot be had, by session, by the tag in its environment or by its parents.
 */
#ifndef KEEPER_KILL_TREE_H
#define KEEPER_KILL_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct keeper;
struct proc_list;

#define KILL_DEADLINE_MS 2000 /* from the first KILL; then what is left is counted */
#define KILL_EMPTY_SCANS 3 /* so many in a row that find nothing: nothing is left */

/* May RLIMIT_LOCKS be used for marks here?  (Not inside a job of another keeper.) */
bool tree_marks_usable(void);

/*
 * TERM (and CONT, so that a stopped process sees it) to the whole tree in this turn of the loop, one
 * scan for all jobs that are asked to end in it; KILL after grace_ms.
 * The cause is noted unless the job has ended, or is being ended, for another reason.  Asked again
 * it can only shorten the grace.
 */
void tree_kill(struct keeper *keeper, int32_t at, int cause, int64_t grace_ms);

/* SIGSTOP to the whole tree, until a scan finds no new process; and SIGCONT: with the next looks at the timers. */
void tree_pause(struct keeper *keeper, int32_t at);
void tree_resume(struct keeper *keeper, int32_t at);

/* Set member of each process in list that is the job's, zombies too. */
void tree_find(const struct keeper *keeper, int32_t at, struct proc_list *list);

/* Does this process, a child of ours that is no job's first one, belong to the job in slot at? */
bool tree_owns_orphan(struct keeper *keeper, int32_t at, pid_t pid);

/* Is this the mark of a job whose processes are to be killed wherever they are met? */
bool tree_is_doomed(struct keeper *keeper, uint64_t mark);

/*
 * TERM to the jobs in RUN_ASKED, one round of killing for those whose grace is over, one of STOP or CONT for
 * those that are to be paused or resumed.  Ends with the pass of the loop: the next one goes on where it stopped.
 */
void tree_timers(struct keeper *keeper, int64_t now_ms);

#endif
