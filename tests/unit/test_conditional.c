/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/conditional.h"
#include "tests/lib/an_exchange.h"

#define BODY "[1,2]"
/* The first 8 bytes of sha256 of the body. */
#define DIGEST "49a64717d5d4cb19"

/* An answer of status to method, with its ETag, to who has if_none_match. */
static struct exchange *
answered(const char *method, int status, const char *if_none_match)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;

	x->request.method = method;
	x->request.if_none_match = if_none_match;
	exchange_answer_bytes(x, status, "application/json", BODY, strlen(BODY));
	assert_int_equal(conditional_put_etag(x, "abc", &err), 0);
	assert_int_equal(conditional_check(x, &err), 0);
	return x;
}

static void
an_etag_is_a_state_and_a_digest_of_the_answer(void **state)
{
	struct exchange *x = answered("GET", 200, "");
	(void)state;

	assert_string_equal(an_exchange_header(x, "ETag"), "\"abc." DIGEST "\"");
	an_exchange_free(x);
}

static void
who_has_the_answer_gets_304_without_a_body(void **state)
{
	static const char *const has[] = {
		"\"abc." DIGEST "\"",
		"W/\"abc." DIGEST "\"",
		"\"x\", \"abc." DIGEST "\"",
		" \"x\" ,W/\"abc." DIGEST "\" , \"y\"",
		"*",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(has) / sizeof(has[0]); i++) {
		struct exchange *x = answered(i % 2 == 0 ? "GET" : "HEAD", 200, has[i]);

		print_message("If-None-Match: %s\n", has[i]);
		assert_int_equal(x->response.status, 304);
		assert_null(x->response.content_type);
		assert_int_equal(x->response.body.len, 0);
		assert_non_null(an_exchange_header(x, "ETag"));
		an_exchange_free(x);
	}
}

static void
who_has_another_one_or_asks_otherwise_gets_the_answer(void **state)
{
	static const struct {
		const char *method;
		int status;
		const char *if_none_match;
	} cases[] = {
		{ "GET", 200, "" },
		{ "GET", 200, "\"abc\"" },
		{ "GET", 200, "\"abc.0000000000000000\"" },
		{ "GET", 200, "abc." DIGEST },
		{ "GET", 200, "\"abc." DIGEST "\"x" },
		{ "GET", 200, "\"abc." DIGEST },
		{ "GET", 200, ",, ,W/" },
		{ "GET", 206, "\"abc." DIGEST "\"" },
		{ "PUT", 200, "\"abc." DIGEST "\"" },
		{ "POST", 200, "*" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x =
		    answered(cases[i].method, cases[i].status, cases[i].if_none_match);

		print_message("%s, If-None-Match: %s\n", cases[i].method, cases[i].if_none_match);
		assert_int_equal(x->response.status, cases[i].status);
		assert_int_equal(x->response.body.len, strlen(BODY));
		an_exchange_free(x);
	}
}

static void
an_answer_without_etag_is_never_304(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	(void)state;

	x->request.if_none_match = "*";
	exchange_answer_text(x, 200, "5");
	assert_int_equal(conditional_check(x, &err), 0);
	assert_int_equal(x->response.status, 200);
	an_exchange_free(x);
}

static void
if_match_reaches_the_database_without_digests(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "*", "*" },
		{ "\"abc.0123\"", "\"abc\"" },
		{ "\"abc\"", "\"abc\"" },
		{ "\"a.1\", \"b.2.3\",\"c\"", "\"a\", \"b\",\"c\"" },
		{ "a.b", "a.b" },
		{ "\"a.b", "\"a" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = an_exchange();

		x->request.if_match = cases[i][0];
		assert_string_equal(conditional_states_wanted(x), cases[i][1]);
		an_exchange_free(x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_etag_is_a_state_and_a_digest_of_the_answer),
		cmocka_unit_test(who_has_the_answer_gets_304_without_a_body),
		cmocka_unit_test(who_has_another_one_or_asks_otherwise_gets_the_answer),
		cmocka_unit_test(an_answer_without_etag_is_never_304),
		cmocka_unit_test(if_match_reaches_the_database_without_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
