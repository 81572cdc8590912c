/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec/doc_json_number.c: numbers of a JSON document as they were written.
 *
 * The parser keeps a number's value only, so 1.50 would become 1.5 where a text is expected, and 1E400
 * none at all.  A document with such a number is parsed as another one, in which each of them is its
 * own place instead: 1.50 at byte 17 stands there as 17.0, the only kind of number with a fraction.
 */
#include "codec/doc_json_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "model/memory.h"

/* No number of so many bytes, sign included, is outside int64. */
#define PLAIN_BYTES_MAX 18
/* Each whole number up to here is a double of its own. */
#define EXACT_MAX 9007199254740992.0

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits_at(const char *text, size_t len, size_t at)
{
	size_t n = 0;

	while (at + n < len && is_digit(text[at + n]))
		n++;
	return n;
}

size_t
doc_json_number_len(const char *text, size_t len, size_t at)
{
	size_t end = at + (text[at] == '-'), n = digits_at(text, len, end);

	if (n == 0 || (n > 1 && text[end] == '0'))
		return 0;
	end += n;
	if (end < len && text[end] == '.') {
		if ((n = digits_at(text, len, end + 1)) == 0)
			return 0;
		end += 1 + n;
	}
	if (end < len && (text[end] == 'e' || text[end] == 'E')) {
		end++;
		if (end < len && (text[end] == '+' || text[end] == '-'))
			end++;
		if ((n = digits_at(text, len, end)) == 0)
			return 0;
		end += n;
	}
	return end - at;
}

bool
doc_json_number_is_odd(const char *number, size_t len)
{
	size_t digits = digits_at(number, len, number[0] == '-');

	return len > PLAIN_BYTES_MAX || digits + (number[0] == '-') < len ||
	       (number[0] == '-' && number[1] == '0');
}

/* A number between these is one token of the document, whatever is put in its place. */
static bool
is_edge(const char *text, size_t len, size_t at)
{
	return at >= len || (text[at] != '\0' && strchr(" \t\r\n,:[]{}", text[at]) != NULL);
}

/* Behind the closing quote of the text that begins at text[at]. */
static size_t
behind_text(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at < len ? at + 1 : len;
}

void
doc_json_number_mark(const char *text, size_t len, struct buf *out)
{
	size_t kept = 0, i = 0;

	while (i < len) {
		size_t n = 0;

		if (text[i] == '"') {
			i = behind_text(text, len, i);
			continue;
		}
		if ((is_digit(text[i]) || text[i] == '-') && (i == 0 || is_edge(text, len, i - 1)))
			n = doc_json_number_len(text, len, i);
		if (n > 0 && is_edge(text, len, i + n) && doc_json_number_is_odd(text + i, n)) {
			buf_append(out, text + kept, i - kept);
			buf_printf(out, "%zu.0", i);
			kept = i + n;
		}
		i += n > 0 ? n : 1;
	}
	buf_append(out, text + kept, len - kept);
}

const char *
doc_json_number_text(const char *text, size_t len, const json_t *number, struct memory *memory)
{
	size_t at = (size_t)json_real_value(number);

	return memory_dup_len(memory, text + at, doc_json_number_len(text, len, at));
}

bool
doc_json_number_whole(const char *number, int64_t *out)
{
	double value = strtod(number, NULL);

	if (num_int64(number, INT64_MIN, INT64_MAX, out) == 0)
		return true;
	if (!(value >= -EXACT_MAX && value <= EXACT_MAX))
		return false;
	*out = (int64_t)value;
	return !((double)*out < value) && !((double)*out > value);
}
