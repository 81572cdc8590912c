/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/route.h"
#include "fcgi/router.h"
#include "tests/lib/an_exchange.h"

static const struct route table[] = {
	{ .method = "GET", .path = "/ws/q" },
	{ .method = "POST", .path = "/ws/ji" },
	{ .method = "GET", .path = "/ws/ji/active" },
	{ .method = "GET", .path = "/ws/ji/{id}" },
	{ .method = "DELETE", .path = "/ws/ji/{id}" },
	{ .method = "POST", .path = "/ws/ji/{id}/position/{n}" },
	{ .method = "GET", .path = "/ws/cron/{text*}" },
};
#define TABLE_LEN (sizeof(table) / sizeof(table[0]))
#define NOTHING -1

/* Index of the route found, or NOTHING; x keeps values and allow. */
static int
find(struct exchange *x, const char *method, const char *path)
{
	struct err err = ERR_INIT;

	x->request.method = method;
	x->request.path = path;
	assert_int_equal(router_find(table, TABLE_LEN, x, &err), 0);
	return x->route == NULL ? NOTHING : (int)(x->route - table);
}

static void
the_first_row_that_fits_wins(void **state)
{
	static const struct {
		const char *method, *path;
		int row;
	} cases[] = {
		{ "GET", "/ws/q", 0 },         { "POST", "/ws/ji", 1 },
		{ "GET", "/ws/ji/active", 2 }, { "GET", "/ws/ji/7", 3 },
		{ "DELETE", "/ws/ji/7", 4 },   { "DELETE", "/ws/ji/active", 4 },
		{ "GET", "/ws", NOTHING },     { "GET", "/", NOTHING },
		{ "GET", "/ws/q/x", NOTHING }, { "GET", "/ws/Q", NOTHING },
		{ "GET", "/ws/qq", NOTHING },  { "GET", "/ws/ji/7/x", NOTHING },
		{ "GET", "/ws/%71", 0 },
	};
	struct exchange *x = an_exchange();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: %s %s\n", cases[i].method, cases[i].path);
		assert_int_equal(find(x, cases[i].method, cases[i].path), cases[i].row);
	}
	an_exchange_free(x);
}

/* Where one is found, nothing is said of what the path allows. */
static void
another_table_and_apis_that_are_off_are_minded(void **state)
{
	static const struct route other[] = {
		{ .method = "GET", .path = "/{all*}", .api = API_NONE },
		{ .method = "PUT", .path = "/ws/admin/{id}", .api = API_ADMIN },
		{ .method = "PUT", .path = "/ws/client/{id}", .api = API_CLIENT },
	};
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(find(x, "GET", "/ws/q"), 0);
	assert_null(x->response.allow);
	for (size_t i = 0; i < 2; i++) {
		x->request.method = "PUT";
		x->request.path = i == 0 ? "/ws/admin/%c3%b1" : "/ws/client/%c3%b1";
		assert_int_equal(router_find(other, 3, x, &err), 0);
		assert_ptr_equal(x->route, &other[1 + i]);
		assert_string_equal(x->path_values[0], "\xc3\xb1");
		assert_null(x->response.allow);
	}
	x->apis_off = 1u << API_CLIENT;
	assert_int_equal(router_find(other, 3, x, &err), 0);
	assert_null(x->route);
	assert_string_equal(x->response.allow, "OPTIONS, GET, HEAD");
	x->request.method = "GET";
	x->request.path = "/ws";
	assert_int_equal(router_find(other, 3, x, &err), 0);
	assert_ptr_equal(x->route, &other[0]);
	assert_int_equal(find(x, "GET", "/ws/q"), 0);
	an_exchange_free(x);
}

static void
head_finds_what_get_finds(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	assert_int_equal(find(x, "HEAD", "/ws/q"), 0);
	assert_int_equal(find(x, "HEAD", "/ws/ji"), NOTHING);
	an_exchange_free(x);
}

static void
doubled_and_trailing_slashes_change_nothing(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	assert_int_equal(find(x, "GET", "//ws///q/"), 0);
	assert_int_equal(find(x, "GET", "/ws/ji/7//"), 3);
	assert_string_equal(x->path_values[0], "7");
	an_exchange_free(x);
}

static void
values_are_decoded_one_segment_each(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	assert_int_equal(find(x, "POST", "/ws/ji/a%20b%2Fc+%C3%A9/position/3"), 5);
	assert_string_equal(x->path_values[0], "a b/c+\xc3\xa9");
	assert_string_equal(x->path_values[1], "3");
	assert_null(x->path_values[2]);
	an_exchange_free(x);
}

static void
a_starred_value_takes_all_that_follows(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	assert_int_equal(find(x, "GET", "/ws/cron/0%200/5%20*%20*%20?%2F2"), 6);
	assert_string_equal(x->path_values[0], "0 0/5 * * ?/2");
	assert_int_equal(find(x, "GET", "/ws/cron/"), NOTHING);
	an_exchange_free(x);
}

static void
a_known_path_tells_its_methods_an_unknown_one_does_not(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(find(x, "PUT", "/ws/ji/7"), NOTHING);
	assert_string_equal(x->response.allow, "OPTIONS, GET, HEAD, DELETE");
	assert_int_equal(router_require(x, &err), -1);
	assert_int_equal(x->response.refusal, REFUSAL_METHOD);

	x->response.refusal = REFUSAL_NONE;
	assert_int_equal(find(x, "PUT", "/ws/nothing"), NOTHING);
	assert_null(x->response.allow);
	assert_int_equal(router_require(x, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	an_exchange_free(x);
}

static void
options_is_answered_with_the_methods(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(find(x, "OPTIONS", "/ws/q"), NOTHING);
	assert_int_equal(router_require(x, &err), 1);
	assert_int_equal(x->response.status, 204);
	assert_string_equal(an_exchange_header(x, "Allow"), "OPTIONS, GET, HEAD");
	an_exchange_free(x);
}

static void
paths_that_cannot_be_read_are_refused(void **state)
{
	static const char *const paths[] = { "/ws/%",   "/ws/%4",   "/ws/%zz",      "/ws/%00",
					     "/ws/%ff", "/ws/../q", "/ws/%2e%2E/q", "/./ws" };
	struct exchange *x = an_exchange();
	char deep[200] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct err err = ERR_INIT;

		print_message("case: %s\n", paths[i]);
		x->request.path = paths[i];
		assert_int_equal(router_find(table, TABLE_LEN, x, &err), -1);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, "the path has"));
	}
	for (int i = 0; i < 33; i++)
		strcat(deep, "/a");
	x->request.path = deep;
	assert_int_equal(router_find(table, TABLE_LEN, x, &(struct err)ERR_INIT), -1);
	an_exchange_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_row_that_fits_wins),
		cmocka_unit_test(another_table_and_apis_that_are_off_are_minded),
		cmocka_unit_test(head_finds_what_get_finds),
		cmocka_unit_test(doubled_and_trailing_slashes_change_nothing),
		cmocka_unit_test(values_are_decoded_one_segment_each),
		cmocka_unit_test(a_starred_value_takes_all_that_follows),
		cmocka_unit_test(a_known_path_tells_its_methods_an_unknown_one_does_not),
		cmocka_unit_test(options_is_answered_with_the_methods),
		cmocka_unit_test(paths_that_cannot_be_read_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
