/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner/job_run.h: one attempt of one job in this runner's hands.
 *
 *	CLAIMED    a row is ours               job_run_prepare.c -> PREPARED
 *	PREPARED   argv, envp                  job_run_spawn.c   -> STARTING: directories
 *	STARTING   START was sent              (the keeper answers)
 *	RUNNING    its process lives           (job_run_watch.c)
 *	ENDED      how it ended is known       job_run_trim.c    -> TRIMMED
 *	TRIMMED    its logs are ordinary files job_run_collect.c -> COLLECTED
 *	COLLECTED  files and messages too      job_run_finish.c  -> FINISHING, many at once
 *	FINISHING  the statement is on its way (the database answers)
 *	CLEANING   history has it              job_run_finish.c  -> gone: directories, keeper's slot
 *	RETURNING  could not be started here   job_run_finish.c  -> RETURNED: directories
 *	RETURNED   give_back is on its way     (the database answers), then gone
 *
 * A failure before the start sets the end and goes to ENDED.  The keeper's slot is given free last:
 * until then its table tells a later runner what is left to do.
 */
#ifndef RUNNER_JOB_RUN_H
#define RUNNER_JOB_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "model/job_end.h"
#include "model/job_order.h"
#include "runner/job_command.h"
#include "runner/job_workdir.h"
#include "wire/keeper_wire.h"

struct collector;
struct log_trim;
struct runner;

enum job_run_phase {
	JOB_RUN_CLAIMED,
	JOB_RUN_PREPARED,
	JOB_RUN_STARTING,
	JOB_RUN_RUNNING,
	JOB_RUN_ENDED,
	JOB_RUN_TRIMMED,
	JOB_RUN_COLLECTED,
	JOB_RUN_FINISHING,
	JOB_RUN_CLEANING,
	JOB_RUN_RETURNING,
	JOB_RUN_RETURNED,
	JOB_RUN_PHASES
};

/* How far the database had to be helped to accept the end. */
enum finish_care { FINISH_BATCHED, FINISH_ALONE, FINISH_STRIPPED };

/*
 * Invariants: orphan (the database does not know it as ours): only STARTING, RUNNING and CLEANING, no slot of
 * a queue is taken, and its directories are left to the sweep (temp_sweep.h); in_keeper: the keeper
 * has, or may have, an entry for it.
 */
struct job_run {
	enum job_run_phase phase;
	struct job_order order;
	struct keeper_job job; /* as the keeper knows it */
	struct job_end end;
	struct job_workdir dir;
	char *cwd; /* PREPARED, STARTING */
	struct job_command command; /* the same */
	char **environment; /* the same */
	int64_t log_max_bytes; /* of each log, as ordered; 0: no limit */
	struct keeper_log logs[KEEPER_STREAMS]; /* ENDED: what the keeper did to them */
	struct log_trim *trim; /* ENDED */
	int trimmed; /* of its logs */
	struct collector *collector; /* TRIMMED */
	int64_t uncollected_since_ms; /* the node lacks what its files need; 0: it does not */
	bool files_given_up; /* if they cannot be stored at the next try */
	bool orphan;
	bool adopted; /* an earlier runner started it */
	bool read_back; /* the database has it in our hands; while it is asked (recovery.c) */
	bool in_keeper;
	bool has_slot; /* of its queue: from the claim until its end is told */
	bool busy; /* its process may live: it has one of the places of its queue */
	int64_t busy_since_us;
	int64_t in_hand_since_ms; /* PREPARED, and it waits for such a place; 0: it does not */
	bool kill_sent;
	bool paused, pause_ordered;
	bool pause_unknown; /* the keeper was told by an earlier runner, or on an earlier link */
	char kill_reason[256]; /* "": nobody wants it dead */
	int64_t started_us;
	int64_t mark_at_ms; /* RUNNING, and the database is to be told by then; 0: it was */
	int64_t parked_until_ms; /* not in work before; 0: not parked */
	int64_t handover_since_ms, handover_order_ms; /* job_handover.h; 0: it is not waited for */
	int64_t collected_ms; /* COLLECTED since then */
	enum finish_care care;
	int64_t refused_since_ms; /* its end, told alone, for a fault; 0: not the last time */
	struct job_run *all_next, *all_prev, *bucket_next, *work_next;
	bool in_work;
};

enum step_result {
	STEP_DONE, /* go on with the next phase */
	STEP_AGAIN, /* a slice is done, there is more */
	STEP_LATER, /* parked: something in the way, look again soon */
	STEP_PARKED, /* by the step itself */
	STEP_MOVED, /* the step set the phase itself */
	STEP_GONE /* the run was freed */
};

/* Make a run of an order (taken over) and put it to work. */
struct job_run *job_run_new(struct runner *runner, struct job_order *order,
			    enum job_run_phase phase);

/* The same for what only the keeper knows. */
struct job_run *job_run_new_orphan(struct runner *runner, const struct keeper_report *report);

/* Out of the table, its queue's slot free, its memory too. */
void job_run_free(struct runner *runner, struct job_run *run);

/* Its queue may have another job in its place. */
void job_run_release_slot(struct runner *runner, struct job_run *run);

/* Do what the run's phase asks for, as far as it goes without waiting. */
void job_run_advance(struct runner *runner, struct job_run *run);

/* Look again after ms. */
void job_run_park(struct runner *runner, struct job_run *run, int64_t ms);

/* CLAIMED or PREPARED: back to its queue. */
void job_run_withdraw(struct runner *runner, struct job_run *run);

/* ENDED to FINISHING: its end is no business of ours any more, and told to nobody. */
void job_run_drop_end(struct runner *runner, struct job_run *run);

/* It could not start for want of something of this machine: back to its queue, and no claims for a while. */
void job_run_put_back(struct runner *runner, struct job_run *run, const char *reason);

/* It never ran: end it as CRASHED; reason goes to history, to its messages and to its stderr log. */
void job_run_fail(struct job_run *run, const char *reason);

/*
 * Want it dead, for this reason: at once when it does not run yet, else as soon as the keeper
 * listens.  Ended runs are left alone, but for files that cannot be stored: these are given up.
 */
void job_run_kill(struct runner *runner, struct job_run *run, const char *reason);

/*
 * From TERM to KILL: its definition's, else the node's.  At most the node's when another runner has the
 * node and may have started the job again; none when this one was told twice to stop.
 */
int64_t job_run_grace_ms(const struct runner *runner, const struct job_run *run);

/* Of what it delivers, and of its directories while it runs; 0: no limit. */
int64_t job_run_files_max_bytes(const struct runner *runner, const struct job_run *run);

const char *job_run_phase_name(enum job_run_phase phase);

/* The steps. */
enum step_result job_run_prepare(struct runner *runner, struct job_run *run);
enum step_result job_run_spawn(struct runner *runner, struct job_run *run);
enum step_result job_run_trim(struct runner *runner, struct job_run *run);
enum step_result job_run_collect(struct runner *runner, struct job_run *run);
enum step_result job_run_clean(struct runner *runner, struct job_run *run);
enum step_result job_run_return(struct runner *runner, struct job_run *run);

#endif
