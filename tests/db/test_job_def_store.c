/* SPDX-License-Identifier: Apache-2.0 */
/* store/job_def_store.c: a descriptor becomes rows, all or none, and what administrators chose stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "codec/job_def_xml.h"
#include "db/db.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/problem_list.h"
#include "model/transfer.h"
#include "store/job_def_store.h"
#include "store/transfer_store.h"
#include "tests/lib/test_db.h"

#define DEF(name, more)                                                                    \
	"<jar><path>echo " name "</path><pathType>DEFAULTSHELLCOMMAND</pathType>"          \
	"<jobdefinitions><jobDefinition><name>" name "</name><description>d</description>" \
	"<canBeRestarted>false</canBeRestarted><javaClassName/><module>m</module>"         \
	"<highlander>true</highlander>" more "</jobDefinition></jobdefinitions></jar>"
#define PARAMETER(key, value) "<parameter><key>" key "</key><value>" value "</value></parameter>"

struct fixture {
	struct db *db; /* as jqm_api, with its rights */
	struct pool pool;
	struct transfer_report report;
	struct problem_list problems;
	struct err err;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)test_db_create("job_def_store");
	f->db = db_new(test_db_conninfo_as("jqm_api"), "test_job_def_store");
	pool_init(&f->pool);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	db_free(f->db);
	pool_free(&f->pool);
	free(f);
	return 0;
}

/* 0, or -1 with f->err. */
static int
import(struct fixture *f, const char *xml)
{
	struct job_def_set set;

	err_clear(&f->err);
	if (job_def_xml_read(xml, strlen(xml), &f->pool.memory, &set, &f->err) == -1)
		fail_msg("no descriptor: %s", f->err.text);
	return job_def_store_import(f->db, &set, &(struct transfer_wish){ false, NULL, NULL },
				    &f->pool.memory, &f->report, &f->problems, &f->err);
}

static void
imports(struct fixture *f, const char *xml)
{
	if (import(f, xml) == -1)
		fail_msg("not imported: %s", f->err.text);
}

static void
assert_reported(struct fixture *f, size_t i, const char *kind, const char *name,
		enum transfer_result result)
{
	assert_true(i < f->report.objects.len);
	assert_string_equal(f->report.objects.items[i].kind, kind);
	assert_string_equal(f->report.objects.items[i].name, name);
	assert_int_equal(f->report.objects.items[i].result, result);
}

static void
assert_value(const char *expected, const char *sql)
{
	char *value = test_db_value("%s", sql);

	assert_string_equal(value, expected);
	free(value);
}

static void
every_member_of_a_new_definition_is_stored(void **state)
{
	struct fixture *f = *state;

	imports(
	    f, "<jqm>" DEF("Full", "<queue>NIGHT</queue><application>a</application>"
				   "<keyword1>k1</keyword1><keyword2></keyword2>"
				   "<reasonableRuntimeLimitMinute>30</reasonableRuntimeLimitMinute>"
				   "<executionContext>C</executionContext><parameters>" PARAMETER(
				       "say", "\"it's\" \\ &lt;b&gt; \xc3\xa9")
				       PARAMETER("10", "x") "</parameters>")
		   DEF("Plain",
		       "") "<context><name>C</name><childFirst>1</childFirst><runners>r</runners>"
			   "<eventHandlers><handler><className>c</className>"
			   "<event>JI_STARTING</event><parameters>" PARAMETER(
			       "p", "v") "</parameters></handler></eventHandlers></context></jqm>");
	assert_int_equal(f->report.objects.len, 4);
	assert_reported(f, 0, "queue", "NIGHT", TRANSFER_CREATED);
	assert_reported(f, 1, "context", "C", TRANSFER_CREATED);
	assert_reported(f, 2, "definition", "Full", TRANSFER_CREATED);
	assert_reported(f, 3, "definition", "Plain", TRANSFER_CREATED);

	assert_value(
	    "echo Full|DEFAULTSHELLCOMMAND||d|t|f|a|m|k1||-|30|C|t|f|NIGHT",
	    "select concat_ws('|', d.path, path_type, class_name, d.description, highlander,"
	    " can_be_restarted, application, module, keyword1, keyword2,"
	    " coalesce(keyword3, '-'), alert_after_min, c.name, enabled, external, q.name)"
	    " from jqm.job_def d join jqm.queue q on q.id = queue_id"
	    " join jqm.execution_context c on c.id = execution_context_id"
	    " where d.name = 'Full'");
	assert_value("\"it's\" \\ <b> \xc3\xa9|x",
		     "select parameters ->> 'say' || '|' || (parameters ->> '10')"
		     " from jqm.job_def where name = 'Full'");
	assert_value("DEFAULT-", "select q.name || coalesce(alert_after_min::text, '-')"
				 " from jqm.job_def d join jqm.queue q on q.id = d.queue_id"
				 " where d.name = 'Plain'");
	assert_value("created by the import of job definition Full|f",
		     "select description || '|' || default_queue::text::char(1)"
		     " from jqm.queue where name = 'NIGHT'");
	assert_value(
	    "t|f|t|-|r|c|JI_STARTING|v",
	    "select concat_ws('|', child_first, tracing, persistent,"
	    " coalesce(hidden_classes, '-'), allowed_runners, handlers -> 0 ->> 'className',"
	    " handlers -> 0 ->> 'event', handlers -> 0 -> 'parameters' ->> 'p')"
	    " from jqm.execution_context");
}

static void
importing_again_replaces_but_keeps_what_the_file_does_not_know(void **state)
{
	struct fixture *f = *state;

	imports(f, "<jqm>" DEF("D", "<queue>Q1</queue><keyword1>k</keyword1>"
				    "<reasonableRuntimeLimitMinute>5</reasonableRuntimeLimitMinute>"
				    "<parameters>" PARAMETER("a", "1")
					PARAMETER("b", "2") "</parameters>") "</jqm>");
	test_db_sql("update jqm.job_def set enabled = false, priority = 7, external = true,"
		    " java_opts = '-Xmx1g'");
	imports(f, "<jqm>" DEF(
		       "D", "<queue>Q2</queue><application>now</application><parameters>" PARAMETER(
				"b", "3") "</parameters>") "</jqm>");
	assert_int_equal(f->report.objects.len, 1);
	assert_reported(f, 0, "definition", "D", TRANSFER_UPDATED);
	assert_value("Q1|now|-|-|{\"b\": \"3\"}|f|7|t|-Xmx1g",
		     "select concat_ws('|', q.name, application, coalesce(keyword1, '-'),"
		     " coalesce(alert_after_min::text, '-'), parameters, enabled, priority,"
		     " external, java_opts)"
		     " from jqm.job_def d join jqm.queue q on q.id = d.queue_id");
	assert_value("0", "select count(*) from jqm.queue where name = 'Q2'");
	/* History shows jobs with the tags they had: the definition now points to other ones. */
	assert_value("now", "select s.application from jqm.job_def d"
			    " join jqm.definition_snapshot s on s.id = d.snapshot_id");
	imports(f, "<jqm>" DEF("D", "") "</jqm>");
	assert_value("{}", "select parameters from jqm.job_def");
}

/* As JQM 2.2 does; one of which the file says no queue stays where it is. */
static void
importing_again_moves_to_the_queue_of_the_file_where_a_parameter_says_so(void **state)
{
	struct fixture *f = *state;
	static const char where[] =
	    "select string_agg(d.name || ' ' || q.name, ',' order by d.name)"
	    " from jqm.job_def d join jqm.queue q on q.id = d.queue_id";

	imports(f, "<jqm>" DEF("D", "<queue>Q1</queue>") DEF("E", "<queue>Q1</queue>") "</jqm>");
	imports(f, "<jqm>" DEF("D", "<queue>Q2</queue>") "</jqm>");
	assert_value("D Q1,E Q1", where);
	test_db_sql("insert into jqm.global_parameter (key, value) values "
		    "('importMovesDefinitions', 'true')");
	imports(f, "<jqm>" DEF("D", "<queue>Q2</queue>") DEF("E", "") "</jqm>");
	assert_value("D Q2,E Q1", where);
	assert_reported(f, 0, "queue", "Q2", TRANSFER_CREATED);
	assert_reported(f, 1, "definition", "D", TRANSFER_UPDATED);
	assert_reported(f, 2, "definition", "E", TRANSFER_UNCHANGED);
	imports(f, "<jqm>" DEF("D", "<queue>Q2</queue>") "</jqm>");
	assert_reported(f, 0, "definition", "D", TRANSFER_UNCHANGED);
}

static void
one_bad_definition_leaves_nothing_of_the_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    import(f, "<jqm>" DEF("First", "<queue>NEW</queue>") DEF(
			  "Second",
			  "<executionContext>Nobody</executionContext>") "<context><name>C</name></"
									 "context></jqm>"),
	    -1);
	assert_int_equal(f->err.kind, ERR_INVALID);
	assert_string_equal(f->err.text,
			    "line 1: definition \"Second\": there is no execution context"
			    " \"Nobody\"");
	assert_value("0|0|0", "select concat_ws('|', (select count(*) from jqm.job_def),"
			      " (select count(*) from jqm.queue where name = 'NEW'),"
			      " (select count(*) from jqm.execution_context))");
}

static void
each_bad_definition_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    import(f, "<jqm>" DEF("First",
				  "<executionContext>Who</executionContext>") "\n" DEF("Second", "")
			  DEF("Third", "<executionContext>Nobody</executionContext>") "</jqm>"),
	    -1);
	assert_int_equal(f->problems.len, 2);
	assert_string_equal(f->problems.items[0],
			    "line 1: definition \"First\": there is no execution context \"Who\"");
	assert_string_equal(
	    f->problems.items[1],
	    "line 2: definition \"Third\": there is no execution context \"Nobody\"");
	assert_value("0", "select count(*) from jqm.job_def");
}

static void
a_context_is_replaced_as_a_whole(void **state)
{
	struct fixture *f = *state;

	imports(
	    f,
	    "<jqm>" DEF(
		"D", "<executionContext>C</executionContext>") "<context><name>C</"
							       "name><persistent>false</"
							       "persistent><runners>r</runners>"
							       "<extraClasspathDirs>/x</"
							       "extraClasspathDirs><eventHandlers><"
							       "handler>"
							       "<className>c</"
							       "className><event>JI_STARTING</"
							       "event></handler>"
							       "</eventHandlers></context></jqm>");
	imports(f, "<jqm>" DEF("D", "") "<context><name>C</name><tracingEnabled>true"
					"</tracingEnabled></context></jqm>");
	assert_value("t|t|-|-|[]",
		     "select concat_ws('|', persistent, tracing, coalesce(allowed_runners, '-'),"
		     " coalesce(extra_classpath_dirs, '-'), handlers) from jqm.execution_context");
	assert_value("none",
		     "select coalesce(execution_context_id::text, 'none') from jqm.job_def");
}

static void
without_a_default_queue_a_new_definition_must_name_one(void **state)
{
	struct fixture *f = *state;

	imports(f, "<jqm>" DEF("Old", "") "</jqm>");
	test_db_sql("update jqm.queue set default_queue = false");
	assert_int_equal(import(f, "<jqm>" DEF("New", "") "</jqm>"), -1);
	assert_int_equal(f->err.kind, ERR_INVALID);
	assert_string_equal(f->err.text, "line 1: definition \"New\": it names no queue and there"
					 " is no default queue");
	imports(f, "<jqm>" DEF("Old", "") DEF("New", "<queue>Q</queue>") "</jqm>");
	assert_reported(f, 0, "queue", "Q", TRANSFER_CREATED);
	assert_reported(f, 1, "definition", "New", TRANSFER_CREATED);
	assert_reported(f, 2, "definition", "Old", TRANSFER_UNCHANGED);
}

#define RULES                                                                                      \
	"<limits><runMaxSeconds>3600</runMaxSeconds><graceMs>0</graceMs>"                          \
	"<logMaxBytes>64k</logMaxBytes><filesMaxBytes>2G</filesMaxBytes>"                          \
	"<filesMaxCount>0</filesMaxCount><memoryMaxBytes>1M</memoryMaxBytes>"                      \
	"<cpuMaxSeconds>60</cpuMaxSeconds><processesMax>20</processesMax><umask>027</umask>"       \
	"<workingDirectory>a \"b\"</workingDirectory></limits><retry><attemptsMax>3</attemptsMax>" \
	"<backoff>EXPONENTIAL</backoff><delaySeconds>10</delaySeconds>"                            \
	"<delayMaxSeconds>600</delayMaxSeconds><exitCodes>1,2,75</exitCodes></retry>"              \
	"<onNodeLoss>HOLD</onNodeLoss><nodeLossesMax>0</nodeLossesMax>"                            \
	"<concurrencyKey>db</concurrencyKey><runAs>batch</runAs>"
/* What they are in the database. */
#define RULE_COLUMNS                                                                           \
	"concat_ws('|', run_max_s, grace_ms, log_max_bytes, files_max_bytes, files_max_count," \
	" memory_max_bytes, cpu_max_s, processes_max, umask, working_directory, attempts_max," \
	" retry_backoff, retry_delay_s, retry_delay_max_s, retry_exit_codes, on_node_loss,"    \
	" node_losses_max, concurrency_key, run_as)"

static void
limits_and_retries_are_stored_and_what_is_not_said_is_the_default(void **state)
{
	struct fixture *f = *state;

	imports(f, "<jqm>" DEF("D", RULES) "</jqm>");
	assert_value("3600|0|65536|2147483648|0|1048576|60|20|23|a \"b\"|3|EXPONENTIAL|10|600|"
		     "{1,2,75}|HOLD|0|db|batch",
		     "select " RULE_COLUMNS " from jqm.job_def");
	/* a definition of JQM's own file, and one made by SQL, are alike */
	imports(f, "<jqm>" DEF("D", "") "</jqm>");
	test_db_sql("insert into jqm.job_def (name, queue_id, path, path_type)"
		    " select 'S', queue_id, path, path_type from jqm.job_def");
	assert_value("1|FIXED|60|3600|CRASH|2", "select " RULE_COLUMNS " from jqm.job_def"
						" where name = 'D'");
	assert_value("1", "select count(distinct " RULE_COLUMNS ") from jqm.job_def");
}

static void
enabled_and_priority_are_changed_by_who_says_them(void **state)
{
#define SWITCHES "select concat_ws('|', enabled, coalesce(priority, 0)) from jqm.job_def"
	struct fixture *f = *state;

	imports(f, "<jqm>" DEF("D", "<enabled>false</enabled><priority>7</priority>") "</jqm>");
	assert_value("f|7", SWITCHES);
	imports(f, "<jqm>" DEF("D", "") "</jqm>");
	assert_value("f|7", SWITCHES);
	imports(f, "<jqm>" DEF("D", "<enabled>1</enabled>") "</jqm>");
	assert_value("t|7", SWITCHES);
	imports(f, "<jqm>" DEF("D", "<priority>0</priority>") "</jqm>");
	assert_value("t|0", SWITCHES);
	test_db_sql("delete from jqm.job_def");
	imports(f, "<jqm>" DEF("D", "<priority>0</priority>") "</jqm>");
	assert_value("t|0", SWITCHES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_member_of_a_new_definition_is_stored, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
		    importing_again_replaces_but_keeps_what_the_file_does_not_know, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    importing_again_moves_to_the_queue_of_the_file_where_a_parameter_says_so,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_bad_definition_leaves_nothing_of_the_file,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_bad_definition_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_context_is_replaced_as_a_whole, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
		    limits_and_retries_are_stored_and_what_is_not_said_is_the_default, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(enabled_and_priority_are_changed_by_who_says_them,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    without_a_default_queue_a_new_definition_must_name_one, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
