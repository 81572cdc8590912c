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
#include "fcgi/request.h"
#include "tests/lib/an_exchange.h"

static void
fields_are_decoded(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	const char *value = NULL;

	(void)state;
	x->request.query = "a=1&b=x+y%26&&c&%64=%C3%A9&=no";
	assert_int_equal(exchange_query_value(x, "a", &value, &err), 0);
	assert_string_equal(value, "1");
	assert_int_equal(exchange_query_value(x, "b", &value, &err), 0);
	assert_string_equal(value, "x y&");
	assert_int_equal(exchange_query_value(x, "c", &value, &err), 0);
	assert_string_equal(value, "");
	assert_int_equal(exchange_query_value(x, "d", &value, &err), 0);
	assert_string_equal(value, "\xc3\xa9");
	assert_int_equal(exchange_query_value(x, "z", &value, &err), 0);
	assert_null(value);
	an_exchange_free(x);
}

static void
a_field_that_is_there_twice_is_refused(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	const char *value = NULL;

	(void)state;
	x->request.query = "a=1&b=2&%61=1";
	assert_int_equal(exchange_query_value(x, "a", &value, &err), -1);
	assert_string_equal(err.text, "query parameter \"a\" is there twice");
	assert_int_equal(exchange_query_value(x, "b", &value, &err), 0);
	x->request.body = "a=&a=";
	x->request.body_len = strlen(x->request.body);
	assert_int_equal(exchange_form_value(x, "a", &value, &err), -1);
	assert_string_equal(err.text, "form field \"a\" is there twice");
	an_exchange_free(x);
}

static void
repeated_fields_keep_their_order(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	const char *const *values = NULL;

	(void)state;
	x->request.body = "p=1&q=0&p=&p=3";
	x->request.body_len = strlen(x->request.body);
	assert_int_equal(exchange_form_values(x, "p", &values, &err), 0);
	assert_string_equal(values[0], "1");
	assert_string_equal(values[1], "");
	assert_string_equal(values[2], "3");
	assert_null(values[3]);
	an_exchange_free(x);
}

static void
a_broken_field_is_named(void **state)
{
	static const char *const broken[] = { "%", "%4", "%zz", "%00", "%ff", "%C3" };
	struct exchange *x = an_exchange();

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct err err = ERR_INIT;
		const char *value = NULL;

		x->request.query = exchange_printf(x, "size=%s", broken[i]);
		assert_int_equal(exchange_query_value(x, "size", &value, &err), -1);
		assert_non_null(strstr(err.text, "query parameter \"size\""));
		assert_int_equal(exchange_pairs_check(x, x->request.query, "form field", &err), -1);
		assert_non_null(strstr(err.text, "form field \"size\""));
	}
	an_exchange_free(x);
}

static void
numbers_of_the_query_have_range_and_default(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	int64_t out = 0;

	(void)state;
	x->request.query = "n=5&big=11&bad=5x&empty=";
	assert_int_equal(exchange_query_int(x, "n", 1, 10, 3, &out, &err), 0);
	assert_int_equal(out, 5);
	assert_int_equal(exchange_query_int(x, "none", 1, 10, 3, &out, &err), 0);
	assert_int_equal(out, 3);
	assert_int_equal(exchange_query_int(x, "empty", 1, 10, 3, &out, &err), 0);
	assert_int_equal(out, 3);
	assert_int_equal(exchange_query_int(x, "big", 1, 10, 3, &out, &err), -1);
	assert_non_null(strstr(err.text, "\"big\""));
	assert_int_equal(exchange_query_int(x, "bad", 1, 10, 3, &out, &err), -1);
	an_exchange_free(x);
}

static void
a_files_path_is_encoded_for_nginx(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	exchange_answer_file(x, "/-/joblogs/", "1/a b%3f?#\xc3\xa9\n..log", "x\r\ny", NULL);
	assert_int_equal(x->response.status, 200);
	assert_string_equal(an_exchange_header(x, "X-Accel-Redirect"),
			    "/-/joblogs/1/a%20b%253f%3F%23%C3%A9%0A..log");
	assert_null(strpbrk(an_exchange_header(x, "Content-Disposition"), "\r\n"));
	assert_string_equal(x->response.content_type, "application/octet-stream");
	an_exchange_free(x);
}

static void
nobody_sees_any_job_and_an_account_sees_all(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(exchange_may_see_job(x, 1, &err), -1);
	x->identity.kind = IDENTITY_ACCOUNT;
	assert_int_equal(exchange_may_see_job(x, 1, &err), 0);
	an_exchange_free(x);
}

/* 0, or -1 with the words expected. */
static void
refuse(struct exchange *x, const char *words)
{
	struct err err = ERR_INIT;

	print_message("case: %s\n", words);
	assert_int_equal(request_check(x, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, words));
}

static void
a_request_that_is_too_long_or_no_text_is_refused_by_name(void **state)
{
	static char longer[20000];
	struct exchange *x = an_exchange();
	const struct request good = x->request;

	(void)state;
	memset(longer, 'a', sizeof(longer) - 1);
	longer[0] = '/';
	assert_int_equal(request_check(x, &(struct err)ERR_INIT), 0);
	x->request.path = longer;
	refuse(x, "the path is longer");
	x->request = good;
	x->request.query = longer;
	refuse(x, "the query string is longer");
	x->request = good;
	x->request.query = "a=%ff";
	refuse(x, "query parameter \"a\"");
	x->request = good;
	x->request.accept = longer;
	refuse(x, "the Accept header is longer");
	x->request = good;
	x->request.authorization = longer;
	refuse(x, "the Authorization header is longer");
	x->request = good;
	x->request.path = "/\xff";
	refuse(x, "the path has bytes");
	x->request = good;
	x->request.method = "get";
	refuse(x, "no method");
	x->request = good;
	x->request.path = "x";
	refuse(x, "begin with a slash");
	an_exchange_free(x);
}

static void
a_body_is_utf8_text_unless_it_is_xml(void **state)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;

	(void)state;
	x->request.content_type = "application/json";
	x->request.body = "a\0b";
	x->request.body_len = 3;
	assert_int_equal(request_body_check(x, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_non_null(strstr(err.text, "the body has bytes"));
	x->request.content_type = "application/xml";
	assert_int_equal(request_body_check(x, &err), 0);
	an_exchange_free(x);
}

static void
the_content_type_is_brought_to_its_plain_form(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	x->request.content_type = " Application/JSON ; charset=UTF-8";
	assert_int_equal(request_check(x, &(struct err)ERR_INIT), 0);
	assert_string_equal(x->request.content_type, "application/json");
	an_exchange_free(x);
}

static void
a_content_length_that_is_no_number_means_no_body(void **state)
{
	(void)state;
	assert_int_equal(request_body_len(NULL), 0);
	assert_int_equal(request_body_len(""), 0);
	assert_int_equal(request_body_len("12x"), 0);
	assert_int_equal(request_body_len("-1"), 0);
	assert_int_equal(request_body_len("99999999999999999999"), 0);
	assert_int_equal(request_body_len("12"), 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_decoded),
		cmocka_unit_test(a_field_that_is_there_twice_is_refused),
		cmocka_unit_test(repeated_fields_keep_their_order),
		cmocka_unit_test(a_broken_field_is_named),
		cmocka_unit_test(numbers_of_the_query_have_range_and_default),
		cmocka_unit_test(a_files_path_is_encoded_for_nginx),
		cmocka_unit_test(nobody_sees_any_job_and_an_account_sees_all),
		cmocka_unit_test(a_request_that_is_too_long_or_no_text_is_refused_by_name),
		cmocka_unit_test(a_body_is_utf8_text_unless_it_is_xml),
		cmocka_unit_test(the_content_type_is_brought_to_its_plain_form),
		cmocka_unit_test(a_content_length_that_is_no_number_means_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
