/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "base/civil.h"

#define US_PER_S INT64_C(1000000)

static int64_t test_advance_ms;

static int64_t
read_us(clockid_t id)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000 + test_advance_ms * 1000;
}

int64_t
clock_mono_us(void)
{
	/* Not CLOCK_MONOTONIC: a node that slept past its lease must see that it did. */
	return read_us(CLOCK_BOOTTIME);
}

int64_t
clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

int64_t
clock_cpu_us(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

int64_t
clock_wall_us(void)
{
	return read_us(CLOCK_REALTIME);
}

void
clock_test_advance_ms(int64_t ms)
{
	test_advance_ms += ms;
}

/* number in so many digits, and what stands behind it; where the next goes. */
static char *
put_digits(char *to, int number, int digits, char then)
{
	for (int i = digits - 1; i >= 0; i--, number /= 10)
		to[i] = (char)('0' + number % 10);
	to[digits] = then;
	return to + digits + 1;
}

void
clock_rfc3339(char out[CLOCK_TEXT_SIZE], int64_t wall_us)
{
	int64_t us = wall_us % US_PER_S;
	time_t seconds = (time_t)(wall_us / US_PER_S);
	struct tm tm = { 0 };

	if (us < 0) {
		us += US_PER_S;
		seconds--;
	}
	(void)gmtime_r(&seconds, &tm);
	if (tm.tm_year + 1900 < 0 || tm.tm_year + 1900 > 9999) {
		if (snprintf(out, CLOCK_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
			     tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			     tm.tm_sec, (int)(us / 1000)) < 0)
			out[0] = '\0';
		return;
	}
	out = put_digits(out, tm.tm_year + 1900, 4, '-');
	out = put_digits(out, tm.tm_mon + 1, 2, '-');
	out = put_digits(out, tm.tm_mday, 2, 'T');
	out = put_digits(out, tm.tm_hour, 2, ':');
	out = put_digits(out, tm.tm_min, 2, ':');
	out = put_digits(out, tm.tm_sec, 2, '.');
	out = put_digits(out, (int)(us / 1000), 3, 'Z');
	*out = '\0';
}

/* Exactly count digits at *at, value at most max; advances *at. */
static bool
take_digits(const char **at, int count, int max, int *out)
{
	int value = 0;

	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		value = 10 * value + (**at - '0');
	}
	*out = value;
	return value <= max;
}

static bool
take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

static bool
take_date(const char **at, int64_t *days_out)
{
	int year, month, day;

	if (!take_digits(at, 4, 9999, &year) || !take_char(at, '-') ||
	    !take_digits(at, 2, 12, &month) || month < 1 || !take_char(at, '-') ||
	    !take_digits(at, 2, 31, &day) || day < 1 || day > civil_days_in_month(year, month))
		return false;
	*days_out = civil_days(year, month, day);
	return true;
}

/* ".123": one digit or more, those after the sixth are cut. */
static bool
take_fraction(const char **at, int64_t *us_out)
{
	int64_t scale = US_PER_S / 10, us = 0;

	if (!take_char(at, '.'))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
		us += scale * (**at - '0');
	*us_out = us;
	return true;
}

static bool
take_time(const char **at, int64_t *us_out)
{
	int hour, minute, second;
	int64_t us = 0;

	if (!take_digits(at, 2, 24, &hour) || !take_char(at, ':') ||
	    !take_digits(at, 2, 59, &minute) || !take_char(at, ':') ||
	    !take_digits(at, 2, 59, &second) || !take_fraction(at, &us))
		return false;
	if (hour == 24 && (minute != 0 || second != 0 || us != 0))
		return false;
	*us_out = ((int64_t)hour * 3600 + minute * 60 + second) * US_PER_S + us;
	return true;
}

/* Nothing, Z, or +hh:mm: how far east of UTC. */
static bool
take_offset(const char **at, int64_t *us_out)
{
	int hours, minutes;
	bool west = **at == '-';

	if (**at == '\0' || take_char(at, 'Z') || take_char(at, 'z')) {
		*us_out = 0;
		return true;
	}
	if ((!take_char(at, '+') && !take_char(at, '-')) || !take_digits(at, 2, 23, &hours) ||
	    !take_char(at, ':') || !take_digits(at, 2, 59, &minutes))
		return false;
	*us_out = (int64_t)(hours * 60 + minutes) * 60 * US_PER_S * (west ? -1 : 1);
	return true;
}

int
clock_parse(const char *text, int64_t *wall_us_out)
{
	int64_t days, time_us = 0, offset_us = 0;
	const char *at = text;

	if (!take_date(&at, &days))
		return -1;
	if (*at != '\0') {
		if ((!take_char(&at, 'T') && !take_char(&at, 't')) || !take_time(&at, &time_us) ||
		    !take_offset(&at, &offset_us) || *at != '\0')
			return -1;
	}
	time_us += days * CIVIL_DAY_S * US_PER_S - offset_us;
	/* By its offset a moment may lie in a year that no text of ours can tell. */
	if (time_us < civil_days(0, 1, 1) * CIVIL_DAY_S * US_PER_S ||
	    time_us >= civil_days(10000, 1, 1) * CIVIL_DAY_S * US_PER_S)
		return -1;
	*wall_us_out = time_us;
	return 0;
}
