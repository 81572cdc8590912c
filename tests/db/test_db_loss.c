/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are lost on the way: what may have been done, and what surely was not. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "db/db_private.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static int
set_up_all(void **state)
{
	(void)state;
	test_db_create("db_loss");
	return 0;
}

/* A thread that cuts our connection while the server is at work on its statement. */
struct cutter {
	pthread_t thread;
	int64_t pid;
	int fd;
};

static void *
cut_when_asleep(void *arg)
{
	struct cutter *cutter = arg;

	test_db_sql("do $$ begin for i in 1..6000 loop perform pg_stat_clear_snapshot(); "
		    "exit when exists (select from pg_stat_activity where pid = %lld and "
		    "wait_event = 'PgSleep'); perform pg_sleep(0.01); end loop; end $$",
		    (long long)cutter->pid);
	(void)shutdown(cutter->fd, SHUT_RDWR);
	return NULL;
}

static void
cutter_start(struct cutter *cutter, struct db *db)
{
	cutter->pid = db_pid_of(db);
	cutter->fd = db_socket(db);
	assert_int_equal(pthread_create(&cutter->thread, NULL, cut_when_asleep, cutter), 0);
}

static void
assert_row_1_is_there(struct db *db)
{
	/* waits for the lock of a write that still runs */
	assert_sql_fails(db, "insert into t values (1, 'again')", ERR_CONFLICT);
}

static void
a_write_whose_answer_is_lost_is_uncertain_and_may_be_there(void **state)
{
	struct cutter cutter;

	cutter_start(&cutter, *state);
	assert_sql_fails(*state, "insert into t select 1, 'one' from pg_sleep(2)", ERR_UNCERTAIN);
	assert_int_equal(pthread_join(cutter.thread, NULL), 0);
	/* the server did not notice: it waits with its answer until the work is done */
	test_db_sql("do $$ begin for i in 1..6000 loop perform pg_stat_clear_snapshot(); exit when "
		    "not exists (select from pg_stat_activity where pid = %lld); perform "
		    "pg_sleep(0.01); end loop; end $$",
		    (long long)cutter.pid);
	assert_row_1_is_there(*state);
}

DB_STMT(slow_read) = {
	.name = "test_slow_read",
	.text = "select pg_sleep(2)",
	.read_only = true,
};

static void
a_read_whose_answer_is_lost_is_busy(void **state)
{
	struct cutter cutter;
	struct err err = ERR_INIT;

	cutter_start(&cutter, *state);
	assert_int_equal(db_exec(*state, &slow_read, NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(pthread_join(cutter.thread, NULL), 0);
	assert_true(db_pid_of(*state) != cutter.pid);
}

static int
insert_one(struct db *db, void *arg, struct err *err)
{
	cutter_start(arg, db);
	return db_exec_sql(db, "insert into t values (1, 'one')", err);
}

static int
insert_slowly(struct db *db, void *arg, struct err *err)
{
	cutter_start(arg, db);
	return db_exec_sql(db, "insert into t select 1, 'one' from pg_sleep(2)", err);
}

static void
a_commit_whose_answer_is_lost_is_uncertain(void **state)
{
	struct cutter cutter;
	struct err err = ERR_INIT;

	assert_sql(*state, "create function slow() returns trigger language plpgsql as $$ begin "
			   "perform pg_sleep(2); return null; end $$; create constraint trigger "
			   "slow after insert on t deferrable initially deferred for each row "
			   "execute function slow()");
	assert_int_equal(db_tx(*state, insert_one, &cutter, &err), -1);
	assert_int_equal(err.kind, ERR_UNCERTAIN);
	assert_int_equal(pthread_join(cutter.thread, NULL), 0);
	assert_row_1_is_there(*state);
}

static void
an_answer_lost_before_the_commit_is_busy_as_nothing_happened(void **state)
{
	struct cutter cutter;
	struct err err = ERR_INIT;

	assert_int_equal(db_tx(*state, insert_slowly, &cutter, &err), -1);
	assert_int_equal(err.kind, ERR_BUSY);
	assert_int_equal(pthread_join(cutter.thread, NULL), 0);
	assert_sql(*state, "insert into t values (1, 'again')");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_db(a_write_whose_answer_is_lost_is_uncertain_and_may_be_there),
		with_db(a_read_whose_answer_is_lost_is_busy),
		with_db(a_commit_whose_answer_is_lost_is_uncertain),
		with_db(an_answer_lost_before_the_commit_is_busy_as_nothing_happened),
	};

	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
