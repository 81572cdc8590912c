/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time_zone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"
#include "base/str.h"

#define ZONES "/usr/share/zoneinfo/"
#define DAY_S 86400

static char *outside; /* TZ before time_zone_enter(); NULL: it was not set */

/* Words of letters, digits, "_+-", parted by "/": no way out of the directory of the zones. */
static bool
is_name(const char *name)
{
	static const char word[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-";
	size_t len = strlen(name);

	if (len > TIME_ZONE_NAME_MAX)
		return false;
	for (const char *at = name; *at != '\0'; at++) {
		size_t letters = strspn(at, word);

		if (letters == 0)
			return false;
		at += letters;
		if (*at == '\0')
			return true;
		if (*at != '/' || at[1] == '\0')
			return false;
	}
	return false;
}

int
time_zone_check(const char *name, struct err *err)
{
	char path[sizeof(ZONES) + TIME_ZONE_NAME_MAX];
	struct stat st;

	if (name[0] == '\0')
		return 0;
	if (is_name(name)) {
		(void)snprintf(path, sizeof(path), "%s%s", ZONES, name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return 0;
	}
	return err_set(err, ERR_INVALID, "there is no time zone \"%.*s\"", STR_CUT(name, 64));
}

int
time_zone_enter(const char *name, struct err *err)
{
	const char *tz = getenv("TZ");
	char value[TIME_ZONE_NAME_MAX + 2];

	if (time_zone_check(name, err) == -1)
		return -1;
	free(outside);
	outside = tz == NULL ? NULL : str_dup(tz);
	if (name[0] != '\0') {
		(void)snprintf(value, sizeof(value), ":%s", name);
		if (setenv("TZ", value, 1) == -1)
			abort();
	}
	tzset();
	return 0;
}

void
time_zone_leave(void)
{
	if (outside == NULL ? unsetenv("TZ") == -1 : setenv("TZ", outside, 1) == -1)
		abort();
	free(outside);
	outside = NULL;
	tzset();
}

int32_t
time_zone_offset(int64_t at_s)
{
	time_t at = (time_t)at_s;
	struct tm tm;

	return localtime_r(&at, &tm) == NULL ? 0 : (int32_t)tm.tm_gmtoff;
}

/* The offsets a day before and a day after: one of them, or both, are in force around wall_s. */
static void
offsets_around(int64_t wall_s, int64_t out[2])
{
	int64_t about = wall_s - time_zone_offset(wall_s);

	out[0] = time_zone_offset(about - DAY_S);
	out[1] = time_zone_offset(about + DAY_S);
}

size_t
time_zone_instants(int64_t wall_s, int64_t out[2])
{
	int64_t offsets[2], first, second;
	size_t n = 0;

	offsets_around(wall_s, offsets);
	/* The larger offset gives the earlier instant. */
	first = wall_s - (offsets[0] > offsets[1] ? offsets[0] : offsets[1]);
	second = wall_s - (offsets[0] > offsets[1] ? offsets[1] : offsets[0]);
	if (first + time_zone_offset(first) == wall_s)
		out[n++] = first;
	if (second != first && second + time_zone_offset(second) == wall_s)
		out[n++] = second;
	return n;
}

int64_t
time_zone_gap_end(int64_t wall_s)
{
	int64_t offsets[2], before, after;

	offsets_around(wall_s, offsets);
	before = wall_s - (offsets[0] > offsets[1] ? offsets[0] : offsets[1]); /* shows less */
	after = wall_s - (offsets[0] > offsets[1] ? offsets[1] : offsets[0]); /* shows more */
	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;

		if (middle + time_zone_offset(middle) > wall_s)
			after = middle;
		else
			before = middle;
	}
	return after;
}
