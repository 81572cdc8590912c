/* SPDX-License-Identifier: Apache-2.0 */
/* cli/doctor: checks of the database that a stack cannot be brought to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/doctor/doctor.h"
#include "db/db.h"
#include "tests/lib/test_db.h"

/* What a group of checks finds with this database. */
static struct findings
run(void (*check)(struct doctor *), const char *role)
{
	struct doctor doctor = { .check = "test",
				 .db_role = role,
				 .account_name = (char[]){ "jqm" } };
	struct findings findings;

	doctor.db = db_new(test_db_conninfo_as(role), "test_doctor");
	check(&doctor);
	db_free(doctor.db);
	findings = doctor.findings;
	return findings;
}

static const struct finding *
about(const struct findings *findings, enum finding_kind kind, const char *why)
{
	for (size_t i = 0; i < findings->len; i++)
		if (findings->items[i].kind == kind && strstr(findings->items[i].why, why) != NULL)
			return &findings->items[i];
	findings_print(findings, stderr);
	return NULL;
}

static void
a_clock_that_is_off_is_told(void **state)
{
	struct findings findings = run(doctor_check_clock, "postgres");

	(void)state;
	assert_non_null(about(&findings, FINDING_OK, "that of the database"));
	findings_free(&findings);
	clock_test_advance_ms(60000);
	findings = run(doctor_check_clock, "postgres");
	assert_non_null(about(&findings, FINDING_WRONG, "s ahead of that of the database"));
	findings_free(&findings);
	clock_test_advance_ms(-60000 - 2000);
	findings = run(doctor_check_clock, "postgres");
	assert_non_null(about(&findings, FINDING_NOTE, "s behind that of the database"));
	findings_free(&findings);
	clock_test_advance_ms(2000);
}

/* With --config the database is looked at as jqm_api where jqm_owner may not come. */
static void
what_a_role_may_not_read_is_a_note(void **state)
{
	struct findings findings;

	(void)state;
	findings = run(doctor_check_switches, "jqm_api");
	assert_non_null(about(&findings, FINDING_OK, "authentication is on"));
	findings_free(&findings);
	findings = run(doctor_check_nodes, "jqm_api");
	assert_non_null(about(&findings, FINDING_OK, "all that should live do"));
	findings_free(&findings);
	findings = run(doctor_check_tables, "jqm_api");
	assert_int_equal(findings.count[FINDING_WRONG], 0);
	findings_free(&findings);
	findings = run(doctor_check_rights, "jqm_api");
	assert_non_null(about(&findings, FINDING_OK, "none has more than its part"));
	findings_free(&findings);
	findings = run(doctor_check_certificates, "jqm_api");
	assert_int_equal(findings.count[FINDING_WRONG], 0);
	findings_free(&findings);
	findings = run(doctor_check_switches, "jqm_runner");
	assert_non_null(about(&findings, FINDING_NOTE, "cannot be read by role jqm_runner"));
	assert_int_equal(findings.count[FINDING_WRONG], 0);
	findings_free(&findings);
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
