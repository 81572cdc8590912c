/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as percent-encoded text, UTF-8, hexadecimal digits and stored password hash. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "crypto/password_hash.h"

#include "corpus_main.h"

static void
check_percent(const char *bytes, size_t size)
{
	for (int plus_is_blank = 0; plus_is_blank < 2; plus_is_blank++) {
		char *decoded = str_percent_decode(bytes, size, plus_is_blank != 0);

		FUZZ_CHECK(decoded == NULL || strlen(decoded) <= size);
		free(decoded);
	}
}

/* A copy cut to any size is a start of the text and, if the text was valid, valid. */
static void
check_copy(const char *text)
{
	size_t len = strlen(text);
	bool valid = str_utf8_valid(text, len);

	FUZZ_CHECK(!valid || str_utf8_chars(text) <= len);
	for (size_t size = 1; size <= len + 1 && size <= 40; size++) {
		char copy[40];
		int rc = str_copy(copy, size, text);

		FUZZ_CHECK(strlen(copy) < size && strlen(copy) + 4 >= size);
		FUZZ_CHECK(memcmp(copy, text, strlen(copy)) == 0);
		FUZZ_CHECK((rc == 0) == (strlen(copy) == len));
		FUZZ_CHECK(!valid || str_utf8_valid(copy, strlen(copy)));
	}
}

static void
check_hex(const char *text)
{
	unsigned char bytes[16];
	char again[2 * sizeof(bytes) + 1];

	for (size_t len = 0; len <= sizeof(bytes); len++) {
		if (str_unhex(bytes, len, text) == -1)
			continue;
		str_hex(again, bytes, len);
		FUZZ_CHECK(strlen(text) == 2 * len && strncasecmp(text, again, 2 * len) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size > 0 ? size : 1); /* exactly size: no NUL behind it */
	char *text = malloc(size + 1);

	FUZZ_CHECK(bytes != NULL && text != NULL);
	if (size > 0) {
		memcpy(bytes, data, size);
		memcpy(text, data, size);
	}
	text[size] = '\0';
	check_percent(bytes, size);
	(void)str_utf8_valid(bytes, size);
	check_copy(text);
	check_hex(text);
	(void)str_control_count(text);
	(void)password_hash_is_old(text); /* parses, computes nothing */
	(void)str_trim(text);
	FUZZ_CHECK(strlen(text) <= size);
	free(bytes);
	free(text);
	return 0;
}
