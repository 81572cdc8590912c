/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/a_sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/test_db.h"

struct db *a_sender, *another_sender;

int
a_sender_set_up(void **state)
{
	int rc = a_job_set_up(state);

	a_sender = db_new(test_db_conninfo_as("jqm_notifier"), "one");
	another_sender = db_new(test_db_conninfo_as("jqm_notifier"), "two");
	return rc;
}

int
a_sender_tear_down(void **state)
{
	db_free(a_sender);
	db_free(another_sender);
	return a_job_tear_down(state);
}

void
assert_said(struct db *sender, const char *sql, const char *expected)
{
	const struct db_stmt stmt = { .name = "", .text = sql };
	struct db_result *rows = NULL;
	struct err err = ERR_INIT;

	if (db_exec(sender, &stmt, NULL, &rows, &err) == -1)
		fail_msg("%s: %s", sql, err.text);
	assert_string_equal(db_text(rows, 0, 0), expected);
	db_result_free(rows);
}
