/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and words of a definition, just inside and just outside of what is allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "db/db.h"
#include "tests/lib/a_job.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

static void
each_wrong_value_of_a_definition_is_refused_by_name(void **state)
{
	static const struct {
		const char *column, *field;
		const char *good[4], *bad[7]; /* the rest NULL */
	} cases[] = {
		{ "priority", "priority", { "1", "10" }, { "0", "-1", "11" } },
		{ "alert_after_min",
		  "reasonableRuntimeLimitMinute",
		  { "0", "2147483647" },
		  { "-1", "-2147483648" } },
		{ "run_max_s", "runMaxSeconds", { "1", "31536000" }, { "0", "-1", "31536001" } },
		{ "grace_ms", "graceMs", { "0", "3600000" }, { "-1", "3600001" } },
		{ "log_max_bytes",
		  "logMaxBytes",
		  { "65536", "1125899906842624" },
		  { "65535", "0", "1125899906842625" } },
		{ "files_max_bytes",
		  "filesMaxBytes",
		  { "0", "1125899906842624" },
		  { "-1", "1125899906842625" } },
		{ "files_max_count", "filesMaxCount", { "0", "1000000" }, { "-1", "1000001" } },
		{ "memory_max_bytes",
		  "memoryMaxBytes",
		  { "1048576", "1125899906842624" },
		  { "1048575", "0", "1125899906842625" } },
		{ "cpu_max_s", "cpuMaxSeconds", { "1", "31536000" }, { "0", "-5", "31536001" } },
		{ "processes_max", "processesMax", { "1", "100000" }, { "0", "-1", "100001" } },
		{ "umask", "umask", { "0", "511" }, { "-1", "512" } },
		{ "working_directory",
		  "workingDirectory",
		  { "'x'", "repeat('d', 1024)" },
		  { "''", "repeat('d', 1025)" } },
		{ "run_as",
		  "runAs",
		  { "'batch'", "'_www'", "'a.b-C_9'", "repeat('d', 32)" },
		  { "''", "'root'", "'two words'", "'-x'", "'a/b'", "'a\nb'", "repeat('d', 33)" } },
		{ "attempts_max", "attemptsMax", { "1", "100" }, { "0", "101", "-1" } },
		{ "retry_delay_s", "retryDelaySeconds", { "0", "604800" }, { "-1", "604801" } },
		{ "retry_delay_max_s",
		  "retryDelayMaxSeconds",
		  { "0", "604800" },
		  { "-1", "604801" } },
		{ "retry_backoff",
		  "retryBackoff",
		  { "'FIXED'", "'EXPONENTIAL'" },
		  { "'fixed'", "''", "'LINEAR'" } },
		{ "retry_delay_max_s = 3600, retry_backoff = 'EXPONENTIAL', retry_delay_s",
		  "retryDelaySeconds",
		  { "0", "3600" },
		  { "3601" } },
		{ "retry_exit_codes",
		  "retryExitCodes",
		  { "'{1}'", "'{1,75,255}'" },
		  { "'{}'", "'{0}'", "'{1,256}'" } },
		{ "retry_exit_codes",
		  "retryExitCodes",
		  { "NULL", "'{7}'" },
		  { "'{NULL}'", "'{1,NULL}'", "array_fill(1, '{256}')" } },
		{ "on_node_loss",
		  "onNodeLoss",
		  { "'REQUEUE'", "'HOLD'" },
		  { "'KILL'", "'hold'", "''" } },
		{ "node_losses_max", "nodeLossesMax", { "0", "10" }, { "-1", "11" } },
		{ "concurrency_key",
		  "concurrencyKey",
		  { "'k'", "repeat('k', 100)" },
		  { "''", "repeat('k', 101)" } },
	};
	struct db *api = db_new(test_db_conninfo_as("jqm_api"), "test_limits");
	char sql[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t j = 0; j < 4 && cases[i].good[j] != NULL; j++) {
			(void)snprintf(sql, sizeof(sql),
				       "UPDATE jqm.job_def SET %s = %s WHERE name = 'Plain'",
				       cases[i].column, cases[i].good[j]);
			assert_sql(api, sql);
		}
		for (size_t j = 0; j < 7 && cases[i].bad[j] != NULL; j++) {
			struct err err = ERR_INIT;

			(void)snprintf(sql, sizeof(sql),
				       "UPDATE jqm.job_def SET %s = %s WHERE name = 'Plain'",
				       cases[i].column, cases[i].bad[j]);
			print_message("%s\n", sql);
			assert_int_equal(db_exec_sql(api, sql, &err), -1);
			assert_int_equal(err.kind, ERR_INVALID);
			assert_non_null(strstr(err.text, cases[i].field));
		}
	}
	db_free(api);
}

/* All forms in which a job may say what it needs; what is no number of units or items. */
static void
each_wrong_need_is_refused_by_name_in_definitions_and_requests(void **state)
{
	static const char *const names[] = {
		"com.enioka.jqm.rm.quantity.consumption",
		"com.enioka.jqm.rm.quantity.thread.consumption",
		"com.enioka.jqm.rm.discrete.consumption",
		"com.enioka.jqm.rm.discrete.ports.consumption",
		"com.enioka.jqm.rm.discrete.other.consumption",
	};
	static const char *const wrong[] = { "abc", "-1",   "1.5", "100001", "99999999999999999999",
					     "1e3", "0x10", " " };
	struct db *api = db_new(test_db_conninfo_as("jqm_api"), "test_limits");
	char sql[400];

	(void)state;
	test_db_sql("UPDATE jqm.job_def SET parameters = '{}'");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t j = 0; j < sizeof(wrong) / sizeof(wrong[0]); j++) {
			for (int door = 0; door < 2; door++) {
				struct err err = ERR_INIT;

				(void)snprintf(sql, sizeof(sql), "%s '{\"%s\": \"%s\"}'%s",
					       door == 0 ? "UPDATE jqm.job_def SET parameters ="
							 : "SELECT jqm.enqueue('Plain',",
					       names[i], wrong[j], door == 0 ? "" : ")");
				print_message("%s\n", sql);
				assert_int_equal(db_exec_sql(api, sql, &err), -1);
				assert_int_equal(err.kind, ERR_INVALID);
				assert_non_null(strstr(err.text, names[i]));
			}
		}
	assert_sql_fails(
	    api,
	    "SELECT jqm.enqueue('Plain', '{\"com.enioka.jqm.rm.quantity.consumption\": \"0\"}')",
	    ERR_INVALID);
	assert_value("SELECT count(*) FROM jqm.job_instance", "0");
	assert_sql(
	    api,
	    "SELECT jqm.enqueue('Plain', '{\"com.enioka.jqm.rm.quantity.consumption\": \" 3 \"}')");
	assert_value("SELECT consumption || ' ' || needs_care FROM jqm.job_instance", "3 true");
	test_db_sql("DELETE FROM jqm.job_instance");
	db_free(api);
}

/* It is said once, by whoever looks first, and the job goes on. */
static void
a_job_that_runs_too_long_is_said_once(void **state)
{
	int64_t id = a_job_in("RUNNING");

	(void)state;
	test_db_sql(
	    "UPDATE jqm.job_def SET alert_after_min = 30;"
	    "UPDATE jqm.job_instance SET email = 'a@b', started_at = now() - interval '29 min'");
	assert_value("SELECT jqm.warn_late()", "0");
	test_db_sql("UPDATE jqm.job_instance SET started_at = now() - interval '30 min'");
	assert_value("SELECT jqm.warn_late()", "1");
	assert_value("SELECT jqm.warn_late()", "0");
	assert_value("SELECT string_agg(text_message, ',') FROM jqm.message",
		     "runs longer than 30 min");
	assert_value("SELECT string_agg(occasion || recipient, ',') FROM jqm.mail", "LATEa@b");
	assert_value("SELECT state || late FROM jqm.live_job", "RUNNINGtrue");
	a_job_ends(id, "ENDED");
	assert_value("SELECT string_agg(occasion, ',' ORDER BY id) FROM jqm.mail", "LATE,END");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wrong_value_of_a_definition_is_refused_by_name),
		cmocka_unit_test(each_wrong_need_is_refused_by_name_in_definitions_and_requests),
		cmocka_unit_test(a_job_that_runs_too_long_is_said_once),
	};

	return cmocka_run_group_tests(tests, a_job_set_up, a_job_tear_down);
}
