/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/same_origin.h"
#include "tests/lib/an_exchange.h"

/* What becomes of a request to jqm.example:1789 with these headers. */
static enum err_kind
verdict(const char *method, const char *fetch_site, const char *origin)
{
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	int rc;

	x->request.method = method;
	x->request.host = "jqm.example:1789";
	x->request.fetch_site = fetch_site;
	x->request.origin = origin;
	rc = same_origin_check(x, &err);
	an_exchange_free(x);
	assert_int_equal(rc == -1, err.kind != ERR_NONE);
	return err.kind;
}

static void
orders_of_another_sites_page_are_refused(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "DELETE" };
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(verdict(methods[i], "cross-site", ""), ERR_DENIED);
		assert_int_equal(verdict(methods[i], "same-site", ""), ERR_DENIED);
		assert_int_equal(verdict(methods[i], "", "http://evil.example"), ERR_DENIED);
	}
	assert_int_equal(verdict("POST", "", "null"), ERR_DENIED);
	assert_int_equal(verdict("POST", "", "http://jqm.example"), ERR_DENIED);
	assert_int_equal(verdict("POST", "", "http://jqm.example:1789.evil.example"), ERR_DENIED);
	assert_int_equal(verdict("POST", "", "http://evil.example/://jqm.example:1789"),
			 ERR_DENIED);
	assert_int_equal(verdict("POST", "cross-site", "http://jqm.example:1789"), ERR_DENIED);
}

static void
orders_of_our_pages_and_of_scripts_are_taken(void **state)
{
	(void)state;
	assert_int_equal(verdict("POST", "", ""), ERR_NONE);
	assert_int_equal(verdict("POST", "same-origin", "http://jqm.example:1789"), ERR_NONE);
	assert_int_equal(verdict("POST", "none", ""), ERR_NONE);
	assert_int_equal(verdict("POST", "", "http://jqm.example:1789"), ERR_NONE);
	assert_int_equal(verdict("POST", "", "https://JQM.example:1789"), ERR_NONE);
}

static void
reading_is_not_refused(void **state)
{
	(void)state;
	assert_int_equal(verdict("GET", "cross-site", "http://evil.example"), ERR_NONE);
	assert_int_equal(verdict("HEAD", "cross-site", ""), ERR_NONE);
	assert_int_equal(verdict("OPTIONS", "cross-site", "http://evil.example"), ERR_NONE);
}

/* Is it proven that one of our pages sends this to jqm.example:1789? */
static bool
proven(const char *method, const char *fetch_site, const char *origin, bool tls)
{
	struct request r = { .method = method,
			     .host = "jqm.example:1789",
			     .fetch_site = fetch_site,
			     .origin = origin,
			     .tls = tls };

	return same_origin_proven(&r);
}

static void
with_a_session_an_order_needs_the_browsers_word(void **state)
{
	(void)state;
	assert_false(proven("POST", "", "", false));
	assert_false(proven("POST", "none", "", false));
	assert_false(proven("DELETE", "same-site", "http://jqm.example:1789", false));
	assert_false(proven("PUT", "", "http://evil.example", false));
	assert_false(proven("PUT", "", "null", false));
	assert_false(proven("POST", "", "http://jqm.example:1789", true));
	assert_false(proven("POST", "", "https://jqm.example:1789", false));
	assert_true(proven("POST", "", "http://jqm.example:1789", false));
	assert_true(proven("POST", "", "https://jqm.example:1789", true));
	assert_true(proven("DELETE", "same-origin", "", true));
	assert_true(proven("GET", "cross-site", "http://evil.example", false));
}

/* JQM's Java client sends a cookie and neither header; a browser that calls itself so still says whose page it was. */
static void
with_a_session_jqms_java_client_needs_no_word(void **state)
{
	struct request r = { .method = "POST",
			     .host = "jqm.example:1789",
			     .fetch_site = "",
			     .origin = "",
			     .java_client = true };
	(void)state;

	assert_true(same_origin_proven(&r));
	r.origin = "http://evil.example";
	assert_false(same_origin_proven(&r));
	r.origin = "";
	r.fetch_site = "cross-site";
	assert_false(same_origin_proven(&r));
	r.fetch_site = "none";
	assert_false(same_origin_proven(&r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_of_another_sites_page_are_refused),
		cmocka_unit_test(orders_of_our_pages_and_of_scripts_are_taken),
		cmocka_unit_test(reading_is_not_refused),
		cmocka_unit_test(with_a_session_an_order_needs_the_browsers_word),
		cmocka_unit_test(with_a_session_jqms_java_client_needs_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
