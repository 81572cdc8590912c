/* SPDX-License-Identifier: Apache-2.0 */
/* A job's definition and queue are there as long as the job is, whoever comes first (sql/schema/0004_job_instance.sql). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/async_fixture.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define ENQUEUE "SELECT jqm.enqueue('Lone')"
#define ENQUEUE_MANY "SELECT jqm.enqueue_ordinary('[{\"name\": \"Plain\"}, {\"name\": \"Lone\"}]')"
#define MOVE                                                                             \
	"SELECT jqm.set_queue(id, (SELECT id FROM jqm.queue WHERE name = 'side')) FROM " \
	"jqm.job_instance"
#define MOVE_TOO                                                                      \
	"UPDATE jqm.job_instance SET queue_id = (SELECT id FROM jqm.queue WHERE name" \
	" = 'side')"
#define NO_DEFINITION "DELETE FROM jqm.job_def WHERE name = 'Lone'"
#define NO_QUEUE "DELETE FROM jqm.queue WHERE name = 'side'"
#define BY_HAND(job_def, queue)                                                               \
	"INSERT INTO jqm.job_instance (job_def_id, queue_id, state, position, highlander, "   \
	"snapshot_id)"                                                                        \
	" SELECT " job_def ", " queue ", 'SUBMITTED', 1, false, snapshot_id FROM jqm.job_def" \
	" WHERE name = 'Plain'"
#define UNWANTED                                                                                   \
	"SELECT count(*) FROM jqm.job_instance AS j WHERE NOT EXISTS (SELECT FROM jqm.job_def AS " \
	"d"                                                                                        \
	" WHERE d.id = j.job_def_id) OR NOT EXISTS (SELECT FROM jqm.queue AS q WHERE q.id = "      \
	"j.queue_id)"

static struct db *one;

/* A definition Lone, a queue side, and a job of another definition in another queue. */
static int
set_up(void **state)
{
	test_db_sql(
	    "DELETE FROM jqm.job_instance; " NO_DEFINITION "; " NO_QUEUE ";"
	    "INSERT INTO jqm.queue (name) VALUES ('side');"
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type)"
	    " SELECT 'Lone', id, 'true', 'DEFAULTSHELLCOMMAND' FROM jqm.queue WHERE default_queue;"
	    "SELECT jqm.enqueue('Plain')");
	one = db_new(test_db_conninfo(), "test_references_one");
	return async_set_up(state);
}

static int
tear_down(void **state)
{
	db_free(one);
	return async_tear_down(state);
}

/* No job has lost what it needs either. */
static enum err_kind
told(const char *first, const char *second, const char *end)
{
	enum err_kind kind = async_second_waits(one, first, second, end);

	assert_value(UNWANTED, "0");
	return kind;
}

static void
of_a_job_and_the_end_of_what_it_needs_the_first_is_done(void **state)
{
	static const struct {
		const char *job, *end;
	} cases[] = {
		{ ENQUEUE, NO_DEFINITION },
		{ ENQUEUE_MANY, NO_DEFINITION },
		{ MOVE, NO_QUEUE },
		{ MOVE_TOO, NO_QUEUE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(told(cases[i].job, cases[i].end, "COMMIT"), ERR_CONFLICT);
		tear_down(state);
		set_up(state);
		assert_int_equal(told(cases[i].end, cases[i].job, "COMMIT"), ERR_CONFLICT);
		tear_down(state);
		set_up(state);
		assert_int_equal(told(cases[i].job, cases[i].end, "ROLLBACK"), ERR_NONE);
		tear_down(state);
		set_up(state);
		assert_int_equal(told(cases[i].end, cases[i].job, "ROLLBACK"), ERR_NONE);
		tear_down(state);
		set_up(state);
	}
}

static void
no_job_is_made_by_hand_of_what_is_not_there(void **state)
{
	(void)state;
	assert_sql_fails(one, BY_HAND("-1", "queue_id"), ERR_CONFLICT);
	assert_sql_fails(one, BY_HAND("id", "-1"), ERR_CONFLICT);
	assert_sql_fails(one, "UPDATE jqm.job_instance SET job_def_id = -1", ERR_CONFLICT);
	assert_value(UNWANTED, "0");
	assert_sql(one, BY_HAND("id", "queue_id"));
	assert_value("SELECT count(*) FROM jqm.job_instance", "2");
}

/* Such a transaction would not see a job that was enqueued since it began. */
static void
a_transaction_with_one_snapshot_deletes_nothing_that_jobs_may_need(void **state)
{
	(void)state;
	assert_sql(one, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM jqm.job_instance");
	test_db_sql(ENQUEUE "; " MOVE);
	assert_sql_fails(one, NO_DEFINITION, ERR_INTERNAL);
	assert_sql(one, "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ");
	assert_sql_fails(one, NO_QUEUE, ERR_CONFLICT); /* it sees those that are there */
	assert_sql(one, "ROLLBACK");
	assert_value(UNWANTED, "0");
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(of_a_job_and_the_end_of_what_it_needs_the_first_is_done),
		TEST(no_job_is_made_by_hand_of_what_is_not_there),
		TEST(a_transaction_with_one_snapshot_deletes_nothing_that_jobs_may_need),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
