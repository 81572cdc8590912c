/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/a_race.h: two sessions want something of one job at the same moment: the first has done it and not
 * committed yet when the second comes.  Jobs, nodes and queues are those of a_job.h, and a node n2
 * (number 2) that has held its lease for long; a failed job is tried once more, in an hour.
 */
#ifndef TESTS_LIB_A_RACE_H
#define TESTS_LIB_A_RACE_H

#include <stdint.h>

#include "base/err.h"

/* Of the second: */
enum race_how { LOOKS, /* it does not wait for the first */ WAITS };

struct race {
	const char *definition,
	    *state; /* of the only live job; RUNNING and ATTRIBUTED: at node n1 */
	const char *first, *second;
	enum race_how how;
	enum err_kind second_is_told;
	const char *end; /* "STATE reason", a pattern of LIKE; "" when nothing is left of it */
	const char *before; /* NULL: nothing; said by a third session before the first ... */
	const char *between; /* ... and before the second */
};

/* For cmocka: of the group (with a_job_set_up()), of each test. */
int race_group_set_up(void **state);
int race_set_up(void **state);
int race_tear_down(void **state);

/* The only live job, as for a race. */
int64_t race_job_in(const char *definition, const char *state);
void race_assert_job(int64_t id, const char *like);

/*
 * Run it, and once more with a first one that rolls back: then whatever the second does is as if it
 * were alone.  Fails the test when the second does not wait or look, is told something else, or when
 * the job is not what it should be, or is in two places.
 */
void race_run(const struct race *race);

#endif
