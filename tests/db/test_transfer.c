/* SPDX-License-Identifier: Apache-2.0 */
/* sql/schema/0029 and store/transfer_store.h: files of configuration go in whole or not at all, tell what they change,
 * and come out as they went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/configuration_xml.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "codec/job_def_xml.h"
#include "db/db.h"
#include "model/configuration.h"
#include "model/job_def.h"
#include "model/memory.h"
#include "model/problem_list.h"
#include "model/transfer.h"
#include "store/job_def_store.h"
#include "store/transfer_store.h"
#include "tests/lib/db_fixture.h"
#include "tests/lib/test_db.h"

#define CLUSTER "{nodes,queues,mappings,globalParameters,resources}"

/* clang-format off */
#define NODE(name, admin_api) \
	"<node><name>" name "</name><interface>h</interface><webPort>1</webPort>" \
	"<jmxRegistryPort>2</jmxRegistryPort><jmxServerPort>3</jmxServerPort><enabled>true</enabled>" \
	"<loadSimpleWebApi>true</loadSimpleWebApi><loadClientWebApi>false</loadClientWebApi>" \
	"<loadAdminWebApi>" admin_api "</loadAdminWebApi><jobDefDirectory>/j</jobDefDirectory>" \
	"<tmpDirectory></tmpDirectory><deliverableDirectory>/d</deliverableDirectory>" \
	"<logLevel>WARNING</logLevel></node>"
#define QUEUE(name, more) \
	"<queue><name>" name "</name><description>d</description>" more "</queue>"
#define MAPPING(node, threads) \
	"<mappings><mapping><nodeName>" node "</nodeName><maxThreads>" threads "</maxThreads>" \
	"<pollingIntervalMs>500</pollingIntervalMs><enabled>true</enabled></mapping></mappings>"
#define PARAMETER(key, value) "<parameter><key>" key "</key>" value "</parameter>"
#define RESOURCE(name, parameters) \
	"<resource><alias>" name "</alias><type>t</type><factory>f</factory>" \
	"<description>d</description><singleton>true</singleton>" \
	"<parameters>" parameters "</parameters></resource>"

static const char example[] =
	"<jqm><defaultQueueName>DAY</defaultQueueName>"
	"<nodes>" NODE("alpha", "true") NODE("beta", "false") "</nodes>"
	"<queues>"
	QUEUE("DAY", MAPPING("beta", "8")) QUEUE("NIGHT", "<ageingSeconds>60</ageingSeconds>")
	"</queues><globalParameters>"
	PARAMETER("k", "<value>v</value>") PARAMETER("pfxPassword", "<value>hush</value>")
	"</globalParameters><resources>"
	RESOURCE("mail/default", PARAMETER("host", "<value>h</value>")
		PARAMETER("password", "<value>hush</value>") PARAMETER("e", "<value/>"))
	"</resources></jqm>";
/* clang-format on */

struct fixture {
	struct db *db; /* as jqm_api, with its rights */
	struct pool pool;
	struct transfer_wish wish;
	struct transfer_report report;
	struct problem_list problems;
	struct err err;
};

static int
group_set_up(void **state)
{
	(void)state;
	(void)test_db_create("transfer");
	return 0;
}

/* As a new installation. */
static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	test_db_sql("TRUNCATE jqm.queue, jqm.node, jqm.global_parameter, jqm.jndi_resource,"
		    " jqm.execution_context, jqm.job_def RESTART IDENTITY CASCADE;"
		    "SELECT jqm.ensure_defaults()");
	f->db = db_new(test_db_conninfo_as("jqm_api"), "test_transfer");
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

/* 0, or -1 with f->err and f->problems. */
static int
import(struct fixture *f, const char *xml)
{
	struct buf json = BUF_INIT(1000000);
	struct configuration configuration;
	int rc;

	f->problems = (struct problem_list){ .len = 0 };
	if (configuration_xml_read(xml, strlen(xml), CONFIGURATION_ALL, &f->pool.memory,
				   &configuration, &f->problems, &f->err) == -1)
		fail_msg("no configuration: %s", f->err.text);
	doc_json_write(&configuration_doc, &configuration, &(struct doc_json_style){ false },
		       &json);
	rc = configuration_store_import(f->db, &f->wish, buf_text(&json), "alpha", "me",
					&f->pool.memory, &f->report, &f->problems, &f->err);
	buf_free(&json);
	return rc;
}

static void
imports(struct fixture *f, const char *xml)
{
	if (import(f, xml) == -1)
		fail_msg("not imported: %s", f->err.text);
}

static const char *export(struct fixture *f, const char *parts, int64_t id,
			  enum configuration_scope scope)
{
	struct configuration configuration;
	struct buf xml = BUF_INIT(1000000);
	const char *json, *copy;

	if (configuration_store_export(f->db, parts, id, &f->pool.memory, &json, &f->err) == -1 ||
	    doc_json_read(&configuration_doc, json, strlen(json), &f->pool.memory, &configuration,
			  &f->err) == -1)
		fail_msg("not exported: %s", f->err.text);
	configuration_xml_write(&configuration, scope, &xml);
	copy = memory_dup(&f->pool.memory, buf_text(&xml));
	buf_free(&xml);
	return copy;
}

/* Every row a file can describe, with numbers and dates. */
static const char *
tables(struct fixture *f)
{
	char *text = test_db_value(
	    "SELECT string_agg(line, E'\\n' ORDER BY line) FROM ("
	    " SELECT 'q' || to_jsonb(t)::text FROM jqm.queue AS t UNION ALL"
	    " SELECT 'n' || to_jsonb(t)::text FROM jqm.node AS t UNION ALL"
	    " SELECT 'm' || to_jsonb(t)::text FROM jqm.queue_mapping AS t UNION ALL"
	    " SELECT 'p' || to_jsonb(t)::text FROM jqm.global_parameter AS t UNION ALL"
	    " SELECT 'r' || to_jsonb(t)::text FROM jqm.jndi_resource AS t UNION ALL"
	    " SELECT 'c' || to_jsonb(t)::text FROM jqm.execution_context AS t UNION ALL"
	    " SELECT 'd' || to_jsonb(t)::text FROM jqm.job_def AS t) AS x (line)");
	const char *copy = memory_dup(&f->pool.memory, text);

	free(text);
	return copy;
}

static const struct transfer_object *
reported(const struct fixture *f, const char *kind, const char *name)
{
	for (size_t i = 0; i < f->report.objects.len; i++)
		if (strcmp(f->report.objects.items[i].kind, kind) == 0 &&
		    strcmp(f->report.objects.items[i].name, name) == 0)
			return &f->report.objects.items[i];
	fail_msg("nothing is reported of %s \"%s\"", kind, name);
	return NULL;
}

static void
assert_result(const struct fixture *f, const char *kind, const char *name,
	      enum transfer_result result)
{
	assert_int_equal(reported(f, kind, name)->result, result);
}

/* was or becomes NULL: nothing. */
static void
assert_change(const struct fixture *f, const char *kind, const char *name, const char *field,
	      const char *was, const char *becomes)
{
	const struct transfer_change_list *changes = &reported(f, kind, name)->changes;

	assert_result(f, kind, name, TRANSFER_UPDATED);
	for (size_t i = 0; i < changes->len; i++) {
		if (strcmp(changes->items[i].field, field) != 0)
			continue;
		assert_string_equal(was == NULL ? "-" : was,
				    changes->items[i].was == NULL ? "-" : changes->items[i].was);
		assert_string_equal(becomes == NULL ? "-" : becomes,
				    changes->items[i].becomes == NULL ? "-"
								      : changes->items[i].becomes);
		return;
	}
	fail_msg("no change of \"%s\" is reported", field);
}

static void
a_configuration_is_created_then_updated_then_left_alone(void **state)
{
	struct fixture *f = *state;
	const char *before;

	imports(f, example);
	assert_result(f, "node", "beta", TRANSFER_CREATED);
	assert_result(f, "mapping", "beta / DAY", TRANSFER_CREATED);
	assert_result(f, "resource", "mail/default", TRANSFER_CREATED);
	/* Not in the file, but another one is the default now. */
	assert_change(f, "queue", "DEFAULT", "defaultQueue", "true", "false");
	assert_value("SELECT concat_ws('|', dns, port, jmx_registry_port, jmx_server_port, enabled,"
		     " load_api_simple, load_api_client, load_api_admin, repo_job_def, repo_tmp,"
		     " repo_deliverable, root_log_level, template) FROM jqm.node"
		     " WHERE name = 'beta'",
		     "h|1|2|3|t|t|f|f|/j||/d|WARN|f");
	assert_value("SELECT string_agg(concat_ws('|', name, default_queue, ageing_s), ' '"
		     " ORDER BY name) FROM jqm.queue",
		     "DAY|t DEFAULT|f NIGHT|f|60");
	assert_value("SELECT max_jobs || '|' || polling_interval_ms FROM jqm.queue_mapping",
		     "8|500");
	assert_value("SELECT concat_ws('|', auth, singleton, parameters) FROM jqm.jndi_resource",
		     "CONTAINER|t|{\"e\": \"\", \"host\": \"h\", \"password\": \"hush\"}");

	imports(f,
		"<jqm><queues>" QUEUE("DAY", MAPPING("beta", "9")) "</queues><resources>" RESOURCE(
		    "mail/default", PARAMETER("host", "<value>i</value>")
					PARAMETER("password", "")) "</resources></jqm>");
	assert_change(f, "mapping", "beta / DAY", "nbThread", "8", "9");
	assert_change(f, "resource", "mail/default", "parameters.host", "h", "i");
	assert_change(f, "resource", "mail/default", "parameters.e", "", NULL);
	/* One without a value keeps its own. */
	assert_int_equal(reported(f, "resource", "mail/default")->changes.len, 2);
	assert_result(f, "queue", "DAY", TRANSFER_UNCHANGED);
	assert_int_equal(f->report.objects.len, 3);

	imports(f, example);
	before = tables(f);
	imports(f, example);
	for (size_t i = 0; i < f->report.objects.len; i++)
		assert_int_equal(f->report.objects.items[i].result, TRANSFER_UNCHANGED);
	assert_string_equal(tables(f), before);
}

static void
what_is_exported_and_imported_again_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *before, *again, *text;

	imports(f, example);
	test_db_sql(
	    "UPDATE jqm.queue SET time_to_live = 5 WHERE name = 'NIGHT';"
	    "UPDATE jqm.node SET template = true WHERE name = 'beta';"
	    "INSERT INTO jqm.jndi_resource (name, type, factory, template, auth, parameters)"
	    " VALUES ('odd', ' t', 'f', 'x', 'APP', '{\"none\": null, \" <\\\"&\": \"\\n\"}');"
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type)"
	    " SELECT 'A', id, 'x', 'FS' FROM jqm.queue WHERE name = 'NIGHT'");
	before = tables(f);
	text = export(f, CLUSTER, CONFIGURATION_EVERY, CONFIGURATION_ALL);
	assert_null(strstr(text, "hush"));
	imports(f, text);
	assert_string_equal(tables(f), before);
	imports(f, export(f, "{queues,jobs}", CONFIGURATION_EVERY, CONFIGURATION_QUEUES));
	imports(f, export(f, "{resources}", 1, CONFIGURATION_RESOURCES));
	assert_string_equal(tables(f), before);

	/* Into an empty database: the same but for what is not told, and for queues nobody uses there. */
	test_db_sql("DELETE FROM jqm.job_def; DELETE FROM jqm.jndi_resource; DELETE FROM"
		    " jqm.global_parameter; DELETE FROM jqm.queue_mapping; DELETE FROM jqm.node;"
		    " DELETE FROM jqm.queue");
	imports(f, text);
	assert_result(f, "param", "pfxPassword", TRANSFER_SKIPPED);
	assert_value("SELECT parameters -> 'password' FROM jqm.jndi_resource WHERE name ="
		     " 'mail/default'",
		     "null");
	test_db_sql("INSERT INTO jqm.global_parameter (key, value) VALUES ('pfxPassword', 'hush')");
	again = export(f, CLUSTER, CONFIGURATION_EVERY, CONFIGURATION_ALL);
	assert_string_equal(again, text);
}

static void
queues_bring_definitions_and_unknown_ones_are_skipped(void **state)
{
	struct fixture *f = *state;

	test_db_sql("INSERT INTO jqm.job_def (name, queue_id, path, path_type)"
		    " VALUES ('A', 1, 'x', 'FS'), ('B', 1, 'x', 'FS')");
	imports(f, "<jqm><queues>" QUEUE("NIGHT",
					 "<timeToLive>7</timeToLive><jobs>"
					 "<applicationName>A</applicationName><applicationName>Z"
					 "</applicationName></jobs>") "</queues></jqm>");
	assert_change(f, "definition", "A", "queue", "DEFAULT", "NIGHT");
	assert_result(f, "definition", "Z", TRANSFER_SKIPPED);
	assert_value(
	    "SELECT string_agg(d.name || q.name || coalesce(q.time_to_live, 0), ' ' ORDER BY"
	    " d.name) FROM jqm.job_def AS d JOIN jqm.queue AS q ON q.id = d.queue_id",
	    "ANIGHT7 BDEFAULT0");
}

static void
a_dry_run_tells_the_same_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *before = tables(f);
	size_t told;

	f->wish.dry_run = true;
	imports(f, example);
	assert_true(f->report.dry_run);
	assert_result(f, "node", "beta", TRANSFER_CREATED);
	told = f->report.objects.len;
	assert_string_equal(tables(f), before);
	f->wish.dry_run = false;
	imports(f, example);
	assert_false(f->report.dry_run);
	assert_int_equal(f->report.objects.len, told);
}

static void
all_problems_are_told_and_nothing_is_kept(void **state)
{
	static const char *const said[] = {
		"line 1: node \"a\tb\": field \"name\" has a control character",
		"line 3: \"defaultQueueName\": there is no queue \"NONE\", in the file or else",
		"line 4: mapping of queue \"GOOD\" to node \"gamma\": there is no such node",
		"line 5: parameter \" k\": field \"key\" begins or ends with a blank",
	};
	struct fixture *f = *state;
	const char *before = tables(f);

	assert_int_equal(
	    import(
		f,
		"<jqm><nodes>" NODE(
		    "a&#9;b",
		    "true") "</nodes>\n\n"
			    "<defaultQueueName>NONE</defaultQueueName><queues>\n" QUEUE(
				"GOOD",
				MAPPING("gamma",
					"1")) "</queues>\n"
					      "<globalParameters>" PARAMETER(
						  " k",
						  "<value>v</value>") "</globalParameters></jqm>"),
	    -1);
	assert_int_equal(f->err.kind, ERR_INVALID);
	assert_int_equal(f->problems.len, 4);
	for (size_t i = 0; i < 4; i++) {
		bool found = false;

		for (size_t j = 0; j < 4; j++)
			found |= strstr(f->problems.items[j], said[i]) != NULL;
		if (!found)
			fail_msg("no problem says \"%s\"; the first: %s", said[i],
				 f->problems.items[0]);
	}
	assert_string_equal(tables(f), before);
}

static void
the_admin_api_that_is_asked_stays_open(void **state)
{
	struct fixture *f = *state;

	imports(f, example); /* that of another node may be off */
	assert_int_equal(import(f, "<jqm><nodes>" NODE("alpha", "false") "</nodes></jqm>"), -1);
	assert_non_null(strstr(f->err.text, "would turn off the admin API of node \"alpha\""));
	assert_int_equal(
	    import(f, "<jqm><globalParameters>" PARAMETER(
			  "disableWsApiAdmin", "<value>TRUE</value>") "</globalParameters></jqm>"),
	    -1);
	assert_value("SELECT load_api_admin FROM jqm.node WHERE name = 'alpha'", "t");
	assert_value("SELECT count(*) FROM jqm.global_parameter WHERE key = 'disableWsApiAdmin'",
		     "0");
}

static int
refuse(void *arg, struct transfer_report *report, struct err *err)
{
	size_t *asked = arg;

	*asked = report->objects.len;
	return err_set(err, ERR_DENIED, "no");
}

static void
who_may_not_do_what_is_reported_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *before = tables(f);
	size_t asked = 0;

	f->wish = (struct transfer_wish){ false, refuse, &asked };
	assert_int_equal(import(f, example), -1);
	assert_int_equal(f->err.kind, ERR_DENIED);
	assert_true(asked > 5);
	assert_string_equal(tables(f), before);
}

/* Somebody edits a queue while it is imported. */
static int
edit(void *arg, struct transfer_report *report, struct err *err)
{
	int *times = arg;

	(void)report;
	(void)err;
	if ((*times)++ == 0)
		test_db_sql("UPDATE jqm.global_parameter SET value = 'theirs' WHERE key = 'k'");
	return 0;
}

static void
an_import_reports_itself_and_not_others(void **state)
{
	struct fixture *f = *state;
	int times = 0;

	imports(f, example);
	f->wish = (struct transfer_wish){ false, edit, &times };
	imports(f, "<jqm><queues>" QUEUE("DAY", "") "</queues></jqm>");
	assert_int_equal(times, 1);
	assert_int_equal(f->report.objects.len, 1);
	assert_value("SELECT value FROM jqm.global_parameter WHERE key = 'k'", "theirs");
}

static int
import_definitions(struct fixture *f, const char *xml)
{
	struct job_def_set set;

	if (job_def_xml_read(xml, strlen(xml), &f->pool.memory, &set, &f->err) == -1)
		fail_msg("no descriptor: %s", f->err.text);
	return job_def_store_import(f->db, &set, &f->wish, &f->pool.memory, &f->report,
				    &f->problems, &f->err);
}

static const char *
without_numbers(struct fixture *f)
{
	char *text =
	    test_db_value("SELECT string_agg((to_jsonb(d) - "
			  "'{id,execution_context_id,last_modified}'::text[])::text"
			  " || coalesce((to_jsonb(c) - 'id')::text, ''), ' ' ORDER BY d.name) FROM "
			  "jqm.job_def AS d"
			  " LEFT JOIN jqm.execution_context AS c ON c.id = d.execution_context_id");
	const char *copy = memory_dup(&f->pool.memory, text);

	free(text);
	return copy;
}

static void
definitions_come_back_as_they_were_and_tell_what_changes(void **state)
{
	struct fixture *f = *state;
	struct buf xml = BUF_INIT(100000);
	struct job_def_set set;
	const char *before, *document;

	test_db_sql(
	    "INSERT INTO jqm.execution_context (name, handlers, extra_classpath_dirs, "
	    "hidden_classes)"
	    " VALUES ('C', '[{\"className\": \"c\", \"event\": \"JI_STARTING\","
	    " \"parameters\": {\"a\": \"b\"}}]', '/x', '');"
	    "INSERT INTO jqm.job_def (name, queue_id, path, path_type, execution_context_id, "
	    "module,"
	    " keyword1, enabled, external, java_opts, priority, parameters, retry_exit_codes,"
	    " alert_after_min, parameter_types) VALUES"
	    " ('Bare', 1, 'x', 'FS', NULL, NULL, '', true, false, NULL, NULL, '{}', NULL, NULL, "
	    "'[]'),"
	    " ('Full', 1, 'y', 'MAVEN', 1, '', 'k', false, true, '-X', 7, '{\"p\": \"v\"}', "
	    "'{1,2}', 0, '[{\"key\": \"p\", \"type\": \"CHOICE\", \"choices\": [\"v\", \"a < b\"],"
	    " \"required\": true, \"hint\": \"which\"}, {\"key\": \"n\", \"type\": "
	    "\"INTEGER\"}]')");
	before = tables(f);
	assert_int_equal(job_def_store_export(f->db, JOB_DEF_ALL, &f->pool.memory, &set, &f->err),
			 0);
	job_def_xml_write(&set, &xml);
	assert_int_equal(import_definitions(f, buf_text(&xml)), 0);
	assert_string_equal(tables(f), before);
	for (size_t i = 0; i < f->report.objects.len; i++)
		assert_int_equal(f->report.objects.items[i].result, TRANSFER_UNCHANGED);
	assert_int_equal(f->report.objects.len, 3);

	/* Into an empty table: all of it, but for numbers and dates. */
	document = without_numbers(f);
	test_db_sql("DELETE FROM jqm.job_def; DELETE FROM jqm.execution_context");
	assert_int_equal(import_definitions(f, buf_text(&xml)), 0);
	assert_string_equal(without_numbers(f), document);

	test_db_sql("UPDATE jqm.job_def SET keyword1 = 'other', parameters = '{\"q\": \"w\"}',"
		    " parameter_types = '[]'"
		    " WHERE name = 'Full'; UPDATE jqm.execution_context SET tracing = true");
	before = tables(f);
	f->wish.dry_run = true;
	assert_int_equal(import_definitions(f, buf_text(&xml)), 0);
	assert_change(f, "definition", "Full", "keyword1", "other", "k");
	assert_change(f, "definition", "Full", "parameters.p", NULL, "v");
	assert_change(f, "definition", "Full", "parameters.q", "w", NULL);
	assert_change(f, "definition", "Full", "parameterTypes", "[]",
		      "[{\"key\": \"p\", \"hint\": \"which\", \"type\": \"CHOICE\", \"choices\": "
		      "[\"v\", \"a < b\"], \"required\": true}, {\"key\": \"n\", \"hint\": null, "
		      "\"type\": \"INTEGER\", \"choices\": [], \"required\": false}]");
	assert_change(f, "context", "C", "tracingEnabled", "true", "false");
	assert_result(f, "definition", "Bare", TRANSFER_UNCHANGED);
	assert_string_equal(tables(f), before);
	buf_free(&xml);
}

static void
a_node_is_made_like_another_one(void **state)
{
	struct fixture *f = *state;
	int64_t id = 0;

	imports(f, example);
	test_db_sql(
	    "UPDATE jqm.node SET template = true, enabled = false WHERE name = 'beta';"
	    "UPDATE jqm.queue_mapping SET enabled = false;"
	    "INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)"
	    " SELECT n.id, q.id, 1, 1 FROM jqm.node AS n, jqm.queue AS q"
	    " WHERE n.name = 'alpha' AND q.name IN ('DAY', 'NIGHT')");
	assert_int_equal(node_copy_store(f->db, 2, "gamma", "", false, &id, &f->err), 0);
	assert_int_equal(node_copy_store(f->db, 2, "alpha", "a.example", true, &id, &f->err), 0);
	assert_value("SELECT string_agg(concat_ws('|', name, dns, port, enabled, template,"
		     " root_log_level, repo_job_def), ' ' ORDER BY name) FROM jqm.node",
		     "alpha|a.example|1|f|f|WARN|/j beta|h|1|f|t|WARN|/j gamma|h|1|f|f|WARN|/j");
	assert_value("SELECT string_agg(concat_ws('|', n.name, q.name, max_jobs,"
		     " polling_interval_ms, m.enabled), ' ' ORDER BY n.name) FROM jqm.queue_mapping"
		     " AS m JOIN jqm.node AS n ON n.id = node_id JOIN jqm.queue AS q"
		     " ON q.id = queue_id",
		     "alpha|DAY|8|500|t beta|DAY|8|500|f gamma|DAY|8|500|t");
	assert_int_equal(node_copy_store(f->db, 2, "alpha", "", false, &id, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_DENIED);
	assert_int_equal(node_copy_store(f->db, 2, "beta", "", true, &id, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_INVALID);
	assert_int_equal(node_copy_store(f->db, 99, "x", "", true, &id, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	assert_int_equal(node_copy_store(f->db, 2, " x", "", true, &id, &f->err), -1);
	assert_int_equal(f->err.kind, ERR_INVALID);
	assert_value("SELECT count(*) FROM jqm.node", "3");
}

int
main(void)
{
#define each(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		each(a_configuration_is_created_then_updated_then_left_alone),
		each(what_is_exported_and_imported_again_changes_nothing),
		each(queues_bring_definitions_and_unknown_ones_are_skipped),
		each(a_dry_run_tells_the_same_and_changes_nothing),
		each(all_problems_are_told_and_nothing_is_kept),
		each(the_admin_api_that_is_asked_stays_open),
		each(who_may_not_do_what_is_reported_changes_nothing),
		each(an_import_reports_itself_and_not_others),
		each(definitions_come_back_as_they_were_and_tell_what_changes),
		each(a_node_is_made_like_another_one),
	};

	return cmocka_run_group_tests(tests, group_set_up, NULL);
}
