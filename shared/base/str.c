/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row per lead byte range: total length and what the second byte may be (RFC 3629). */
static const struct {
	unsigned char lead_min, lead_max, len, second_min, second_max;
} utf8_forms[] = {
	{ 0xc2, 0xdf, 2, 0x80, 0xbf }, { 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf }, { 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf }, { 0xf4, 0xf4, 4, 0x80, 0x8f },
};

size_t
str_utf8_step(const char *text, size_t left)
{
	unsigned char c;

	if (left == 0)
		return 0;
	c = (unsigned char)text[0];
	if (c < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(utf8_forms) / sizeof(utf8_forms[0]); i++) {
		size_t len = utf8_forms[i].len;

		if (c < utf8_forms[i].lead_min || c > utf8_forms[i].lead_max)
			continue;
		if (left < len || (unsigned char)text[1] < utf8_forms[i].second_min ||
		    (unsigned char)text[1] > utf8_forms[i].second_max)
			return 0;
		for (size_t k = 2; k < len; k++)
			if (((unsigned char)text[k] & 0xc0) != 0x80)
				return 0;
		return len;
	}
	return 0;
}

bool
str_utf8_valid(const char *text, size_t len)
{
	size_t i = 0, step;

	while (i < len) {
		if (text[i] == '\0' || (step = str_utf8_step(text + i, len - i)) == 0)
			return false;
		i += step;
	}
	return true;
}

size_t
str_utf8_chars(const char *text)
{
	size_t chars = 0;

	for (; *text != '\0'; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			chars++;
	return chars;
}

size_t
str_utf8_cut(const char *text, size_t max)
{
	size_t len = strnlen(text, max), back = 0;

	if (len < max || text[len] == '\0')
		return len;
	/* Back to the start of the character that the limit is in; garbage is cut where it is. */
	while (back < 3 && back < len && ((unsigned char)text[len - back] & 0xc0) == 0x80)
		back++;
	return ((unsigned char)text[len - back] & 0xc0) == 0x80 ? len : len - back;
}

int
str_copy(char *dst, size_t size, const char *src)
{
	size_t len;

	if (size == 0)
		return -1;
	len = str_utf8_cut(src, size - 1);
	memcpy(dst, src, len);
	dst[len] = '\0';
	return src[len] == '\0' ? 0 : -1;
}

char *
str_alloc(size_t size)
{
	char *memory = malloc(size);

	if (memory == NULL)
		abort();
	return memory;
}

char *
str_dup(const char *text)
{
	size_t size;
	char *copy;

	if (text == NULL)
		return NULL;
	size = strlen(text) + 1;
	copy = str_alloc(size);
	memcpy(copy, text, size);
	return copy;
}

void
str_forget(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

char *
str_printf(const char *fmt, ...)
{
	char *text;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) == -1)
		abort();
	va_end(args);
	return text;
}

bool
str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *text, const char *suffix)
{
	size_t text_len = strlen(text), suffix_len = strlen(suffix);

	return text_len >= suffix_len && strcmp(text + text_len - suffix_len, suffix) == 0;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *
str_trim(char *text)
{
	size_t start = 0, end = strlen(text);

	while (end > 0 && is_space(text[end - 1]))
		end--;
	while (start < end && is_space(text[start]))
		start++;
	memmove(text, text + start, end - start);
	text[end - start] = '\0';
	return text;
}

size_t
str_control_count(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
			count++;
	}
	return count;
}

void
str_make_line(char *text)
{
	for (size_t n; *text != '\0'; text += n) {
		n = str_utf8_step(text, strlen(text));
		if (n == 0) {
			*text = '?';
			n = 1;
		} else if (n == 1 && ((unsigned char)*text < 0x20 || *text == 0x7f)) {
			*text = ' ';
		}
	}
}

void
str_hex(char *out, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 0x0f];
	}
	out[2 * len] = '\0';
}

/* 0 to 15, or -1. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte of two digits, or -1. */
static int
hex_byte(const char *digits)
{
	int high = hex_value(digits[0]);
	int low = high == -1 ? -1 : hex_value(digits[1]);

	return low == -1 ? -1 : high << 4 | low;
}

int
str_unhex(unsigned char *out, size_t len, const char *hex)
{
	for (size_t i = 0; i < len; i++) {
		int byte = hex_byte(hex + 2 * i);

		if (byte == -1)
			return -1;
		out[i] = (unsigned char)byte;
	}
	return hex[2 * len] == '\0' ? 0 : -1;
}

int
str_unhex_text(char *out, const char *hex, size_t len)
{
	if (len % 2 != 0)
		return -1;
	for (size_t i = 0; i < len; i += 2) {
		int byte = hex_byte(hex + i);

		if (byte <= 0)
			return -1;
		out[i / 2] = (char)byte;
	}
	out[len / 2] = '\0';
	return 0;
}

char *
str_percent_decode(const char *src, size_t src_len, bool plus_is_blank)
{
	char *out = str_alloc(src_len + 1);
	size_t used = 0;

	for (size_t i = 0; i < src_len; i++) {
		char c = src[i];

		if (c == '%') {
			int high = src_len - i > 2 ? hex_value(src[i + 1]) : -1;
			int low = high == -1 ? -1 : hex_value(src[i + 2]);

			if (low == -1)
				goto broken;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_blank) {
			c = ' ';
		}
		if (c == '\0')
			goto broken;
		out[used++] = c;
	}
	out[used] = '\0';
	return out;

broken:
	free(out);
	return NULL;
}
