/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema, mail: who gets a mail, and a mail's way out. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/a_sender.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static int
nothing_there(void **state)
{
	(void)state;
	test_db_sql(
	    "DELETE FROM jqm.job_instance; DELETE FROM jqm.mail; DELETE FROM jqm.mail_sender");
	return 0;
}

#define MAILS                                                                                     \
	"SELECT coalesce(string_agg(occasion || ' ' || recipient, ',' ORDER BY recipient), '-') " \
	"FROM jqm.mail"
#define CLAIM                                                                                    \
	"SELECT coalesce(string_agg(recipient || ' ' || try, ','), '-') FROM jqm.mail_claim(1, " \
	"60000)"

/* A running job that tells who. */
static int64_t
a_running_job(const char *who)
{
	char *id_text = test_db_value("SELECT jqm.enqueue('Plain', email => '%s')", who);
	int64_t id = strtoll(id_text, NULL, 10);

	free(id_text);
	test_db_sql(A_CLAIM);
	a_job_starts(id);
	return id;
}

static void
each_end_leaves_one_mail_for_each_address(void **state)
{
	static const char *const ends[] = { "ENDED", "CRASHED", "KILLED" };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		a_job_ends(a_running_job(" b@x.org ,a@x.org,, b@x.org"), ends[i]);
		assert_value(MAILS, "END a@x.org,END b@x.org");
		(void)nothing_there(NULL);
	}
	test_db_sql("SELECT jqm.cancel(jqm.enqueue('Plain', email => 'c@x.org'))");
	assert_value(MAILS, "END c@x.org");
}

static void
a_job_without_an_address_leaves_none(void **state)
{
	(void)state;
	a_job_ends(a_running_job(""), "ENDED");
	a_job_ends(a_job_in("RUNNING"), "CRASHED");
	test_db_sql("SELECT jqm.cancel(jqm.enqueue('Plain'))");
	assert_value(MAILS, "-");
}

static void
an_attempt_that_is_followed_by_another_leaves_none(void **state)
{
	int64_t id;

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 2, retry_delay_s = 1");
	id = a_running_job("a@x.org");
	a_job_ends(id, "CRASHED");
	assert_value(MAILS, "-");
	test_db_sql("UPDATE jqm.job_instance SET state = 'SUBMITTED', run_after = NULL");
	test_db_sql(A_CLAIM);
	test_db_sql("SELECT jqm.finish(1, 1, '[{\"id\": %lld, \"attempt\": 2,"
		    " \"state\": \"CRASHED\", \"exit_code\": 3}]')",
		    (long long)id);
	assert_value(MAILS, "END a@x.org");
	assert_value("SELECT attempt || ' ' || failures || ' ' || exit_code FROM jqm.mail_text",
		     "2 1 3");
	test_db_sql("UPDATE jqm.job_def SET attempts_max = 1");
}

static void
a_job_that_runs_long_is_told_of_while_it_runs(void **state)
{
	(void)state;
	test_db_sql("UPDATE jqm.job_def SET alert_after_min = 30");
	(void)a_running_job("a@x.org,b@x.org");
	test_db_sql("UPDATE jqm.job_instance SET started_at = now() - interval '31 min'");
	test_db_sql("SELECT jqm.warn_late(); SELECT jqm.warn_late()");
	assert_value(MAILS, "LATE a@x.org,LATE b@x.org");
	assert_value("SELECT DISTINCT state || ' ' || alert_after_min FROM jqm.mail_text",
		     "RUNNING 30");
	test_db_sql("UPDATE jqm.job_def SET alert_after_min = NULL");
}

static void
a_mail_one_has_claimed_is_nobody_else_s_until_the_lease_is_over(void **state)
{
	(void)state;
	a_job_ends(a_running_job("a@x.org"), "ENDED");
	assert_said(a_sender, CLAIM, "a@x.org 1");
	assert_said(another_sender, CLAIM, "-");
	assert_said(a_sender, CLAIM, "-");
	assert_value(
	    "SELECT next_try_at BETWEEN now() + interval '50 s' AND now() + interval '60 s'"
	    " FROM jqm.mail",
	    "t");
	test_db_sql("UPDATE jqm.mail SET next_try_at = now()"); /* one died long ago */
	assert_said(another_sender, CLAIM, "a@x.org 2");
}

static void
a_mail_another_session_works_on_is_not_waited_for(void **state)
{
	(void)state;
	a_job_ends(a_running_job("a@x.org,b@x.org"), "ENDED");
	assert_sql(a_sender, "BEGIN");
	assert_said(a_sender, CLAIM, "a@x.org 1");
	assert_sql(another_sender, "SET lock_timeout = '1s'");
	assert_said(another_sender, CLAIM, "b@x.org 1");
	assert_sql(a_sender, "ROLLBACK");
	assert_said(another_sender, CLAIM, "a@x.org 1");
}

static void
a_sent_mail_is_gone(void **state)
{
	(void)state;
	a_job_ends(a_running_job("a@x.org"), "ENDED");
	assert_said(a_sender, "SELECT concat('x', jqm.mail_sent(id)) FROM jqm.mail_claim(1, 1000)",
		    "x");
	assert_value(MAILS, "-");
	assert_said(a_sender, "SELECT concat('x', jqm.mail_sent(1))", "x"); /* said twice */
}

/* As what a notifier claims and then says. */
#define FAILS(permanent)                                             \
	"SELECT jqm.mail_failed(id, try, 'no such user', " permanent \
	") FROM jqm.mail_claim(1, 1000)"
#define AFTER                                                                                  \
	"SELECT CASE WHEN extract(epoch FROM next_try_at - now()) BETWEEN %s THEN 'yes' ELSE " \
	"(next_try_at - now())::text END FROM jqm.mail"

static void
a_failed_mail_is_due_again_later_and_later_up_to_an_hour(void **state)
{
	static const struct {
		int tries;
		const char *between;
	} cases[] = { { 0, "4 AND 10" },
		      { 1, "9 AND 20" },
		      { 4, "79 AND 160" },
		      { 9, "1799 AND 3600" },
		      { 60, "1799 AND 3600" } };

	(void)state;
	a_job_ends(a_running_job("a@x.org"), "ENDED");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *sql = str_printf(AFTER, cases[i].between);

		test_db_sql("UPDATE jqm.mail SET tries = %d, next_try_at = now()", cases[i].tries);
		assert_said(a_sender, FAILS("false"), "f");
		assert_value(sql, "yes");
		free(sql);
	}
	assert_value("SELECT last_error FROM jqm.mail", "no such user");
}

static void
a_mail_is_given_up_after_a_refusal_or_three_days_and_the_job_says_so(void **state)
{
	static const char *const said =
	    "SELECT string_agg(text_message, ',') FROM jqm.message"
	    " WHERE job_instance_id = (SELECT max(id) FROM jqm.history)";
	static const char *const words = "mail to a@x.org could not be sent: no such user";

	(void)state;
	a_job_ends(a_running_job("a@x.org"), "ENDED");
	assert_said(a_sender, FAILS("true"), "t");
	assert_value(said, words);
	assert_value(MAILS, "-");
	a_job_ends(a_running_job("a@x.org"), "ENDED");
	test_db_sql("UPDATE jqm.mail SET created_at = now() - interval '71 h'");
	assert_said(a_sender, FAILS("false"), "f");
	assert_value(said, "");
	test_db_sql(
	    "UPDATE jqm.mail SET created_at = now() - interval '73 h', next_try_at = now()");
	assert_said(a_sender, FAILS("false"), "t");
	assert_value(said, words);
	assert_value(MAILS, "-");
}

static void
who_lost_a_mail_to_another_changes_nothing(void **state)
{
	(void)state;
	a_job_ends(a_running_job("a@x.org"), "ENDED");
	assert_said(a_sender, CLAIM, "a@x.org 1");
	test_db_sql("UPDATE jqm.mail SET next_try_at = now()");
	assert_said(another_sender, "SELECT recipient FROM jqm.mail_claim(1, 60000)", "a@x.org");
	assert_value("SELECT jqm.mail_failed(id, 1, 'x', true) FROM jqm.mail", "f");
	assert_value(
	    "SELECT count(*) || ' ' || (max(next_try_at) > now() + interval '50 s') FROM jqm.mail",
	    "1 true");
}

static void
without_a_mail_server_mails_are_dropped_and_the_job_says_so(void **state)
{
	int64_t id;
	char *said;

	(void)state;
	id = a_running_job("a@x.org,b@x.org");
	a_job_ends(id, "ENDED");
	/* Another node can send it. */
	assert_said(another_sender, "SELECT concat('x', jqm.mail_announce('n2', true))", "x");
	assert_said(a_sender, "SELECT concat('x', jqm.mail_announce('n1', false))", "x");
	assert_said(a_sender, "SELECT jqm.mail_drop(10)", "0");
	assert_value(MAILS, "END a@x.org,END b@x.org");
	/* It was not heard of for long. */
	test_db_sql("UPDATE jqm.mail_sender SET seen_at = now() - interval '73 h'");
	assert_said(a_sender, "SELECT jqm.mail_drop(10)", "2");
	assert_value(MAILS, "-");
	said = test_db_value("SELECT string_agg(text_message, ',') FROM jqm.message"
			     " WHERE job_instance_id = %lld",
			     (long long)id);
	assert_string_equal(said, "no mail was sent: no mail server is configured");
	free(said);
	/* Or has none any more. */
	a_job_ends(a_running_job("a@x.org"), "ENDED");
	assert_said(another_sender, "SELECT concat('x', jqm.mail_announce('n2', true))", "x");
	assert_said(another_sender, "SELECT concat('x', jqm.mail_announce('n2', false))", "x");
	assert_said(a_sender, "SELECT jqm.mail_drop(10)", "1");
}

static void
a_mail_about_a_purged_job_is_forgotten(void **state)
{
	(void)state;
	test_db_sql("INSERT INTO jqm.mail (job_instance_id, occasion, recipient)"
		    " VALUES (999999, 'END', 'a@x.org')");
	assert_said(a_sender, CLAIM, "-");
	assert_value(MAILS, "-");
}

static void
count_hint(void *arg, const char *channel, const char *payload)
{
	int *hints = arg;

	(void)channel, (void)payload;
	(*hints)++;
}

static void
note_nothing(void *arg, const struct db_result *rows, const struct err *err)
{
	(void)arg, (void)err;
	assert_non_null(rows);
}

/* Until there are that many hints and no question is open, 20 s at most. */
static void
listen_until(struct db_async *db, const int *hints, int count)
{
	int64_t deadline_ms = clock_mono_ms() + 60000;

	while (*hints < count || !db_async_connected(db) || db_async_pending(db) > 0) {
		struct pollfd fd = { .fd = db_async_fd(db), .events = POLLIN };

		if (db_async_wants_write(db))
			fd.events = POLLIN | POLLOUT;
		(void)poll(&fd, 1, 20);
		db_async_process(db);
		if (clock_mono_ms() >= deadline_ms)
			fail_msg("%d hints, not %d", *hints, count);
	}
}

static void
whoever_writes_a_mail_gives_a_hint(void **state)
{
	static const struct db_stmt after_listen = { .name = "",
						     .text = "SELECT 1",
						     .read_only = true };
	struct db_async *db = db_async_new(test_db_conninfo_as("jqm_notifier"), "listener");
	int hints = 0;

	(void)state;
	db_async_listen(db, "jqm_mail", count_hint, &hints);
	db_async_send(db, &after_listen, NULL, note_nothing, NULL);
	listen_until(db, &hints, 0);
	a_job_ends(a_running_job("a@x.org,b@x.org"), "ENDED"); /* one for both */
	listen_until(db, &hints, 1);
	test_db_sql("SELECT jqm.cancel(jqm.enqueue('Plain', email => 'c@x.org'))");
	listen_until(db, &hints, 2);
	a_job_ends(a_running_job(""), "ENDED");
	test_db_sql("NOTIFY jqm_mail, 'last'");
	listen_until(db, &hints, 3);
	assert_int_equal(hints, 3);
	db_async_free(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_end_leaves_one_mail_for_each_address, nothing_there),
		cmocka_unit_test_setup(a_job_without_an_address_leaves_none, nothing_there),
		cmocka_unit_test_setup(an_attempt_that_is_followed_by_another_leaves_none,
				       nothing_there),
		cmocka_unit_test_setup(a_job_that_runs_long_is_told_of_while_it_runs,
				       nothing_there),
		cmocka_unit_test_setup(
		    a_mail_one_has_claimed_is_nobody_else_s_until_the_lease_is_over, nothing_there),
		cmocka_unit_test_setup(a_mail_another_session_works_on_is_not_waited_for,
				       nothing_there),
		cmocka_unit_test_setup(a_sent_mail_is_gone, nothing_there),
		cmocka_unit_test_setup(a_failed_mail_is_due_again_later_and_later_up_to_an_hour,
				       nothing_there),
		cmocka_unit_test_setup(
		    a_mail_is_given_up_after_a_refusal_or_three_days_and_the_job_says_so,
		    nothing_there),
		cmocka_unit_test_setup(who_lost_a_mail_to_another_changes_nothing, nothing_there),
		cmocka_unit_test_setup(without_a_mail_server_mails_are_dropped_and_the_job_says_so,
				       nothing_there),
		cmocka_unit_test_setup(whoever_writes_a_mail_gives_a_hint, nothing_there),
		cmocka_unit_test_setup(a_mail_about_a_purged_job_is_forgotten, nothing_there),
	};

	return cmocka_run_group_tests(tests, a_sender_set_up, a_sender_tear_down);
}
