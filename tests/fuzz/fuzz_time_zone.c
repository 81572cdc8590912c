/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the file of a zone, and as a rule: refused, or each moment lies in one stretch of constant
 * offset, and the stretches join without a gap. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/time_zone.h"

#include "corpus_main.h"

#define YEAR_S INT64_C(31556952)

static void
check_period(const struct zone_period *period, int64_t at_s)
{
	FUZZ_CHECK(period->begin_s <= at_s && at_s < period->end_s);
	FUZZ_CHECK(period->offset_s >= -ZONE_OFFSET_MAX_S && period->offset_s <= ZONE_OFFSET_MAX_S);
}

static void
check_zone(const struct time_zone *zone)
{
	int64_t at_s = -100 * YEAR_S;
	struct zone_period period;
	char text[CLOCK_TEXT_SIZE];

	for (int i = 0; i < 300; i++) {
		time_zone_period(zone, at_s, &period);
		check_period(&period, at_s);
		time_zone_text(zone, at_s, text);
		FUZZ_CHECK(strlen(text) < sizeof(text));
		if (period.end_s > 300 * YEAR_S)
			return;
		time_zone_period(zone, period.end_s - 1, &period);
		check_period(&period, period.end_s - 1);
		at_s = period.end_s;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct zone_rule rule;
	struct time_zone *zone = time_zone_parse("x", data, size, &err);
	char *text = malloc(size + 1);

	FUZZ_CHECK(text != NULL && (zone != NULL || err.kind == ERR_INVALID));
	if (zone != NULL)
		check_zone(zone);
	time_zone_free(zone);
	memcpy(text, data, size);
	text[size] = '\0';
	if (zone_rule_parse(text, &rule) == 0) {
		for (int64_t at_s = 0; at_s < 3 * YEAR_S; at_s += 86400) {
			struct zone_period period;

			zone_rule_period(&rule, at_s, &period);
			check_period(&period, at_s);
		}
	}
	free(text);
	return 0;
}
