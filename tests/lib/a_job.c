/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/a_job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/db.h"
#include "tests/lib/test_db.h"

struct db *a_client;

int
a_job_set_up(void **state)
{
	(void)state;
	(void)test_db_create("verbs");
	test_db_sql(
	    "INSERT INTO jqm.queue (name) VALUES ('other');" /* gets number 2 */
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type, highlander, parameters)"
	    " SELECT n, id, 'true', 'DEFAULTSHELLCOMMAND', n = 'Highlander', '{\"a\": \"1\"}'"
	    " FROM jqm.queue, unnest(ARRAY['Plain', 'Highlander']) AS n WHERE default_queue;"
	    "SELECT jqm.node_register('n1', gen_random_uuid(), 3600000, '/j', '/d', '/t',"
	    " 'localhost', 1)");
	a_client = db_new(test_db_conninfo_as("jqm_client"), "test_verbs");
	return 0;
}

int
a_job_set_up_beside_n2(void **state)
{
	(void)a_job_set_up(state);
	test_db_sql("SELECT jqm.node_register('n2', gen_random_uuid(), 10000, '/j', '/d', '/t',"
		    " 'localhost', 1)");
	return 0;
}

int
a_job_tear_down(void **state)
{
	(void)state;
	db_free(a_client);
	return 0;
}

int64_t
a_number(const char *sql)
{
	char *text = test_db_value("%s", sql);
	int64_t value = strtoll(text, NULL, 10);

	free(text);
	return value;
}

int64_t
a_number_of(const char *fmt, ...)
{
	char sql[500];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(sql, sizeof(sql), fmt, args);
	va_end(args);
	assert_in_range(len, 1, sizeof(sql) - 1);
	return a_number(sql);
}

int64_t
a_job_of(const char *definition)
{
	char sql[100];

	(void)snprintf(sql, sizeof(sql), "SELECT jqm.enqueue('%s')", definition);
	return a_number(sql);
}

void
a_job_starts(int64_t id)
{
	test_db_sql("SELECT jqm.mark_started(1, 1, '[{\"id\": %lld, \"attempt\": 1,"
		    " \"ago_ms\": 0}]')",
		    (long long)id);
}

void
a_job_ends(int64_t id, const char *end)
{
	test_db_sql(
	    "SELECT jqm.finish(1, 1, '[{\"id\": %lld, \"attempt\": 1, \"state\": \"%s\"}]')",
	    (long long)id, end);
}

int64_t
a_job_in(const char *state)
{
	int64_t id = A_JOB_UNKNOWN;

	test_db_sql("DELETE FROM jqm.job_instance");
	if (strcmp(state, "unknown") == 0)
		return id;
	id = a_job_of("Plain");
	if (strcmp(state, "SUBMITTED") == 0)
		return id;
	if (strcmp(state, "HOLDED") == 0 || strcmp(state, "SCHEDULED") == 0) {
		test_db_sql("UPDATE jqm.job_instance SET state = '%s', run_after = 'tomorrow'",
			    state);
		return id;
	}
	if (strcmp(state, "CANCELLED") == 0) {
		test_db_sql("SELECT jqm.cancel(%lld)", (long long)id);
		return id;
	}
	test_db_sql(A_CLAIM);
	if (strcmp(state, "ATTRIBUTED") == 0)
		return id;
	a_job_starts(id);
	if (strcmp(state, "RUNNING") != 0)
		a_job_ends(id, state);
	return id;
}

const char *const a_job_states[A_JOB_STATES] = { "SUBMITTED", "SCHEDULED", "HOLDED",  "ATTRIBUTED",
						 "RUNNING",   "ENDED",     "CRASHED", "KILLED",
						 "CANCELLED", "unknown" };

const char *
a_job_state_after(char outcome, const char *before)
{
	static const char letters[] = "SDHAREFKC-?";
	static const char *const names[] = { "SUBMITTED", "SCHEDULED", "HOLDED",  "ATTRIBUTED",
					     "RUNNING",   "ENDED",     "CRASHED", "KILLED",
					     "CANCELLED", "",          "" };
	const char *at = strchr(letters, outcome);

	assert_true(outcome != '\0');
	return at == NULL ? before : names[at - letters];
}

char *
a_job_row(int64_t id)
{
	return test_db_value(
	    "SELECT j.row || coalesce((SELECT string_agg(text_message, ',' ORDER BY id)"
	    " FROM jqm.message WHERE job_instance_id = %lld), '') FROM"
	    " (SELECT id, l::text AS row FROM jqm.job_instance AS l UNION ALL"
	    " SELECT id, h::text FROM jqm.history AS h) AS j WHERE j.id = %lld",
	    (long long)id, (long long)id);
}

char *
a_job_state(int64_t id)
{
	return test_db_value("SELECT state FROM jqm.live_job WHERE id = %lld"
			     " UNION ALL SELECT state FROM jqm.past_job WHERE id = %lld",
			     (long long)id, (long long)id);
}

void
assert_job_state(int64_t id, const char *want)
{
	char *state = a_job_state(id);

	assert_string_equal(state, want);
	free(state);
}

void
assert_job_reason(int64_t id, const char *want)
{
	char *reason =
	    test_db_value("SELECT reason FROM jqm.past_job WHERE id = %lld", (long long)id);

	assert_string_equal(reason, want);
	free(reason);
}
