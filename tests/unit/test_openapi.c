/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "fcgi/openapi.h"
#include "fcgi/route.h"

/* The document about all routes; the caller's. */
static json_t *
the_document(bool dates_as_text)
{
	struct buf text = BUF_INIT(SIZE_MAX);
	json_error_t error;
	struct err err = ERR_INIT;
	json_t *document;

	openapi_write(routes, routes_len, dates_as_text, &text);
	assert_int_equal(buf_check(&text, &err), 0);
	document = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	if (document == NULL)
		fail_msg("%s at %d: ...%.100s", error.text, error.position,
			 text.data + (error.position > 50 ? error.position - 50 : 0));
	buf_free(&text);
	return document;
}

/* What "#/a/b" leads to; NULL: nowhere. */
static json_t *
follow(json_t *document, const char *ref)
{
	json_t *at = document;

	assert_true(str_starts(ref, "#/"));
	for (ref += 2; *ref != '\0' && at != NULL; ref += *ref == '/') {
		char name[200];
		size_t len = strcspn(ref, "/");

		assert_true(len < sizeof(name));
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, ref);
		at = json_object_get(at, name);
		ref += len;
	}
	return at;
}

/* The operation of a row. */
static json_t *
operation_of(json_t *document, const struct route *route)
{
	char method[10], path[200];
	size_t n = 0;

	for (const char *c = route->path; *c != '\0'; c++)
		if (*c != '*')
			path[n++] = *c;
	path[n] = '\0';
	for (n = 0; route->method[n] != '\0'; n++)
		method[n] = (char)(route->method[n] | 0x20);
	method[n] = '\0';
	return json_object_get(json_object_get(json_object_get(document, "paths"), path), method);
}

static const char *
text_of(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	assert_non_null(text);
	assert_true(text[0] != '\0');
	return text;
}

static void
it_is_an_openapi_3_1_document(void **state)
{
	json_t *document = the_document(false), *info = json_object_get(document, "info");
	(void)state;

	assert_string_equal(text_of(document, "openapi"), "3.1.0");
	text_of(info, "title");
	text_of(info, "version");
	assert_true(json_is_object(json_object_get(document, "paths")));
	assert_non_null(follow(document, "#/components/securitySchemes/basic"));
	json_decref(document);
}

static void
every_route_is_in_it_with_its_words_permission_and_answers(void **state)
{
	json_t *document = the_document(false);
	(void)state;

	for (size_t i = 0; i < routes_len; i++) {
		json_t *operation = operation_of(document, &routes[i]), *responses, *response;
		char permission[200] = "";
		const char *status;
		json_t *one;
		size_t at;

		print_message("%s %s\n", routes[i].method, routes[i].path);
		assert_non_null(operation);
		assert_string_equal(text_of(operation, "summary"), routes[i].summary);
		json_array_foreach(json_object_get(operation, "x-permission"), at, one)(void)
		    snprintf(permission + strlen(permission),
			     sizeof(permission) - strlen(permission), "%s%s", at > 0 ? "|" : "",
			     json_string_value(one));
		if (routes[i].permission[0] == '-')
			assert_string_equal(permission, "");
		else
			assert_string_equal(permission, routes[i].permission);
		responses = json_object_get(operation, "responses");
		assert_true(json_object_get(responses, "200") != NULL ||
			    json_object_get(responses, "204") != NULL || routes[i].redirects);
		json_object_foreach(responses, status, response)
		    assert_true(json_object_get(response, "$ref") != NULL ||
				json_object_get(response, "description") != NULL);
		assert_true((routes[i].body != BODY_NONE) ==
			    (json_object_get(operation, "requestBody") != NULL));
	}
	json_decref(document);
}

static void
operations_have_names_of_their_own(void **state)
{
	json_t *document = the_document(false), *names = json_object();
	(void)state;

	for (size_t i = 0; i < routes_len; i++) {
		const char *id = text_of(operation_of(document, &routes[i]), "operationId");

		print_message("%s\n", id);
		assert_null(json_object_get(names, id));
		assert_int_equal(json_object_set_new(names, id, json_true()), 0);
	}
	json_decref(names);
	json_decref(document);
}

/* Each $ref below node leads somewhere: how many there were. */
static size_t
check_refs(json_t *document, json_t *node)
{
	const char *name;
	json_t *member;
	size_t i, n = 0;

	json_object_foreach(node, name, member)
	{
		if (strcmp(name, "$ref") == 0) {
			print_message("%s\n", json_string_value(member));
			assert_non_null(follow(document, json_string_value(member)));
			n++;
		}
		n += check_refs(document, member);
	}
	json_array_foreach(node, i, member) n += check_refs(document, member);
	return n;
}

static void
every_reference_leads_somewhere(void **state)
{
	json_t *document = the_document(false);
	(void)state;

	assert_true(check_refs(document, document) > 100);
	json_decref(document);
}

static void
the_names_in_a_path_are_its_parameters(void **state)
{
	json_t *document = the_document(false);
	(void)state;

	for (size_t i = 0; i < routes_len; i++) {
		json_t *parameters =
		    json_object_get(operation_of(document, &routes[i]), "parameters");
		const char *at = routes[i].path;
		json_t *parameter;
		size_t j, in_path = 0, in_braces = 0;

		json_array_foreach(parameters, j, parameter)
		{
			char braces[100];
			const char *name = text_of(parameter, "name");

			assert_non_null(json_object_get(parameter, "schema"));
			if (strcmp(text_of(parameter, "in"), "path") != 0)
				continue;
			in_path++;
			assert_true(json_is_true(json_object_get(parameter, "required")));
			(void)snprintf(braces, sizeof(braces), "{%s", name);
			assert_non_null(strstr(routes[i].path, braces));
		}
		while ((at = strchr(at, '{')) != NULL) {
			in_braces++;
			at++;
		}
		assert_int_equal(in_path, in_braces);
	}
	json_decref(document);
}

/* The JSON of a path in the document, compact; the caller's. */
static void
assert_json_at(json_t *document, const char *ref, const char *want)
{
	json_t *found = follow(document, ref), *wanted = json_loads(want, JSON_DECODE_ANY, NULL);

	print_message("%s\n", ref);
	assert_non_null(found);
	assert_non_null(wanted);
	if (!json_equal(found, wanted))
		fail_msg("%s", json_dumps(found, JSON_ENCODE_ANY));
	json_decref(wanted);
}

static void
limits_names_and_nulls_are_those_of_the_field_tables(void **state)
{
	static const char *const cases[][2] = {
		{ "#/components/schemas/jobInstance/properties/id",
		  "{\"type\":\"integer\",\"format\":\"int64\",\"description\":\"number of the "
		  "job\"}" },
		{ "#/components/schemas/jobInstance/properties/user",
		  "{\"type\":[\"string\",\"null\"],\"description\":\"for whom it runs\"}" },
		{ "#/components/schemas/jobInstance/properties/late",
		  "{\"type\":\"boolean\",\"description\":\"it runs longer than its definition "
		  "calls "
		  "reasonable\"}" },
		{ "#/components/schemas/jobInstance/properties/messages",
		  "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"xml\":{\"name\":"
		  "\"message\"}},"
		  "\"xml\":{\"wrapped\":true},"
		  "\"description\":\"what the job or the system said about it\"}" },
		{ "#/components/schemas/jobInstance/properties/runAfter",
		  "{\"type\":[\"integer\",\"null\"],\"format\":\"int64\",\"x-unit\":\"milliseconds "
		  "since "
		  "1970\",\"description\":\"not started before\"}" },
		{ "#/components/schemas/jobInstance/properties/queue/anyOf",
		  "[{\"$ref\":\"#/components/schemas/queue\"},{\"type\":\"null\"}]" },
		{ "#/components/schemas/jobInstance/additionalProperties", "false" },
		{ "#/components/schemas/admin_mapping/properties/nbThread",
		  "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,\"maximum\":100000,"
		  "\"description\":\"jobs of the queue at the same time\"}" },
		{ "#/components/schemas/admin_queueInput/properties/name",
		  "{\"type\":[\"string\",\"null\"],\"maxLength\":255,\"description\":\"unique "
		  "name\"}" },
		{ "#/components/schemas/transfer_object/properties/result/enum",
		  "[\"created\",\"updated\",\"unchanged\",\"skipped\"]" },
		{ "#/components/schemas/jobRequestBaseImplInput/properties/runAfter/type",
		  "[\"integer\",\"string\",\"null\"]" },
		{ "#/components/schemas/jobRequestBaseImplInput/properties/parameters/items/"
		  "properties/key",
		  "{\"type\":\"string\",\"minLength\":1,\"maxLength\":50}" },
		{ "#/components/schemas/queryBaseImpl/xml",
		  "{\"name\":\"queryBaseImpl\",\"x-other-name\":\"query\"}" },
	};
	json_t *document = the_document(false);
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_json_at(document, cases[i][0], cases[i][1]);
	json_decref(document);
}

static void
dates_are_as_the_setting_says(void **state)
{
	json_t *document = the_document(true);
	(void)state;

	assert_json_at(
	    document, "#/components/schemas/jobInstance/properties/runAfter",
	    "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\",\"description\":\"not "
	    "started before\"}");
	assert_json_at(document, "#/components/examples/jobInstance/value/endDate",
		       "\"2026-03-26T10:00:00.000Z\"");
	json_decref(document);
}

static void
examples_are_of_the_kind_that_is_answered_or_of_what_somebody_would_send(void **state)
{
	json_t *document = the_document(false);
	(void)state;

	assert_json_at(document, "#/components/examples/jobInstance/value/endDate",
		       "1774519200000");
	assert_json_at(document, "#/components/examples/jobInstance/value/queue",
		       "{\"id\":42,\"name\":\"DEFAULT\",\"description\":\"runs at night\"}");
	assert_json_at(document, "#/components/examples/jobRequestBaseImplInput/value",
		       "{\"applicationName\":\"Hello\",\"user\":\"bob\",\"keyword1\":\"monthly\","
		       "\"parameters\":[{\"key\":\"month\",\"value\":\"03\"}]}");
	assert_int_equal(
	    json_array_size(follow(document, "#/components/examples/jobInstanceList/value")), 1);
	json_decref(document);
}

static int
nothing(struct exchange *x, struct err *err)
{
	(void)x;
	(void)err;
	return 0;
}

static const struct route example_rows[] = {
	{ .method = "GET",
	  .path = "/ws/admin/x/{id}/{rest*}",
	  .api = API_ADMIN,
	  .permission = "a:b|c:d",
	  .handler = nothing,
	  .produces = "application/json",
	  .summary = "an x",
	  .answers = SHAPE_NUMBERS,
	  .has_state = true,
	  .note = "more \"words\"",
	  .query = VALUES({ "n", VALUE_INTEGER, true, "how many", 1, 10 }) },
	{ .method = "DELETE",
	  .path = "/ws/admin/x/{id}/{rest*}",
	  .api = API_ADMIN,
	  .permission = PERMISSION_PUBLIC,
	  .handler = nothing,
	  .summary = "no x" },
};

static void
what_stands_in_a_row_stands_in_the_document(void **state)
{
	struct buf text = BUF_INIT(SIZE_MAX);
	json_t *document, *path, *get;
	(void)state;

	openapi_write(example_rows, 2, false, &text);
	document = json_loadb(text.data, text.len, 0, NULL);
	buf_free(&text);
	assert_non_null(document);
	path = json_object_get(json_object_get(document, "paths"), "/ws/admin/x/{id}/{rest}");
	get = json_object_get(path, "get");
	assert_json_at(get, "#/operationId", "\"get_admin_x_id_rest\"");
	assert_json_at(get, "#/description", "\"more \\\"words\\\"\"");
	assert_json_at(get, "#/x-permission", "[\"a:b\",\"c:d\"]");
	assert_json_at(
	    get, "#/parameters",
	    "[{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":\"integer\","
	    "\"format\":\"int64\",\"minimum\":0},\"example\":42},"
	    "{\"name\":\"rest\",\"in\":\"path\",\"required\":true,\"x-segments\":\"many\","
	    "\"schema\":{"
	    "\"type\":\"string\"},\"example\":\"text\"},"
	    "{\"name\":\"n\",\"in\":\"query\",\"description\":\"how "
	    "many\",\"required\":true,\"schema\":{"
	    "\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":10},"
	    "\"example\":5},"
	    "{\"name\":\"If-None-Match\",\"in\":\"header\",\"description\":\"304 if this is still "
	    "its "
	    "ETag\",\"schema\":{\"type\":\"string\"},\"example\":\"\\\"1-5d1f0c9e\\\"\"}]");
	assert_json_at(get, "#/responses/200/content",
		       "{\"application/json\":{\"schema\":{\"type\":"
		       "\"array\",\"items\":{\"type\":\"integer\","
		       "\"format\":\"int64\"}},\"example\":[42,43]}}");
	assert_non_null(json_object_get(json_object_get(get, "responses"), "304"));
	assert_null(json_object_get(json_object_get(get, "responses"), "409"));
	assert_json_at(json_object_get(path, "delete"), "#/security", "[]");
	assert_json_at(path, "#/delete/responses/204", "{\"description\":\"done\"}");
	json_decref(document);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_an_openapi_3_1_document),
		cmocka_unit_test(every_route_is_in_it_with_its_words_permission_and_answers),
		cmocka_unit_test(operations_have_names_of_their_own),
		cmocka_unit_test(every_reference_leads_somewhere),
		cmocka_unit_test(the_names_in_a_path_are_its_parameters),
		cmocka_unit_test(limits_names_and_nulls_are_those_of_the_field_tables),
		cmocka_unit_test(dates_are_as_the_setting_says),
		cmocka_unit_test(
		    examples_are_of_the_kind_that_is_answered_or_of_what_somebody_would_send),
		cmocka_unit_test(what_stands_in_a_row_stands_in_the_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
