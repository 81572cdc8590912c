/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/range.h"

#include <string.h>

#include "base/num.h"
#include "base/str.h"

/* Digits only; false when it is no number. */
static bool
number(const char *text, size_t len, int64_t *out)
{
	char digits[24];

	if (len == 0 || len >= sizeof(digits) || strspn(text, "0123456789") < len)
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	return num_int64(digits, 0, INT64_MAX - 1, out) == 0;
}

bool
range_read(const char *header, int64_t size, struct range *out)
{
	const char *first, *dash;
	int64_t a = 0, b = 0;
	bool has_a, has_b;

	if (!str_starts(header, "bytes="))
		return false;
	first = header + strlen("bytes=");
	if ((dash = strchr(first, '-')) == NULL)
		return false;
	has_a = number(first, (size_t)(dash - first), &a);
	has_b = number(dash + 1, strlen(dash + 1), &b);
	if ((!has_a && dash != first) || (!has_b && dash[1] != '\0') || (!has_a && !has_b) ||
	    (has_a && has_b && b < a))
		return false;
	out->begin = has_a ? a : b < size ? size - b : 0;
	out->end = has_a && has_b && b < size ? b + 1 : size;
	return true;
}
