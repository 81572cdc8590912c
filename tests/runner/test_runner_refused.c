/* SPDX-License-Identifier: Apache-2.0 */
/* The same, while the database refuses ends, or what is asked with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/lib/runner_home.h"
#include "tests/lib/test_db.h"

/* A job that runs, and delivers a file and ends when there is a gate. */
static int64_t
one_at_the_gate(struct home *h)
{
	int64_t job;

	home_define(
	    "delivers", "DEFAULTSHELLCOMMAND",
	    "until [ -e ../gate ]; do sleep 0.02; done; echo data > $JQM_JI_DELIVERY_DIR/f");
	home_start(h);
	job = home_enqueue("delivers", "{}");
	home_wait_state(job, "RUNNING");
	return job;
}

/* The only place is wanted by a job that cannot be taken: what is asked with an end says nothing of the end. */
static void
the_error_of_what_is_asked_with_an_end_costs_no_files(void **state)
{
	struct home *h = *state;
	int64_t job;

	test_db_sql(
	    "create function public.refuse_claim() returns trigger language plpgsql as"
	    " $$ begin raise exception 'no' using errcode = '22000'; end $$;"
	    " create trigger refuse_claim before update on jqm.job_instance for each row when"
	    " (new.state = 'ATTRIBUTED' and new.keyword1 = 'poison')"
	    " execute function public.refuse_claim()");
	job = one_at_the_gate(h);
	test_db_sql("update jqm.queue_mapping set max_jobs = 1");
	home_wait_log(h, "max_jobs=1");
	test_db_sql("update jqm.job_instance set keyword1 = 'poison' where id = %lld",
		    (long long)home_enqueue("delivers", "{}"));
	home_touch(h, "gate");
	home_wait_log(h, "claim_failed");
	home_wait_state(job, "ENDED");
	test_db_sql("drop trigger refuse_claim on jqm.job_instance;"
		    " drop function public.refuse_claim()");
	home_wait("f", "select string_agg(original_file_name, ',') from jqm.deliverable"
		       " where job_instance_id = (select min(id) from jqm.history)");
}

/* As when somebody sets rights anew, or a backup is being restored. */
static void
an_end_that_may_not_be_told_for_a_while_keeps_its_files(void **state)
{
	struct home *h = *state;
	int64_t job;

	job = one_at_the_gate(h);
	test_db_sql("revoke insert on jqm.deliverable from jqm_owner");
	home_touch(h, "gate");
	home_wait_log(h, "finish_refused");
	home_pause(500); /* a second refusal would come by then */
	test_db_sql("grant insert on jqm.deliverable to jqm_owner");
	home_wait_state(job, "ENDED");
	home_wait("f", "select string_agg(original_file_name, ',') from jqm.deliverable");
	home_wait("0", "select count(*) from jqm.message");
}

static size_t
count(char *text, const char *what)
{
	size_t n = 0;

	assert_non_null(text);
	for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
		n++;
	free(text);
	return n;
}

/* Places whose ends wait are not free: else jobs would be claimed and run, and their ends wait, without bound. */
static void
while_ends_may_not_be_told_no_more_jobs_are_started_than_there_are_places(void **state)
{
	struct home *h = *state;
	char *runs = str_printf("%s/runs", h->path);
	int64_t until_ms;

	home_define("delivers", "DEFAULTSHELLCOMMAND",
		    "echo run >> ../runs; sleep 0.1; echo data > $JQM_JI_DELIVERY_DIR/f");
	home_start(h);
	home_wait_state(home_enqueue("delivers", "{}"), "ENDED");
	test_db_sql("update jqm.queue_mapping set max_jobs = 3");
	home_wait_log(h, "max_jobs=3");
	test_db_sql("revoke insert on jqm.deliverable from jqm_owner");
	test_db_sql("select jqm.enqueue('delivers') from generate_series(1, 12)");
	until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
	while (count(home_log(h), "finish_refused") < 3 * 3) { /* with others, alone, and again */
		assert_true(clock_mono_ms() < until_ms);
		home_pause(20);
	}
	home_pause(300); /* others would have begun by then */
	assert_int_equal(count(home_read(runs), "run"), 1 + 3);
	test_db_sql("grant insert on jqm.deliverable to jqm_owner");
	home_wait("13", "select count(*) from jqm.history where state = 'ENDED'");
	home_wait("13", "select count(*) from jqm.deliverable");
	assert_int_equal(count(home_read(runs), "run"), 1 + 12);
	free(runs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(the_error_of_what_is_asked_with_an_end_costs_no_files),
		HOME_TEST(an_end_that_may_not_be_told_for_a_while_keeps_its_files),
		HOME_TEST(
		    while_ends_may_not_be_told_no_more_jobs_are_started_than_there_are_places),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("runner_refused");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
