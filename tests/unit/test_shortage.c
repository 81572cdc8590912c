/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runner/shortage.h"

static void
what_another_machine_or_time_may_have_is_a_shortage(void **state)
{
	static const int shortages[] = { ENOSPC, EDQUOT, EROFS, ENOMEM,    EAGAIN,
					 EMFILE, ENFILE, EBUSY, ESHUTDOWN, ETIME };

	(void)state;
	for (size_t i = 0; i < sizeof(shortages) / sizeof(shortages[0]); i++)
		assert_true(shortage_is(shortages[i]));
}

static void
what_is_wrong_with_the_job_is_none(void **state)
{
	static const int faults[] = {
		0, ENOENT, EACCES, ENOEXEC, EIO, E2BIG, ENOTDIR, ELOOP, EINVAL
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		assert_false(shortage_is(faults[i]));
}

static void
a_place_of_the_node_s_that_it_lost_is_one(void **state)
{
	(void)state;
	assert_true(shortage_is_at_place(EACCES));
	assert_true(shortage_is_at_place(ENOENT));
	assert_true(shortage_is_at_place(ENOSPC));
	assert_true(shortage_is_at_place(EIO));
	assert_false(shortage_is_at_place(EISDIR));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_another_machine_or_time_may_have_is_a_shortage),
		cmocka_unit_test(what_is_wrong_with_the_job_is_none),
		cmocka_unit_test(a_place_of_the_node_s_that_it_lost_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
