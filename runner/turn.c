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

static size_t
gather_started(struct turn *turn, struct job_started *started)
{
	size_t n = job_run_gather_started(turn->runner, started, TURN_JOBS_MAX);

	for (size_t i = 0; i < n; i++)
		turn->started[i] = started[i].key;
	return n;
}

bool
turn_is_open(const struct turn *turn)
{
	const struct runner *runner = turn->runner;

	return !turn->under_way && runner->stop != STOP_FENCED &&
	       runner->session.state == SESSION_ACTIVE && db_async_connected(runner->db);
}

void
turn_pass(struct turn *turn)
{
	struct runner *runner = turn->runner;
	struct job_started started[TURN_JOBS_MAX];
	const struct job_end *ends[TURN_JOBS_MAX];
	struct job_turn what = { .started = started, .ends = ends, .wanted = turn->wanted };
	bool alone = false;

	if (!turn_is_open(turn))
		return;
	what.n_ends = job_run_gather_ended(runner, ends, turn->ended, TURN_JOBS_MAX, &alone);
	if (!alone)
		what.n_wanted = claim_poller_gather(&runner->poller, turn->wanted, TURN_QUEUES_MAX);
	turn->timer.due_ms = job_run_next_mark_ms(runner);
	if (what.n_ends + what.n_wanted == 0 && turn->timer.due_ms > clock_mono_ms())
		return;
	if (!alone)
		what.n_started = gather_started(turn, started);
	turn->n_started = what.n_started;
	turn->n_ended = what.n_ends;
	turn->n_wanted = what.n_wanted;
	turn->under_way = true;
	turn->timer.due_ms = EVENT_NEVER_MS; /* the answer looks again */
	job_turn_send(runner->db, runner->session.life, &what, answered, turn);
}

static void
timer_due(void *arg, int64_t now_ms)
{
	(void)arg; /* the pass that follows does the work */
	(void)now_ms;
}

void
turn_init(struct turn *turn, struct runner *runner)
{
	memset(turn, 0, sizeof(*turn));
	turn->runner = runner;
	turn->timer =
	    (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = timer_due, .arg = turn };
	event_loop_add_timer(&runner->loop, &turn->timer);
}
