/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "codec/docs.h"
#include "fcgi/exchange.h"
#include "fcgi/route.h"

static void
every_route_says_all_it_must(void **state)
{
	static const char *const prefixes[ROUTE_APIS] = { "/ws/simple/", "/ws/client/",
							  "/ws/admin/",  "/ws/pki/",
							  "/",           "/ws/" };
	(void)state;

	assert_true(routes_len > 0);
	for (size_t i = 0; i < routes_len; i++) {
		const struct route *r = &routes[i];

		print_message("%s %s\n", r->method, r->path);
		assert_non_null(r->permission);
		assert_true(r->permission[0] != '\0');
		assert_non_null(r->handler);
		assert_true(str_starts(r->path, prefixes[r->api]));
		assert_true(strcmp(r->method, "GET") == 0 || strcmp(r->method, "POST") == 0 ||
			    strcmp(r->method, "PUT") == 0 || strcmp(r->method, "DELETE") == 0);
		/* GET takes no body; an object that is read needs one */
		assert_true(strcmp(r->method, "GET") != 0 || r->body == BODY_NONE);
		assert_true(r->in == NULL || r->body == BODY_DOCUMENT || r->body == BODY_JSON);
	}
}

static bool
is_of(const struct route *r, enum route_shape shape, bool answer)
{
	return (answer ? r->answers : r->takes) == shape;
}

static bool
needs_object(const struct route *r, bool answer)
{
	return is_of(r, SHAPE_LIST, answer) || is_of(r, SHAPE_OBJECT_OR_LIST, answer);
}

/* What the row does not say of itself, or says against itself; NULL: all is well. */
static const char *
lack_of(const struct route *r)
{
	bool in_json = r->body == BODY_DOCUMENT || r->body == BODY_JSON;
	bool out_json = r->produces != NULL && strstr(r->produces, "json") != NULL;

	if (r->summary == NULL || r->summary[0] == '\0')
		return "a .summary";
	if (in_json && r->in == NULL && is_of(r, SHAPE_BY_TYPE, false))
		return "what it takes: .in or .takes";
	if (out_json && r->out == NULL && is_of(r, SHAPE_BY_TYPE, true))
		return "what it answers: .out or .answers";
	if (r->out != NULL && r->produces == NULL && r->sent_as == NULL)
		return "the media type of its object: .produces or .sent_as";
	if ((needs_object(r, false) && r->in == NULL) || (needs_object(r, true) && r->out == NULL))
		return "the object of its list: .in or .out";
	if ((r->body == BODY_FORM) != (r->form != NULL))
		return "the fields of its form, .form, and BODY_FORM beside";
	for (const struct route_value *v = r->query; v != NULL && v->name != NULL; v++)
		if (v->description == NULL || v->max < v->min)
			return "what each parameter of .query is";
	for (const struct route_value *v = r->form; v != NULL && v->name != NULL; v++)
		if (v->description == NULL || v->max < v->min)
			return "what each field of .form is";
	return NULL;
}

static void
every_route_tells_what_it_takes_and_answers(void **state)
{
	(void)state;

	for (size_t i = 0; i < routes_len; i++) {
		const char *lack = lack_of(&routes[i]);

		if (lack != NULL)
			fail_msg("route_table.c: the row \"%s\", \"%s\" lacks %s (see route.h)",
				 routes[i].method, routes[i].path, lack);
	}
}

static const struct route poor_rows[] = {
	{ .summary = NULL },
	{ .summary = "" },
	{ .summary = "x", .body = BODY_JSON },
	{ .summary = "x", .produces = "application/xml,application/json" },
	{ .summary = "x", .answers = SHAPE_LIST },
	{ .summary = "x", .out = &error_report_doc },
	{ .summary = "x", .body = BODY_FORM },
	{ .summary = "x", .query = VALUES({ "a", VALUE_TEXT, false, NULL, 0, 0 }) },
};

static void
a_row_that_tells_too_little_is_found(void **state)
{
	static const struct route enough = { .summary = "x", .produces = "text/plain" };
	(void)state;

	for (size_t i = 0; i < sizeof(poor_rows) / sizeof(poor_rows[0]); i++)
		assert_non_null(lack_of(&poor_rows[i]));
	assert_null(lack_of(&enough));
}

/* POSTs that create nothing, or nothing that twice would be one too many; any other heeds Idempotency-Key. */
static const char *const harmless[] = {
	"/ws/client/ji/query",
	"/ws/client/ji/query/ids",
	"/ws/client/ji/files",
	"/ws/client/ji/killed",
	"/ws/client/ji/paused",
	"/ws/client/ji/resumed",
	"/ws/client/ji/killed/{id}",
	"/ws/client/ji/cancelled/{id}",
	"/ws/client/ji/paused/{id}",
	"/ws/client/ji/running/paused/{id}",
	"/ws/client/ji/{id}/position/{n}",
	"/ws/client/ji/{id}/priority/{n}",
	"/ws/client/ji/{id}/delay/{n}",
	"/ws/client/ji/{id}/progress/{n}",
	"/ws/client/q/{id}/pause",
	"/ws/client/q/{id}/clear",
	"/ws/client/q/{id}/bulk",
	"/ws/client/q/{id}/jobs",
	"/ws/client/q/{queueId}/{jobId}",
	"/ws/client/schedule/{id}/pause",
	"/ws/client/schedule/{id}/queue/{queueId}",
	"/ws/client/schedule/{id}/priority/{n}",
	"/ws/client/schedule/{id}/cron/{expression*}",
	/* logging in, and a new secret takes the place of the last one */
	"/auth/login.html",
	"/ws/session",
	"/ws/account/totp",
	"/ws/account/totp/confirm",
	"/ws/account/totp/disable",
	"/ws/admin/node/{id}/pause",
	"/ws/admin/node/{id}/stop",
	"/ws/admin/node/{id}/drain",
	"/ws/admin/node/{id}/findings",
};

static bool
is_harmless(const char *path)
{
	size_t i = 0;

	while (i < sizeof(harmless) / sizeof(harmless[0]) && strcmp(harmless[i], path) != 0)
		i++;
	return i < sizeof(harmless) / sizeof(harmless[0]);
}

static void
every_post_that_creates_heeds_an_idempotency_key(void **state)
{
	size_t posts = 0, left = 0;
	(void)state;

	for (size_t i = 0; i < routes_len; i++) {
		const struct route *r = &routes[i];
		bool is_post = strcmp(r->method, "POST") == 0;

		print_message("%s %s\n", r->method, r->path);
		assert_int_equal(r->once != ONCE_NO, is_post && !is_harmless(r->path));
		posts += is_post;
		left += is_post && is_harmless(r->path);
	}
	assert_int_equal(left, sizeof(harmless) / sizeof(harmless[0]));
	assert_true(posts > left);
}

static void
paths_are_segments_of_words_or_names_in_braces(void **state)
{
	(void)state;

	for (size_t i = 0; i < routes_len; i++) {
		const char *path = routes[i].path;
		size_t values = 0;

		print_message("%s\n", path);
		assert_null(strstr(path, "//"));
		assert_false(str_ends(path, "/"));
		while (*path == '/') {
			size_t len = strcspn(++path, "/");

			assert_true(len > 0);
			if (path[0] == '{') {
				assert_true(len > 2 && path[len - 1] == '}');
				values++;
			} else {
				assert_int_equal(strspn(path, "abcdefghijklmnopqrstuvwxyz-."), len);
			}
			path += len;
		}
		assert_int_equal(*path, '\0');
		assert_true(values <= EXCHANGE_PATH_VALUES_MAX);
	}
}

/* Do the two paths match a common request, "{..}" being any segment? */
static int
overlap(const char *a, const char *b)
{
	while (*a == '/' && *b == '/') {
		size_t a_len = strcspn(++a, "/"), b_len = strcspn(++b, "/");

		if (*a != '{' && *b != '{' && (a_len != b_len || memcmp(a, b, a_len) != 0))
			return 0;
		a += a_len;
		b += b_len;
	}
	return *a == '\0' && *b == '\0';
}

/* Does every request of b match a too? */
static int
covers(const char *a, const char *b)
{
	while (*a == '/' && *b == '/') {
		size_t a_len = strcspn(++a, "/"), b_len = strcspn(++b, "/");

		if (*a != '{' && (*b == '{' || a_len != b_len || memcmp(a, b, a_len) != 0))
			return 0;
		a += a_len;
		b += b_len;
	}
	return *a == '\0' && *b == '\0';
}

static void
no_route_is_hidden_by_one_above_it(void **state)
{
	(void)state;

	for (size_t i = 0; i < routes_len; i++)
		for (size_t j = 0; j < i; j++) {
			if (strcmp(routes[i].method, routes[j].method) != 0 ||
			    !overlap(routes[j].path, routes[i].path))
				continue;
			print_message("%s stands before %s\n", routes[j].path, routes[i].path);
			assert_false(covers(routes[j].path, routes[i].path));
		}
}

static const struct route *
route_of(const char *method, const char *path)
{
	for (size_t i = 0; i < routes_len; i++)
		if (strcmp(routes[i].method, method) == 0 && strcmp(routes[i].path, path) == 0)
			return &routes[i];
	fail_msg("there is no route %s %s", method, path);
	return NULL;
}

static void
only_links_certificates_and_logging_in_are_public(void **state)
{
	static const char *const open[] = {
		"GET /ws/simple/link", "GET /auth/login.html", "POST /auth/login.html",
		"GET /auth/logout",    "POST /ws/session",
	};
	(void)state;

	for (size_t i = 0; i < routes_len; i++) {
		char name[100];
		bool wanted = false;

		(void)snprintf(name, sizeof(name), "%s %s", routes[i].method, routes[i].path);
		for (size_t j = 0; j < sizeof(open) / sizeof(open[0]); j++)
			wanted = wanted || strcmp(open[j], name) == 0;
		wanted = wanted || str_starts(routes[i].path, "/ws/pki/");
		print_message("%s\n", name);
		assert_int_equal(strcmp(routes[i].permission, PERMISSION_PUBLIC) == 0, wanted);
	}
}

static void
nothing_but_the_health_check_can_be_made_public(void **state)
{
	const struct route *health = route_of("GET", "/ws/simple/localnode/health");
	(void)state;

	for (size_t i = 0; i < routes_len; i++)
		assert_int_equal((routes[i].limits & ROUTE_MAY_BE_PUBLIC) != 0,
				 &routes[i] == health);
}

static void
permissions_are_as_written_down(void **state)
{
	static const struct {
		const char *method, *path, *permission;
	} rows[] = {
		{ "GET", "/ws/simple/status", "job_instance:read" },
		{ "POST", "/ws/simple/ji", "job_instance:create" },
		{ "GET", "/ws/simple/stdout", "logs:read" },
		{ "GET", "/ws/simple/stderr", "logs:read" },
		{ "GET", "/ws/simple/file", "files:read" },
		{ "GET", "/ws/simple/enginelog", "*:*" },
		{ "GET", "/ws/simple/localnode/health", "logs:read|metrics:read" },
		{ "POST", "/ws/client/ji", "job_instance:create" },
		{ "GET", "/ws/client/ji/{id}", "job_instance:read" },
		{ "POST", "/ws/client/ji/bulk", "job_instance:create" },
		{ "POST", "/ws/client/ji/killed", "job_instance:create|job_instance:update" },
		{ "POST", "/ws/client/q/{id}/bulk", "queue_position:create|queue_position:update" },
		{ "POST", "/ws/client/ji/query", "job_instance:read" },
		{ "POST", "/ws/client/ji/query/ids", "job_instance:read" },
		{ "POST", "/ws/client/ji/files", "files:read" },
		{ "GET", "/ws/client/node/{name}/{log}", "node:read" },
		{ "GET", "/ws/client/ji/{id}/stdout", "logs:read" },
		{ "GET", "/ws/client/ji/{id}/stderr", "logs:read" },
		{ "GET", "/ws/client/ji/files/{fileId}", "files:read" },
		{ "POST", "/ws/client/ji/killed/{id}", "job_instance:create|job_instance:update" },
		{ "POST", "/ws/client/ji/paused/{id}", "job_instance:create|job_instance:update" },
		{ "DELETE", "/ws/client/ji/paused/{id}",
		  "job_instance:delete|job_instance:create|job_instance:update" },
		{ "POST", "/ws/client/ji/running/paused/{id}",
		  "job_instance:create|job_instance:update" },
		{ "DELETE", "/ws/client/ji/waiting/{id}", "job_instance:delete" },
		{ "DELETE", "/ws/client/ji/crashed/{id}", "job_instance:delete" },
		{ "POST", "/ws/client/ji/{id}", "job_instance:create" },
		{ "POST", "/ws/client/ji/{id}/position/{n}",
		  "job_instance:create|job_instance:update" },
		{ "POST", "/ws/client/q/{queueId}/{jobId}",
		  "queue_position:create|queue_position:update" },
		{ "GET", "/ws/client/q/{id}/status",
		  "queue_position:create|queue_position:update" },
		{ "GET", "/ws/client/q", "queue:read" },
		{ "GET", "/ws/admin/user/{id}/certificate", "user:update" },
		{ "POST", "/ws/admin/user/{id}/certificate", "user:update" },
		{ "GET", "/ws/admin/certificate", "user:read" },
		{ "DELETE", "/ws/admin/certificate/{id}", "user:update" },
		{ "PUT", "/ws/admin/certmapping/{id}", "user:update" },
		{ "POST", "/ws/admin/jd/xml", "jd:create|jd:update" },
		{ "POST", "/ws/admin/q/xml", "queue:create|queue:update" },
		{ "GET", "/ws/admin/q/all/xml", "queue:read" },
		{ "POST", "/ws/admin/jndi/xml", "jndi:create|jndi:update" },
		{ "GET", "/ws/admin/jndi/{id}/xml", "jndi:read" },
		{ "GET", "/ws/admin/configuration/xml", "prm:read" },
		{ "POST", "/ws/admin/node/{id}/copy", "node:create" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(route_of(rows[i].method, rows[i].path)->permission,
				    rows[i].permission);
}

static void
a_jobs_token_opens_only_what_a_job_needs(void **state)
{
	static const char *const open[] = {
		"GET /ws/openapi.json",
		"GET /ws/simple/status",
		"POST /ws/simple/ji",
		"GET /ws/simple/stdout",
		"GET /ws/simple/stderr",
		"GET /ws/simple/file",
		"POST /ws/client/ji",
		"GET /ws/client/ji",
		"GET /ws/client/ji/{id}",
		"GET /ws/client/ji/{id}/files",
		"GET /ws/client/ji/{id}/stdout",
		"GET /ws/client/ji/{id}/stderr",
		"GET /ws/client/ji/files/{fileId}",
		"POST /ws/client/ji/files",
		"POST /ws/client/ji/bulk/requests",
		"POST /ws/client/ji/{id}/files/{name}",
		"GET /ws/client/ji/{id}/inputs",
		"GET /ws/client/ji/{id}/inputs/{name}",
		"GET /ws/client/ji/{id}/messages",
		"POST /ws/client/ji/{id}/messages",
		"POST /ws/client/ji/{id}/progress/{n}",
	};
	(void)state;

	for (size_t i = 0; i < routes_len; i++) {
		char name[100];
		bool wanted = false;

		(void)snprintf(name, sizeof(name), "%s %s", routes[i].method, routes[i].path);
		for (size_t j = 0; j < sizeof(open) / sizeof(open[0]); j++)
			wanted = wanted || strcmp(open[j], name) == 0;
		print_message("%s\n", name);
		assert_int_equal((routes[i].limits & ROUTE_FOR_JOBS) != 0, wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_says_all_it_must),
		cmocka_unit_test(every_route_tells_what_it_takes_and_answers),
		cmocka_unit_test(a_row_that_tells_too_little_is_found),
		cmocka_unit_test(every_post_that_creates_heeds_an_idempotency_key),
		cmocka_unit_test(paths_are_segments_of_words_or_names_in_braces),
		cmocka_unit_test(no_route_is_hidden_by_one_above_it),
		cmocka_unit_test(only_links_certificates_and_logging_in_are_public),
		cmocka_unit_test(nothing_but_the_health_check_can_be_made_public),
		cmocka_unit_test(permissions_are_as_written_down),
		cmocka_unit_test(a_jobs_token_opens_only_what_a_job_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
