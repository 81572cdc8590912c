/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/a_cluster.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "tests/lib/test_db.h"

int
cluster_set_up(void **state)
{
	struct cluster *c = calloc(1, sizeof(*c));
	void *first;

	if (c == NULL || home_set_up(&first) == -1)
		return -1;
	c->homes[0] = first;
	test_db_sql("delete from jqm.global_parameter where key like 'discreteRm%%';"
		    "delete from jqm.concurrency_limit; truncate jqm.schedule cascade");
	c->record = str_printf("%s/record", c->homes[0]->path);
	*state = c;
	return 0;
}

int
cluster_tear_down(void **state)
{
	struct cluster *c = *state;

	for (int i = 0; i < CLUSTER_NODES; i++) /* all at once, then one by one */
		if (c->homes[i] != NULL && c->homes[i]->runner != 0)
			(void)kill(c->homes[i]->runner, SIGTERM);
	for (int i = 0; i < CLUSTER_NODES; i++)
		if (c->homes[i] != NULL)
			home_end(c->homes[i]);
	test_db_sql("delete from jqm.job_instance;"
		    "update jqm.node set lease_until = null, last_seen_alive = null;"
		    "delete from jqm.node;"
		    "delete from jqm.queue where not default_queue");
	free(c->record);
	free(c);
	return 0;
}

void
cluster_start(struct cluster *c, int n, int max_jobs)
{
	char want[12];

	for (int i = 0; i < n; i++) {
		if (c->homes[i] == NULL)
			assert_non_null(c->homes[i] = home_new());
		if (c->homes[i]->runner == 0)
			home_start(c->homes[i]);
	}
	(void)snprintf(want, sizeof(want), "%d", n);
	home_wait(want, "select count(*) from jqm.queue_mapping");
	test_db_sql("update jqm.queue_mapping set max_jobs = %d, polling_interval_ms = 3600000",
		    max_jobs);
	home_wait(want, "select count(*) from jqm.node where lease_until > now()");
	cluster_settle(c);
}

/* "QUEUE=MAX ..." of all queues, as the runner said last. */
static char *
mappings_told(const struct home *h)
{
	char *ids = test_db_value("select string_agg(id::text, ' ' order by id) from jqm.queue");
	char *log = home_log(h), *save = NULL;
	const char *begin = log;
	struct buf told = BUF_INIT(10000);

	for (const char *at = log; at != NULL && (at = strstr(at, " runner_started ")) != NULL;
	     at++)
		begin = at; /* of this process */

	for (char *id = strtok_r(ids, " ", &save); id != NULL; id = strtok_r(NULL, " ", &save)) {
		char *words = str_printf(" mapping queue=%s max_jobs=", id);
		const char *max = "0"; /* of which nothing is said */

		for (const char *at = begin; at != NULL && (at = strstr(at, words)) != NULL;)
			max = at += strlen(words);
		buf_printf(&told, "%s%s=%ld", told.len == 0 ? "" : " ", id, strtol(max, NULL, 10));
		free(words);
	}
	free(ids);
	free(log);
	ids = str_dup(buf_text(&told));
	buf_free(&told);
	return ids;
}

void
cluster_settle(const struct cluster *c)
{
	for (int i = 0; i < CLUSTER_NODES; i++) {
		int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;

		if (c->homes[i] == NULL || c->homes[i]->runner == 0)
			continue;
		for (bool same = false; !same;) {
			char *told = mappings_told(c->homes[i]);
			char *table = test_db_value(
			    "select string_agg(q.id || '=' || coalesce((select m.max_jobs from"
			    " jqm.node_mappings(n.id) as m where m.queue_id = q.id), 0), ' ' order"
			    " by q.id) from jqm.queue as q, jqm.node as n where n.name = '%s'",
			    c->homes[i]->node);

			same = strcmp(told, table) == 0;
			if (!same && clock_mono_ms() > until_ms)
				fail_msg("%s works with %s, not with %s", c->homes[i]->node, told,
					 table);
			free(told);
			free(table);
			if (!same)
				home_pause(10);
		}
	}
}

void
cluster_define(const struct cluster *c, const char *name, const char *command, const char *columns)
{
	char *path = str_printf("echo \"S $JQM_JI_ID\" >> %s; %s; echo \"E $JQM_JI_ID\" >> %s",
				c->record, command, c->record);

	home_define(name, "DEFAULTSHELLCOMMAND", path);
	if (columns != NULL)
		test_db_sql("update jqm.job_def set %s where name = '%s'", columns, name);
	free(path);
}

void
cluster_wait_all_over(const char *how_many)
{
	home_wait(how_many, "select count(*) from jqm.history");
	home_wait("0", "select count(*) from jqm.job_instance");
}

int
cluster_most_at_a_time(const struct cluster *c, int *starts_out)
{
	char *text = home_read(c->record);
	int now = 0, most = 0, starts = 0;

	for (const char *at = text; at != NULL && *at != '\0'; at = strchr(at, '\n') + 1) {
		now += *at == 'S' ? 1 : -1;
		starts += *at == 'S';
		if (now > most)
			most = now;
	}
	free(text);
	if (starts_out != NULL)
		*starts_out = starts;
	return most;
}

void
cluster_wait_starts(const struct cluster *c, int how_many)
{
	int64_t until_ms = clock_mono_ms() + HOME_PATIENCE_MS;
	int starts;

	while ((void)cluster_most_at_a_time(c, &starts), starts < how_many) {
		if (clock_mono_ms() > until_ms)
			fail_msg("%d jobs started, not %d", starts, how_many);
		home_pause(10);
	}
}

void
cluster_assert_starts(const struct cluster *c, int starts)
{
	int seen;

	(void)cluster_most_at_a_time(c, &seen);
	assert_int_equal(seen, starts);
}

void
cluster_assert_value(const char *sql, const char *expected)
{
	char *value = test_db_value("%s", sql);

	if (strcmp(value, expected) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", sql, value, expected);
	free(value);
}

void
cluster_kill_all(void)
{
	test_db_sql("select jqm.kill(id) from jqm.job_instance");
	home_wait("0", "select count(*) from jqm.job_instance");
}

void
cluster_queue(const char *name)
{
	test_db_sql("insert into jqm.queue (name) values ('%s')", name);
}

int64_t
cluster_enqueue_into(const char *queue_name, const char *definition)
{
	return home_number(
	    test_db_value("select jqm.enqueue('%s', queue_name => '%s')", definition, queue_name));
}

/* Of the last cluster_change(). */
static struct {
	int64_t before_ms, after_ms;
} change;

int64_t
cluster_change(const char *statements)
{
	change.before_ms = home_number(test_db_value("select " CLUSTER_NOW_MS));
	test_db_sql("do $do$ begin %s; end $do$", statements);
	change.after_ms = home_number(test_db_value("select " CLUSTER_NOW_MS));
	return change.before_ms;
}

static int64_t latest_ms; /* of what was to be within a second, in this try */

void
cluster_assert_soon(int64_t ms)
{
	if (ms > latest_ms)
		latest_ms = ms;
}

void
cluster_assert_claimed_soon(int64_t job, int64_t since_ms)
{
	int64_t at_ms;

	home_wait_state(job, "RUNNING");
	at_ms =
	    home_number(test_db_value("select (extract(epoch from attributed_at) * 1000)::bigint"
				      " from jqm.job_instance where id = %lld",
				      (long long)job));
	print_message("claimed after %lld ms\n", (long long)(at_ms - since_ms));
	assert_true(at_ms >= since_ms);
	cluster_assert_soon(at_ms - (since_ms == change.before_ms ? change.after_ms : since_ms));
}

void
cluster_soon(void **state, void (*once)(void **state))
{
	for (int tries = 1;; tries++) {
		latest_ms = 0;
		once(state);
		if (latest_ms <= 1000)
			return;
		if (tries == 5)
			fail_msg("five times later than a second, at last %lld ms",
				 (long long)latest_ms);
		assert_int_equal(cluster_tear_down(state), 0);
		assert_int_equal(cluster_set_up(state), 0);
	}
}
