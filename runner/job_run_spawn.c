/* SPDX-License-Identifier: Apache-2.0 */
/* runner/job_run_spawn.c: order the start of a prepared job, once it has a place. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "runner/job_handover.h"
#include "runner/job_run_place.h"
#include "runner/keeper_link.h"
#include "runner/runner.h"

#define PRIORITY_MAX 10
#define REMOVE_BUDGET 500

static size_t
bytes_of(char *const *texts)
{
	size_t bytes = 0;

	for (; *texts != NULL; texts++)
		bytes += strlen(*texts) + 1;
	return bytes;
}

/*
 * A job is as nice as its place in the queue is modest: 0 for priority 10, 9 for 1, and 10 for none,
 * which the queue puts behind them all.
 */
static int32_t
niceness(const struct job_order *order)
{
	return PRIORITY_MAX - order->priority;
}

/* Not before it is its turn: the fewer there are, the less it costs to find one. */
static enum step_result
make_directories(struct runner *runner, struct job_run *run)
{
	struct err err = ERR_INIT;

	if (run->dir.made)
		return STEP_DONE; /* the keeper was lost before it could start it */
	if (run->dir.dirty && !job_handover_is_over(runner, run))
		return STEP_LATER; /* left by an earlier attempt, of which nobody here knew */
	run->dir.for_another = run->order.run_as[0] != '\0';
	switch (job_workdir_make(&run->dir, REMOVE_BUDGET, &err)) {
	case 1:
		return STEP_DONE;
	case 0:
		return STEP_AGAIN;
	default:
		job_run_leave_place(runner, run);
		if (err.kind == ERR_BUSY)
			job_run_put_back(runner, run, err.text);
		else
			job_run_fail(run, err.text);
		return STEP_MOVED;
	}
}

enum step_result
job_run_spawn(struct runner *runner, struct job_run *run)
{
	const struct keeper_start start = {
		.job = run->job,
		.program = run->command.program,
		.argv = (const char *const *)run->command.argv,
		.envp = (const char *const *)run->environment,
		.cwd = run->cwd,
		.stdout_path = run->dir.stdout_log,
		.stderr_path = run->dir.stderr_log,
		.nice = niceness(&run->order),
		.umask = (int32_t)run->order.limits.umask,
		.run_max_ms = job_limit(run->order.limits.run_max_s, 0) * 1000,
		.grace_ms = job_run_grace_ms(runner, run),
		.log_max_bytes =
		    job_limit(run->order.limits.log_max_bytes, runner->config.log_max_bytes),
		.memory_max_bytes = job_limit(run->order.limits.memory_max_bytes, 0),
		.cpu_max_s = job_limit(run->order.limits.cpu_max_s, 0),
		.processes_max = job_limit(run->order.limits.processes_max, 0),
		.lease_bound = run->order.lease_bound,
		.run_as = run->order.run_as,
	};
	struct err err = ERR_INIT;
	enum step_result ready;
	char reason[200];

	if (!keeper_link_is_up(runner->keeper) || !node_session_has_lease(&runner->session))
		return STEP_LATER; /* without a lease the keeper starts nothing */
	ready = job_run_take_place(runner, run);
	if (ready == STEP_DONE)
		ready = make_directories(runner, run);
	if (ready != STEP_DONE)
		return ready;
	if (keeper_link_start_job(runner->keeper, &start, &err) == 0) {
		keeper_link_flush(runner->keeper); /* it starts while we prepare the next */
		run->in_keeper = true;
		run->log_max_bytes = start.log_max_bytes;
		return STEP_DONE;
	}
	if (err.kind == ERR_BUSY)
		return STEP_LATER;
	(void)snprintf(reason, sizeof(reason),
		       "could not start: its arguments and environment have %zu bytes, and only "
		       "some %d are possible",
		       bytes_of(run->command.argv) + bytes_of(run->environment), KEEPER_PACKET_MAX);
	job_run_leave_place(runner, run);
	job_run_fail(run, reason);
	return STEP_MOVED;
}
