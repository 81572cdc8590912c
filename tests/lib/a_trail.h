/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/a_trail.h: an audit trail that is sealed and checked as a runner and jqm audit verify do it, in the newest
 * database of lib/test_db.h.
 */
#ifndef TESTS_LIB_A_TRAIL_H
#define TESTS_LIB_A_TRAIL_H

#include <stdint.h>

#define A_TRAIL_KEY "the key of the tests, which is long enough for one"

/* Make and sign seals of rows_max rows each until all is sealed; how many. */
int64_t a_trail_seal(int64_t rows_max);

/* Sign the seal of that number (0: the newest) as it is now, whatever it says. */
void a_trail_sign(int64_t no);

/* What old rows there are go, as a runner would order it; how many. */
int64_t a_trail_purge(int64_t keep_s);

/* What verify says, a line each; "" when nothing is wrong.  anchor: the seal whose mac a node remembers; 0: none;
 * anchor_mac NULL: the one it has now.  free() it. */
char *a_trail_verify(int64_t anchor, const char *anchor_mac);

/* That is "" (nothing is wrong), or has those words in it. */
void assert_trail(const char *words);

/* SQL by who owns the database and has turned the trail's own triggers off. */
void a_trail_tamper(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
