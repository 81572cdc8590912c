/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/time_zone.h: local time of any zone, from the files all programs of the system share (TZif, RFC 8536).
 *
 * Not through libc's TZ: that is one zone for the whole process, and an unknown one silently is UTC.
 * Nothing is remembered: a zone loaded is the file as it is now.
 */
#ifndef BASE_TIME_ZONE_H
#define BASE_TIME_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/zone_rule.h"

struct err;
struct time_zone;

#define TIME_ZONE_NAME_MAX 64

/*
 * The zone of that IANA name ("Europe/Paris"); "": the system's, which is that of $TZ, else /etc/localtime,
 * else UTC.  NULL with ERR_INVALID: there is no such zone, or it counts leap seconds.
 */
struct time_zone *time_zone_load(const char *name, struct err *err);

/* The same from the bytes of a file; name is for the error. */
struct time_zone *time_zone_parse(const char *name, const void *data, size_t len, struct err *err);

void time_zone_free(struct time_zone *zone);

/* The stretch of constant offset that holds at_s.  Two that follow each other may have the same offset. */
void time_zone_period(const struct time_zone *zone, int64_t at_s, struct zone_period *out);

/* "2026-03-29T03:00:00+02:00" (RFC 3339; an offset with seconds is cut to its minute). */
void time_zone_text(const struct time_zone *zone, int64_t at_s, char out[CLOCK_TEXT_SIZE]);

#endif
