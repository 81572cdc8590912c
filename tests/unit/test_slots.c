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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lowered_limit_frees_nothing_and_takes_nothing),
		cmocka_unit_test(an_unmapped_queue_keeps_count_of_its_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
