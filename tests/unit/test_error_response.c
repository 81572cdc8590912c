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
#include "fcgi/error_response.h"
#include "tests/lib/an_exchange.h"

static const char *
build(struct exchange *x, enum err_kind kind, const char *text)
{
	struct err err = ERR_INIT;

	(void)err_set(&err, kind, "%s", text);
	error_response_build(x, &err);
	assert_string_equal(x->response.content_type, "application/json");
	return buf_text(&x->response.body);
}

static void
every_kind_has_its_status_and_code(void **state)
{
	static const struct {
		enum err_kind kind;
		int status;
		const char *code;
	} cases[] = {
		{ ERR_INVALID, 400, "\"errorCode\":10," },
		{ ERR_DENIED, 403, "\"errorCode\":10," },
		{ ERR_NOT_FOUND, 404, "\"errorCode\":10," },
		{ ERR_CONFLICT, 409, "\"errorCode\":10," },
		{ ERR_STALE, 412, "\"errorCode\":10," },
		{ ERR_TOO_LARGE, 413, "\"errorCode\":10," },
		{ ERR_BUSY, 503, "\"errorCode\":9," },
		{ ERR_UNCERTAIN, 504, "\"errorCode\":9," },
		{ ERR_INTERNAL, 500, "\"errorCode\":9," },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = an_exchange();

		print_message("case: %s\n", err_kind_name(cases[i].kind));
		assert_non_null(strstr(build(x, cases[i].kind, "words"), cases[i].code));
		assert_int_equal(x->response.status, cases[i].status);
		if (cases[i].status == 503)
			assert_string_equal(an_exchange_header(x, "Retry-After"), "2");
		else
			assert_null(x->response.headers);
		an_exchange_free(x);
	}
}

static void
a_refusal_of_the_pipeline_has_its_status_and_header(void **state)
{
	static const struct {
		enum refusal refusal;
		int status;
		const char *header, *value;
	} cases[] = {
		{ REFUSAL_CREDENTIALS, 401, "WWW-Authenticate", "BASIC realm=\"JQM\"" },
		{ REFUSAL_METHOD, 405, "Allow", "GET, HEAD" },
		{ REFUSAL_ACCEPT, 406, NULL, NULL },
		{ REFUSAL_MEDIA_TYPE, 415, NULL, NULL },
		{ REFUSAL_RATE, 429, "Retry-After", "7" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = an_exchange();

		x->response.refusal = cases[i].refusal;
		x->response.allow = "GET, HEAD";
		x->response.retry_after_s = 7;
		assert_non_null(strstr(build(x, ERR_DENIED, "words"), "\"words\""));
		assert_int_equal(x->response.status, cases[i].status);
		if (cases[i].header != NULL)
			assert_string_equal(an_exchange_header(x, cases[i].header), cases[i].value);
		an_exchange_free(x);
	}
}

static void
a_script_in_a_browser_gets_a_challenge_that_does_not_prompt(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	x->request.ajax = true;
	x->response.refusal = REFUSAL_CREDENTIALS;
	(void)build(x, ERR_DENIED, "words");
	assert_string_equal(an_exchange_header(x, "WWW-Authenticate"), "BASICXHR realm=\"JQM\"");
	an_exchange_free(x);
}

static void
what_is_internal_stays_in_the_log_under_the_id_the_body_names(void **state)
{
	static const enum err_kind kinds[] = { ERR_INTERNAL, ERR_BUSY, ERR_UNCERTAIN };
	(void)state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct exchange *x = an_exchange();
		const char *body = build(x, kinds[i], "host=secret");

		assert_null(strstr(body, "secret"));
		assert_non_null(strstr(body, "\"requestId\":\"abc123\""));
		an_exchange_free(x);
	}
}

static void
all_problems_of_a_file_are_told_and_only_then(void **state)
{
	static const char *const names[] = { "one", "two \"2\"" };
	const char *items[] = { names[0], names[1] };
	struct exchange *x = an_exchange();

	(void)state;
	assert_null(strstr(build(x, ERR_INVALID, "words"), "problems"));
	x->response.problems = (struct text_list){ items, 2 };
	assert_non_null(
	    strstr(build(x, ERR_INVALID, "words"), "\"problems\":[\"one\",\"two \\\"2\\\"\"]"));
	assert_null(strstr(build(x, ERR_BUSY, "words"), "problems"));
	an_exchange_free(x);
}

static void
a_handler_may_set_its_own_code(void **state)
{
	struct exchange *x = an_exchange();
	const char *body;

	(void)state;
	x->response.error_code = 11;
	body = build(x, ERR_BUSY, "poller late");
	assert_non_null(strstr(body, "\"errorCode\":11,"));
	assert_non_null(strstr(body, "poller late"));
	an_exchange_free(x);
}

static void
a_key_is_told_with_its_value(void **state)
{
	static const struct {
		const char *key, *says;
	} cases[] = {
		{ "", "\"userMessageKey\":null,\"userMessageParams\":[]," },
		{ "nodeRecentlyActive",
		  "\"userMessageKey\":\"nodeRecentlyActive\",\"userMessageParams\":[]," },
		{ "nameAlreadyUsed name=a b=c",
		  "\"userMessageKey\":\"nameAlreadyUsed\",\"userMessageParams\":[{\"key\":"
		  "\"name\",\"value\":\"a b=c\"}]," },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = an_exchange();
		struct err err = ERR_INIT;

		(void)err_set(&err, ERR_CONFLICT, "words");
		err_set_key(&err, cases[i].key);
		error_response_build(x, &err);
		assert_non_null(strstr(buf_text(&x->response.body), cases[i].says));
		an_exchange_free(x);
	}
}

static void
half_an_answer_is_thrown_away(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	exchange_answer_file(x, "/-/joblogs/", "a", "b", NULL);
	x->response.body.cap = 400;
	for (int i = 0; i < 500; i++)
		buf_putc(&x->response.body, 'x');
	assert_non_null(strstr(build(x, ERR_TOO_LARGE, "words"), "\"words\""));
	assert_null(an_exchange_header(x, "X-Accel-Redirect"));
	assert_null(an_exchange_header(x, "Content-Disposition"));
	an_exchange_free(x);
}

static void
quotes_controls_and_broken_characters_make_no_broken_json(void **state)
{
	struct exchange *x = an_exchange();

	(void)state;
	assert_non_null(strstr(build(x, ERR_INVALID, "a\"b\\c\nd\xc3"), "\"a\\\"b\\\\c\\nd?\""));
	an_exchange_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_its_status_and_code),
		cmocka_unit_test(a_refusal_of_the_pipeline_has_its_status_and_header),
		cmocka_unit_test(a_script_in_a_browser_gets_a_challenge_that_does_not_prompt),
		cmocka_unit_test(what_is_internal_stays_in_the_log_under_the_id_the_body_names),
		cmocka_unit_test(all_problems_of_a_file_are_told_and_only_then),
		cmocka_unit_test(a_handler_may_set_its_own_code),
		cmocka_unit_test(a_key_is_told_with_its_value),
		cmocka_unit_test(half_an_answer_is_thrown_away),
		cmocka_unit_test(quotes_controls_and_broken_characters_make_no_broken_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
