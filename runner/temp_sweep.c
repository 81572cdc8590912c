/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/temp_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "runner/job_handover.h"
#include "runner/job_remains.h"
#include "runner/keeper_link.h"
#include "runner/run_table.h"
#include "runner/runner.h"
#include "runner/tree_remove.h"
#include "store/leftover_store.h"

#define SLICE_MS 3
#define BETWEEN_MS 10 /* slices; jobs come first */
#define SCAN_BUDGET 100
#define REMOVE_BUDGET 100
#define AGAIN_MS 10000
#define END_MS 2000 /* the longest time the end of a runner waits for it */
#define GONE ".gone-"
#define SPARE ".spare-"
#define DELIVERY "_delivery"
#define UNKNOWN_ATTEMPTS 20 /* of a job nobody can be asked about */

/* --- names --- */

/* The id of a name we give to a directory of a job, else 0. */
static int64_t
job_of_name(const char *name)
{
	char text[NAME_MAX + 1];
	int64_t id;

	(void)str_copy(text, sizeof(text), name);
	if (str_ends(text, DELIVERY))
		text[strlen(text) - strlen(DELIVERY)] = '\0';
	return text[0] != '0' && num_int64(text, 1, INT64_MAX, &id) == 0 ? id : 0;
}

static bool
is_our_directory(const struct temp_sweep *sweep, const char *name)
{
	struct stat st;

	return fstatat(dirfd(sweep->dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/* A spare the pool does not count: behind a gap, or not as it gives them. */
static bool
is_lost_spare(const struct temp_sweep *sweep, const char *name)
{
	int64_t n;

	return str_starts(name, SPARE) && num_int64(name + strlen(SPARE), 0, UINT32_MAX, &n) == 0 &&
	       n >= sweep->runner->dir_pool.n;
}

static bool
has_run(const struct temp_sweep *sweep, int64_t job_id)
{
	return run_table_has(&sweep->runner->runs, job_id);
}

/* --- directories --- */

/* Give it a name that no job will ever have; those of removals that failed are taken. */
static bool
move_away(const struct temp_sweep *sweep, const char *name, char gone[NAME_MAX + 1])
{
	int fd = dirfd(sweep->dir);

	for (unsigned n = 0; n < 1000; n++) {
		(void)snprintf(gone, NAME_MAX + 1, GONE "%.200s.%u",
			       name[0] == '.' ? name + 1 : name, n);
		if (renameat2(fd, name, fd, gone, RENAME_NOREPLACE) == 0)
			return true;
		if (errno != EEXIST)
			break;
	}
	log_warn("directory_stays", "name=\"%s\" reason=\"%s\"", name, strerror(errno));
	return false;
}

/* Out of the way, then piece by piece.  False: there is no such directory of ours. */
static bool
begin_removal(struct temp_sweep *sweep, const char *name)
{
	char gone[NAME_MAX + 1];

	if (!is_our_directory(sweep, name))
		return false;
	if (str_starts(name, GONE))
		(void)str_copy(gone, sizeof(gone), name);
	else if (!move_away(sweep, name, gone))
		return false;
	sweep->tree = tree_remove_new(sweep->runner->config.temp_dir, gone);
	return true;
}

/* 1: nothing is being removed any more. */
static int
step_tree(struct temp_sweep *sweep)
{
	struct err err = ERR_INIT;

	if (sweep->tree == NULL)
		return 1;
	switch (tree_remove_step(sweep->tree, REMOVE_BUDGET, &err)) {
	case 0:
		return 0;
	case -1:
		log_warn("directory_stays", "reason=\"%s\"", err.text);
		break;
	default:
		sweep->removed++;
		break;
	}
	tree_remove_free(sweep->tree);
	sweep->tree = NULL;
	return 1;
}

/* --- jobs --- */

static void
drop_job(struct temp_sweep *sweep)
{
	struct sweep_job *job = &sweep->jobs[--sweep->n_jobs];

	job_remains_free(job->remains);
	job->remains = NULL;
}

/* One step of the last of the jobs. */
static void
step_job(struct temp_sweep *sweep)
{
	struct sweep_job *job = &sweep->jobs[sweep->n_jobs - 1];
	char name[48];

	if (has_run(sweep, job->id)) { /* it came to us meanwhile: its own business */
		drop_job(sweep);
		return;
	}
	if (job->remains != NULL) {
		int rc = job_remains_step(job->remains, REMOVE_BUDGET);

		if (rc == 0)
			return;
		if (rc == -1) { /* its directories stay too: they are the mark that there is more */
			log_warn("files_stay", "job=%" PRId64 " reason=\"%s\"", job->id,
				 strerror(errno));
			sweep->again = true;
			drop_job(sweep);
			return;
		}
		job_remains_free(job->remains);
		job->remains = NULL;
	}
	(void)snprintf(name, sizeof(name), "%" PRId64 DELIVERY, job->id);
	if (begin_removal(sweep, name))
		return;
	(void)snprintf(name, sizeof(name), "%" PRId64, job->id);
	if (begin_removal(sweep, name))
		return;
	drop_job(sweep);
}

static void
answered(void *arg, const struct db_result *rows, const struct err *err)
{
	struct temp_sweep *sweep = arg;
	const struct runner_config *config = &sweep->runner->config;

	if (rows == NULL)
		log_warn("leftovers_unknown", "reason=\"%s\"", err->text);
	if (rows == NULL || (size_t)db_rows(rows) < sweep->n_asked)
		sweep->again = true;
	for (int i = 0; rows != NULL && i < db_rows(rows) && i < SWEEP_BATCH; i++) {
		struct leftover_row row;
		struct job_remains_spec spec = { .store = config->delivery_store,
						 .joblog_dir = config->joblog_dir };

		leftover_read(rows, i, &row);
		spec.job_id = row.job_id;
		spec.definition_name = row.definition_name;
		spec.all = row.definition_name == NULL;
		spec.attempts = spec.all ? UNKNOWN_ATTEMPTS : row.attempt;
		spec.paths = row.paths;
		sweep->jobs[sweep->n_jobs++] =
		    (struct sweep_job){ row.job_id, job_remains_new(&spec) };
	}
	sweep->state = SWEEP_REMOVING;
	sweep->timer.due_ms = clock_mono_ms();
}

/* --- scanning --- */

static void
ask(struct temp_sweep *sweep)
{
	const struct runner *runner = sweep->runner;

	if (sweep->n_asked == 0) {
		sweep->state = SWEEP_REMOVING;
		return;
	}
	sweep->state = SWEEP_ASKING;
	leftover_send(runner->db, runner->session.life, sweep->asked, sweep->n_asked, answered,
		      sweep);
}

static void
note_job(struct temp_sweep *sweep, int64_t job_id)
{
	for (size_t i = 0; i < sweep->n_asked; i++)
		if (sweep->asked[i] == job_id)
			return;
	sweep->asked[sweep->n_asked++] = job_id;
}

/* Of no run of ours.  What was another account's for a run must be ours before it can be judged. */
static void
look_at_directory(struct temp_sweep *sweep, const char *name, int64_t job_id)
{
	char *path = str_printf("%s/%s", sweep->runner->config.temp_dir, name);

	if (dir_pool_has(&sweep->runner->dir_pool, path)) {
		free(path);
		return;
	}
	if (job_handover_is_lent(path)) {
		if (keeper_link_is_up(sweep->runner->keeper))
			keeper_link_take_back(sweep->runner->keeper,
					      (struct keeper_job){ .job_id = job_id });
		sweep->again = true;
	} else if (is_our_directory(sweep, name)) {
		note_job(sweep, job_id);
	}
	free(path);
}

static void
scan(struct temp_sweep *sweep)
{
	for (int i = 0; i < SCAN_BUDGET; i++) {
		const struct dirent *entry;
		int64_t job_id;

		if (sweep->n_asked == SWEEP_BATCH ||
		    (sweep->dir_done = (entry = readdir(sweep->dir)) == NULL)) {
			ask(sweep);
			return;
		}
		if ((job_id = job_of_name(entry->d_name)) != 0) {
			if (!has_run(sweep, job_id))
				look_at_directory(sweep, entry->d_name, job_id);
		} else if ((str_starts(entry->d_name, GONE) ||
			    is_lost_spare(sweep, entry->d_name)) &&
			   begin_removal(sweep, entry->d_name)) {
			return;
		}
	}
}

/* A batch is done. */
static void
next_batch(struct temp_sweep *sweep)
{
	sweep->n_asked = 0;
	sweep->state = SWEEP_SCANNING;
	if (!sweep->dir_done)
		return;
	(void)closedir(sweep->dir);
	sweep->dir = NULL;
	sweep->state = SWEEP_IDLE;
	if (sweep->removed > 0)
		log_info("leftovers_removed", "directories=%u", sweep->removed);
}

static void
slice(void *arg, int64_t now_ms)
{
	struct temp_sweep *sweep = arg;
	int64_t until_ms = now_ms + SLICE_MS;

	if (sweep->state == SWEEP_IDLE) {
		if (sweep->runner->session.state == SESSION_ACTIVE)
			temp_sweep_begin(sweep);
		return;
	}
	do {
		if (step_tree(sweep) == 0)
			continue;
		if (sweep->state == SWEEP_SCANNING)
			scan(sweep);
		else if (sweep->state == SWEEP_REMOVING && sweep->n_jobs > 0)
			step_job(sweep);
		else if (sweep->state == SWEEP_REMOVING)
			next_batch(sweep);
	} while (sweep->state != SWEEP_IDLE && sweep->state != SWEEP_ASKING &&
		 clock_mono_ms() < until_ms);
	if (sweep->state == SWEEP_IDLE && sweep->again)
		sweep->timer.due_ms = clock_mono_ms() + AGAIN_MS;
	else if (sweep->state != SWEEP_IDLE && sweep->state != SWEEP_ASKING)
		sweep->timer.due_ms = clock_mono_ms() + BETWEEN_MS;
}

void
temp_sweep_begin(struct temp_sweep *sweep)
{
	if (sweep->state != SWEEP_IDLE)
		return;
	sweep->again = false;
	sweep->removed = 0;
	sweep->dir = opendir(sweep->runner->config.temp_dir);
	if (sweep->dir == NULL) {
		log_warn("leftovers_unknown", "reason=\"could not read %s\"",
			 sweep->runner->config.temp_dir);
		return;
	}
	sweep->state = SWEEP_SCANNING;
	sweep->timer.due_ms = clock_mono_ms();
}

void
temp_sweep_want(struct temp_sweep *sweep)
{
	sweep->again = true;
	if (sweep->state == SWEEP_IDLE)
		sweep->timer.due_ms = clock_mono_ms() + BETWEEN_MS;
}

bool
temp_sweep_at_end(struct temp_sweep *sweep)
{
	int64_t now_ms = clock_mono_ms();

	if (sweep->end_ms == 0)
		sweep->end_ms = now_ms + END_MS;
	if (sweep->state == SWEEP_IDLE && !sweep->at_end) {
		sweep->at_end = true;
		temp_sweep_begin(sweep);
	}
	return sweep->state == SWEEP_IDLE || now_ms >= sweep->end_ms;
}

void
temp_sweep_init(struct temp_sweep *sweep, struct runner *runner)
{
	memset(sweep, 0, sizeof(*sweep));
	sweep->runner = runner;
	sweep->timer = (struct event_timer){ .due_ms = EVENT_NEVER_MS, .fn = slice, .arg = sweep };
	event_loop_add_timer(&runner->loop, &sweep->timer);
}

void
temp_sweep_free(struct temp_sweep *sweep)
{
	while (sweep->n_jobs > 0)
		drop_job(sweep);
	tree_remove_free(sweep->tree);
	if (sweep->dir != NULL)
		(void)closedir(sweep->dir);
	sweep->dir = NULL;
}
