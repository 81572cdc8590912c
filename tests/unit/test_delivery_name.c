/* SPDX-License-Identifier: Apache-2.0 */
/* Names of delivered files: whatever a job calls them, ours are harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "runner/delivery_name.h"

static void
shown_names_are_valid_text_of_bounded_length(void **state)
{
	static const struct {
		const char *name, *shown;
	} cases[] = {
		{ "a.txt", "a.txt" },
		{ "..", ".." },
		{ ".hidden", ".hidden" },
		{ "two\nlines", "two\\x0Alines" },
		{ "\x1b[2J", "\\x1B[2J" },
		{ "del\x7f", "del\\x7F" },
		{ "\xff\xfe", "\\xFF\\xFE" },
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "c1\xc2\x85", "c1\\xC2\\x85" },
		{ "cut\xc3", "cut\\xC3" },
		{ "\xe2\x80\xa5", "\xe2\x80\xa5" },
	};
	char longest[256];
	char *shown;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		shown = delivery_name_shown(cases[i].name);
		assert_string_equal(shown, cases[i].shown);
		free(shown);
	}
	memset(longest, 'x', 255);
	longest[255] = '\0';
	shown = delivery_name_shown(longest);
	assert_string_equal(shown, longest);
	free(shown);
	memset(longest, 0xff, 255);
	shown = delivery_name_shown(longest);
	assert_true(strlen(shown) <= 255);
	assert_true(str_utf8_valid(shown, strlen(shown)));
	free(shown);
}

static void
only_plain_extensions_reach_the_disk(void **state)
{
	static const struct {
		const char *name, *ext;
	} cases[] = {
		{ "a.txt", ".txt" },
		{ "a.tar.gz", ".gz" },
		{ "noext", "" },
		{ "dot.", "" },
		{ "a.b/c", "" },
		{ "a.php ", "" },
		{ "a.\xc3\xa9", "" },
		{ ".profile", ".profile" },
		{ "a.1234567890123456", ".1234567890123456" },
		{ "a.12345678901234567", "" },
		{ "a.t\nxt", "" },
	};
	char ext[DELIVERY_EXT_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		delivery_name_ext(cases[i].name, ext);
		assert_string_equal(ext, cases[i].ext);
	}
}

static void
a_definition_s_directory_cannot_lead_elsewhere(void **state)
{
	static const struct {
		const char *name, *dir;
	} cases[] = {
		{ "plain-Name_1.x", "plain-Name_1.x" },
		{ "..", "_." },
		{ "../../etc", "_._.._etc" },
		{ "a/b", "a_b" },
		{ "", "_" },
		{ "\xc3\xa9", "__" },
	};
	char dir[DELIVERY_DIR_SIZE], longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		delivery_name_dir(cases[i].name, dir);
		assert_string_equal(dir, cases[i].dir);
	}
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	delivery_name_dir(longest, dir);
	assert_int_equal(strlen(dir), DELIVERY_DIR_SIZE - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shown_names_are_valid_text_of_bounded_length),
		cmocka_unit_test(only_plain_extensions_reach_the_disk),
		cmocka_unit_test(a_definition_s_directory_cannot_lead_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
