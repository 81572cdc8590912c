/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/negotiation.h"
#include "fcgi/route.h"
#include "tests/lib/an_exchange.h"

#define OFFERS "application/xml,application/json"
enum { XML, JSON };
#define NONE NEGOTIATION_NONE

static void
accept_chooses_the_format_as_in_jqm(void **state)
{
	static const struct {
		const char *accept;
		size_t chosen;
	} cases[] = {
		{ "", XML },
		{ "*/*", XML },
		{ "application/*", XML },
		{ "application/xml", XML },
		{ "application/json", JSON },
		{ "APPLICATION/JSON", JSON },
		/* the consoles */
		{ "application/json, text/plain, */*", JSON },
		{ "application/json,text/plain,*/*;q=0.8", JSON },
		{ "*/*, application/json", JSON },
		/* two that are named: the caller's order */
		{ "application/json, application/xml", JSON },
		{ "application/xml, application/json", XML },
		{ "application/json;q=0.5, application/xml;q=0.9", XML },
		{ "application/xml;q=0.5, application/json;q=0.9", JSON },
		{ "application/json;q=0.5, */*", XML },
		{ "application/xml;q=0, */*", JSON },
		/* Java */
		{ "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", XML },
		{ "text/html, image/gif, image/jpeg, */*; q=0.2", XML },
		{ "text/html, *;q=.2", XML },
		{ "*", XML },
		/* browsers */
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML },
		/* nothing we have */
		{ "text/xml", NONE },
		{ "text/html", NONE },
		{ "text/plain, image/*", NONE },
		{ "application/json;q=0", NONE },
		{ "*/*;q=0", NONE },
		/* elements that cannot be read are passed over; nothing but such likes anything */
		{ "garbage, application/json", JSON },
		{ "application/json;q=high, application/xml;q=0.1", XML },
		{ ";;,,=", XML },
		{ "application/json;q=1.5, text/html", NONE },
		{ "application/json;q=., text/html", NONE },
		{ "application/json;q=, text/html", NONE },
		{ "application/json;q=.9999, text/html", NONE },
		{ "application/json;q=.999, text/html", JSON },
		{ "application/json;version=1;q=0.3", JSON },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("Accept: %s\n", cases[i].accept);
		assert_int_equal(negotiation_choose(cases[i].accept, OFFERS), cases[i].chosen);
	}
}

static void
a_route_with_one_type_takes_it_or_nothing(void **state)
{
	(void)state;
	assert_int_equal(negotiation_choose("application/xml, */*;q=0.1", "text/plain"), 0);
	assert_int_equal(negotiation_choose("application/xml", "text/plain"), NONE);
	assert_int_equal(negotiation_choose("text/*", "text/plain"), 0);
}

/* 0, the refusal, or -1 for another error. */
static int
check_body(enum route_body body, const char *content_type, const char *text)
{
	const struct route route = { .body = body };
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	int rc;

	x->route = &route;
	x->request.content_type = content_type;
	x->request.body = text;
	x->request.body_len = strlen(text);
	rc = negotiation_check(x, &err);
	if (rc == -1 && x->response.refusal != REFUSAL_NONE)
		rc = (int)x->response.refusal;
	an_exchange_free(x);
	return rc;
}

static void
a_body_must_be_of_a_type_the_route_reads(void **state)
{
	(void)state;
	assert_int_equal(check_body(BODY_NONE, "image/png", "x"), 0);
	assert_int_equal(check_body(BODY_DOCUMENT, "application/json", "{}"), 0);
	assert_int_equal(check_body(BODY_DOCUMENT, "application/xml", "<a/>"), 0);
	assert_int_equal(check_body(BODY_DOCUMENT, "text/plain", "{}"), REFUSAL_MEDIA_TYPE);
	assert_int_equal(check_body(BODY_DOCUMENT, "", "{}"), REFUSAL_MEDIA_TYPE);
	assert_int_equal(check_body(BODY_DOCUMENT, "", ""), 0);
	assert_int_equal(check_body(BODY_XML, "text/xml", "<a/>"), 0);
	assert_int_equal(check_body(BODY_XML, "application/json", "{}"), REFUSAL_MEDIA_TYPE);
	assert_int_equal(check_body(BODY_FORM, "application/x-www-form-urlencoded", "a=1"), 0);
	assert_int_equal(check_body(BODY_FORM, "multipart/form-data", "a=1"), REFUSAL_MEDIA_TYPE);
}

static void
a_broken_form_is_refused(void **state)
{
	(void)state;
	assert_int_equal(check_body(BODY_FORM, "application/x-www-form-urlencoded", "a=%zz"), -1);
	assert_int_equal(check_body(BODY_FORM, "application/x-www-form-urlencoded", "a=%ff"), -1);
}

static void
what_accept_does_not_allow_is_refused_else_remembered(void **state)
{
	const struct route route = { .produces = "application/xml,application/json" };
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;

	(void)state;
	x->route = &route;
	x->request.accept = "application/json";
	assert_int_equal(negotiation_check(x, &err), 0);
	assert_string_equal(x->media_type, "application/json");
	x->request.accept = "image/png";
	assert_int_equal(negotiation_check(x, &err), -1);
	assert_int_equal(x->response.refusal, REFUSAL_ACCEPT);
	an_exchange_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_chooses_the_format_as_in_jqm),
		cmocka_unit_test(a_route_with_one_type_takes_it_or_nothing),
		cmocka_unit_test(a_body_must_be_of_a_type_the_route_reads),
		cmocka_unit_test(a_broken_form_is_refused),
		cmocka_unit_test(what_accept_does_not_allow_is_refused_else_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
