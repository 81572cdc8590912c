/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/basic_auth.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/err.h"
#include "base/str.h"

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
