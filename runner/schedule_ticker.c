/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/schedule_ticker.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "model/schedule.h"
#include "runner/runner.h"
#include "store/schedule_store.h"

#define WORK_MS 10 /* of computing in one go */

static void
fired(void *arg, const struct db_result *rows, const struct err *err)
{
	struct schedule_ticker *ticker = arg;
	int64_t jobs;

	ticker->under_way--;
	if (rows == NULL) {
		log_warn("schedule_not_fired", "reason=\"%s\"", err->text);
	} else if (schedule_fire_read(rows, &jobs)) {
		ticker->heard = true;
		if (jobs > 0)
			log_info("schedule_fired", "jobs=%lld", (long long)jobs);
	}
	/* Not again at once when nothing came of it: somebody has their rows. */
	if (ticker->under_way == 0 && ticker->more && ticker->heard)
		node_session_keep_house(&ticker->runner->session);
}

static void
tell(struct schedule_ticker *ticker, const struct schedule_due *due)
{
	struct schedule_step step;

	schedule_compute(due, &step);
	if (step.problem[0] != '\0')
		log_warn("schedule_unusable", "schedule=%lld reason=\"%s\"", (long long)due->id,
			 step.problem);
	else if (step.next_us <= due->now_us)
		ticker->more = true;
	ticker->under_way++;
	schedule_fire_send(ticker->runner->db, due, &step, fired, ticker);
}

void
schedule_ticker_due(struct schedule_ticker *ticker, const struct db_result *rows)
{
	int64_t until_ms = clock_mono_ms() + WORK_MS;
	struct schedule_due due;
	int row = 0;

	if (ticker->under_way > 0)
		return; /* the database is slow: it will say once more what is due */
	ticker->more = db_rows(rows) >= SCHEDULE_DUE_MAX;
	ticker->heard = false;
	for (; row < db_rows(rows) && clock_mono_ms() < until_ms; row++)
		if (schedule_due_read(rows, row, &due))
			tell(ticker, &due);
	if (row < db_rows(rows))
		ticker->more = true;
}

void
schedule_ticker_init(struct schedule_ticker *ticker, struct runner *runner)
{
	*ticker = (struct schedule_ticker){ .runner = runner };
}
