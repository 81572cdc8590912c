/* SPDX-License-Identifier: Apache-2.0 */
/* store/schedule_due_store.c: schedules whose time has come, for runners. */
#include "base/buf.h"
#include "base/clock.h"
#include "model/schedule.h"
#include "store/int_param.h"
#include "store/schedule_store.h"

#include <stdlib.h>

/* Columns of housekeeping_send(). */
enum {
	COL_LATE,
	COL_ID,
	COL_VERSION,
	COL_CRON,
	COL_ZONE,
	COL_DAY_RULE,
	COL_MISFIRE_WINDOW,
	COL_NEXT_FIRE,
	COL_NOW
};

DB_STMT(schedule_fire) = {
	.name = "schedule_fire",
	.text = "select jqm.schedule_fire($1, $2, $3::timestamptz, $4::timestamptz[],"
		" $5::timestamptz, $6)",
	.n_params = 6,
};

int64_t
schedule_late_jobs(const struct db_result *rows)
{
	return db_rows(rows) > 0 ? db_int64(rows, 0, COL_LATE) : 0;
}

bool
schedule_due_read(const struct db_result *rows, int row, struct schedule_due *out)
{
	if (db_is_null(rows, row, COL_ID))
		return false;
	*out = (struct schedule_due){
		.id = db_int64(rows, row, COL_ID),
		.version = db_int64(rows, row, COL_VERSION),
		.cron_expression = db_text(rows, row, COL_CRON),
		.time_zone = db_text(rows, row, COL_ZONE),
		.day_rule = db_text(rows, row, COL_DAY_RULE),
		.misfire_window_s = db_int64(rows, row, COL_MISFIRE_WINDOW),
		.next_fire_us = { !db_is_null(rows, row, COL_NEXT_FIRE),
				  db_int64(rows, row, COL_NEXT_FIRE) },
		.now_us = db_int64(rows, row, COL_NOW),
	};
	return true;
}

/* {"2026-01-01T00:00:00.000000Z",...} in fresh memory. */
static char *
slots_text(const struct schedule_step *step)
{
	struct buf buf = BUF_INIT(SIZE_MAX);
	char text[CLOCK_TEXT_SIZE];

	buf_putc(&buf, '{');
	for (size_t i = 0; i < step->n_slots; i++) {
		clock_rfc3339(text, step->slots_us[i]);
		buf_printf(&buf, "%s%s", i == 0 ? "" : ",", text);
	}
	buf_putc(&buf, '}');
	if (buf.failed)
		abort();
	return buf_take(&buf);
}

void
schedule_fire_send(struct db_async *db, const struct schedule_due *due,
		   const struct schedule_step *step, db_done_fn *done, void *arg)
{
	char id[INT_PARAM_SIZE], version[INT_PARAM_SIZE];
	char expected[CLOCK_TEXT_SIZE], next[CLOCK_TEXT_SIZE];
	char *slots = slots_text(step);
	bool has_problem = step->problem[0] != '\0';
	const char *next_param = next;

	if (has_problem)
		next_param = NULL;
	else if (step->next_us == CRON_NEVER)
		next_param = "infinity";
	else
		clock_rfc3339(next, step->next_us);
	if (due->next_fire_us.set)
		clock_rfc3339(expected, due->next_fire_us.value);
	{
		const char *const params[] = { int_param(id, due->id),
					       int_param(version, due->version),
					       due->next_fire_us.set ? expected : NULL,
					       slots,
					       next_param,
					       has_problem ? step->problem : NULL };

		db_async_send(db, &schedule_fire, params, done, arg);
	}
	free(slots);
}
