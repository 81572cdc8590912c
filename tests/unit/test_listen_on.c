/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cli/up/listen_on.h"

/* Only addresses and names every machine knows: no name server is asked. */
static void
a_node_listens_where_its_dns_says_and_on_the_loopback(void **state)
{
	static const struct {
		const char *dns, *lines;
		bool beyond;
	} cases[] = {
		{ "localhost", "listen 127.0.0.1:1789;", false },
		{ "127.0.0.1", "listen 127.0.0.1:1789;", false },
		{ "127.1.2.3", "listen 127.0.0.1:1789;", false },
		{ "::1", "listen 127.0.0.1:1789;", false },
		{ "0.0.0.0", "listen 0.0.0.0:1789;", true },
		{ "::", "listen [::]:1789 ipv6only=off;", true },
		{ "192.0.2.7", "listen 127.0.0.1:1789;\n\t\tlisten 192.0.2.7:1789;", true },
		{ "2001:db8::7", "listen 127.0.0.1:1789;\n\t\tlisten [2001:db8::7]:1789;", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf lines = BUF_INIT(4096);
		bool beyond = !cases[i].beyond;

		print_message("case: %s\n", cases[i].dns);
		assert_true(listen_lines(cases[i].dns, 1789, false, &lines, &beyond));
		assert_string_equal(buf_text(&lines), cases[i].lines);
		assert_true(beyond == cases[i].beyond);
		buf_free(&lines);
	}
}

/* JQM opened all interfaces then, in clear. */
static void
a_name_nobody_knows_opens_the_loopback_only(void **state)
{
	static const char *const names[] = { "no such host", "", "x;listen 0.0.0.0:80",
					     "a.invalid." };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf lines = BUF_INIT(4096);
		bool beyond = true;

		print_message("case: %s\n", names[i]);
		assert_false(listen_lines(names[i], 1789, true, &lines, &beyond));
		assert_string_equal(buf_text(&lines), "listen 127.0.0.1:1789 ssl;");
		assert_false(beyond);
		buf_free(&lines);
	}
}

static void
a_certificate_bears_the_names_a_caller_may_use(void **state)
{
	static const struct {
		const char *dns, *host;
		const char *names[LISTEN_NAMES_MAX + 1];
	} cases[] = {
		{ "node.example",
		  "vm1",
		  { "node.example", "vm1", "localhost", "127.0.0.1", "::1" } },
		{ "localhost", "localhost", { "localhost", "127.0.0.1", "::1" } },
		{ "0.0.0.0", "vm1", { "vm1", "localhost", "127.0.0.1", "::1" } },
		{ "::", "", { "localhost", "127.0.0.1", "::1" } },
		{ "2001:DB8::7", "vm1", { "vm1", "localhost", "127.0.0.1", "::1" } },
		{ "no host, this", "vm 1", { "localhost", "127.0.0.1", "::1" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *names[LISTEN_NAMES_MAX + 1];
		size_t n = 0;

		print_message("case: %s\n", cases[i].dns);
		listen_names(cases[i].dns, cases[i].host, names);
		for (; cases[i].names[n] != NULL; n++) {
			assert_non_null(names[n]);
			assert_string_equal(names[n], cases[i].names[n]);
		}
		assert_null(names[n]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_listens_where_its_dns_says_and_on_the_loopback),
		cmocka_unit_test(a_name_nobody_knows_opens_the_loopback_only),
		cmocka_unit_test(a_certificate_bears_the_names_a_caller_may_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
