/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The value of the len bytes at text: false when they are no number or it does not fit. */
static bool
parse_digits(const char *text, size_t len, int64_t *out)
{
	bool negative = len > 0 && text[0] == '-';
	int64_t value = 0; /* always <= 0: the smallest value has no positive twin */

	if (len == (negative ? 1u : 0u))
		return false;
	for (size_t i = negative ? 1 : 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, text[i] - '0', &value))
			return false;
	}
	if (negative) {
		*out = value;
		return true;
	}
	return !__builtin_sub_overflow((int64_t)0, value, out);
}

static int
accept_in_range(int64_t value, int64_t min, int64_t max, int64_t *out)
{
	if (value < min || value > max)
		return -1;
	*out = value;
	return 0;
}

int
num_int64(const char *text, int64_t min, int64_t max, int64_t *out)
{
	int64_t value;

	if (!parse_digits(text, strlen(text), &value))
		return -1;
	return accept_in_range(value, min, max, out);
}

int
num_size(const char *text, int64_t min, int64_t max, int64_t *out)
{
	static const struct {
		char suffix;
		int64_t factor;
	} suffixes[] = { { 'k', 1024 },
			 { 'M', (int64_t)1024 * 1024 },
			 { 'G', (int64_t)1024 * 1024 * 1024 } };
	size_t len = strlen(text);
	int64_t value, factor = 1;

	for (size_t i = 0; len > 0 && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (text[len - 1] == suffixes[i].suffix)
			factor = suffixes[i].factor;
	if (factor != 1)
		len--;
	if (!parse_digits(text, len, &value) || __builtin_mul_overflow(value, factor, &value))
		return -1;
	return accept_in_range(value, min, max, out);
}

int
num_bool(const char *text, int *out)
{
	static const char *const words[2][4] = { { "false", "0", "no", "off" },
						 { "true", "1", "yes", "on" } };

	for (int value = 0; value < 2; value++)
		for (size_t i = 0; i < 4; i++)
			if (strcasecmp(text, words[value][i]) == 0) {
				*out = value;
				return 0;
			}
	return -1;
}

int
num_age_s(const char *text, int64_t *out)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	const int64_t most = INT64_C(1000) * 365 * 86400;
	size_t len = strlen(text);
	char digits[16];
	int64_t n;

	if (len < 2 || len > sizeof(digits))
		return -1;
	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (text[len - 1] == units[i].letter) {
			if (num_int64(digits, 1, most / units[i].seconds, &n) == -1)
				return -1;
			*out = n * units[i].seconds;
			return 0;
		}
	return -1;
}

char *
num_text(char out[NUM_TEXT_SIZE], int64_t number)
{
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char *at = out + NUM_TEXT_SIZE - 1;

	*at = '\0';
	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	if (number < 0)
		*--at = '-';
	return at;
}
