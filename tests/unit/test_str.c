/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void
a_copy_that_fits_is_whole(void **state)
{
	char dst[6];

	(void)state;
	assert_int_equal(str_copy(dst, sizeof(dst), "12345"), 0);
	assert_string_equal(dst, "12345");
	assert_int_equal(str_copy(dst, 1, ""), 0);
	assert_string_equal(dst, "");
}

static void
a_copy_too_long_is_cut_between_characters_and_says_so(void **state)
{
	static const struct {
		size_t size;
		const char *expected;
	} cases[] = { { 1, "" }, { 2, "a" }, { 3, "a" }, { 4, "a\xc3\xa9" }, { 7, "a\xc3\xa9" } };
	char dst[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(dst, '!', sizeof(dst));
		assert_int_equal(str_copy(dst, cases[i].size, "a\xc3\xa9\xf0\x9f\x98\x80"), -1);
		assert_string_equal(dst, cases[i].expected);
	}
	assert_int_equal(str_copy(dst, 0, "a"), -1);
}

static void
garbage_is_cut_where_it_is(void **state)
{
	(void)state;
	assert_int_equal(str_utf8_cut("\x80\x80\x80\x80\x80\x80", 5), 5);
	assert_int_equal(str_utf8_cut("abc", 3), 3);
	assert_int_equal(str_utf8_cut("abc", 100), 3);
	assert_int_equal(str_utf8_cut("abc", 0), 0);
}

static void
duplicates_are_fresh_and_null_stays_null(void **state)
{
	char text[] = "text";
	char *copy = str_dup(text);
	char *made = str_printf("%s-%d", text, 5);

	(void)state;
	text[0] = 'n';
	assert_string_equal(copy, "text");
	assert_string_equal(made, "text-5");
	assert_null(str_dup(NULL));
	free(copy);
	free(made);
}

static void
beginnings_and_ends_are_compared_whole(void **state)
{
	(void)state;
	assert_true(str_starts("job_start", "job_"));
	assert_true(str_starts("job", "job"));
	assert_true(str_starts("job", ""));
	assert_false(str_starts("jo", "job"));
	assert_true(str_ends("x.log", ".log"));
	assert_true(str_ends(".log", ".log"));
	assert_true(str_ends("x", ""));
	assert_false(str_ends("log", ".log"));
}

static void
trimming_leaves_the_inside_alone(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = { { "", "" },
		      { " \t\r\n\v\f", "" },
		      { "a", "a" },
		      { "  a b\t", "a b" },
		      { "\xc2\xa0 x", "\xc2\xa0 x" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = str_dup(cases[i].text);

		assert_ptr_equal(str_trim(text), text);
		assert_string_equal(text, cases[i].expected);
		free(text);
	}
}

static void
utf8_is_what_rfc_3629_says(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		bool valid;
	} cases[] = {
		{ "", 0, true },
		{ "a\x7f", 2, true },
		{ "\xc2\x80\xdf\xbf", 4, true },
		{ "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80", 9, true },
		{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8, true },
		{ "a\0b", 3, false },
		{ "\x80", 1, false },
		{ "\xc0\x80", 2, false }, /* overlong */
		{ "\xc1\xbf", 2, false },
		{ "\xe0\x9f\xbf", 3, false },
		{ "\xf0\x8f\xbf\xbf", 4, false },
		{ "\xed\xa0\x80", 3, false }, /* surrogate */
		{ "\xf4\x90\x80\x80", 4, false }, /* over U+10FFFF */
		{ "\xf5\x80\x80\x80", 4, false },
		{ "\xff", 1, false },
		{ "\xc3", 1, false }, /* cut short */
		{ "\xe2\x82", 2, false },
		{ "\xf0\x9f\x98", 3, false },
		{ "\xc3\x28", 2, false }, /* not a continuation */
		{ "\xe2\x82\x28", 3, false },
		{ "\xf0\x9f\x98\x28", 4, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (str_utf8_valid(cases[i].text, cases[i].len) != cases[i].valid)
			fail_msg("case %zu", i);
	assert_int_equal(str_utf8_step("\xe2\x82\xac", 3), 3);
	assert_int_equal(str_utf8_step("\xe2\x82\xac", 2), 0);
	assert_int_equal(str_utf8_step("", 0), 0);
}

static void
characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(str_utf8_chars(""), 0);
	assert_int_equal(str_utf8_chars("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 4);
}

static void
control_characters_are_counted_line_ends_and_tabs_not(void **state)
{
	(void)state;
	assert_int_equal(str_control_count("a\r\n\tb\xc3\xa9"), 0);
	assert_int_equal(str_control_count("\x01\x1f\x7f\x1b[0m"), 4);
}

static void
hexadecimal_goes_both_ways(void **state)
{
	static const char *const wrong[] = { "", "00fF1", "00fF100", "00fg10", "0x0010", " 0ff10" };
	unsigned char bytes[3];
	char hex[7];

	(void)state;
	assert_int_equal(str_unhex(bytes, 3, "00fF10"), 0);
	assert_memory_equal(bytes, "\x00\xff\x10", 3);
	str_hex(hex, bytes, 3);
	assert_string_equal(hex, "00ff10");
	str_hex(hex, bytes, 0);
	assert_string_equal(hex, "");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (str_unhex(bytes, 3, wrong[i]) != -1)
			fail_msg("accepted: \"%s\"", wrong[i]);
}

static void
percent_escapes_are_decoded_or_refused(void **state)
{
	static const struct {
		const char *text;
		bool plus_is_blank;
		const char *expected; /* NULL: refused */
	} cases[] = {
		{ "", false, "" },
		{ "plain/path", false, "plain/path" },
		{ "a%20b+c", false, "a b+c" },
		{ "a%20b+c%2B", true, "a b c+" },
		{ "%C3%a9", false, "\xc3\xa9" },
		{ "%2525", false, "%25" },
		{ "%", false, NULL },
		{ "a%2", false, NULL },
		{ "%zz", false, NULL },
		{ "%2g", false, NULL },
		{ "%00", false, NULL },
		{ "% 20", false, NULL },
	};
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text = str_percent_decode(cases[i].text, strlen(cases[i].text),
					  cases[i].plus_is_blank);
		if (cases[i].expected == NULL)
			assert_null(text);
		else
			assert_string_equal(text, cases[i].expected);
		free(text);
	}
	assert_null(str_percent_decode("a\0b", 3, false));
	text = str_percent_decode("%41%42", 3, false); /* only what was given is read */
	assert_string_equal(text, "A");
	free(text);
	assert_null(str_percent_decode("%41%42", 5, false));
}

static void
hexadecimal_digits_of_a_text_need_no_end_and_hold_no_nul(void **state)
{
	char out[4];
	(void)state;

	assert_int_equal(str_unhex_text(out, "61c3A9=", 6), 0);
	assert_string_equal(out, "a\xc3\xa9");
	assert_int_equal(str_unhex_text(out, "=", 0), 0);
	assert_string_equal(out, "");
	assert_int_equal(str_unhex_text(out, "616", 3), -1);
	assert_int_equal(str_unhex_text(out, "6100", 4), -1);
	assert_int_equal(str_unhex_text(out, "6g", 2), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_that_fits_is_whole),
		cmocka_unit_test(a_copy_too_long_is_cut_between_characters_and_says_so),
		cmocka_unit_test(garbage_is_cut_where_it_is),
		cmocka_unit_test(duplicates_are_fresh_and_null_stays_null),
		cmocka_unit_test(beginnings_and_ends_are_compared_whole),
		cmocka_unit_test(trimming_leaves_the_inside_alone),
		cmocka_unit_test(utf8_is_what_rfc_3629_says),
		cmocka_unit_test(characters_are_counted_not_bytes),
		cmocka_unit_test(control_characters_are_counted_line_ends_and_tabs_not),
		cmocka_unit_test(hexadecimal_goes_both_ways),
		cmocka_unit_test(percent_escapes_are_decoded_or_refused),
		cmocka_unit_test(hexadecimal_digits_of_a_text_need_no_end_and_hold_no_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
