/* SPDX-License-Identifier: Apache-2.0 */
/* The wire tables themselves, and what jobs look like to JQM's consoles and clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "model/deliverable.h"
#include "model/error_report.h"
#include "model/job_instance.h"
#include "model/job_request.h"
#include "model/memory.h"
#include "model/permissions_bag.h"
#include "model/queue.h"
#include "model/version.h"

static const struct wire_object *const docs[] = {
	&job_request_doc,
	&job_def_view_doc,
	&job_instance_doc,
	&deliverable_doc,
	&queue_doc,
	&error_report_doc,
	&permissions_bag_doc,
	&version_doc,
	&certificate_doc,
	&certificate_order_doc,
	&certificate_issued_doc,
	&certificate_mapping_doc,
	&node_doc,
	&schedule_doc,
	&admin_queue_doc,
	&admin_mapping_doc,
	&admin_resource_doc,
	&admin_parameter_doc,
	&admin_schedule_doc,
	&admin_definition_doc,
	&admin_context_doc,
	&admin_user_doc,
	&admin_role_doc,
	&admin_limit_doc,
	&usage_stats_doc,
	&history_slot_doc,
	&queue_load_doc,
	&job_query_doc,
	&configuration_doc,
	&transfer_report_doc,
	&import_error_report_doc,
};

static char *
json_of(const struct wire_object *type, const void *object)
{
	struct doc_json_style style = { false };
	struct buf out = BUF_INIT(100000);

	doc_json_write(type, object, &style, &out);
	return buf_take(&out);
}

static void
every_row_is_complete_and_named_once(void **state)
{
	(void)state;

	for (size_t d = 0; d < sizeof(docs) / sizeof(docs[0]); d++) {
		assert_non_null(docs[d]->name);
		assert_non_null(docs[d]->description);
		for (size_t i = 0; i < docs[d]->fields_len; i++) {
			const struct wire_field *field = &docs[d]->fields[i];

			print_message("%s.%s\n", docs[d]->name, field->name);
			assert_ptr_equal(wire_field_named(docs[d], field->name), field);
			assert_true(field->description != NULL && field->description[0] != '\0');
			assert_true(field->offset < docs[d]->size);
			assert_true((field->type == WIRE_ENUM) == (field->names != NULL));
			assert_true(field->max >= field->min);
		}
	}
}

static void
a_request_of_the_java_client_is_read(void **state)
{
	static const char json[] =
	    "{\"applicationName\":\"NightlyBilling\",\"sessionID\":0,\"traceId\":\"t\","
	    "\"user\":\"alice\",\"keyword1\":\"EU\",\"priority\":4,\"startState\":\"HOLDED\","
	    "\"parentJobId\":12,\"parameters\":[{\"key\":\"month\",\"value\":\"2024-03\"}],"
	    "\"somethingNew\":1}";
	struct job_request request;
	struct err err = ERR_INIT;
	struct pool pool;
	(void)state;

	pool_init(&pool);
	assert_int_equal(
	    doc_json_read(&job_request_doc, json, strlen(json), &pool.memory, &request, &err), 0);
	assert_string_equal(request.application_name, "NightlyBilling");
	assert_string_equal(request.session_id, "0");
	assert_string_equal(request.user, "alice");
	assert_int_equal(request.priority.value, 4);
	assert_int_equal(request.start_state, JOB_HOLDED);
	assert_int_equal(request.parent_job_id.value, 12);
	assert_string_equal(text_map_get(&request.parameters, "month"), "2024-03");
	assert_int_equal(job_request_check(&request, &err), 0);
	assert_int_equal(job_request_first_state(&request), JOB_HOLDED);
	pool_free(&pool);
}

static struct job_request
read_request(const char *json, struct pool *pool)
{
	struct job_request request = { .application_name = NULL };
	struct err err = ERR_INIT;

	if (doc_json_read(&job_request_doc, json, strlen(json), &pool->memory, &request, &err) ==
	    -1)
		fail_msg("%s: %s", json, err.text);
	return request;
}

static void
members_that_exclude_each_other_are_refused(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
		{ "{}", "applicationName is missing" },
		{ "{\"applicationName\":\" \\t\"}", "applicationName is missing" },
		{ "{\"applicationName\":\"a\",\"startState\":\"RUNNING\"}",
		  "startState \"RUNNING\" is not one a job can start in" },
		{ "{\"applicationName\":\"a\",\"startState\":\"HOLDED\",\"runAfter\":1}",
		  "exclude each other" },
		{ "{\"scheduleId\":0}", "applicationName is missing" },
		{ "{\"recurrence\":\"* * * * *\"}", "applicationName is missing" },
		{ "{\"applicationName\":\"a\",\"recurrence\":\"* * * * *\",\"scheduleId\":3}",
		  "recurrence and scheduleId exclude each other" },
		{ "{\"applicationName\":\"a\",\"timeZone\":\"UTC\"}",
		  "timeZone is of use with recurrence only" },
		{ "{\"applicationName\":\"a\",\"dayRule\":\"OR\"}", "dayRule is of use" },
		{ "{\"scheduleId\":3,\"overlap\":\"SKIP\"}", "overlap is of use" },
		{ "{\"applicationName\":\"a\",\"recurrence\":\" \",\"misfire\":\"ALL\"}",
		  "misfire is of use" },
		{ "{\"applicationName\":\"a\",\"misfireWindowSeconds\":60}",
		  "misfireWindowSeconds is of use" },
		{ "{\"applicationName\":\"a\",\"waitFor\":[12,\"end:012\"]}",
		  "waitFor names job instance 12 twice" },
	};
	struct pool pool;
	(void)state;

	pool_init(&pool);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_request request = read_request(cases[i].json, &pool);
		struct err err = ERR_INIT;

		print_message("case: %s\n", cases[i].json);
		assert_int_equal(job_request_check(&request, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, cases[i].says));
	}
	pool_free(&pool);
}

#define CHARS_50 "01234567890123456789012345678901234567890123456789"

static void
limits_of_a_request_are_jqms(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
		{ "{\"priority\":11}", "field \"priority\": 11 is outside 0 to 10" },
		{ "{\"parentJobId\":-1}", "field \"parentJobId\"" },
		{ "{\"module\":\"123456789012345678901234567890123456789012345678901\"}",
		  "field \"module\": 51 characters" },
		{ "{\"parameters\":{\"123456789012345678901234567890123456789012345678901\":1}}",
		  "must have 1 to 50 characters" },
		{ "{\"startState\":\"WAITING\"}", "field \"startState\"" },
		{ "{\"maxAttempts\":0}", "field \"maxAttempts\": 0 is outside 1 to 100" },
		{ "{\"maxAttempts\":101}", "field \"maxAttempts\": 101 is outside" },
		{ "{\"maxAttempts\":\"many\"}", "field \"maxAttempts\": \"many\" is not a whole" },
		{ "{\"maxAttempts\":1.5}", "field \"maxAttempts\"" },
		{ "{\"maxAttempts\":true}", "field \"maxAttempts\"" },
		{ "{\"maxAttempts\":[3]}", "field \"maxAttempts\"" },
		{ "{\"concurrencyKey\":{\"a\":1}}", "field \"concurrencyKey\"" },
		{ "{\"concurrencyKey\":\"" CHARS_50 CHARS_50 "x\"}",
		  "field \"concurrencyKey\": 101 characters, at most 100" },
		{ "{\"waitFor\":{\"a\":1}}", "field \"waitFor\": must be an array of texts" },
		{ "{\"waitFor\":[null]}", "field \"waitFor[0]\": must be a text" },
		{ "{\"waitFor\":[1,[2]]}", "field \"waitFor[1]\": must be a text" },
		{ "{\"waitFor\":[\"0123456789012345678901234567890123456789012345678901234567890\"]"
		  "}",
		  "field \"waitFor[0]\": 61 characters" },
	};
	struct pool pool;
	(void)state;

	pool_init(&pool);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_request request;
		struct err err = ERR_INIT;

		print_message("case: %s\n", cases[i].json);
		assert_int_equal(doc_json_read(&job_request_doc, cases[i].json,
					       strlen(cases[i].json), &pool.memory, &request, &err),
				 -1);
		assert_non_null(strstr(err.text, cases[i].says));
	}
	pool_free(&pool);
}

/* The same words as the database's; tests/db/test_dependencies.c has its refusals. */
static void
what_a_request_waits_for_is_an_end_of_a_job(void **state)
{
	static const struct {
		const char *text, *condition; /* NULL: refused */
		int64_t id;
	} cases[] = {
		{ "12", "success", 12 },
		{ "success:12", "success", 12 },
		{ "failure:12", "failure", 12 },
		{ "end:0012", "end", 12 },
		{ "999999999999999999", "success", INT64_C(999999999999999999) },
		{ "0", "success", 0 },
		{ "", NULL, 0 },
		{ ":", NULL, 0 },
		{ ":12", NULL, 0 },
		{ "success:", NULL, 0 },
		{ "success12", NULL, 0 },
		{ "SUCCESS:12", NULL, 0 },
		{ "succes:12", NULL, 0 },
		{ "ended:12", NULL, 0 },
		{ "end:end:12", NULL, 0 },
		{ "end: 12", NULL, 0 },
		{ " 12", NULL, 0 },
		{ "12 ", NULL, 0 },
		{ "-12", NULL, 0 },
		{ "-0", NULL, 0 },
		{ "end:-1", NULL, 0 },
		{ "+12", NULL, 0 },
		{ "1.5", NULL, 0 },
		{ "0x1", NULL, 0 },
		{ "1000000000000000000", NULL, 0 },
		{ "99999999999999999999", NULL, 0 },
		{ "true", NULL, 0 },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct job_wait wait;
		int rc = job_wait_parse(cases[i].text, &wait, &err);

		print_message("case: \"%s\"\n", cases[i].text);
		assert_int_equal(rc, cases[i].condition == NULL ? -1 : 0);
		if (rc == 0) {
			assert_string_equal(wait.condition, cases[i].condition);
			assert_int_equal(wait.id, cases[i].id);
		} else {
			assert_int_equal(err.kind, ERR_INVALID);
			assert_non_null(strstr(err.text, "waitFor \""));
			assert_non_null(strstr(err.text, cases[i].text));
		}
	}
}

static void
a_request_waits_for_100_jobs_and_not_for_101(void **state)
{
	struct job_request request = { .application_name = "a" };
	struct err err = ERR_INIT;
	struct pool pool;
	(void)state;

	pool_init(&pool);
	request.wait_for.items =
	    memory_alloc_array(&pool.memory, 101, sizeof(request.wait_for.items[0]));
	for (int i = 0; i < 101; i++)
		request.wait_for.items[request.wait_for.len++] =
		    memory_printf(&pool.memory, "end:%d", i);
	assert_int_equal(job_request_check(&request, &err), -1);
	assert_string_equal(err.text, "waitFor names 101 jobs, at most 100 are allowed");
	request.wait_for.len = 100;
	assert_int_equal(job_request_check(&request, &err), 0);
	assert_int_equal(job_request_first_state(&request), JOB_SCHEDULED);
	request.start_state = JOB_HOLDED;
	assert_int_equal(job_request_first_state(&request), JOB_HOLDED);
	pool_free(&pool);
}

static void
a_schedule_remembers_no_wait_attempts_or_key(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
		{ "{\"applicationName\":\"a\",\"recurrence\":\"* * * * *\",\"waitFor\":[1]}",
		  "recurrence and waitFor exclude" },
		{ "{\"applicationName\":\"a\",\"recurrence\":\"* * * * *\",\"maxAttempts\":3}",
		  "recurrence and maxAttempts" },
		{ "{\"applicationName\":\"a\",\"recurrence\":\"* * * * "
		  "*\",\"concurrencyKey\":\"k\"}",
		  "recurrence and concurrencyKey" },
		{ "{\"applicationName\":\"a\",\"recurrence\":\"* * * * "
		  "*\",\"waitFor\":[],\"concurrencyKey\":\"\"}",
		  NULL },
	};
	struct pool pool;
	(void)state;

	pool_init(&pool);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_request request = read_request(cases[i].json, &pool);
		struct err err = ERR_INIT;

		assert_int_equal(job_request_check(&request, &err), cases[i].says == NULL ? 0 : -1);
		if (cases[i].says != NULL)
			assert_non_null(strstr(err.text, cases[i].says));
	}
	pool_free(&pool);
}

static void
a_job_has_jqms_members_first_and_ours_behind(void **state)
{
	static const struct queue queue = { 3, "SLOW", NULL };
	static const char *messages[] = { "42 invoices" };
	static const char *waits[] = { "success:12" };
	static struct job_attempt attempts[] = { { .attempt = 1,
						   .node_name = "n1",
						   .ended_at = { true, 1767225600123456 },
						   .exit_code = { true, 3 } } };
	const struct job_instance job = {

		.id = 512,
		.application_name = "NightlyBilling",
		.state = JOB_ENDED,
		.queue = &queue,
		.queue_name = "SLOW",
		.messages = { messages, 1 },
		.enqueued_at = { true, 1767225600123456 },
		.exit_code = { true, 0 },
		.attempt = 2,
		.max_attempts = 5,
		.failures = 1,
		.attempts = { attempts, 1 },
		.wait_for = { waits, 1 },
		.concurrency_key = "db",
		.restart_of = { true, 500 },
	};
	char *json = json_of(&job_instance_doc, &job);

	(void)state;
	assert_string_equal(
	    json,
	    "{\"id\":512,\"applicationName\":\"NightlyBilling\",\"parent\":0,\"user\":null,"
	    "\"sessionID\":null,\"traceId\":null,\"state\":\"ENDED\",\"position\":0,"
	    "\"priority\":null,\"queue\":{\"id\":3,\"name\":\"SLOW\",\"description\":null},"
	    "\"queueName\":\"SLOW\",\"keyword1\":null,\"keyword2\":null,\"keyword3\":null,"
	    "\"definitionKeyword1\":null,\"definitionKeyword2\":null,\"definitionKeyword3\":null,"
	    "\"module\":null,\"email\":null,\"application\":null,\"parameters\":[],\"progress\":0,"
	    "\"messages\":[\"42 invoices\"],\"enqueueDate\":1767225600123,"
	    "\"beganRunningDate\":null,\"endDate\":null,\"runAfter\":null,\"nodeName\":null,"
	    "\"highlander\":false,\"fromSchedule\":false,\"exitCode\":0,\"signal\":null,"
	    "\"endReason\":null,\"attempt\":2,\"maxAttempts\":5,\"failures\":1,\"nodeLosses\":0,"
	    "\"attempts\":[{\"attempt\":1,\"nodeName\":\"n1\",\"beganRunningDate\":null,"
	    "\"endDate\":1767225600123,\"exitCode\":3,\"signal\":null,\"endReason\":null}],"
	    "\"waitFor\":[\"success:12\"],\"scheduleId\":null,\"restartOf\":500,"
	    "\"concurrencyKey\":\"db\",\"late\":false,\"submittedBy\":null}");
	free(json);
}

static void
an_error_has_the_members_both_consoles_look_for(void **state)
{
	const struct error_report report = {
		.user_readable_message = "there is no job 3",
		.stacktrace = "",
		.error_code = ERROR_CODE_INVALID,
	};
	char *json = json_of(&error_report_doc, &report);

	(void)state;
	assert_string_equal(
	    json, "{\"userReadableMessage\":\"there is no job 3\",\"developerMessage\":null,"
		  "\"stacktrace\":\"\",\"errorCode\":10,\"userMessageKey\":null,"
		  "\"userMessageParams\":[],\"requestId\":null}");
	free(json);
}

static void
a_download_is_named_by_family_id_and_extension(void **state)
{
	static const struct {
		const char *family, *original, *name;
	} cases[] = {
		{ "invoices", "march.pdf", "invoices.88.pdf" },
		{ NULL, "march.tar.gz", "null.88.gz" },
		{ "a", "README", "a.88." },
		{ "a", "x.", "a.88." },
		{ "", ".profile", ".88.profile" },
	};
	struct pool pool;
	(void)state;

	pool_init(&pool);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct deliverable file = {
			.file_family = cases[i].family,
			.original_name = cases[i].original,
			.id = 88,
		};

		assert_string_equal(deliverable_download_name(&file, &pool.memory), cases[i].name);
	}
	pool_free(&pool);
}

static void
every_state_has_a_name_that_leads_back(void **state)
{
	int n = 0;
	(void)state;

	for (int s = JOB_SUBMITTED; job_state_names[s] != NULL; s++, n++)
		assert_int_equal(job_state_from_name(job_state_name((enum job_state)s)), s);
	assert_int_equal(n, 9);
	assert_int_equal(job_state_from_name("submitted"), JOB_STATE_NONE);
	assert_int_equal(job_state_from_name(""), JOB_STATE_NONE);
	assert_true(job_state_is_over(JOB_CANCELLED));
	assert_false(job_state_is_over(JOB_RUNNING));
}

static void
parameters_come_from_hexadecimal_pairs(void **state)
{
	struct text_map map = { NULL, 0 };
	struct pool pool;
	(void)state;

	pool_init(&pool);
	assert_int_equal(text_map_from_hex("61=31 c3a9=3d20", &pool.memory, &map), 0);
	assert_int_equal(map.len, 2);
	assert_string_equal(text_map_get(&map, "a"), "1");
	assert_string_equal(text_map_get(&map, "é"), "= ");
	assert_int_equal(text_map_from_hex("", &pool.memory, &map), 0);
	assert_int_equal(map.len, 0);
	assert_int_equal(text_map_from_hex("61", &pool.memory, &map), -1);
	assert_int_equal(text_map_from_hex("6=31", &pool.memory, &map), -1);
	assert_int_equal(text_map_from_hex("61=3", &pool.memory, &map), -1);
	assert_int_equal(text_map_from_hex("61=31 ", &pool.memory, &map), -1);
	assert_int_equal(text_map_from_hex("61=zz", &pool.memory, &map), -1);
	assert_int_equal(text_map_from_hex("00=31", &pool.memory, &map), -1);
	assert_int_equal(text_map_from_hex("61=31=32", &pool.memory, &map), -1);
	pool_free(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_complete_and_named_once),
		cmocka_unit_test(a_request_of_the_java_client_is_read),
		cmocka_unit_test(members_that_exclude_each_other_are_refused),
		cmocka_unit_test(limits_of_a_request_are_jqms),
		cmocka_unit_test(what_a_request_waits_for_is_an_end_of_a_job),
		cmocka_unit_test(a_request_waits_for_100_jobs_and_not_for_101),
		cmocka_unit_test(a_schedule_remembers_no_wait_attempts_or_key),
		cmocka_unit_test(a_job_has_jqms_members_first_and_ours_behind),
		cmocka_unit_test(an_error_has_the_members_both_consoles_look_for),
		cmocka_unit_test(a_download_is_named_by_family_id_and_extension),
		cmocka_unit_test(every_state_has_a_name_that_leads_back),
		cmocka_unit_test(parameters_come_from_hexadecimal_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
