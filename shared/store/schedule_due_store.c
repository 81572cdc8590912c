/* SPDX-License-Identifier: Apache-2.0 */
/* store/schedule_due_store.c: schedules whose time has come, for runners. */
#include <stdlib.h>

#include "model/schedule.h"
#include "store/int_param.h"
#include "store/opt_value.h"
#include "store/schedule_store.h"

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
	COL_SINCE,
	COL_NOW,
	COL_MAPPINGS,
	COL_WAITING
};

DB_STMT(schedule_fire) = {
	.name = "schedule_fire",
	.text =
	    "select jqm.schedule_fire($1, $2, jqm.moment($3), jqm.moments($4), jqm.moment($5), $6)",
	.n_params = 6,
};

int64_t
schedule_late_jobs(const struct db_result *rows)
{
	return db_rows(rows) > 0 ? db_int64(rows, 0, COL_LATE) : 0;
}

int64_t
housekeeping_mappings(const struct db_result *rows)
{
	return db_rows(rows) > 0 ? db_int64(rows, 0, COL_MAPPINGS) : 0;
}

size_t
housekeeping_waiting(const struct db_result *rows, int64_t *out, size_t max)
{
	const char *at = db_rows(rows) > 0 ? db_text(rows, 0, COL_WAITING) : NULL;
	size_t n = 0;

	while (at != NULL && *at != '\0' && n < max) {
		char *end;

		out[n++] = strtoll(at, &end, 10);
		at = *end == ' ' ? end + 1 : end;
	}
	return n;
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
		.next_fire_us = opt_int64_of(rows, row, COL_NEXT_FIRE),
		.since_us = db_int64(rows, row, COL_SINCE),
		.now_us = db_int64(rows, row, COL_NOW),
	};
	return true;
}

void
schedule_fire_send(struct db_async *db, const struct schedule_due *due,
		   const struct schedule_step *step, db_done_fn *done, void *arg)
{
	char id[INT_PARAM_SIZE], version[INT_PARAM_SIZE];
	char expected[INT_PARAM_SIZE], next[INT_PARAM_SIZE];
	char *slots = int_array_param(step->slots_us, step->n_slots);
	bool has_problem = step->problem[0] != '\0';
	const char *const params[] = { int_param(id, due->id),
				       int_param(version, due->version),
				       due->next_fire_us.set
					   ? int_param(expected, due->next_fire_us.value)
					   : NULL,
				       slots,
				       has_problem ? NULL : int_param(next, step->next_us),
				       has_problem ? step->problem : NULL };

	db_async_send(db, &schedule_fire, params, done, arg);
	free(slots);
}

bool
schedule_fire_read(const struct db_result *rows, int64_t *jobs_out)
{
	*jobs_out = db_int64(rows, 0, 0);
	return !db_is_null(rows, 0, 0);
}
