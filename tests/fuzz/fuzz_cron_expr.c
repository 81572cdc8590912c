/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a cron expression: refused with the reason, or it fires at moments that go forward and that
 * the same expression finds again from any moment between them.
 *	byte 0	bit 0: one matching day is enough; the rest: the zone
 *	byte 1-2	the day to begin with, since 1970
 *	then	the text
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/time_zone.h"
#include "model/cron_expr.h"

#include "corpus_main.h"

/* Paris in short: version 2, no transition but those of the rule; and a rule with everything odd. */
static const char *const rules[] = {
	"UTC0",
	"CET-1CEST,M3.5.0,M10.5.0/3",
	"EST5EDT,M3.2.0,M11.1.0",
	"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
	"<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
	"XXX3YYY-20,J60/0,J300/167",
	"AAA-24BBB23,100/-167,200/167",
	"AAA1:02:03BBB,10,20",
};

static struct time_zone *
zone_of(const char *rule)
{
	/* Two headers of no transition and one type, its offset that of no zone in particular. */
	unsigned char file[300] = "TZif2";
	struct err err = ERR_INIT;
	size_t len = 44;

	file[39] = file[43] = 1;
	len += 7;
	memcpy(file + len, file, 44);
	len += 44 + 7;
	len += (size_t)snprintf((char *)file + len, sizeof(file) - len, "\n%s\n", rule);
	return time_zone_parse(rule, file, len, &err);
}

static void
check(const struct cron_expr *expr, const struct time_zone *zone, int64_t after_s)
{
	int64_t fires[50], at_s = after_s, again_s, newest[20];
	int n = 0;
	size_t found;

	while (n < 50 && cron_expr_next(expr, zone, at_s, &fires[n]) == 0) {
		FUZZ_CHECK(fires[n] > at_s);
		FUZZ_CHECK(cron_expr_next(expr, zone, fires[n] - 1, &again_s) == 0 &&
			   again_s == fires[n]);
		FUZZ_CHECK(cron_expr_next(expr, zone, at_s + (fires[n] - at_s) / 2, &again_s) ==
			       0 &&
			   (again_s == fires[n] || fires[n] - at_s == 1));
		at_s = fires[n++];
	}
	if (n < 2)
		return;
	found = cron_expr_between(expr, zone, fires[0], fires[n - 1], 20, newest);
	FUZZ_CHECK(found == (size_t)(n < 20 ? n : 20));
	for (size_t i = 0; i < found; i++)
		FUZZ_CHECK(newest[found - 1 - i] == fires[n - 1 - (int)i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cron_expr expr;
	struct err err = ERR_INIT;
	char *text;

	if (size < 3)
		return 0;
	text = malloc(size - 2);
	FUZZ_CHECK(text != NULL);
	memcpy(text, data + 3, size - 3);
	text[size - 3] = '\0';
	if (cron_expr_parse(text, (data[0] & 1) != 0 ? CRON_DAYS_OR : CRON_DAYS_AND, &expr, &err) ==
	    -1) {
		FUZZ_CHECK(err.kind == ERR_INVALID && err.text[0] != '\0');
	} else {
		struct time_zone *zone =
		    zone_of(rules[(data[0] >> 1) % (sizeof(rules) / sizeof(rules[0]))]);

		FUZZ_CHECK(zone != NULL && expr.len > 0 && expr.len <= CRON_PATTERNS_MAX);
		check(&expr, zone, (int64_t)(data[1] | data[2] << 8) * 86400);
		time_zone_free(zone);
	}
	free(text);
	return 0;
}
