/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/render.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

/* Length of the NAME that starts at text and ends before an @; 0 when there is none. */
static size_t
name_length(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return text[len] == '@' ? len : 0;
}

static const char *
find_value(const struct render_pair *pairs, size_t pairs_len, const char *name, size_t len)
{
	for (size_t i = 0; i < pairs_len; i++)
		if (strlen(pairs[i].name) == len && strncmp(pairs[i].name, name, len) == 0)
			return pairs[i].value;
	return NULL;
}

int
render_template(const char *text, const struct render_pair *pairs, size_t pairs_len,
		struct buf *out, struct err *err)
{
	int line = 1;

	while (*text != '\0') {
		size_t len = *text == '@' ? name_length(text + 1) : 0;
		const char *value;

		if (len == 0) {
			line += *text == '\n';
			buf_putc(out, *text++);
			continue;
		}
		value = find_value(pairs, pairs_len, text + 1, len);
		if (value == NULL)
			return err_set(err, ERR_INVALID, "line %d: nothing is known for @%.*s@",
				       line, (int)len, text + 1);
		buf_puts(out, value);
		text += len + 2;
	}
	return buf_check(out, err);
}

/* May this character be part of the same path, host or number? */
static bool
goes_on(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("._-+/", c) != NULL) ||
	       (unsigned char)c >= 0x80;
}

/* Does `from` stand at text as a whole? */
static bool
stands_at(const char *line, const char *text, const char *from)
{
	size_t len = strlen(from);
	char next;

	if (strncmp(text, from, len) != 0 || (text > line && goes_on(text[-1]) && goes_on(*from)))
		return false;
	next = text[len];
	return next == '/' || !goes_on(next);
}

/* The first of moves whose `from` stands at text, or NULL. */
static const struct render_move *
move_at(const char *line, const char *text, const struct render_move *moves, size_t moves_len)
{
	for (size_t i = 0; i < moves_len; i++)
		if (stands_at(line, text, moves[i].from))
			return &moves[i];
	return NULL;
}

void
render_moves(const char *text, const struct render_move *moves, size_t moves_len, struct buf *out)
{
	const char *line = text;

	while (*text != '\0') {
		size_t blank = strspn(line, " \t");
		bool comment = line[blank] == '#' || line[blank] == ';';
		const struct render_move *move =
		    comment ? NULL : move_at(line, text, moves, moves_len);

		if (move != NULL) {
			buf_puts(out, move->to);
			text += strlen(move->from);
			continue;
		}
		if (*text == '\n')
			line = text + 1;
		buf_putc(out, *text++);
	}
}
