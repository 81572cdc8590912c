/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four real runners on one database: what each job may take, who gets it, and that nothing happens
 * twice.  Jobs write what they see into one file, a line at a time (O_APPEND).
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "db/db.h"
#include "tests/lib/a_cluster.h"
#include "tests/lib/test_db.h"

#define NODES 4
#define ENQUEUERS 32
#define REQUESTS_EACH 60

static void
every_request_runs_once_and_every_node_takes_part(void **state)
{
	struct cluster *c = *state;
	char *gate = str_printf("%s/open", c->homes[0]->path), *command;
	struct err err = ERR_INIT;
	int starts;

	command = str_printf("while [ ! -e %s ]; do sleep 0.05; done", gate);
	cluster_define(c, "short", command, NULL);
	cluster_start(c, NODES, 3);
	test_db_sql("select jqm.enqueue('short') from generate_series(1, 200)");
	/* however slow one of them is: all their places are taken */
	home_wait("12", "select count(*) from jqm.job_instance where state = 'RUNNING'");
	assert_int_equal(fd_write_file(gate, 0600, "", 0, &err), 0);
	free(command);
	free(gate);
	cluster_wait_all_over("200");
	(void)cluster_most_at_a_time(c, &starts);
	assert_int_equal(starts, 200);
	cluster_assert_value(
	    "select count(*) from jqm.history where state = 'ENDED' and failures = 0", "200");
	cluster_assert_value("select count(distinct node_name_id) from jqm.history", "4");
}

/* What was answered to each request of each enqueuer, for one of the highlanders. */
static int64_t (*answers)[ENQUEUERS * REQUESTS_EACH];

/* A process that enqueues both highlanders again and again; exit code 0: each answer was an id. */
static pid_t
start_enqueuer(int number)
{
	static const struct db_stmt enqueue = {
		.name = "test_enqueue",
		.text = "select jqm.enqueue($1)",
		.n_params = 1,
	};
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct db *db = db_new(test_db_conninfo_as("jqm_client"), "enqueuer");
		struct err err = ERR_INIT;

		for (int i = 0; i < 2 * REQUESTS_EACH; i++) {
			const char *params[] = { i % 2 == 0 ? "one" : "two" };
			struct db_result *rows;

			if (db_exec(db, &enqueue, params, &rows, &err) == -1) {
				(void)fprintf(stderr, "%s\n", err.text);
				_exit(1);
			}
			answers[i % 2][number * REQUESTS_EACH + i / 2] = db_int64(rows, 0, 0);
			db_result_free(rows);
		}
		_exit(0);
	}
	return pid;
}

/* Each was told the id of a job of that definition that has run, and no job ran that nobody was told of. */
static void
assert_answers_are_runs(int which, const char *name)
{
	char *sql =
	    str_printf("select string_agg(h.id::text, ' ' order by h.id) from jqm.history as h"
		       " join jqm.job_def as d on d.id = h.job_def_id where d.name = '%s'",
		       name);
	char *ran = test_db_value("%s", sql), *save = NULL;
	size_t told = 0;

	for (char *id = strtok_r(ran, " ", &save); id != NULL; id = strtok_r(NULL, " ", &save)) {
		size_t before = told;

		for (size_t i = 0; i < ENQUEUERS * REQUESTS_EACH; i++)
			told += answers[which][i] == strtoll(id, NULL, 10);
		assert_true(told > before);
	}
	assert_int_equal(told, ENQUEUERS * REQUESTS_EACH);
	free(ran);
	free(sql);
}

/* Lines "S name id" and "E name id": the runs of one name never overlap. */
static int
runs_of(const struct cluster *c, const char *name)
{
	char *text = home_read(c->record), *save = NULL;
	char start[20], end[20];
	int runs = 0;
	bool running = false;

	(void)snprintf(start, sizeof(start), "S %s", name);
	(void)snprintf(end, sizeof(end), "E %s", name);
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strcmp(line, start) == 0) {
			assert_false(running);
			running = true;
			runs++;
		} else if (strcmp(line, end) == 0) {
			assert_true(running);
			running = false;
		}
	}
	assert_false(running);
	free(text);
	return runs;
}

static void
highlanders_never_overlap_whatever_races(void **state)
{
	struct cluster *c = *state;
	pid_t pids[ENQUEUERS];

	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? "one" : "two";
		char *path = str_printf("echo \"S %s\" >> %s; sleep 0.0%d; echo \"E %s\" >> %s",
					name, c->record, i + 1, name, c->record);

		home_define(name, "DEFAULTSHELLCOMMAND", path);
		free(path);
	}
	test_db_sql("update jqm.job_def set highlander = true");
	answers = mmap(NULL, 2 * sizeof(answers[0]), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(answers != MAP_FAILED);
	cluster_start(c, NODES, 5);
	for (int i = 0; i < ENQUEUERS; i++)
		pids[i] = start_enqueuer(i);
	for (int i = 0; i < ENQUEUERS; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	home_wait("0", "select count(*) from jqm.job_instance");
	assert_true(runs_of(c, "one") >= 2);
	assert_true(runs_of(c, "two") >= 2);
	assert_true(runs_of(c, "one") < ENQUEUERS * REQUESTS_EACH / 2);
	cluster_assert_value(
	    "select count(*) from jqm.history where state <> 'ENDED' or not highlander", "0");
	assert_answers_are_runs(0, "one");
	assert_answers_are_runs(1, "two");
	(void)munmap(answers, 2 * sizeof(answers[0]));
}

/* The one that waits belongs to another queue, which only another node serves; nobody polls. */
static void
the_follower_of_a_highlander_starts_at_once_on_another_node_once(void **state)
{
	struct cluster *c = *state;
	int64_t first, second, took_ms;
	char *ms;

	home_define("alone", "DEFAULTSHELLCOMMAND", "sleep 300");
	test_db_sql("update jqm.job_def set highlander = true;"
		    "insert into jqm.queue (name) values ('far') on conflict do nothing");
	cluster_start(c, 1, 5);
	first = home_enqueue("alone", "{}");
	home_wait_state(first, "RUNNING");
	cluster_start(c, 2, 5);
	test_db_sql("update jqm.queue_mapping set queue_id = (select id from jqm.queue where name ="
		    " 'far') where node_id = (select id from jqm.node where name = '%s')",
		    c->homes[1]->node);
	second = home_number(test_db_value("select jqm.enqueue('alone', queue_name => 'far')"));
	assert_true(second != first);
	cluster_assert_value("select count(*) from (select jqm.enqueue('alone') as id"
			     " from generate_series(1, 100)) as r, jqm.job_instance as j"
			     " where j.id = r.id and j.state = 'SUBMITTED'",
			     "100");
	cluster_assert_value("select count(*) from jqm.job_instance", "2");
	/* the other node sleeps, and wants to be told of that queue */
	home_wait("1", "select count(*) from jqm.runner_waiting as w join jqm.queue as q on q.id ="
		       " w.queue_id where q.name = 'far'");
	test_db_sql("select jqm.kill(%lld)", (long long)first);
	home_wait_state(first, "KILLED");
	home_wait_state(second, "RUNNING");
	ms = test_db_value("select round(extract(epoch from j.started_at - h.ended_at) * 1000)"
			   " from jqm.job_instance as j, jqm.history as h where h.id = %lld",
			   (long long)first);
	print_message("the follower started after %s ms\n", ms);
	took_ms = home_number(ms);
	assert_true(took_ms >= 0);
	cluster_assert_soon(took_ms); /* its mapping would look after an hour */
	test_db_sql("select jqm.kill(%lld)", (long long)second);
	home_wait_state(second, "KILLED");
}
CLUSTER_SOON(the_follower_of_a_highlander_starts_at_once_on_another_node,
	     the_follower_of_a_highlander_starts_at_once_on_another_node_once)

static void
a_large_job_runs_alone_and_small_ones_cannot_starve_it(void **state)
{
	struct cluster *c = *state;
	int64_t large;

	cluster_define(c, "small", "sleep 0.1", NULL);
	cluster_define(c, "large", "sleep 0.1",
		       "parameters = '{\"com.enioka.jqm.rm.quantity.thread.consumption\": \"2\"}'");
	cluster_start(c, 1, 2);
	test_db_sql("select jqm.enqueue('small') from generate_series(1, 10)");
	large = home_enqueue("large", "{}");
	test_db_sql("select jqm.enqueue('small') from generate_series(1, 10)");
	cluster_wait_all_over("21");
	/* nothing ran with it, and nothing that came later ran before it */
	cluster_assert_value(
	    "select count(*) from jqm.history as l join jqm.history as s on s.id <> l.id and"
	    " s.started_at < l.ended_at and s.ended_at > l.started_at"
	    " join jqm.job_def as d on d.id = l.job_def_id where d.name = 'large'",
	    "0");
	cluster_assert_value(
	    "select count(*) from jqm.history as l join jqm.history as s on s.id > l.id and"
	    " s.attributed_at < l.attributed_at"
	    " join jqm.job_def as d on d.id = l.job_def_id where d.name = 'large'",
	    "0");
	(void)large;
	assert_int_equal(cluster_most_at_a_time(c, NULL), 2);
}

static void
a_job_larger_than_any_mapping_waits_and_harms_nobody(void **state)
{
	struct cluster *c = *state;
	int64_t huge;
	char *says;

	cluster_define(c, "small", "true", NULL);
	cluster_define(c, "huge", "true",
		       "parameters = '{\"com.enioka.jqm.rm.quantity.consumption\": \"3\"}'");
	cluster_start(c, 1, 2);
	huge = home_enqueue("huge", "{}");
	test_db_sql("select jqm.enqueue('small') from generate_series(1, 5)");
	home_wait("5", "select count(*) from jqm.history");
	says = test_db_value("select text_message from jqm.message where job_instance_id = %lld",
			     (long long)huge);
	assert_non_null(strstr(says, "takes 3 units of its queue, and no node has more than 2"));
	free(says);
	test_db_sql("update jqm.queue_mapping set max_jobs = 3");
	home_wait_state(huge, "ENDED");
}

/* Two items, three jobs that want one each, on a node with room for many; one that wants none. */
static void
items_are_given_once_and_hold_up_only_those_that_want_them(void **state)
{
	struct cluster *c = *state;
	int64_t plain;

	test_db_sql(
	    "insert into jqm.global_parameter (key, value) values ('discreteRmList', 'a,b')");
	home_define("item", "DEFAULTSHELLCOMMAND", "echo $JQM_RM_DISCRETE_PORTS_ITEMS; sleep 300");
	test_db_sql("update jqm.job_def set parameters ="
		    " '{\"com.enioka.jqm.rm.discrete.ports.consumption\": \"1\"}'");
	cluster_define(c, "plain", "true", NULL);
	cluster_start(c, 1, 40);
	test_db_sql("select jqm.enqueue('item') from generate_series(1, 3)");
	home_wait("2", "select count(*) from jqm.job_instance where state = 'RUNNING'");
	plain = home_enqueue("plain", "{}");
	home_wait_state(plain, "ENDED");
	cluster_assert_value("select string_agg(state, ',' order by id) from jqm.job_instance",
			     "RUNNING,RUNNING,SUBMITTED");
	cluster_assert_value(
	    "select string_agg(items::text, '' order by items) from jqm.job_instance"
	    " where state = 'RUNNING'",
	    "{a}{b}");
	/* the runner dies and comes back: the items are still taken */
	home_kill_runner(c->homes[0]);
	home_start(c->homes[0]);
	home_wait("2", "select incarnation from jqm.node");
	plain = home_enqueue("plain", "{}");
	home_wait_state(plain, "ENDED");
	cluster_assert_value("select string_agg(state, ',' order by id) from jqm.job_instance",
			     "RUNNING,RUNNING,SUBMITTED");
	test_db_sql("select jqm.kill(min(id)) from jqm.job_instance");
	home_wait("RUNNING,RUNNING",
		  "select string_agg(state, ',' order by id) from jqm.job_instance");
	cluster_assert_value(
	    "select string_agg(items::text, '' order by items) from jqm.job_instance", "{a}{b}");
	test_db_sql("select jqm.kill(id) from jqm.job_instance");
	home_wait("0", "select count(*) from jqm.job_instance");
}

static void
a_limit_of_the_cluster_is_never_passed(void **state)
{
	struct cluster *c = *state;
	char *gate = str_printf("%s/open", c->homes[0]->path), *command;
	struct err err = ERR_INIT;
	int most;

	command = str_printf("while [ ! -e %s ]; do sleep 0.05; done", gate);
	cluster_define(c, "keyed", command, "concurrency_key = 'db'");
	free(command);
	home_define("free", "DEFAULTSHELLCOMMAND", "true");
	test_db_sql("insert into jqm.concurrency_limit (key, max_running) values ('db', 3)");
	cluster_start(c, NODES, 10);
	test_db_sql("select jqm.enqueue('keyed') from generate_series(1, 60)");
	test_db_sql("select jqm.enqueue('free') from generate_series(1, 20)");
	cluster_wait_starts(c, 3);
	home_wait("20", "select count(*) from jqm.history");
	assert_int_equal(fd_write_file(gate, 0600, "", 0, &err), 0);
	free(gate);
	cluster_wait_all_over("80");
	most = cluster_most_at_a_time(c, NULL);
	print_message("%d at a time\n", most);
	assert_int_equal(most, 3); /* it is used, and not passed */
}

/* Closed: none runs.  An administrator opens it: they run at once.  Without a row: as many as like. */
static void
a_limit_that_is_edited_counts_at_once(void **state)
{
	struct cluster *c = *state;
	char *stay = str_printf("%s/stay", c->homes[0]->path), *command;
	struct err err = ERR_INIT;

	command = str_printf("while [ -e %s ]; do sleep 0.05; done", stay);
	cluster_define(c, "keyed", command, "concurrency_key = 'k'");
	free(command);
	home_define("free", "DEFAULTSHELLCOMMAND", "true");
	test_db_sql("insert into jqm.concurrency_limit (key, max_running) values ('k', 0)");
	cluster_start(c, 2, 10);
	test_db_sql("select jqm.enqueue('keyed') from generate_series(1, 4)");
	test_db_sql("select jqm.enqueue('free') from generate_series(1, 4)");
	home_wait("4", "select count(*) from jqm.history");
	cluster_assert_value("select count(*) from jqm.job_instance where state = 'SUBMITTED'",
			     "4");
	test_db_sql("update jqm.concurrency_limit set max_running = 1");
	home_wait("8", "select count(*) from jqm.history");
	assert_int_equal(cluster_most_at_a_time(c, NULL), 1);
	assert_int_equal(fd_write_file(stay, 0600, "", 0, &err), 0);
	test_db_sql("delete from jqm.concurrency_limit; select jqm.enqueue('keyed')"
		    " from generate_series(1, 4)");
	cluster_wait_starts(c, 8);
	assert_int_equal(unlink(stay), 0);
	home_wait("12", "select count(*) from jqm.history");
	assert_int_equal(cluster_most_at_a_time(c, NULL), 4);
	free(stay);
}

/* Three starts in any two seconds, over two nodes. */
static void
a_rate_of_the_cluster_holds_in_every_period(void **state)
{
	struct cluster *c = *state;

	home_define("rated", "DEFAULTSHELLCOMMAND", "true");
	test_db_sql(
	    "update jqm.job_def set concurrency_key = 'r';"
	    "insert into jqm.concurrency_limit (key, rate, rate_period_s) values ('r', 3, 2)");
	cluster_start(c, 2, 10);
	test_db_sql("update jqm.queue_mapping set polling_interval_ms = 100;"
		    "select jqm.enqueue('rated') from generate_series(1, 8)");
	cluster_wait_all_over("8");
	cluster_assert_value(
	    "select coalesce(max(n), 0) <= 3 from (select count(*) as n from jqm.history as a"
	    " join jqm.history as b on b.attributed_at >= a.attributed_at and"
	    " b.attributed_at < a.attributed_at + interval '1.99 s' group by a.id) as w",
	    "t");
}

/* The runners that might tell of a slot are killed, or leave, at that moment, one after the other. */
static void
a_slot_fires_once_however_runners_die(void **state)
{
	struct cluster *c = *state;

	home_define("tick", "DEFAULTSHELLCOMMAND", "true");
	test_db_sql("select jqm.schedule_create('tick', '* * * * *', misfire => 'ALL',"
		    " misfire_window_s => 86400)");
	cluster_start(c, NODES, 5);
	home_wait("t", "select next_fire_at > now() from jqm.schedule");
	for (int round = 1; round <= 6; round++) {
		/* ten more slots have come, and those told before come once more */
		test_db_sql("update jqm.schedule set next_fire_at = date_trunc('minute', now())"
			    " - interval '%d min'",
			    10 * round);
		if (round % 2 == 0) {
			home_kill_runner(c->homes[round % NODES]);
		} else { /* it leaves, as for an upgrade */
			(void)kill(c->homes[round % NODES]->runner, SIGUSR1);
			(void)home_wait_runner(c->homes[round % NODES]);
		}
		home_start(c->homes[round % NODES]);
		home_wait("t", "select coalesce(next_fire_at > now(), false) from jqm.schedule");
	}
	home_wait("0", "select count(*) from jqm.job_instance");
	/* one job for each slot that fired, and none besides */
	cluster_assert_value("select count(*) >= 60 from jqm.schedule_slot", "t");
	/* waited for: another minute may have come meanwhile */
	home_wait("t", "select (select count(*) from jqm.history) ="
		       " (select count(*) from jqm.schedule_slot where outcome = 'FIRED')");
	cluster_assert_value("select count(*) from jqm.schedule_slot where outcome <> 'FIRED'",
			     "0");
}

static void
a_node_that_is_lost_has_its_jobs_taken_over(void **state)
{
	struct cluster *c = *state;
	int64_t again, not_again;

	cluster_define(c, "again", "sleep 300", "on_node_loss = 'REQUEUE'");
	cluster_define(c, "not-again", "sleep 300", NULL);
	c->homes[0]->lease_ms = 3000;
	home_configure(c->homes[0], "");
	cluster_start(c, 1, 5);
	again = home_enqueue("again", "{}");
	not_again = home_enqueue("not-again", "{}");
	home_wait("2", "select count(*) from jqm.job_instance where state = 'RUNNING'");
	cluster_start(c, 2, 5);
	home_kill_runner(c->homes[0]); /* and nobody starts it again */
	home_wait_state(not_again, "CRASHED");
	home_assert_history(not_again, "reason like 'its node%was lost'", "t");
	home_wait_state(again, "RUNNING");
	cluster_assert_value(
	    "select n.name <> a.name from jqm.job_instance as j join jqm.node as n on n.id ="
	    " j.node_id join jqm.job_attempt as t on t.job_instance_id = j.id"
	    " join jqm.name_snapshot as a on a.id = t.node_name_id",
	    "t");
	test_db_sql("select jqm.kill(%lld)", (long long)again);
	home_wait_state(again, "KILLED");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLUSTER_TEST(every_request_runs_once_and_every_node_takes_part),
		CLUSTER_TEST(highlanders_never_overlap_whatever_races),
		CLUSTER_TEST(the_follower_of_a_highlander_starts_at_once_on_another_node),
		CLUSTER_TEST(a_large_job_runs_alone_and_small_ones_cannot_starve_it),
		CLUSTER_TEST(a_job_larger_than_any_mapping_waits_and_harms_nobody),
		CLUSTER_TEST(items_are_given_once_and_hold_up_only_those_that_want_them),
		CLUSTER_TEST(a_limit_of_the_cluster_is_never_passed),
		CLUSTER_TEST(a_limit_that_is_edited_counts_at_once),
		CLUSTER_TEST(a_rate_of_the_cluster_holds_in_every_period),
		CLUSTER_TEST(a_slot_fires_once_however_runners_die),
		CLUSTER_TEST(a_node_that_is_lost_has_its_jobs_taken_over),
	};

	if (geteuid() == 0) {
		print_message("1..0 # SKIP the runner refuses to run as root\n");
		return 0;
	}
	(void)test_db_create("cluster");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
