/* SPDX-License-Identifier: Apache-2.0 */
/* Every DB_STMT() of the shared library against the real schema: linked as a whole (Makefile). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/test_db.h"

static const struct db_stmt *const *stmts;
static size_t stmt_count;

static int
set_up(void **state)
{
	*state = db_new(test_db_create("statements"), "test_statements");
	stmts = db_stmt_list(&stmt_count);
	return 0;
}

static int
tear_down(void **state)
{
	db_free(*state);
	return 0;
}

static void
the_list_knows_the_statements_of_the_library(void **state)
{
	bool found = false;

	(void)state;
	for (size_t i = 0; i < stmt_count; i++)
		found = found || strcmp(stmts[i]->name, "migrate_versions") == 0;
	assert_true(found);
}

static void
every_statement_has_a_name_of_its_own(void **state)
{
	size_t failures = 0;

	(void)state;
	for (size_t i = 0; i < stmt_count; i++) {
		failures += stmts[i]->name[0] == '\0';
		for (size_t j = 0; j < i; j++) {
			if (strcmp(stmts[i]->name, stmts[j]->name) != 0)
				continue;
			print_error("two statements are named \"%s\"\n", stmts[i]->name);
			failures++;
		}
	}
	assert_int_equal(failures, 0);
}

static const struct db_stmt parameters_of = {
	.name = "",
	.text = "select cardinality(parameter_types) from pg_prepared_statements where name = $1",
	.n_params = 1,
	.read_only = true,
};

/* The number of parameters the server sees in a prepared statement. */
static int
parameter_count(struct db *db, const struct db_stmt *stmt)
{
	const char *params[1] = { stmt->name };
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;
	int count;

	if (db_exec(db, &parameters_of, params, &rows, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(db_rows(rows), 1);
	count = (int)db_int64(rows, 0, 0);
	db_result_free(rows);
	return count;
}

static void
every_statement_fits_the_schema_and_its_parameter_count(void **state)
{
	size_t failures = 0;

	for (size_t i = 0; i < stmt_count; i++) {
		struct err err = ERR_INIT;
		int count;

		if (db_prepare(*state, stmts[i], &err) == -1) {
			print_error("%s: %s\n", stmts[i]->name, err.text);
			failures++;
			continue;
		}
		count = parameter_count(*state, stmts[i]);
		if (count != stmts[i]->n_params) {
			print_error("%s: has %d parameters, binds %d\n", stmts[i]->name, count,
				    stmts[i]->n_params);
			failures++;
		}
	}
	print_message("%zu statements prepared\n", stmt_count);
	assert_int_equal(failures, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_knows_the_statements_of_the_library),
		cmocka_unit_test(every_statement_has_a_name_of_its_own),
		cmocka_unit_test(every_statement_fits_the_schema_and_its_parameter_count),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
