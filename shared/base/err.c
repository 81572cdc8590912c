/* SPDX-License-Identifier: Apache-2.0 */
/* base/err.c: the error value.  Texts are built aside, so arguments may come from err itself. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* printf into out[ERR_TEXT_SIZE]. */
static void __attribute__((format(printf, 2, 0)))
format_text(char *out, const char *fmt, va_list args)
{
	char full[2 * ERR_TEXT_SIZE];

	if (vsnprintf(full, sizeof(full), fmt, args) < 0)
		(void)str_copy(full, sizeof(full), "error text could not be formatted");
	(void)str_copy(out, ERR_TEXT_SIZE, full);
}

/* err->text becomes a, ": ", b, as much as fits. */
static void
join_text(struct err *err, const char *a, const char *b)
{
	char full[2 * ERR_TEXT_SIZE + 2];

	(void)snprintf(full, sizeof(full), "%s: %s", a, b);
	(void)str_copy(err->text, sizeof(err->text), full);
}

int
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	char text[ERR_TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	format_text(text, fmt, args);
	va_end(args);
	err->kind = kind;
	err->key[0] = '\0';
	memcpy(err->text, text, sizeof(text));
	return -1;
}

int
err_errno(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	int saved = errno;
	char text[ERR_TEXT_SIZE];
	char words_room[128];
	va_list args;

	va_start(args, fmt);
	format_text(text, fmt, args);
	va_end(args);
	err->kind = kind;
	err->key[0] = '\0';
	join_text(err, text, strerror_r(saved, words_room, sizeof(words_room)));
	errno = saved;
	return -1;
}

int
err_prefix(struct err *err, const char *fmt, ...)
{
	char before[ERR_TEXT_SIZE], text[ERR_TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	format_text(before, fmt, args);
	va_end(args);
	memcpy(text, err->text, sizeof(text));
	join_text(err, before, text);
	return -1;
}

void
err_clear(struct err *err)
{
	err->kind = ERR_NONE;
	err->text[0] = '\0';
	err->key[0] = '\0';
}

void
err_set_key(struct err *err, const char *key)
{
	(void)str_copy(err->key, sizeof(err->key), key);
}

const char *
err_kind_name(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE:
		return "none";
	case ERR_INVALID:
		return "invalid";
	case ERR_DENIED:
		return "denied";
	case ERR_NOT_FOUND:
		return "not_found";
	case ERR_CONFLICT:
		return "conflict";
	case ERR_STALE:
		return "stale";
	case ERR_TOO_LARGE:
		return "too_large";
	case ERR_BUSY:
		return "busy";
	case ERR_UNCERTAIN:
		return "uncertain";
	case ERR_INTERNAL:
		return "internal";
	}
	return "unknown";
}
