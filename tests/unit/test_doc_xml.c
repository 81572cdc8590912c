/* SPDX-License-Identifier: Apache-2.0 */
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
#include "base/str.h"
#include "codec/doc_xml.h"
#include "codec/docs.h"
#include "model/job_def_view.h"
#include "model/job_instance.h"
#include "model/job_request.h"
#include "model/queue.h"
#include "tests/lib/a_pool.h"

#define PROLOG "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"

static void
check_written(const struct wire_object *type, const void *object, const char *xml)
{
	struct buf out = BUF_INIT(100000);

	doc_xml_write(type, object, &out);
	assert_string_equal(buf_text(&out), xml);
	buf_free(&out);
}

static void
requests_of_both_java_clients_are_read(void **state)
{
	static const char *const roots[] = { "jobRequest", "jobRequestBaseImpl" };
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct job_request request;
		struct err err = ERR_INIT;
		char xml[2000];

		(void)snprintf(xml, sizeof(xml),
			       PROLOG "<%s><applicationName>Nightly &amp; daily</applicationName>"
				      "<sessionID> s </sessionID><user>alice</user>"
				      "<startState>HOLDED</startState><priority> 4\n</priority>"
				      "<unknown><priority>9</priority></unknown>"
				      "<parameters><entry><key>month</key><value>2024-03</value>"
				      "</entry><entry><value>b</value><key>a</key></entry>"
				      "</parameters><runAfter>2024-04-01T02:00:00+02:00</runAfter>"
				      "</%s>",
			       roots[i], roots[i]);
		if (doc_xml_read(&job_request_doc, xml, strlen(xml), &a_pool.memory, &request,
				 &err) == -1)
			fail_msg("%s", err.text);
		assert_string_equal(request.application_name, "Nightly & daily");
		assert_string_equal(request.session_id, " s ");
		assert_string_equal(request.user, "alice");
		assert_int_equal(request.start_state, JOB_HOLDED);
		assert_int_equal(request.priority.value, 4);
		assert_int_equal(request.parameters.len, 2);
		assert_string_equal(text_map_get(&request.parameters, "month"), "2024-03");
		assert_string_equal(text_map_get(&request.parameters, "a"), "b");
		assert_int_equal(request.run_after.us, INT64_C(1711929600) * 1000000);
	}
}

static void
what_does_not_fit_is_refused_with_line_and_name(void **state)
{
	static const struct {
		const char *inside, *says;
	} cases[] = {
		{ "<priority>x</priority>", "line 2: field \"priority\": \"x\" is not a whole" },
		{ "<priority>11</priority>", "field \"priority\": 11 is outside 0 to 10" },
		{ "<priority>1</priority><priority>2</priority>", "line 2: field \"priority\": is "
								  "there twice" },
		{ "<startState>WAITING</startState>", "field \"startState\": \"WAITING\"" },
		{ "<runAfter>tomorrow</runAfter>", "field \"runAfter\": \"tomorrow\"" },
		{ "<user><b/></user>", "line 2: field \"user\": must be a text, not elements" },
		{ "<parameters><entry><value>v</value></entry></parameters>",
		  "field \"parameters\": has an entry without key" },
		{ "<parameters><entry><key>k</key></entry></parameters>",
		  "value of parameter \"k\" must have 1 to 1000" },
		{ "<module>123456789012345678901234567890123456789012345678901</module>",
		  "field \"module\": 51 characters" },
		{ "<a", "line 2" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct job_request request;
		struct err err = ERR_INIT;
		char xml[1000];

		(void)snprintf(xml, sizeof(xml), "<jobRequest>\n%s</jobRequest>", cases[i].inside);
		print_message("case: %s\n", cases[i].inside);
		assert_int_equal(doc_xml_read(&job_request_doc, xml, strlen(xml), &a_pool.memory,
					      &request, &err),
				 -1);
		assert_int_equal(err.kind, ERR_INVALID);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].says);
	}
}

static void
another_root_is_refused(void **state)
{
	struct job_request request;
	struct err err = ERR_INIT;
	(void)state;

	assert_int_equal(
	    doc_xml_read(&job_request_doc, "<job/>", 6, &a_pool.memory, &request, &err), -1);
	assert_string_equal(err.text,
			    "line 1: the root element must be <jobRequestBaseImpl>, not <job>");
}

static void
a_job_is_written_as_the_java_clients_read_it(void **state)
{
	static const struct queue queue = { 3, "SLOW", NULL };
	static const char *messages[] = { "42 <invoices>" };
	static struct text_pair pairs[] = { { "month", "2024-03", false } };
	static const char *waits[] = { "end:7", "success:8" };
	static struct job_attempt attempts[] = { { .attempt = 1, .node_name = "n" } };
	const struct job_instance job = {
		.id = 512,
		.application_name = "NightlyBilling",
		.state = JOB_ENDED,
		.priority = { true, 4 },
		.queue = &queue,
		.parameters = { pairs, 1 },
		.progress = 100,
		.messages = { messages, 1 },
		.enqueued_at = { true, 1711929550400000 },
		.ended_at = { true, 1711929933000999 },
		.attempt = 2,
		.max_attempts = 2,
		.failures = 1,
		.attempts = { attempts, 1 },
		.wait_for = { waits, 2 },
	};
	(void)state;

	check_written(
	    &job_instance_doc, &job,
	    PROLOG "<jobInstance><id>512</id><applicationName>NightlyBilling</applicationName>"
		   "<parent>0</parent><state>ENDED</state><position>0</position>"
		   "<priority>4</priority><queue><id>3</id><name>SLOW</name></queue>"
		   "<parameters><entry><key>month</key><value>2024-03</value></entry></parameters>"
		   "<progress>100</progress><messages><message>42 &lt;invoices&gt;</message>"
		   "</messages><enqueueDate>2024-03-31T23:59:10.400Z</enqueueDate>"
		   "<endDate>2024-04-01T00:05:33Z</endDate><highlander>false</highlander>"
		   "<fromSchedule>false</fromSchedule><attempt>2</attempt>"
		   "<maxAttempts>2</maxAttempts><failures>1</failures><nodeLosses>0</nodeLosses>"
		   "<attempts><attempt><attempt>1</attempt><nodeName>n</nodeName></attempt>"
		   "</attempts><waitFor><job>end:7</job><job>success:8</job></waitFor>"
		   "<late>false</late>"
		   "</jobInstance>");
}

static void
empty_maps_and_wrapped_lists_are_written_empty(void **state)
{
	const struct job_instance job = { .state = JOB_SUBMITTED };
	const struct job_def_view def = { .application_name = "a" };
	struct buf out = BUF_INIT(10000);
	(void)state;

	doc_xml_write(&job_instance_doc, &job, &out);
	assert_non_null(strstr(buf_text(&out), "<parameters/>"));
	assert_non_null(strstr(buf_text(&out), "<messages/>"));
	buf_free(&out);
	doc_xml_write(&job_def_view_doc, &def, &out);
	assert_non_null(strstr(buf_text(&out), "<parameters/></jobDef>"));
	buf_free(&out);
}

static void
unwrapped_lists_repeat_the_members_name(void **state)
{
	struct schedule schedules[] = { { .id = 7, .cron_expression = "0 3 * * *" },
					{ .id = 8, .enabled = true } };
	const struct job_def_view def = { .application_name = "a", .schedules = { schedules, 2 } };
	struct job_def_view back;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT(10000);
	(void)state;

	doc_xml_write(&job_def_view_doc, &def, &out);
	assert_non_null(strstr(buf_text(&out),
			       "<schedules><id>7</id><cronExpression>0 3 * * *</cronExpression>"
			       "<parameters/><enabled>false</enabled><misfireWindowSeconds>0"
			       "</misfireWindowSeconds></schedules><schedules><id>8</id>"
			       "<parameters/><enabled>true</enabled><misfireWindowSeconds>0"
			       "</misfireWindowSeconds></schedules></jobDef>"));
	assert_int_equal(
	    doc_xml_read(&job_def_view_doc, buf_text(&out), out.len, &a_pool.memory, &back, &err),
	    0);
	assert_int_equal(back.schedules.len, 2);
	assert_string_equal(back.schedules.items[0].cron_expression, "0 3 * * *");
	buf_free(&out);
}

static void
lists_stand_under_their_plural_name(void **state)
{
	const struct queue queues[] = { { 1, "A", NULL }, { 2, "B", "b" } };
	struct buf out = BUF_INIT(10000);
	(void)state;

	doc_xml_write_list(&queue_doc, queues, 2, &out);
	assert_string_equal(buf_text(&out), PROLOG
			    "<queues><queue><id>1</id><name>A</name></queue><queue><id>2</id>"
			    "<name>B</name><description>b</description></queue></queues>");
	buf_free(&out);
	doc_xml_write_list(&queue_doc, NULL, 0, &out);
	assert_string_equal(buf_text(&out), PROLOG "<queues></queues>");
	buf_free(&out);
}

static void
texts_are_escaped_and_stay_well_formed(void **state)
{
	const struct queue queue = { 1, "a&<>\"'\r\n\t\x01\x1f\xef\xbf\xbf é", NULL };
	struct queue back;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT(10000);
	(void)state;

	doc_xml_write(&queue_doc, &queue, &out);
	assert_string_equal(buf_text(&out),
			    PROLOG "<queue><id>1</id><name>a&amp;&lt;&gt;\"'&#13;\n\t"
				   "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd é</name></queue>");
	assert_int_equal(
	    doc_xml_read(&queue_doc, buf_text(&out), out.len, &a_pool.memory, &back, &err), 0);
	assert_string_equal(back.name, "a&<>\"'\r\n\t\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd é");
	buf_free(&out);
}

#define T(name) cmocka_unit_test_setup_teardown(name, a_pool_set_up, a_pool_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(requests_of_both_java_clients_are_read),
		T(what_does_not_fit_is_refused_with_line_and_name),
		T(another_root_is_refused),
		T(a_job_is_written_as_the_java_clients_read_it),
		T(empty_maps_and_wrapped_lists_are_written_empty),
		T(unwrapped_lists_repeat_the_members_name),
		T(lists_stand_under_their_plural_name),
		T(texts_are_escaped_and_stay_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
