/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <stdint.h>

/* 0 to 63, or -1. */
static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

long
base64_decode_unpadded(const char *text, size_t len, unsigned char *out, size_t max)
{
	uint32_t bits = 0;
	int bits_held = 0;
	size_t used = 0;

	if (len % 4 == 1)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int value = digit_value(text[i]);

		if (value == -1)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		bits_held += 6;
		if (bits_held < 8)
			continue;
		if (used == max)
			return -1;
		bits_held -= 8;
		out[used++] = (unsigned char)(bits >> bits_held & 0xff);
	}
	return (bits & ((1u << bits_held) - 1)) == 0 ? (long)used : -1;
}

long
base64_decode(const char *text, size_t len, unsigned char *out, size_t max)
{
	size_t padding = 0;

	if (len % 4 != 0)
		return -1;
	while (padding < 2 && len > padding && text[len - 1 - padding] == '=')
		padding++;
	return base64_decode_unpadded(text, len - padding, out, max);
}
