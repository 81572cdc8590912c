/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps strangers from filling the audit trail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fcgi/audit_brake.h"

static struct audit_brake brake;

static int
fresh(void **state)
{
	(void)state;
	memset(&brake, 0, sizeof(brake));
	audit_brake_init(&brake);
	return 0;
}

static int
taken(int tries, int64_t *left_out)
{
	int n = 0;

	for (int i = 0; i < tries; i++)
		n += audit_brake_take(&brake, left_out);
	return n;
}

static void
a_burst_is_written_then_a_few_a_minute(void **state)
{
	int64_t left_out;
	(void)state;

	assert_int_equal(taken(10000, &left_out), AUDIT_BRAKE_BURST);
	clock_test_advance_ms(60000);
	assert_int_equal(taken(10000, &left_out), 60000 / AUDIT_BRAKE_REFILL_MS);
	clock_test_advance_ms(INT64_C(86400000));
	assert_int_equal(taken(10000, &left_out), AUDIT_BRAKE_BURST);
}

static void
the_next_one_tells_how_many_were_left_out(void **state)
{
	int64_t left_out;
	(void)state;

	(void)taken(AUDIT_BRAKE_BURST + 37, &left_out);
	clock_test_advance_ms(AUDIT_BRAKE_REFILL_MS);
	assert_true(audit_brake_take(&brake, &left_out));
	assert_int_equal(left_out, 37);
	clock_test_advance_ms(AUDIT_BRAKE_REFILL_MS);
	assert_true(audit_brake_take(&brake, &left_out));
	assert_int_equal(left_out, 0);
}

static void
the_same_reading_is_new_once_in_a_while(void **state)
{
	(void)state;

	assert_true(audit_brake_is_new(&brake, "bob file 1"));
	assert_false(audit_brake_is_new(&brake, "bob file 1"));
	assert_true(audit_brake_is_new(&brake, "bob file 2"));
	assert_true(audit_brake_is_new(&brake, "eve file 1"));
	clock_test_advance_ms(AUDIT_BRAKE_AGAIN_MS);
	assert_true(audit_brake_is_new(&brake, "bob file 1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_burst_is_written_then_a_few_a_minute, fresh),
		cmocka_unit_test_setup(the_next_one_tells_how_many_were_left_out, fresh),
		cmocka_unit_test_setup(the_same_reading_is_new_once_in_a_while, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
