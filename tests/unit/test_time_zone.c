/* SPDX-License-Identifier: Apache-2.0 */
/* base/time_zone and base/zone_rule: compared with libc's own reader of the same files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/time_zone.h"

#define DAY_S INT64_C(86400)

/* Gaps of an hour, of half an hour, of a whole day; summer time that is winter time; none; rules that
 * ended, that begin at odd hours; zones no full hour from UTC. */
static const char *const zones[] = {
	"UTC",
	"Europe/Paris",
	"Europe/Dublin",
	"Europe/Lisbon",
	"Europe/Istanbul",
	"America/New_York",
	"America/Sao_Paulo",
	"America/Caracas",
	"America/St_Johns",
	"America/Nuuk",
	"America/Havana",
	"America/Santiago",
	"America/Asuncion",
	"Africa/Casablanca",
	"Africa/Cairo",
	"Africa/Monrovia",
	"Asia/Kathmandu",
	"Asia/Tehran",
	"Asia/Gaza",
	"Asia/Pyongyang",
	"Australia/Lord_Howe",
	"Australia/Adelaide",
	"Pacific/Apia",
	"Pacific/Kwajalein",
	"Pacific/Chatham",
	"Antarctica/Troll",
	"Etc/GMT+12",
};
#define ZONES (sizeof(zones) / sizeof(zones[0]))

static void
use(const char *tz)
{
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

static long
offset_of_libc(int64_t at_s)
{
	time_t seconds = (time_t)at_s;
	struct tm tm = { 0 };

	assert_non_null(localtime_r(&seconds, &tm));
	return tm.tm_gmtoff;
}

static void
compare(const struct time_zone *zone, const char *name, int64_t at_s)
{
	struct zone_period period;
	long wanted = offset_of_libc(at_s);

	time_zone_period(zone, at_s, &period);
	if (period.offset_s != wanted || period.begin_s > at_s || period.end_s <= at_s)
		fail_msg("%s at %lld: %d in %lld to %lld instead of %ld", name, (long long)at_s,
			 period.offset_s, (long long)period.begin_s, (long long)period.end_s,
			 wanted);
}

/* Each stretch from 1950 to 2150, at its edges; none is left out, none overlaps. */
static void
every_change_of_every_zone_is_where_libc_has_it(void **state)
{
	int64_t until_s = civil_days(2150, 1, 1) * DAY_S;

	(void)state;
	for (size_t i = 0; i < ZONES; i++) {
		struct err err = ERR_INIT;
		struct time_zone *zone = time_zone_load(zones[i], &err);
		int64_t at_s = civil_days(1950, 1, 1) * DAY_S;
		struct zone_period period;

		if (zone == NULL)
			fail_msg("%s", err.text);
		use(zones[i]);
		while (at_s < until_s) {
			time_zone_period(zone, at_s, &period);
			compare(zone, zones[i], at_s);
			if (period.end_s > until_s)
				break;
			compare(zone, zones[i], period.end_s - 1);
			compare(zone, zones[i], at_s + (period.end_s - at_s) / 2);
			at_s = period.end_s;
		}
		/* and nothing changes between what we call edges */
		for (at_s = civil_days(1960, 1, 1) * DAY_S; at_s < until_s;
		     at_s += 5 * DAY_S + 3607)
			compare(zone, zones[i], at_s);
		time_zone_free(zone);
	}
}

static void
what_is_no_zone_is_refused_by_name(void **state)
{
	static const char *const names[] = {
		"Europe/Nowhere",
		"europe/paris",
		"Europe",
		"Europe/",
		"/usr/share/zoneinfo/Europe/Paris",
		"../zoneinfo/Europe/Paris",
		"Europe/../Europe/Paris",
		"./UTC",
		"Europe//Paris",
		"../../../etc/passwd",
		"zone.tab",
		"leapseconds",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		" UTC",
		"UTC ",
		"U\nTC",
		"Europe/Paris:",
		":UTC",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct err err = ERR_INIT;

		if (time_zone_load(names[i], &err) != NULL)
			fail_msg("taken: %s", names[i]);
		assert_int_equal(err.kind, ERR_INVALID);
		assert_non_null(strstr(err.text, "there is no time zone \""));
	}
}

static int32_t
system_offset(void)
{
	struct err err = ERR_INIT;
	struct time_zone *zone = time_zone_load("", &err);
	struct zone_period period;

	assert_non_null(zone);
	time_zone_period(zone, civil_days(2026, 7, 1) * DAY_S, &period);
	time_zone_free(zone);
	return period.offset_s;
}

static void
no_name_is_the_system_s_zone(void **state)
{
	struct buf buf = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;

	(void)state;
	use("Asia/Tokyo");
	assert_int_equal(system_offset(), 9 * 3600);
	use(":Asia/Tokyo");
	assert_int_equal(system_offset(), 9 * 3600);
	use(":/usr/share/zoneinfo/Asia/Kathmandu");
	assert_int_equal(system_offset(), 5 * 3600 + 45 * 60);
	use("CET-1CEST,M3.5.0,M10.5.0/3");
	assert_int_equal(system_offset(), 2 * 3600);
	use("EST5EDT4");
	assert_int_equal(system_offset(), -4 * 3600);
	use("");
	assert_int_equal(system_offset(), 0);
	use("No/Where");
	assert_int_equal(system_offset(), 0);
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
	if (fd_read_file("/etc/localtime", &buf, &err) == 0)
		assert_int_equal(system_offset(), offset_of_libc(civil_days(2026, 7, 1) * DAY_S));
	else
		assert_int_equal(system_offset(), 0);
	buf_free(&buf);
}

/* A rule through a year that has everything, second by second around its changes. */
static void
rules_mean_what_libc_makes_of_them(void **state)
{
	static const char *const rules[] = {
		"UTC0",
		"<+0330>-3:30",
		"<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"IST-1GMT0,M10.5.0,M3.5.0/1",
		"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
		"EST5EDT",
		"XXX3YYY,J60/0,J300/24",
		"XXX3YYY,59/0,299/1:30:15",
		"IST-2IDT,M3.4.4/26,M10.5.0",
		"EET-2EEST,M4.5.5/0,M10.5.4/24",
		"<+12>-12<+13>,M11.1.0,M1.2.1/147",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		int64_t at_s = civil_days(2096, 1, 1) * DAY_S;
		int64_t until_s = civil_days(2101, 1, 1) * DAY_S;
		struct zone_rule rule;
		struct zone_period period;

		if (zone_rule_parse(rules[i], &rule) == -1)
			fail_msg("refused: %s", rules[i]);
		use(rules[i]);
		for (; at_s < until_s; at_s += 899) {
			zone_rule_period(&rule, at_s, &period);
			if (period.offset_s != offset_of_libc(at_s))
				fail_msg("%s at %lld: %d", rules[i], (long long)at_s,
					 period.offset_s);
			assert_true(period.begin_s <= at_s && at_s < period.end_s);
		}
	}
}

static void
summer_time_all_the_year_has_no_gap(void **state)
{
	struct zone_rule rule;
	struct zone_period period;

	(void)state;
	assert_int_equal(zone_rule_parse("XXX3EDT4,0/0,J365/23", &rule), 0);
	for (int64_t at_s = civil_days(2030, 12, 30) * DAY_S; at_s < civil_days(2031, 1, 3) * DAY_S;
	     at_s += 60) {
		zone_rule_period(&rule, at_s, &period);
		assert_int_equal(period.offset_s, -4 * 3600);
	}
}

static void
what_is_no_rule_is_refused(void **state)
{
	static const char *const rules[] = {
		"",
		"CE-1",
		"CET",
		"CET-25",
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,",
		"CET-1CEST,M3.5.0,M10.5.0/168",
		"CET-1CEST,M0.5.0,M10.5.0",
		"CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.0.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,J0,J5",
		"CET-1CEST,J366,J5",
		"CET-1CEST,M3.5.0,M10.5.0x",
		"CET-1x",
		"<CET-1",
		"CET-1:60",
		"CET--1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct zone_rule rule;

		if (zone_rule_parse(rules[i], &rule) == 0)
			fail_msg("taken: %s", rules[i]);
	}
}

/* A zone with one change, 1970-01-01 00:00 UTC, from +1 h to +2 h, and no rule. */
static const unsigned char
    small
	[] = {
		'T', 'Z', 'i', 'f', 0, 0, 0, 0,  0,  0, 0, 0, 0, 0,  0,  0, 0, 0,   0,   0,   0,
		0,   0,   0,   0,   0, 0, 0, 0,  0,  0, 0, 0, 0, 0,  1,  0, 0, 0,   2,   0,   0,
		0,   4, /* header */
		0,   0,   0,   0,   1, 0, 0, 14, 16, 0, 0, 0, 0, 28, 32, 0, 0, 'X', 'Y', 'Z', 0,
	};

static void
a_file_of_the_first_version_is_read(void **state)
{
	struct err err = ERR_INIT;
	struct time_zone *zone = time_zone_parse("x", small, sizeof(small), &err);
	struct zone_period period;

	(void)state;
	assert_non_null(zone);
	time_zone_period(zone, -1, &period);
	assert_int_equal(period.offset_s, 3600);
	assert_true(period.begin_s == INT64_MIN && period.end_s == 0);
	time_zone_period(zone, 0, &period);
	assert_int_equal(period.offset_s, 7200);
	assert_true(period.begin_s == 0 && period.end_s == INT64_MAX);
	time_zone_free(zone);
}

static void
a_file_cut_at_any_byte_is_refused(void **state)
{
	struct buf buf = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(fd_read_file("/usr/share/zoneinfo/Europe/Paris", &buf, &err), 0);
	for (size_t len = 0; len < buf.len; len++) {
		char *cut = malloc(len + 1); /* a sanitizer sees a read behind its end */

		assert_non_null(cut);
		memcpy(cut, buf_text(&buf), len);
		assert_null(time_zone_parse("x", cut, len, &err));
		free(cut);
	}
	for (size_t len = 0; len < sizeof(small); len++)
		assert_null(time_zone_parse("x", small, len, &err));
	buf_free(&buf);
}

static void
leap_seconds_are_refused_with_their_reason(void **state)
{
	unsigned char bytes[sizeof(small) + 8];
	struct err err = ERR_INIT;

	(void)state;
	memcpy(bytes, small, sizeof(small));
	memset(bytes + sizeof(small), 0, 8);
	bytes[31] = 1;
	assert_null(time_zone_parse("right/Europe/Paris", bytes, sizeof(bytes), &err));
	assert_string_equal(err.text, "time zone \"right/Europe/Paris\" counts leap seconds");
}

static void
moments_are_written_with_their_offset(void **state)
{
	static const struct {
		const char *zone, *text;
		int64_t at_s;
	} cases[] = {
		{ "Europe/Paris", "2026-03-29T01:59:59+01:00", 1774745999 },
		{ "Europe/Paris", "2026-03-29T03:00:00+02:00", 1774746000 },
		{ "America/St_Johns", "1969-12-31T20:30:00-03:30", 0 },
		{ "UTC", "1969-12-31T23:59:59+00:00", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		struct time_zone *zone = time_zone_load(cases[i].zone, &err);
		char text[CLOCK_TEXT_SIZE];

		assert_non_null(zone);
		time_zone_text(zone, cases[i].at_s, text);
		assert_string_equal(text, cases[i].text);
		time_zone_free(zone);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_change_of_every_zone_is_where_libc_has_it),
		cmocka_unit_test(what_is_no_zone_is_refused_by_name),
		cmocka_unit_test(no_name_is_the_system_s_zone),
		cmocka_unit_test(rules_mean_what_libc_makes_of_them),
		cmocka_unit_test(summer_time_all_the_year_has_no_gap),
		cmocka_unit_test(what_is_no_rule_is_refused),
		cmocka_unit_test(a_file_of_the_first_version_is_read),
		cmocka_unit_test(a_file_cut_at_any_byte_is_refused),
		cmocka_unit_test(leap_seconds_are_refused_with_their_reason),
		cmocka_unit_test(moments_are_written_with_their_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
