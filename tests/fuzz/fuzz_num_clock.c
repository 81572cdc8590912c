/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as number, size, flag or date: refused, or writing the value and reading it again agrees. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#include "corpus_main.h"

static void
check_numbers(const char *text)
{
	int64_t value = 0, size = 0, again = 0;
	char written[32];
	int flag = -1;

	if (num_int64(text, INT64_MIN, INT64_MAX, &value) == 0) {
		(void)snprintf(written, sizeof(written), "%" PRId64, value);
		FUZZ_CHECK(num_int64(written, value, value, &again) == 0 && again == value);
		FUZZ_CHECK(num_size(text, INT64_MIN, INT64_MAX, &size) == 0 && size == value);
		FUZZ_CHECK(num_int64(text, -100, 100, &again) == -1 ||
			   (again >= -100 && again <= 100));
	}
	if (num_size(text, 0, INT64_MAX, &size) == 0)
		FUZZ_CHECK(size >= 0);
	FUZZ_CHECK(num_bool(text, &flag) == -1 ? flag == -1 : flag == 0 || flag == 1);
}

static void
check_date(const char *text)
{
	int64_t wall_us = 0, again = 0;
	char written[CLOCK_TEXT_SIZE];

	if (clock_parse(text, &wall_us) == -1)
		return;
	clock_rfc3339(written, wall_us);
	FUZZ_CHECK(strlen(written) < CLOCK_TEXT_SIZE);
	if (strlen(written) != 24) /* an offset led out of the years 0000 to 9999 */
		return;
	if (clock_parse(written, &again) == -1) {
		FUZZ_CHECK(written[0] == '-');
		return;
	}
	FUZZ_CHECK(again <= wall_us && wall_us - again < 1000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	int64_t any_us = 0;

	FUZZ_CHECK(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_numbers(text);
	check_date(text);
	if (size >= sizeof(any_us)) {
		char written[CLOCK_TEXT_SIZE];

		memcpy(&any_us, data, sizeof(any_us));
		clock_rfc3339(written, any_us);
		FUZZ_CHECK(strlen(written) >= 24);
	}
	free(text);
	return 0;
}
