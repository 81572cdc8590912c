/* SPDX-License-Identifier: Apache-2.0 */
/* model/cron_expr.c: a cron expression read; cron_next.c has what it means. */
#include "model/cron_expr.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

#define BLANKS " \t"
#define LAST_DAY 32 /* the value of L */
#define SUNDAY_TOO 7
#define STEP_MAX 9999
#define TOKEN_MAX 30 /* bytes of an error */

enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

static const char *const month_names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul",
					   "aug", "sep", "oct", "nov", "dec", NULL };
static const char *const weekday_names[] = {
	"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL
};
static const char *const last_day_name[] = { "l", NULL };

static const struct field {
	const char *name;
	int min, max; /* of a number */
	const char *const *names;
	int first_name; /* the value of names[0] */
	const char *also; /* what can be said instead of a number */
} fields[FIELDS] = {
	[MINUTE] = { "minute", 0, 59, NULL, 0, "" },
	[HOUR] = { "hour", 0, 23, NULL, 0, "" },
	[DAY] = { "day of month", 1, 31, last_day_name, LAST_DAY, " or L" },
	[MONTH] = { "month", 1, 12, month_names, 1, " or jan to dec" },
	[WEEKDAY] = { "day of week", 0, SUNDAY_TOO, weekday_names, 0, " or sun to sat" },
};

/* A text being read, and a pattern being made of it. */
struct reader {
	const char *text, *at;
	const char *begin; /* of the field */
	struct cron_pattern *pattern;
	const struct field *field;
	struct err *err;
};

/* The first character is 1. */
static int
place(const struct reader *r, const char *at)
{
	int n = 1;

	for (const char *p = r->text; p < at; p++)
		n += (*p & 0xc0) != 0x80;
	return n;
}

/* The len bytes at token are wrong: "minute \"61\" is outside 0 to 59, at character 1" (where at stands). */
static int
refuse(const struct reader *r, const char *token, size_t len, const char *at, const char *what)
{
	if (len > TOKEN_MAX)
		len = str_utf8_cut(token, TOKEN_MAX);
	return err_set(r->err, ERR_INVALID, "%s \"%.*s\" %s, at character %d", r->field->name,
		       (int)len, token, what, place(r, at));
}

/* The whole field is wrong. */
static int
refuse_field(const struct reader *r, const char *what)
{
	return refuse(r, r->begin, strcspn(r->begin, "|" BLANKS), r->at, what);
}

/* --- one field --- */

static void
match(struct reader *r, int value)
{
	switch (r->field - fields) {
	case MINUTE:
		r->pattern->minutes |= UINT64_C(1) << value;
		break;
	case HOUR:
		r->pattern->hours |= UINT32_C(1) << value;
		break;
	case DAY:
		if (value == LAST_DAY)
			r->pattern->last_day = true;
		else
			r->pattern->days |= UINT32_C(1) << value;
		break;
	case MONTH:
		r->pattern->months |= (uint16_t)(1u << value);
		break;
	default:
		r->pattern->weekdays |= (uint8_t)(1u << value % SUNDAY_TOO);
		break;
	}
}

/* A number or a name; ends before "-", "/", "," or the end of the field. */
static int
take_value(struct reader *r, int *out)
{
	const struct field *field = r->field;
	const char *at = r->at;
	size_t len = strcspn(at, "-/,|" BLANKS);
	char text[8], why[80];
	int64_t value;

	if (len == 0)
		return refuse_field(r, "has an empty place");
	r->at += len;
	(void)snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : 7), at);
	for (int i = 0; field->names != NULL && field->names[i] != NULL; i++)
		if (len == strlen(field->names[i]) && strcasecmp(text, field->names[i]) == 0) {
			*out = field->first_name + i;
			return 0;
		}
	if (strspn(at, "0123456789") != len) {
		(void)snprintf(why, sizeof(why), "is no number from %d to %d%s", field->min,
			       field->max, field->also);
		return refuse(r, at, len, at, why);
	}
	if (len >= sizeof(text) || num_int64(text, field->min, field->max, &value) == -1) {
		(void)snprintf(why, sizeof(why), "is outside %d to %d", field->min, field->max);
		return refuse(r, at, len, at, why);
	}
	*out = (int)value;
	return 0;
}

/* "/n" behind a range, if it is there. */
static int
take_step(struct reader *r, int *out)
{
	const char *at = r->at;
	size_t len;
	char text[8];
	int64_t step;

	*out = 1;
	if (*at != '/')
		return 0;
	at++;
	len = strcspn(at, ",|" BLANKS);
	(void)snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : 7), at);
	if (num_int64(text, 1, STEP_MAX, &step) == -1)
		return refuse(r, at, len, at, "is no step from 1 to 9999");
	r->at = at + len;
	*out = (int)step;
	return 0;
}

/* Every step-th value from first to last, round the end if last comes before first. */
static void
match_range(struct reader *r, int first, int last, int step)
{
	bool wraps = first > last;
	int min = r->field->min, max = r->field->max;
	int n = 0;

	if (r->field == &fields[WEEKDAY] && wraps) {
		max = SUNDAY_TOO - 1;
		first %= SUNDAY_TOO; /* 7-2 is 0-2 */
		wraps = first > last;
	}
	if (r->field == &fields[DAY] && (first == LAST_DAY || last == LAST_DAY))
		max = LAST_DAY;
	for (int value = first; value <= (wraps ? max : last); value++, n++)
		if (n % step == 0)
			match(r, value);
	for (int value = min; wraps && value <= last; value++, n++)
		if (n % step == 0)
			match(r, value);
}

/* "*", "5", "1-5", each with or without a step. */
static int
take_element(struct reader *r)
{
	int first = r->field->min, step;
	int last = r->field == &fields[WEEKDAY] ? SUNDAY_TOO - 1 : r->field->max;

	if (*r->at == '*') {
		r->at++;
	} else {
		if (take_value(r, &first) == -1)
			return -1;
		last = first;
		if (*r->at == '-') {
			r->at++;
			if (take_value(r, &last) == -1)
				return -1;
		}
	}
	if (take_step(r, &step) == -1)
		return -1;
	match_range(r, first, last, step);
	return 0;
}

/* Elements parted by commas, up to a blank, "|" or the end. */
static int
take_field(struct reader *r)
{
	r->begin = r->at;
	for (;;) {
		if (take_element(r) == -1)
			return -1;
		if (*r->at == '\0' || strchr("|" BLANKS, *r->at) != NULL)
			return 0;
		if (*r->at != ',')
			return refuse_field(r, "is no list of values, ranges and steps");
		r->at++;
	}
}

/* --- the whole --- */

/* How many fields there are up to "|" or the end. */
static int
count_fields(const char *at)
{
	int n = 0;

	for (;;) {
		at += strspn(at, BLANKS);
		if (*at == '\0' || *at == '|')
			return n;
		at += strcspn(at, "|" BLANKS);
		n++;
	}
}

static int
take_pattern(struct reader *r)
{
	int n = count_fields(r->at);

	memset(r->pattern, 0, sizeof(*r->pattern));
	if (n != FIELDS)
		return err_set(r->err, ERR_INVALID,
			       "the cron pattern at character %d has %d %s instead of 5: minute, "
			       "hour, day of month, month, day of week",
			       place(r, r->at + strspn(r->at, BLANKS)), n,
			       n == 1 ? "field" : "fields");
	for (int i = 0; i < FIELDS; i++) {
		r->field = &fields[i];
		r->at += strspn(r->at, BLANKS);
		r->pattern->any_day |= i == DAY && *r->at == '*';
		r->pattern->any_weekday |= i == WEEKDAY && *r->at == '*';
		if (take_field(r) == -1)
			return -1;
	}
	r->at += strspn(r->at, BLANKS);
	return 0;
}

int
cron_expr_parse(const char *text, enum cron_day_rule day_rule, struct cron_expr *out,
		struct err *err)
{
	struct reader r = { .text = text, .at = text, .err = err };

	out->len = 0;
	out->day_rule = day_rule;
	if (str_utf8_chars(text) > CRON_EXPR_MAX)
		return err_set(err, ERR_INVALID,
			       "the cron expression has %zu characters, at most %d are allowed",
			       str_utf8_chars(text), CRON_EXPR_MAX);
	for (;;) {
		r.pattern = &out->patterns[out->len];
		if (take_pattern(&r) == -1)
			return -1;
		out->len++;
		if (*r.at == '\0')
			return 0;
		r.at++; /* "|" */
	}
}
