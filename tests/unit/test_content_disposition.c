/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fcgi/content_disposition.h"

#define HEADER_BYTES_MAX 4096

static void
check(const char *name, const char *expected)
{
	struct buf out = BUF_INIT(HEADER_BYTES_MAX);

	content_disposition(&out, name);
	assert_string_equal(buf_text(&out), expected);
	buf_free(&out);
}

static void
a_plain_name_stays_as_it_is(void **state)
{
	(void)state;
	check("report-1.txt",
	      "attachment; filename=\"report-1.txt\"; filename*=UTF-8''report-1.txt");
	check("a b (1).csv",
	      "attachment; filename=\"a b (1).csv\"; filename*=UTF-8''a%20b%20%281%29.csv");
}

static void
a_name_beyond_ascii_has_a_fallback(void **state)
{
	(void)state;
	check("\xc3\xa9t\xc3\xa9.txt",
	      "attachment; filename=\"_t_.txt\"; filename*=UTF-8''%C3%A9t%C3%A9.txt");
}

static void
nothing_of_a_name_ends_the_header_or_its_quotes(void **state)
{
	(void)state;
	check("a\"; x=\r\nSet-Cookie: b", "attachment; filename=\"a__ x=__Set-Cookie_ b\"; "
					  "filename*=UTF-8''a%22%3B%20x%3D%0D%0ASet-Cookie%3A%20b");
	check("a%41\x01\x7f", "attachment; filename=\"a_41__\"; filename*=UTF-8''a%2541%01%7F");
}

static void
directories_are_cut_off(void **state)
{
	(void)state;
	check("../../etc/passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd");
	check("c:\\x\\y.txt", "attachment; filename=\"y.txt\"; filename*=UTF-8''y.txt");
	check("..", "attachment; filename=\"file\"; filename*=UTF-8''file");
	check("x/", "attachment; filename=\"file\"; filename*=UTF-8''file");
	check("", "attachment; filename=\"file\"; filename*=UTF-8''file");
}

static void
a_long_name_is_cut_between_characters(void **state)
{
	char name[400] = "";
	struct buf out = BUF_INIT(HEADER_BYTES_MAX);

	(void)state;
	for (int i = 0; i < 130; i++)
		strcat(name, "\xc3\xa9");
	content_disposition(&out, name);
	assert_int_equal(buf_check(&out, NULL), 0);
	assert_non_null(strstr(buf_text(&out), "%C3%A9"));
	assert_string_equal(buf_text(&out) + out.len - 6, "%C3%A9");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_name_stays_as_it_is),
		cmocka_unit_test(a_name_beyond_ascii_has_a_fallback),
		cmocka_unit_test(nothing_of_a_name_ends_the_header_or_its_quotes),
		cmocka_unit_test(directories_are_cut_off),
		cmocka_unit_test(a_long_name_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
