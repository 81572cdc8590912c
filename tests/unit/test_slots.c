/* SPDX-License-Identifier: Apache-2.0 */
/* Free slots under limits that change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runner/slots.h"

static void
a_lowered_limit_frees_nothing_and_takes_nothing(void **state)
{
	struct slots slots = { 0 };
	struct queue_slots *queue;

	(void)state;
	queue = slots_map(&slots, 1, 3, 1000);
	assert_int_equal(slots_free(queue), 3);
	slots_take(&slots, 1, 1);
	slots_take(&slots, 1, 1);
	assert_int_equal(slots_free(queue), 1);
	queue->asked = 1;
	assert_int_equal(slots_free(queue), 0);
	queue->asked = 0;
	slots_unmap_all(&slots);
	(void)slots_map(&slots, 1, 1, 1000);
	assert_int_equal(slots_free(queue), 0);
	slots_release(&slots, 1, 1);
	assert_int_equal(slots_free(queue), 0);
	slots_release(&slots, 1, 1);
	assert_int_equal(slots_free(queue), 1);
	slots_clear(&slots);
}

static void
an_unmapped_queue_keeps_count_of_its_jobs(void **state)
{
	struct slots slots = { 0 };

	(void)state;
	for (int64_t id = 1; id <= 50; id++)
		slots_take(&slots, id, 1);
	assert_int_equal(slots_find(&slots, 50)->used, 1);
	assert_int_equal(slots_free(slots_find(&slots, 50)), 0);
	assert_null(slots_find(&slots, 51));
	slots_release(&slots, 50, 1);
	assert_int_equal(slots_find(&slots, 50)->used, 0);
	slots_clear(&slots);
}

static struct queue_slots *
queue_with_runs_of(struct slots *slots, int max, int64_t us)
{
	struct queue_slots *queue = slots_map(slots, 1, max, 1000);

	for (int i = 0; i < max; i++)
		slots_note_end(slots, 1, us, us);
	return queue;
}

static void
more_are_claimed_ahead_the_briefer_jobs_are(void **state)
{
	struct slots slots = { 0 };
	struct queue_slots *queue;

	(void)state;
	queue = queue_with_runs_of(&slots, 4, 19999);
	assert_int_equal(slots_free(queue), 4 + 16);
	for (int i = 0; i < 100; i++)
		slots_note_end(&slots, 1, 4000, 4000);
	assert_in_range(slots_free(queue), 4 + 72, 4 + 80);
	for (int i = 0; i < 100; i++)
		slots_note_end(&slots, 1, 0, 0);
	assert_int_equal(slots_free(queue), 4 + 100);
	slots_note_end(&slots, 1, 20000, 20000);
	assert_int_equal(slots_free(queue), 4);
	slots_clear(&slots);
}

/* What takes long there is not the jobs: they are claimed ahead all the same, but not many. */
static void
on_a_slow_machine_as_many_again_are_claimed_ahead(void **state)
{
	struct slots slots = { 0 };
	struct queue_slots *queue = slots_map(&slots, 1, 4, 1000);

	(void)state;
	for (int i = 0; i < 4; i++)
		slots_note_end(&slots, 1, 2000, 90000);
	assert_int_equal(slots_free(queue), 4 + 4);
	slots_clear(&slots);
}

static void
one_place_has_nothing_ahead(void **state)
{
	struct slots slots = { 0 };

	(void)state;
	assert_int_equal(slots_free(queue_with_runs_of(&slots, 1, 1)), 1);
	slots_clear(&slots);
}

static void
a_queue_has_stock_while_more_than_half_of_what_is_ahead_is_in_hand(void **state)
{
	struct slots slots = { 0 };
	struct queue_slots *queue = queue_with_runs_of(&slots, 4, 16000); /* 20 ahead */

	(void)state;
	queue->in_hand = 10;
	assert_false(slots_has_stock(queue));
	queue->in_hand = 11;
	assert_true(slots_has_stock(queue));
	slots_note_end(&slots, 1, 20000, 20000);
	queue->in_hand = 0;
	assert_false(slots_has_stock(queue));
	slots_clear(&slots);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lowered_limit_frees_nothing_and_takes_nothing),
		cmocka_unit_test(an_unmapped_queue_keeps_count_of_its_jobs),
		cmocka_unit_test(more_are_claimed_ahead_the_briefer_jobs_are),
		cmocka_unit_test(on_a_slow_machine_as_many_again_are_claimed_ahead),
		cmocka_unit_test(one_place_has_nothing_ahead),
		cmocka_unit_test(
		    a_queue_has_stock_while_more_than_half_of_what_is_ahead_is_in_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
