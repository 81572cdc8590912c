/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/turn.h"

#include <string.h>

#include "base/clock.h"
#include "runner/job_run_finish.h"
#include "runner/job_run_watch.h"
#include "runner/runner.h"

static void
answered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct turn *turn = arg;
	struct runner *runner = turn->runner;

	turn->under_way = false;
	job_run_marked(runner, turn->started, turn->n_started, rows, err);
	/* New jobs first: their start has somebody waiting for it, the clearing up has not. */
	claim_poller_answered(&runner->poller, turn->wanted, turn->n_wanted, rows, err);
	job_run_finished(runner, turn->ended, turn->n_ended, rows, err);
}

bool
turn_is_open(const struct turn *turn)
{
	const struct runner *runner = turn->runner;

	return !turn->under_way && runner->stop != STOP_FENCED &&
	       runner->session.state == SESSION_ACTIVE && db_async_connected(runner->db);
}

/* What it is made of while it is made. */
struct draft {
	struct job_started started[TURN_JOBS_MAX];
	const struct job_end *ends[TURN_JOBS_MAX];
};

/* An end the database refused among others, or could not store for somebody has its row. */
static bool
fill_alone(struct turn *turn, struct draft *draft)
{
	turn->n_started = turn->n_wanted = 0;
	turn->n_ended = job_run_gather_ended(turn->runner, true, draft->ends, turn->ended, 1);
	turn->was_alone = turn->n_ended > 0;
	return turn->was_alone;
}

/* Ends, and what is asked once their slots are free. */
static void
fill_ends(struct turn *turn, struct draft *draft)
{
	struct runner *runner = turn->runner;

	turn->n_ended =
	    job_run_gather_ended(runner, false, draft->ends, turn->ended, TURN_JOBS_MAX);
	turn->n_wanted = claim_poller_gather(&runner->poller, turn->wanted, TURN_QUEUES_MAX);
}

/* All that there is to say and to ask; only ends that are not due yet let what is asked go without them. */
static bool
fill(struct turn *turn, struct draft *draft)
{
	struct runner *runner = turn->runner;
	int64_t now_ms = clock_mono_ms();
	int64_t ends_due_ms = job_run_ends_due_ms(runner);
	int64_t mark_due_ms = job_run_next_mark_ms(runner);

	turn->n_ended = turn->n_wanted = 0;
	if (ends_due_ms > now_ms)
		turn->n_wanted =
		    claim_poller_gather(&runner->poller, turn->wanted, TURN_QUEUES_MAX);
	if (ends_due_ms <= now_ms || (mark_due_ms <= now_ms && turn->n_wanted == 0))
		fill_ends(turn, draft);
	turn->timer.due_ms = ends_due_ms < mark_due_ms ? ends_due_ms : mark_due_ms;
	if (turn->n_ended + turn->n_wanted == 0 && mark_due_ms > now_ms)
		return false;
	turn->n_started = job_run_gather_started(runner, draft->started, TURN_JOBS_MAX);
	for (size_t i = 0; i < turn->n_started; i++)
		turn->started[i] = draft->started[i].key;
	turn->was_alone = false;
	return true;
}

void
turn_pass(struct turn *turn)
{
	struct runner *runner = turn->runner;
	struct draft draft;
	struct job_turn what = { .started = draft.started,
				 .ends = draft.ends,
				 .wanted = turn->wanted };

	if (!turn_is_open(turn))
		return;
	/* One that goes alone may have to wait: not two in a row while there is anything else. */
	if (!(!turn->was_alone && fill_alone(turn, &draft)) && !fill(turn, &draft) &&
	    !(turn->was_alone && fill_alone(turn, &draft)))
		return;
	what.n_started = turn->n_started;
	what.n_ends = turn->n_ended;
	what.n_wanted = turn->n_wanted;
	turn->under_way = true;
	turn->timer.due_ms = EVENT_NEVER_MS; /* the answer looks again */
	job_turn_send(runner->db, runner->session.life, &what, answered, turn);
}

void
turn_init(struct turn *turn, struct runner *runner)
{
	memset(turn, 0, sizeof(*turn));
	turn->runner = runner;
	turn->timer = (struct event_timer){ .due_ms = EVENT_NEVER_MS };
	event_loop_add_timer(&runner->loop, &turn->timer);
}
