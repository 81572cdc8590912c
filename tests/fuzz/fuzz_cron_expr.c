/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a cron expression: refused with words, or its next instant lies behind the one asked for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "model/cron_expr.h"

#include "corpus_main.h"

static void
check_next(const struct cron_expr *expr, const char *zone)
{
	const int64_t after_us = INT64_C(1774742400000000); /* the day before a change */
	struct err err = ERR_INIT;
	int64_t next_us = 0;

	FUZZ_CHECK(cron_expr_next(expr, zone, after_us, &next_us, &err) == 0);
	FUZZ_CHECK(next_us > after_us);
	FUZZ_CHECK(next_us == CRON_NEVER || next_us % 60000000 == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cron_expr expr;
	struct err err = ERR_INIT;
	char text[CRON_EXPR_MAX + 20];

	if (size >= sizeof(text) || memchr(data, '\0', size) != NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (int rule = 0; rule < 2; rule++) {
		if (cron_expr_parse(text, rule == 0 ? CRON_DAYS_AND : CRON_DAYS_OR, &expr, &err) ==
		    -1) {
			FUZZ_CHECK(err.kind == ERR_INVALID && err.text[0] != '\0');
			continue;
		}
		FUZZ_CHECK(expr.len >= 1 && expr.len <= CRON_PATTERNS_MAX);
		check_next(&expr, "UTC");
		check_next(&expr, "Europe/Paris");
	}
	return 0;
}
