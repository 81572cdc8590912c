/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/time_zone.h: what clocks on the wall show in a zone of the IANA database.
 *
 * libc knows the zones; it knows one at a time, through the variable TZ.  So: enter a zone, ask, leave
 * it.  In between the process's own local time is that of the zone.  For programs with one thread.
 */
#ifndef BASE_TIME_ZONE_H
#define BASE_TIME_ZONE_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define TIME_ZONE_NAME_MAX 64

/* "Europe/Paris"; "": the system's own.  0; -1 with ERR_INVALID: there is no such zone. */
int time_zone_check(const char *name, struct err *err);

/* The same, and from now on the zone of the functions below, until time_zone_leave(). */
int time_zone_enter(const char *name, struct err *err);
void time_zone_leave(void);

/* Seconds that a wall clock is ahead of UTC at that instant (seconds since 1970 UTC). */
int32_t time_zone_offset(int64_t at_s);

/*
 * The instants at which a wall clock shows wall_s (seconds from 1970-01-01 00:00 on the wall), earliest
 * first: none in a gap, two where an hour is doubled.
 */
size_t time_zone_instants(int64_t wall_s, int64_t out[2]);

/* For a time of the wall that is skipped: the first instant after the gap. */
int64_t time_zone_gap_end(int64_t wall_s);

#endif
