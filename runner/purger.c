/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/purger.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "runner/job_remains.h"
#include "runner/job_run.h"
#include "runner/run_table.h"
#include "runner/runner.h"
#include "store/purge_store.h"

#define IDLE_MS 5000
#define SLICE_MS 2
#define BETWEEN_MS 38
#define STEP_BUDGET 50 /* names between two looks at the clock */

static bool
may_work(const struct purger *purger)
{
	const struct runner *runner = purger->runner;

	return runner->session.state == SESSION_ACTIVE && runner->stop == STOP_NONE;
}

static void
look_in(struct purger *purger, int64_t ms)
{
	purger->timer.due_ms = clock_mono_ms() + ms;
}

/* --- asking --- */

static void
take_rows(struct purger *purger, const struct db_result *rows)
{
	const struct runner_config *config = &purger->runner->config;

	for (int i = 0; i < db_rows(rows) && i < PURGE_BATCH; i++) {
		struct job_remains_spec spec = { .store = config->delivery_store,
						 .joblog_dir = config->joblog_dir,
						 .all = true };
		struct purge_row row;

		purge_row_read(rows, i, &row);
		purger->more = row.more;
		if (row.job_id == 0)
			continue;
		if (run_table_has(&purger->runner->runs, row.job_id)) {
			purger->stuck[purger->n_stuck++] = row.job_id;
			continue;
		}
		spec.job_id = row.job_id;
		spec.definition_name = row.definition_name;
		spec.attempts = row.attempt;
		purger->jobs[purger->n_jobs++] =
		    (struct purge_job){ row.job_id, job_remains_new(&spec) };
	}
}

static void
answered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct purger *purger = arg;

	purger->asking = purger->more = purger->complained = false;
	if (rows == NULL) {
		log_warn("purge_failed", "reason=\"%s\"", err->text);
		look_in(purger, IDLE_MS); /* and what is done is told again */
		return;
	}
	purger->n_done = purger->n_stuck = 0;
	take_rows(purger, rows);
	look_in(purger, purger->n_jobs + purger->n_stuck > 0 || purger->more || purger->poked
			    ? BETWEEN_MS
			    : IDLE_MS);
}

static void
ask(struct purger *purger)
{
	purger->asking = true;
	purger->poked = false;
	purge_send(purger->runner->db, purger->runner->session.life,
		   &(struct purge_told){ .done = purger->done,
					 .stuck = purger->stuck,
					 .n_done = purger->n_done,
					 .n_stuck = purger->n_stuck },
		   answered, purger);
}

/* --- removing --- */

static bool
log_dir_is_used(const struct runner *runner, int64_t job_id)
{
	for (const struct job_run *run = runner->runs.all; run != NULL; run = run->all_next)
		if (job_remains_same_log_dir(run->order.id, job_id))
			return true;
	return false;
}

/* This job is done with; its directory of logs goes with the last job of it. */
static void
job_done(struct purger *purger, bool gone)
{
	const struct runner *runner = purger->runner;
	struct purge_job *job = &purger->jobs[purger->next++];

	job_remains_free(job->remains);
	job->remains = NULL;
	if (gone)
		purger->done[purger->n_done++] = job->id;
	else
		purger->stuck[purger->n_stuck++] = job->id;
	if ((purger->next == purger->n_jobs ||
	     !job_remains_same_log_dir(job->id, purger->jobs[purger->next].id)) &&
	    !log_dir_is_used(runner, job->id))
		job_remains_drop_log_dir(runner->config.joblog_dir, job->id);
}

static void
remove_some(struct purger *purger)
{
	struct purge_job *job = &purger->jobs[purger->next];

	switch (job_remains_step(job->remains, STEP_BUDGET)) {
	case 0:
		break;
	case 1:
		job_done(purger, true);
		break;
	default:
		if (!purger->complained)
			log_warn("files_stay", "job=%" PRId64 " reason=\"%s\"", job->id,
				 strerror(errno));
		purger->complained = true;
		job_done(purger, false);
		break;
	}
}

static void
slice(void *arg, int64_t now_ms)
{
	struct purger *purger = arg;
	int64_t until_ms = now_ms + SLICE_MS;

	if (purger->asking || !may_work(purger))
		return;
	while (purger->next < purger->n_jobs && clock_mono_ms() < until_ms)
		remove_some(purger);
	if (purger->next < purger->n_jobs) {
		look_in(purger, BETWEEN_MS);
	} else {
		if (purger->n_done > 0)
			log_info("jobs_purged", "jobs=%zu", purger->n_done);
		purger->next = purger->n_jobs = 0;
		ask(purger);
	}
}

void
purger_begin(struct purger *purger)
{
	look_in(purger, 0);
}

void
purger_poke(struct purger *purger)
{
	purger->poked = true;
	if (!purger->asking && purger->n_jobs == 0)
		look_in(purger, 0);
}

void
purger_init(struct purger *purger, struct runner *runner)
{
	memset(purger, 0, sizeof(*purger));
	purger->runner = runner;
	purger->timer =
	    (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = slice, .arg = purger };
	event_loop_add_timer(&runner->loop, &purger->timer);
}

void
purger_free(struct purger *purger)
{
	for (; purger->next < purger->n_jobs; purger->next++)
		job_remains_free(purger->jobs[purger->next].remains);
}
