/* SPDX-License-Identifier: Apache-2.0 */
#include "client/disposition.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

/* Behind the quoted text that starts at the quote `at`; unquoted into out (NULL: nowhere). */
static const char *
behind_quoted(const char *at, char *out)
{
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		if (out != NULL)
			*out++ = *at;
	}
	if (out != NULL)
		*out = '\0';
	return *at == '"' ? at + 1 : at;
}

/* The next ";" that stands in no quoted text, or NULL. */
static const char *
next_semicolon(const char *at)
{
	while (*at != '\0' && *at != ';')
		at = *at == '"' ? behind_quoted(at, NULL) : at + 1;
	return *at == ';' ? at : NULL;
}

/* The raw value of parameter name ("filename"), unquoted, in fresh memory; NULL when there is none. */
static char *
parameter(const char *disposition, const char *name)
{
	size_t name_len = strlen(name);
	const char *at = disposition;
	char *value;

	while ((at = next_semicolon(at)) != NULL) {
		at++;
		at += strspn(at, " \t");
		if (strncasecmp(at, name, name_len) != 0 || at[name_len] != '=')
			continue;
		at += name_len + 1;
		if (*at != '"')
			return str_printf("%.*s", (int)strcspn(at, "; \t"), at);
		value = str_dup(at);
		(void)behind_quoted(at, value);
		return value;
	}
	return NULL;
}

/* RFC 5987: UTF-8'language'percent-encoded; NULL when it is anything else. */
static char *
decode_extended(const char *value)
{
	const char *text;
	char *decoded;

	if (strncasecmp(value, "utf-8'", 6) != 0)
		return NULL;
	text = strchr(value + 6, '\'');
	if (text == NULL)
		return NULL;
	decoded = str_percent_decode(text + 1, strlen(text + 1), false);
	if (decoded != NULL && !str_utf8_valid(decoded, strlen(decoded))) {
		free(decoded);
		return NULL;
	}
	return decoded;
}

char *
disposition_name(const char *disposition)
{
	char *extended = parameter(disposition, "filename*");
	char *name = extended == NULL ? NULL : decode_extended(extended);

	free(extended);
	return name == NULL ? parameter(disposition, "filename") : name;
}
