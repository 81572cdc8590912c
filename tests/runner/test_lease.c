/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that cannot renew their lease while their machine, their keeper and their jobs live: nothing that
 * another node may start in their place runs at the same time as that.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/a_cluster.h"
#include "tests/lib/pg_proxy.h"
#include "tests/lib/test_db.h"

/* Says every 10 ms that it lives, until the gate opens; deaf to TERM: only KILL helps. */
#define PULSE                                      \
	"trap '' TERM; while [ ! -e %s/gate ]; do" \
	" echo \"$JQM_JI_ID $JQM_JI_ATTEMPT $(date +%%s%%N)\" >> %s/pulse; sleep 0.01; done"

#define LEASE_MS \
	4000 /* its sixth is the time between the last job's end and the other node's first */

struct cut {
	struct cluster *c;
	struct pg_proxy *proxy; /* of the first node */
};

static int
set_up(void **state)
{
	struct cut *cut = calloc(1, sizeof(*cut));
	void *cluster;

	home_lease_ms = LEASE_MS;
	if (cut == NULL || cluster_set_up(&cluster) == -1)
		return -1;
	cut->c = cluster;
	cut->proxy = pg_proxy_new(cut->c->homes[0]->path);
	cut->c->homes[0]->conninfo = str_dup(pg_proxy_conninfo(cut->proxy));
	home_configure(cut->c->homes[0], "");
	*state = cut;
	return 0;
}

static int
tear_down(void **state)
{
	struct cut *cut = *state;
	void *cluster = cut->c;

	if (cut->c->homes[0]->runner != 0)
		(void)kill(cut->c->homes[0]->runner, SIGCONT);
	pg_proxy_pass(cut->proxy);
	(void)cluster_tear_down(&cluster);
	pg_proxy_free(cut->proxy);
	free(cut);
	return 0;
}

static void
define_pulse(const struct cluster *c, const char *name, const char *columns)
{
	char *command = str_printf(PULSE, c->homes[0]->path, c->homes[0]->path);

	home_define(name, "DEFAULTSHELLCOMMAND", command);
	test_db_sql("update jqm.job_def set %s where name = '%s'", columns, name);
	free(command);
}

static void
open_gate(const struct cluster *c)
{
	home_touch(c->homes[0], "gate");
}

/* Of the pulses of one attempt of a job; in ns. */
struct span {
	long long first, last;
	int count;
};

static struct span
pulses(const struct cluster *c, int64_t job, int attempt)
{
	char *path = str_printf("%s/pulse", c->homes[0]->path);
	char *text = home_read(path), *rest = NULL;
	struct span span = { 0, 0, 0 };

	for (char *line = text == NULL ? NULL : strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		long long id, at, ns;

		if (sscanf(line, "%lld %lld %lld", &id, &at, &ns) != 3 || id != job ||
		    at != attempt)
			continue;
		if (span.count++ == 0)
			span.first = ns;
		span.last = ns;
	}
	free(text);
	free(path);
	return span;
}

static void
wait_for_pulses(const struct cluster *c, int64_t job, int attempt, int more_than)
{
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;

	while (pulses(c, job, attempt).count <= more_than) {
		if (clock_mono_ms() > until_ms)
			fail_msg("attempt %d of job %lld does not live", attempt, (long long)job);
		home_pause(20);
	}
}

/* The first node takes jobs, the second one none until let(). */
static void
only_first_takes(struct cluster *c)
{
	cluster_start(c, 2, 5);
	test_db_sql("update jqm.queue_mapping set max_jobs = 0 where node_id <> (select id from"
		    " jqm.node where name = '%s')",
		    c->homes[0]->node);
	/* long enough to give others up */
	home_wait("t", "select min(now() - lease_since) > interval '6 s' from jqm.node");
	cluster_settle(c);
}

static void
let_second_take(struct cluster *c)
{
	test_db_sql("update jqm.queue_mapping set max_jobs = 5, polling_interval_ms = 100"
		    " where node_id = (select id from jqm.node where name = '%s')",
		    c->homes[1]->node);
}

enum how { STOPPED, KILLED, CUT_OFF };

/* The first node falls silent, the second one gives it up and starts what it may. */
static void
assert_no_overlap(struct cut *cut, enum how how)
{
	struct cluster *c = cut->c;
	int64_t again, stays;
	struct span first, second;
	int before;

	define_pulse(c, "again", "on_node_loss = 'REQUEUE', grace_ms = 3600000");
	define_pulse(c, "stays", "on_node_loss = 'CRASH'");
	only_first_takes(c);
	again = home_enqueue("again", "{}");
	stays = home_enqueue("stays", "{}");
	wait_for_pulses(c, again, 1, 0);
	wait_for_pulses(c, stays, 1, 0);
	home_wait("2", "select count(*) from jqm.job_instance where state = 'RUNNING'");
	let_second_take(c);
	if (how == STOPPED)
		assert_int_equal(kill(c->homes[0]->runner, SIGSTOP), 0);
	else if (how == KILLED)
		home_kill_runner(c->homes[0]);
	else
		pg_proxy_hold(cut->proxy);
	wait_for_pulses(c, again, 2, 5);
	home_wait_state(stays, "CRASHED");
	first = pulses(c, again, 1);
	second = pulses(c, again, 2);
	print_message("the first was last seen %lld ms before the second was\n",
		      (second.first - first.last) / 1000000);
	assert_true(first.last < second.first);
	/* what runs nowhere else lives on for its runner */
	before = pulses(c, stays, 1).count;
	wait_for_pulses(c, stays, 1, before + 5);

	if (how == STOPPED)
		assert_int_equal(kill(c->homes[0]->runner, SIGCONT), 0);
	else if (how == CUT_OFF)
		pg_proxy_pass(cut->proxy);
	else
		home_start(c->homes[0]);
	if (how != KILLED) /* it sees that it was replaced, ends what it has, and itself */
		assert_int_equal(WEXITSTATUS(home_wait_runner(c->homes[0])), 1);
	else
		home_wait("2", "select count(*) from jqm.node where lease_until > now()");
	before = pulses(c, again, 2).count;
	wait_for_pulses(c, again, 2, before + 5);
	assert_int_equal(pulses(c, again, 1).count, first.count);
	open_gate(c);
	home_wait_state(again, "ENDED");
	home_assert_history(again, "attempt || ' ' || node_losses", "2 1");
	home_assert_history(stays, "state", "CRASHED");
}

static void
a_runner_that_is_stopped_has_its_jobs_ended_before_others_start_them(void **state)
{
	assert_no_overlap(*state, STOPPED);
}

static void
a_runner_that_died_has_its_jobs_ended_before_others_start_them(void **state)
{
	assert_no_overlap(*state, KILLED);
}

static void
a_node_that_is_cut_off_ends_its_jobs_before_others_start_them(void **state)
{
	assert_no_overlap(*state, CUT_OFF);
}

/* One that is not tried again: the next one, which had to wait for it, starts on another node. */
static void
assert_next_one_waits(struct cut *cut, const char *columns)
{
	int64_t one, two;

	define_pulse(cut->c, "only", columns);
	only_first_takes(cut->c);
	one = home_enqueue("only", "{}");
	wait_for_pulses(cut->c, one, 1, 0);
	two = home_enqueue("only", "{}");
	let_second_take(cut->c);
	pg_proxy_hold(cut->proxy);
	wait_for_pulses(cut->c, two, 1, 5);
	assert_true(pulses(cut->c, one, 1).last < pulses(cut->c, two, 1).first);
	home_wait_state(one, "CRASHED");
	open_gate(cut->c);
	home_wait_state(two, "ENDED");
}

static void
the_highlander_of_a_node_that_is_cut_off_is_over_when_the_next_one_starts(void **state)
{
	assert_next_one_waits(*state, "highlander = true");
}

static void
a_limit_of_the_cluster_is_not_passed_when_a_node_is_cut_off(void **state)
{
	test_db_sql("insert into jqm.concurrency_limit (key, max_running) values ('licence', 1)");
	assert_next_one_waits(*state, "concurrency_key = 'licence'");
}

/* Nobody takes the node: what had to be ended follows its rule as soon as that can be told. */
static void
after_an_outage_longer_than_the_lease_each_job_goes_by_its_rule(void **state)
{
	struct cut *cut = *state;
	struct cluster *c = cut->c;
	int64_t again, stays;

	define_pulse(c, "again", "on_node_loss = 'REQUEUE'");
	define_pulse(c, "stays", "on_node_loss = 'HOLD'");
	cluster_start(c, 1, 5);
	test_db_sql("update jqm.queue_mapping set polling_interval_ms = 100");
	again = home_enqueue("again", "{}");
	stays = home_enqueue("stays", "{}");
	wait_for_pulses(c, again, 1, 0);
	wait_for_pulses(c, stays, 1, 0);
	pg_proxy_refuse(cut->proxy);
	home_wait("t", "select lease_until < now() - interval '1 s' from jqm.node");
	pg_proxy_pass(cut->proxy);
	wait_for_pulses(c, again, 2, 0);
	open_gate(c);
	home_wait_state(again, "ENDED");
	home_wait_state(stays, "ENDED");
	home_assert_history(again, "attempt || ' ' || node_losses", "2 1");
	home_assert_history(stays, "attempt || ' ' || node_losses", "1 0");
	cluster_assert_value(
	    "select reason from jqm.job_attempt order by job_instance_id desc limit 1",
	    "its node could not renew its lease");
}

/* An outage shorter than the lease ends nothing. */
static void
a_short_outage_ends_no_job(void **state)
{
	struct cut *cut = *state;
	int64_t again;

	cut->c->homes[0]->lease_ms = 30000;
	home_configure(cut->c->homes[0], "");
	define_pulse(cut->c, "again", "on_node_loss = 'REQUEUE'");
	cluster_start(cut->c, 1, 5);
	for (int i = 0; i < 3; i++) {
		again = home_enqueue("again", "{}");
		wait_for_pulses(cut->c, again, 1, 0);
		pg_proxy_refuse(cut->proxy);
		home_pause(300);
		pg_proxy_pass(cut->proxy);
		test_db_sql("update jqm.node set last_seen_alive = null");
		home_wait("t", "select last_seen_alive is not null from jqm.node");
	}
	open_gate(cut->c);
	cluster_wait_all_over("3");
	cluster_assert_value("select sum(attempt) from jqm.history", "3");
}

/* As when packets are lost without a word, or a proxy between has died standing: nothing breaks, nothing comes. */
static void
a_connection_that_falls_silent_is_replaced_before_jobs_must_end(void **state)
{
	struct cut *cut = *state;
	int64_t again;

	cut->c->homes[0]->lease_ms = 9000;
	home_configure(cut->c->homes[0], "");
	define_pulse(cut->c, "again", "on_node_loss = 'REQUEUE'");
	cluster_start(cut->c, 1, 5);
	again = home_enqueue("again", "{}");
	wait_for_pulses(cut->c, again, 1, 0);
	home_wait("1", "select count(*) from jqm.job_instance where state = 'RUNNING'");
	pg_proxy_swallow(cut->proxy);
	test_db_sql("update jqm.node set last_seen_alive = null");
	home_wait("t", "select last_seen_alive is not null from jqm.node");
	open_gate(cut->c);
	home_wait_state(again, "ENDED");
	home_assert_history(again, "attempt || ' ' || node_losses", "1 0");
}

/*
 * What it cannot tell any more it does not wait to tell.  Here its heartbeat waits for whoever takes the node,
 * the end of its job waits behind it, and then for somebody who has the job's row.
 */
static void
a_runner_that_was_replaced_ends_though_ends_of_jobs_cannot_be_told(void **state)
{
	struct cut *cut = *state;
	struct db *taker = db_new(test_db_conninfo(), "taker"),
		  *holder = db_new(test_db_conninfo(), "holder");
	struct err err = ERR_INIT;
	int64_t job, fenced_ms;

	define_pulse(cut->c, "job", "on_node_loss = 'CRASH'");
	cluster_start(cut->c, 1, 5);
	job = home_enqueue("job", "{}");
	wait_for_pulses(cut->c, job, 1, 0);
	home_wait_state(job, "RUNNING");
	assert_int_equal(db_exec_sql(holder,
				     "set idle_in_transaction_session_timeout = '120s'; begin;"
				     " select from jqm.job_instance for update",
				     &err),
			 0);
	assert_int_equal(db_exec_sql(taker,
				     "set idle_in_transaction_session_timeout = '120s'; begin;"
				     " update jqm.node set incarnation = incarnation + 1",
				     &err),
			 0);
	home_wait("1", "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and"
		       " query like '%%heartbeat%%' and pid <> pg_backend_pid()");
	open_gate(cut->c);
	home_wait_log(cut->c->homes[0], "job_ended");
	assert_int_equal(db_exec_sql(taker, "commit", &err), 0);
	fenced_ms = clock_mono_ms();
	assert_int_equal(WEXITSTATUS(home_wait_runner(cut->c->homes[0])), 1);
	assert_true(clock_mono_ms() - fenced_ms < 60000);
	home_wait_state(job, "RUNNING");
	db_free(taker);
	db_free(holder);
}

int
main(void)
{
#define LEASE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		LEASE_TEST(a_runner_that_is_stopped_has_its_jobs_ended_before_others_start_them),
		LEASE_TEST(a_runner_that_died_has_its_jobs_ended_before_others_start_them),
		LEASE_TEST(a_node_that_is_cut_off_ends_its_jobs_before_others_start_them),
		LEASE_TEST(
		    the_highlander_of_a_node_that_is_cut_off_is_over_when_the_next_one_starts),
		LEASE_TEST(a_limit_of_the_cluster_is_not_passed_when_a_node_is_cut_off),
		LEASE_TEST(after_an_outage_longer_than_the_lease_each_job_goes_by_its_rule),
		LEASE_TEST(a_short_outage_ends_no_job),
		LEASE_TEST(a_runner_that_was_replaced_ends_though_ends_of_jobs_cannot_be_told),
		LEASE_TEST(a_connection_that_falls_silent_is_replaced_before_jobs_must_end),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("lease");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
