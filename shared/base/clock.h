/* SPDX-License-Identifier: Apache-2.0 */
/* base/clock.h: wall and monotonic time in named units.  Database time decides between machines;
 * these are for time-outs, logs and file names of this machine only. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void); /* never goes back, counts while suspended; for intervals */
int64_t clock_mono_us(void); /* the same */
int64_t clock_cpu_us(void); /* processor time this thread has used */
int64_t clock_wall_us(void); /* microseconds since 1970-01-01 UTC */

#define CLOCK_TEXT_SIZE 32
/* "2026-01-31T10:20:30.123Z" (RFC 3339, UTC, milliseconds) into out. */
void clock_rfc3339(char out[CLOCK_TEXT_SIZE], int64_t wall_us);

/*
 * RFC 3339 / XML Schema dateTime, date alone (midnight UTC) or without offset (UTC), to
 * microseconds since 1970 (further digits are cut).  Years 0000 to 9999, in UTC too; 24:00:00 is the next
 * midnight; no leap seconds.  0, or -1 when the text is anything else or no real date.
 */
int clock_parse(const char *text, int64_t *wall_us_out);

/* Tests only: add this many ms to both clocks from now on. */
void clock_test_advance_ms(int64_t ms);

#endif
