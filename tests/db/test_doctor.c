/* SPDX-License-Identifier: Apache-2.0 */
/* cli/doctor: checks of the database that a stack cannot be brought to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/doctor/doctor.h"
#include "db/db.h"
#include "tests/lib/test_db.h"

/* A group of checks, asked as role, says this and (unless it is that) nothing wrong. */
static void
assert_finds(void (*check)(struct doctor *), const char *role, enum finding_kind kind,
	     const char *why)
{
	struct doctor doctor = { .check = "test",
				 .db_role = role,
				 .account_name = (char[]){ "jqm" } };
	bool said = false;

	doctor.db = db_new(test_db_conninfo_as(role), "test_doctor");
	check(&doctor);
	db_free(doctor.db);
	for (size_t i = 0; i < doctor.findings.len; i++)
		said = said || (doctor.findings.items[i].kind == kind &&
				strstr(doctor.findings.items[i].why, why) != NULL);
	if (!said || doctor.findings.count[FINDING_WRONG] != (kind == FINDING_WRONG)) {
		findings_print(&doctor.findings, stderr);
		fail_msg("as %s not found: %s", role, why);
	}
	findings_free(&doctor.findings);
}

static void
a_clock_that_is_off_is_told(void **state)
{
	(void)state;
	assert_finds(doctor_check_clock, "postgres", FINDING_OK, "that of the database");
	clock_test_advance_ms(60000);
	assert_finds(doctor_check_clock, "postgres", FINDING_WRONG,
		     "s ahead of that of the database");
	clock_test_advance_ms(-60000 - 2000);
	assert_finds(doctor_check_clock, "postgres", FINDING_NOTE, "s behind that of the database");
	clock_test_advance_ms(2000);
}

/* With --config the database is looked at as jqm_api where jqm_owner may not come. */
static void
what_a_role_may_not_read_is_a_note(void **state)
{
	(void)state;
	assert_finds(doctor_check_switches, "jqm_api", FINDING_OK, "authentication is on");
	assert_finds(doctor_check_nodes, "jqm_api", FINDING_OK, "all that should live do");
	assert_finds(doctor_check_tables, "jqm_api", FINDING_OK, "are cleared away in time");
	assert_finds(doctor_check_rights, "jqm_api", FINDING_OK, "none has more than its part");
	assert_finds(doctor_check_certificates, "jqm_api", FINDING_NOTE,
		     "cannot be read by role jqm_api");
	assert_finds(doctor_check_switches, "jqm_runner", FINDING_NOTE,
		     "cannot be read by role jqm_runner");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_is_off_is_told),
		cmocka_unit_test(what_a_role_may_not_read_is_a_note),
	};

	(void)test_db_create("doctor");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
