/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/basic_auth.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/str.h"

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
base64_decode(const char *text, size_t len, unsigned char *out, size_t max)
{
	size_t padding = 0, used = 0;

	if (len % 4 != 0)
		return -1;
	while (padding < 2 && len > padding && text[len - 1 - padding] == '=')
		padding++;
	if (len / 4 * 3 - padding > max)
		return -1;
	for (size_t i = 0; i < len; i += 4) {
		size_t digits = i + 4 == len ? 4 - padding : 4;
		uint32_t bits = 0;

		for (size_t k = 0; k < 4; k++) {
			int value = k < digits ? digit_value(text[i + k]) : 0;

			if (value == -1)
				return -1;
			bits = bits << 6 | (uint32_t)value;
		}
		for (size_t k = 0; k < 3; k++) {
			unsigned char byte = (unsigned char)(bits >> (16 - 8 * k));

			if (k < digits - 1)
				out[used++] = byte;
			else if (byte != 0)
				return -1;
		}
	}
	return (long)used;
}

int
basic_auth_parse(const char *header, struct basic_auth *out, struct err *err)
{
	size_t len;
	long decoded;
	char *colon;

	if (strncasecmp(header, "basic ", 6) != 0)
		return err_set(err, ERR_DENIED,
			       "the Authorization header is not of the Basic kind");
	header += 6;
	header += strspn(header, " ");
	len = strlen(header);
	decoded = base64_decode(header, len, (unsigned char *)out->text, BASIC_AUTH_TEXT_MAX);
	if (decoded == -1)
		return err_set(err, ERR_DENIED,
			       "the Authorization header is no base64, or too long");
	out->text[decoded] = '\0';
	if (!str_utf8_valid(out->text, (size_t)decoded))
		return err_set(err, ERR_DENIED, "login and password are not UTF-8");
	colon = strchr(out->text, ':');
	if (colon == NULL || colon == out->text)
		return err_set(err, ERR_DENIED, "the Authorization header names no login");
	*colon = '\0';
	for (const char *c = out->text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_set(err, ERR_DENIED, "the login has control characters");
	out->login = out->text;
	out->password = colon + 1;
	return 0;
}
