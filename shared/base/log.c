/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log_file.h"
#include "base/str.h"

#define LINE_BYTES 4000 /* with its line feed */
#define HEAD_BYTES 200 /* when, level, program, event: words of our own */
#define CUT_MARK "..."
#define CUT_MARK_BYTES (sizeof(CUT_MARK) - 1)

static const char *log_program = "jqm";
static enum log_level log_limit = LOG_LEVEL_INFO;

static const char *const level_words[] = { "error", "warn", "info", "debug" };

void
log_init(const char *program)
{
	log_program = program;
}

int
log_level_set(const char *name)
{
	static const struct {
		const char *name;
		enum log_level level;
	} names[] = { { "TRACE", LOG_LEVEL_DEBUG }, { "DEBUG", LOG_LEVEL_DEBUG },
		      { "INFO", LOG_LEVEL_INFO },   { "WARN", LOG_LEVEL_WARN },
		      { "ERROR", LOG_LEVEL_ERROR }, { "FATAL", LOG_LEVEL_ERROR } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i].name) == 0) {
			log_limit = names[i].level;
			return 0;
		}
	return -1;
}

/* Bytes of the printable character at text; 0 when its first byte must be escaped. */
static size_t
printable_step(const char *text, size_t left)
{
	size_t step = str_utf8_step(text, left);
	unsigned char c = (unsigned char)text[0];

	if (c < 0x20 || c == 0x7f)
		return 0;
	if (c == 0xc2 && step == 2 && (unsigned char)text[1] < 0xa0)
		return 0; /* U+0080 to U+009F are control characters too */
	return step;
}

/* Add text to line[used], escaped, within LINE_BYTES; the new number of bytes used. */
static size_t
add_escaped(char *line, size_t used, const char *text)
{
	size_t len = strlen(text);
	size_t room_end = LINE_BYTES - 1 - CUT_MARK_BYTES;

	for (size_t i = 0; i < len;) {
		bool plain = text[i] >= 0x20 && text[i] < 0x7f;
		size_t step = plain ? 1 : printable_step(text + i, len - i);
		size_t need = step == 0 ? 4 : step;

		if (used + need > room_end) {
			memcpy(line + used, CUT_MARK, CUT_MARK_BYTES);
			return used + CUT_MARK_BYTES;
		}
		if (plain) {
			line[used++] = text[i++];
		} else if (step == 0) {
			unsigned char byte = (unsigned char)text[i++];

			line[used++] = '\\';
			line[used++] = 'x';
			str_hex(line + used, &byte, 1);
			used += 2;
		} else {
			memcpy(line + used, text + i, step);
			used += step;
			i += step;
		}
	}
	return used;
}

void
log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	int saved = errno;
	char when[CLOCK_TEXT_SIZE], rest[LINE_BYTES], line[LINE_BYTES + 1];
	size_t used;
	va_list args;

	if (level > log_limit)
		return;
	va_start(args, fmt);
	if (vsnprintf(rest, sizeof(rest), fmt, args) < 0)
		rest[0] = '\0';
	va_end(args);
	clock_rfc3339(when, clock_wall_us());
	used = (size_t)snprintf(line, HEAD_BYTES, "%s %s %.60s %.60s%s", when, level_words[level],
				log_program, event, rest[0] == '\0' ? "" : " ");
	used = add_escaped(line, used, rest);
	line[used++] = '\n';
	log_file_writes();
	(void)fd_write_all(STDERR_FILENO, line, used); /* one write: lines of processes never mix */
	log_file_wrote(used);
	errno = saved;
}

const char *
log_value(char out[LOG_VALUE_SIZE], const char *text)
{
	size_t len = 0;

	if (text == NULL)
		text = "";
	/* Room for an escaped character and the NUL. */
	for (; *text != '\0' && len + 3 <= LOG_VALUE_SIZE; text++) {
		if (*text == '"' || *text == '\\')
			out[len++] = '\\';
		out[len++] = *text;
	}
	out[len] = '\0';
	return out;
}
