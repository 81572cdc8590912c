/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "db/db_private.h"

static void
each_sqlstate_has_the_kind_its_caller_can_act_on(void **state)
{
	static const struct {
		const char *sqlstate;
		enum err_kind kind;
	} cases[] = {
		{ "JQ400", ERR_INVALID },   { "22P02", ERR_INVALID },   { "22001", ERR_INVALID },
		{ "23502", ERR_INVALID },   { "23514", ERR_INVALID },   { "JQ403", ERR_DENIED },
		{ "42501", ERR_DENIED },    { "JQ404", ERR_NOT_FOUND }, { "JQ409", ERR_CONFLICT },
		{ "23503", ERR_CONFLICT },  { "23505", ERR_CONFLICT },  { "23P01", ERR_CONFLICT },
		{ "JQ413", ERR_TOO_LARGE }, { "40001", ERR_BUSY },      { "40P01", ERR_BUSY },
		{ "55P03", ERR_BUSY },      { "57014", ERR_BUSY },      { "57P01", ERR_BUSY },
		{ "57P03", ERR_BUSY },      { "53300", ERR_BUSY },      { "08006", ERR_BUSY },
		{ "25006", ERR_BUSY },      { "26000", ERR_BUSY },      { "42P01", ERR_INTERNAL },
		{ "42601", ERR_INTERNAL },  { "XX000", ERR_INTERNAL },  { "JQ500", ERR_INTERNAL },
		{ "23000", ERR_INTERNAL },  { "0A000", ERR_INTERNAL },  { "57000", ERR_INTERNAL },
		{ "40000", ERR_INTERNAL },  { "", ERR_BUSY },           { NULL, ERR_BUSY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (db_sqlstate_kind(cases[i].sqlstate) != cases[i].kind)
			fail_msg("%s became %s", cases[i].sqlstate,
				 err_kind_name(db_sqlstate_kind(cases[i].sqlstate)));
	}
}

static void
only_serialization_failure_and_deadlock_repeat_a_transaction(void **state)
{
	(void)state;
	assert_true(db_sqlstate_retry_tx("40001"));
	assert_true(db_sqlstate_retry_tx("40P01"));
	assert_false(db_sqlstate_retry_tx("40002"));
	assert_false(db_sqlstate_retry_tx("55P03"));
	assert_false(db_sqlstate_retry_tx("57014"));
	assert_false(db_sqlstate_retry_tx(""));
	assert_false(db_sqlstate_retry_tx(NULL));
}

static void
a_connection_to_a_demoted_server_is_not_kept(void **state)
{
	(void)state;
	assert_true(db_sqlstate_wants_reconnect("25006"));
	assert_true(db_sqlstate_wants_reconnect("26000"));
	assert_false(db_sqlstate_wants_reconnect("23505"));
	assert_false(db_sqlstate_wants_reconnect(NULL));
}

static void
only_a_table_that_is_not_there_is_lacked(void **state)
{
	(void)state;
	assert_true(db_sqlstate_lacks_table("42P01"));
	assert_false(db_sqlstate_lacks_table("42703"));
	assert_false(db_sqlstate_lacks_table(""));
	assert_false(db_sqlstate_lacks_table(NULL));
}

static void
a_lost_answer_is_doubt_only_for_what_may_write(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(db_lost_err("statement \"x\"", true, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(db_lost_err("statement \"x\"", false, &err), -1);
	assert_int_equal(err.kind, ERR_UNCERTAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sqlstate_has_the_kind_its_caller_can_act_on),
		cmocka_unit_test(only_serialization_failure_and_deadlock_repeat_a_transaction),
		cmocka_unit_test(a_connection_to_a_demoted_server_is_not_kept),
		cmocka_unit_test(only_a_table_that_is_not_there_is_lacked),
		cmocka_unit_test(a_lost_answer_is_doubt_only_for_what_may_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
