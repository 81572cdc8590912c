/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/random_token.h"

static void
a_guid_is_a_version_4_uuid_in_lower_case(void **state)
{
	char guid[RANDOM_GUID_SIZE];

	(void)state;
	for (int round = 0; round < 200; round++) {
		assert_int_equal(random_guid(guid), 0);
		assert_int_equal(strlen(guid), 36);
		for (size_t i = 0; i < 36; i++) {
			if (i == 8 || i == 13 || i == 18 || i == 23)
				assert_int_equal(guid[i], '-');
			else
				assert_non_null(strchr("0123456789abcdef", guid[i]));
		}
		assert_int_equal(guid[14], '4');
		assert_non_null(strchr("89ab", guid[19]));
	}
}

static void
no_two_guids_are_alike(void **state)
{
	static char guids[500][RANDOM_GUID_SIZE];

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		assert_int_equal(random_guid(guids[i]), 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(guids[i], guids[k]);
	}
}

static void
a_text_has_exactly_its_length(void **state)
{
	static const size_t lens[] = { 0, 1, 63, 64, 65, 1000 };
	char text[1002];

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		memset(text, '?', sizeof(text));
		assert_int_equal(random_text(text, lens[i]), 0);
		assert_int_equal(strlen(text), lens[i]);
		assert_int_equal(text[lens[i] + 1], '?');
	}
}

static void
every_letter_of_a_text_is_about_as_likely(void **state)
{
	static char text[62001];
	unsigned counts[256] = { 0 };
	unsigned letters = 0;

	(void)state;
	assert_int_equal(random_text(text, 62000), 0);
	for (const char *c = text; *c != '\0'; c++)
		counts[(unsigned char)*c]++;
	for (unsigned c = 0; c < 256; c++) {
		if (counts[c] == 0)
			continue;
		letters++;
		assert_true((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			    (c >= 'a' && c <= 'z'));
		/* 1000 expected, deviation 31: eight deviations never happen by chance;
		 * a plain remainder of a byte would give 1211 to some. */
		assert_in_range(counts[c], 750, 1200);
	}
	assert_int_equal(letters, 62);
}

static void
bytes_are_filled_to_the_last_and_not_beyond(void **state)
{
	unsigned char seen[301] = { 0 }, bytes[301];

	(void)state;
	for (int round = 0; round < 20; round++) {
		memset(bytes, 0, sizeof(bytes));
		assert_int_equal(random_bytes(bytes, 300), 0);
		assert_int_equal(bytes[300], 0);
		for (size_t i = 0; i < sizeof(bytes); i++)
			seen[i] |= bytes[i];
	}
	for (size_t i = 0; i < 300; i++)
		assert_int_not_equal(seen[i], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guid_is_a_version_4_uuid_in_lower_case),
		cmocka_unit_test(no_two_guids_are_alike),
		cmocka_unit_test(a_text_has_exactly_its_length),
		cmocka_unit_test(every_letter_of_a_text_is_about_as_likely),
		cmocka_unit_test(bytes_are_filled_to_the_last_and_not_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
