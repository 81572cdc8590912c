/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/negotiation.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_chooses_the_format_as_in_jqm),
		cmocka_unit_test(a_route_with_one_type_takes_it_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
