/* SPDX-License-Identifier: Apache-2.0 */
/* model/cron_expr.c: from text to bits.  cron_next.c has when these are due. */
#include "model/cron_expr.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

#define BLANKS " \t"
#define ITEM_MAX \
	40 /* bytes of a number, name or step that could be right, and of what errors quote */

struct field {
	const char *name;
	int least, most;
	const char *words; /* three letters each, for least and on; NULL: none */
};

static const struct field fields[] = {
	{ "minute", 0, 59, NULL },
	{ "hour", 0, 23, NULL },
	{ "day of month", 1, 31, NULL },
	{ "month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" },
	{ "day of week", 0, 7, "sunmontuewedthufrisat" },
};
enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

/* A piece of the text. */
struct piece {
	const char *start;
	size_t len;
};

static int
wrong(struct err *err, const struct field *field, struct piece piece, const char *what)
{
	char shown[ITEM_MAX + 1];
	size_t len = piece.len < ITEM_MAX ? piece.len : ITEM_MAX;

	memcpy(shown, piece.start, len);
	shown[len] = '\0';
	shown[str_utf8_cut(shown, ITEM_MAX)] = '\0';
	return err_set(err, ERR_INVALID, "%s \"%s\" %s", field->name, shown, what);
}

/* Cut the next piece off *rest at separator; false when nothing is left. */
static bool
next_piece(struct piece *rest, char separator, struct piece *out)
{
	const char *end;

	if (rest->start == NULL)
		return false;
	*out = *rest;
	if ((end = memchr(rest->start, separator, rest->len)) == NULL) {
		rest->start = NULL;
		return true;
	}
	out->len = (size_t)(end - rest->start);
	rest->len -= out->len + 1;
	rest->start = end + 1;
	return true;
}

static int
read_number(const struct field *field, struct piece piece, int64_t least, int64_t most,
	    const char *what, int *out, struct err *err)
{
	char text[ITEM_MAX];
	int64_t number;

	if (piece.len >= sizeof(text))
		return wrong(err, field, piece, what);
	memcpy(text, piece.start, piece.len);
	text[piece.len] = '\0';
	if (strlen(text) != piece.len || num_int64(text, least, most, &number) == -1)
		return wrong(err, field, piece, what);
	*out = (int)number;
	return 0;
}

/* A number or a name of the field. */
static int
read_value(const struct field *field, struct piece piece, int *out, struct err *err)
{
	char what[40];

	for (size_t i = 0; field->words != NULL && piece.len == 3 && field->words[i] != '\0';
	     i += 3)
		if (strncasecmp(field->words + i, piece.start, 3) == 0) {
			*out = field->least + (int)i / 3;
			return 0;
		}
	if (piece.len == 0 || !isdigit((unsigned char)piece.start[0]))
		return wrong(err, field, piece, "is not understood");
	(void)snprintf(what, sizeof(what), "is outside %d to %d", field->least, field->most);
	return read_number(field, piece, field->least, field->most, what, out, err);
}

/* Each step-th of from, from + 1 ... to, going round behind the field's last value. */
static void
add_range(const struct field *field, int from, int to, int step, uint64_t *bits)
{
	bool weekday = field == &fields[WEEKDAY];
	int most = weekday ? 6 : field->most;
	int span = most - field->least + 1;
	int count;

	if (weekday) { /* 7 is Sunday: 5-7 is fri to sun */
		from %= 7;
		to %= 7;
	}
	count = (to >= from ? to - from : to - from + span) + 1;
	for (int i = 0; i < count; i += step)
		*bits |= UINT64_C(1) << (field->least + (from - field->least + i) % span);
}

/* "*", "a", "a-b", with "/n" behind; "L" where the field has it. */
static int
read_item(const struct field *field, struct piece item, uint64_t *bits, bool *last_out,
	  struct err *err)
{
	struct piece rest = item, range, step_text, from_text, to_text;
	int from, to, step = 1;

	if (field == &fields[DAY] && item.len == 1 && (item.start[0] | 0x20) == 'l') {
		*last_out = true;
		return 0;
	}
	(void)next_piece(&rest, '/', &range);
	if (next_piece(&rest, '/', &step_text) &&
	    (rest.start != NULL ||
	     read_number(field, step_text, 1, 1000, "is no step from 1 to 1000", &step, err) == -1))
		return rest.start != NULL ? wrong(err, field, item, "has two steps") : -1;
	if (range.len == 1 && range.start[0] == '*') {
		add_range(field, field->least, field == &fields[WEEKDAY] ? 6 : field->most, step,
			  bits);
		return 0;
	}
	(void)next_piece(&range, '-', &from_text);
	if (read_value(field, from_text, &from, err) == -1)
		return -1;
	to = from;
	if (next_piece(&range, '-', &to_text) &&
	    (range.start != NULL || read_value(field, to_text, &to, err) == -1))
		return range.start != NULL ? wrong(err, field, item, "is no range") : -1;
	add_range(field, from, to, step, bits);
	return 0;
}

static int
read_field(const struct field *field, struct piece text, uint64_t *bits, bool *last_out,
	   struct err *err)
{
	struct piece item;

	*bits = 0;
	while (next_piece(&text, ',', &item))
		if (read_item(field, item, bits, last_out, err) == -1)
			return -1;
	return 0;
}

/* The five fields of a pattern. */
static int
split(struct piece text, struct piece out[FIELDS], struct err *err)
{
	size_t n = 0;

	while (text.len > 0) {
		size_t blanks = 0, len = 0;

		while (blanks < text.len && strchr(BLANKS, text.start[blanks]) != NULL)
			blanks++;
		text.start += blanks;
		text.len -= blanks;
		while (len < text.len && strchr(BLANKS, text.start[len]) == NULL)
			len++;
		if (len > 0 && n < FIELDS)
			out[n] = (struct piece){ text.start, len };
		n += len > 0;
		text.start += len;
		text.len -= len;
	}
	if (n != FIELDS)
		return err_set(
		    err, ERR_INVALID,
		    "there are %zu fields, not 5: minute, hour, day of month, month, day "
		    "of week",
		    n);
	return 0;
}

static int
read_pattern(struct piece text, struct cron_pattern *out, struct err *err)
{
	struct piece pieces[FIELDS];
	uint64_t bits[FIELDS];
	bool last_day = false;

	if (split(text, pieces, err) == -1)
		return -1;
	for (int i = 0; i < FIELDS; i++)
		if (read_field(&fields[i], pieces[i], &bits[i], &last_day, err) == -1)
			return -1;
	*out = (struct cron_pattern){
		.minutes = bits[MINUTE],
		.hours = (uint32_t)bits[HOUR],
		.days = (uint32_t)bits[DAY],
		.months = (uint32_t)bits[MONTH],
		.weekdays = (uint32_t)bits[WEEKDAY],
		.last_day = last_day,
		.any_day = pieces[DAY].start[0] == '*',
		.any_weekday = pieces[WEEKDAY].start[0] == '*',
	};
	return 0;
}

int
cron_expr_parse(const char *text, enum cron_day_rule day_rule, struct cron_expr *out,
		struct err *err)
{
	struct piece rest = { text, strlen(text) };
	struct piece pattern;

	out->len = 0;
	out->day_rule = day_rule;
	if (rest.len > CRON_EXPR_MAX)
		return err_set(err, ERR_INVALID, "it has %zu characters, at most %d are allowed",
			       rest.len, CRON_EXPR_MAX);
	while (next_piece(&rest, '|', &pattern)) {
		if (out->len == CRON_PATTERNS_MAX)
			return err_set(err, ERR_INVALID, "there are more than %d patterns",
				       CRON_PATTERNS_MAX);
		if (read_pattern(pattern, &out->patterns[out->len], err) == -1)
			return -1;
		out->len++;
	}
	return 0;
}
