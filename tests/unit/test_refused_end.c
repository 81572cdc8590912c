/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an end the database says no to (runner/job_run_finish.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "runner/job_run.h"
#include "runner/job_run_finish.h"
#include "runner/runner.h"

#define QUEUE 7
#define MORE_THAN_AN_HOUR_MS (3601 * 1000)

/* A runner of one place, given free by a run whose end is told alone. */
static struct runner *
a_runner(struct job_run *run)
{
	struct runner *runner = calloc(1, sizeof(*runner));

	assert_non_null(runner);
	runner->poller.runner = runner;
	(void)slots_map(&runner->slots, QUEUE, 1, 60000);
	*run = (struct job_run){ .care = FINISH_ALONE };
	job_end_init(&run->end, 1, 1);
	run->order.id = run->order.attempt = 1;
	run->order.queue_id = QUEUE;
	run->order.consumption = 1;
	run_table_add(&runner->runs, run);
	return runner;
}

static void
end(struct runner *runner, struct job_run *run)
{
	run_table_remove(&runner->runs, run);
	job_end_free(&run->end);
	slots_clear(&runner->slots);
	free(runner);
}

/* It was sent, and this is the answer. */
static void
answer(struct runner *runner, struct job_run *run, enum err_kind kind)
{
	const struct job_key key = { 1, 1 };
	const struct err err = { .kind = kind, .text = "no" };

	run->phase = JOB_RUN_FINISHING;
	job_run_finished(runner, &key, 1, NULL, &err);
	assert_int_equal(run->phase, JOB_RUN_COLLECTED);
}

static void
only_an_hour_of_faults_without_a_break_gives_up_its_files(void **state)
{
	static const enum err_kind breaks[] = { ERR_DENIED, ERR_UNCERTAIN };
	struct job_run run;
	struct runner *runner = a_runner(&run);

	(void)state;
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		answer(runner, &run, breaks[i]);
		assert_true(run.refused_since_ms == 0);
		answer(runner, &run, ERR_INTERNAL);
		run.refused_since_ms -= MORE_THAN_AN_HOUR_MS;
		answer(runner, &run, breaks[i]);
		answer(runner, &run, ERR_INTERNAL);
		assert_int_equal(run.care, FINISH_ALONE);
	}
	run.refused_since_ms -= MORE_THAN_AN_HOUR_MS;
	answer(runner, &run, ERR_INTERNAL);
	assert_int_equal(run.care, FINISH_STRIPPED);
	end(runner, &run);
}

static void
what_is_wrong_with_itself_gives_them_up_at_once(void **state)
{
	struct job_run run;
	struct runner *runner = a_runner(&run);

	(void)state;
	answer(runner, &run, ERR_INVALID);
	assert_int_equal(run.care, FINISH_STRIPPED);
	end(runner, &run);
}

/* Once, however often it is refused, also where there are more such ends than places. */
static void
it_takes_its_place_again(void **state)
{
	struct job_run run;
	struct runner *runner = a_runner(&run);
	struct queue_slots *queue = slots_find(&runner->slots, QUEUE);

	(void)state;
	slots_take(&runner->slots, QUEUE, 1); /* of a job that was claimed meanwhile */
	answer(runner, &run, ERR_DENIED);
	answer(runner, &run, ERR_INTERNAL);
	assert_true(run.has_slot);
	assert_int_equal(queue->used, 2);
	assert_int_equal(slots_free(queue), 0);
	job_run_release_slot(runner, &run);
	assert_int_equal(queue->used, 1);
	end(runner, &run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_an_hour_of_faults_without_a_break_gives_up_its_files),
		cmocka_unit_test(what_is_wrong_with_itself_gives_them_up_at_once),
		cmocka_unit_test(it_takes_its_place_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
