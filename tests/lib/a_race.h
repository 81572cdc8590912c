/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/a_race.h: two sessions want something of one job at the same moment, each stopped at a point that has a
 * name.  Jobs, nodes and queues are those of a_job.h, and a node n2 (number 2) that has held its lease for
 * long; a failed job is tried once more, in an hour.
 */
#ifndef TESTS_LIB_A_RACE_H
#define TESTS_LIB_A_RACE_H

#include <stdint.h>

#include "base/err.h"

/* Where the first one stands while the second one comes. */
enum race_first_at {
	BEFORE_COMMIT, /* it has done all it does, and holds what it locked */
	LEASE_ENDS, /* the same, and meanwhile the lease of node 1 ends */
	LEASE_GIVEN_BACK, /* the same, and node 1 says that it has none */
};

/* Where the second one stands when the first goes on: it waits for a row the first has, or was through without. */
enum race_second_at {
	THROUGH,
	AT_JOB, /* in table job_instance */
	AT_NODE, /* in table node */
	AT_KEY, /* a key of an index that the first may add or take away */
};

struct race {
	const char *definition,
	    *state; /* of the only live job; RUNNING and ATTRIBUTED: at node n1 */
	const char *first_name, *first;
	enum race_first_at first_at;
	const char *second_name, *second;
	enum race_second_at second_at;
	enum err_kind second_is_told;
	int attempts; /* that the job has had at the end, or is in */
	const char *before_name,
	    *before; /* by a third session, when the job is there; NULL: nothing */
	const char *end; /* "STATE reason", a pattern of LIKE; "" when nothing is left of it */
	const char *
	    others; /* "STATE node; STATE node" of jobs that came after it; NULL: whatever they are */
};

/* Designated, so that a row may end with .end, or go on with .others. */
#define RACE(DEFINITION, STATE, BEFORE, FIRST, FIRST_AT, SECOND, SECOND_AT, IS_TOLD, ATTEMPTS, \
	     ...)                                                                              \
	{                                                                                      \
		.definition = DEFINITION, .state = STATE, .before_name = #BEFORE,              \
		.before = BEFORE, .first_name = #FIRST, .first = FIRST, .first_at = FIRST_AT,  \
		.second_name = #SECOND, .second = SECOND, .second_at = SECOND_AT,              \
		.second_is_told = IS_TOLD, .attempts = ATTEMPTS, .end = __VA_ARGS__            \
	}
#define NOTHING NULL

/* --- what they say --- */

#define OF(verb) "SELECT " verb " FROM jqm.job_instance"

/* n1's runner, in its incarnation 1. */
#define FINISH(end)                                                                         \
	"SELECT jqm.finish(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt'," \
	" attempt, 'state', '" end "', 'reason', 'as it ended')) FROM jqm.job_instance"     \
	" WHERE node_id = 1))"
#define ITS_JOBS                                                                   \
	"(SELECT jsonb_agg(jsonb_build_object('id', id, 'attempt', attempt)) FROM" \
	" jqm.job_instance WHERE node_id = 1)"
#define GIVE_BACK "SELECT jqm.give_back(1, 1, " ITS_JOBS ")"
#define START                                                                          \
	"SELECT jqm.mark_started(1, 1, (SELECT jsonb_agg(jsonb_build_object('id', id," \
	" 'attempt', attempt, 'ago_ms', 0)) FROM jqm.job_instance WHERE node_id = 1))"
#define BEAT "SELECT count(*) FROM jqm.node_heartbeat(1, 1, 3600000, '{}')"
#define LEAVE "SELECT jqm.node_leave(1, 1)"

/* Its next runner registers; that one finds its jobs in the keeper's table, or does not. */
#define REGISTERED                                                                                \
	"jqm.node_register('n1', (SELECT instance_id FROM jqm.node WHERE id = 1), 3600000, '/j'," \
	" '/d', '/t', 'localhost', 1)"
#define REGISTER "SELECT * FROM " REGISTERED
#define TAKE_BACK                                                                \
	"SELECT (SELECT count(*) FROM jqm.take_back(1, r.incarnation, " ITS_JOBS \
	")) FROM " REGISTERED " AS r"
#define FIND_NOTHING                                                                           \
	"SELECT (SELECT count(*) FROM jqm.take_back(1, r.incarnation, '[]')) FROM " REGISTERED \
	" AS r"
/* A runner of another machine takes the name: none of its jobs are known there. */
#define TAKE_OVER                                                                             \
	"SELECT (SELECT count(*) FROM jqm.take_back(1, r.incarnation, '[]')) FROM"            \
	" jqm.node_register('n1', gen_random_uuid(), 3600000, '/j', '/d', '/t', 'elsewhere'," \
	" 1) AS r"

/* The other node. */
#define RESCUE "SELECT * FROM jqm.rescue(2, 1)"
#define CLAIM_2 "SELECT jqm.claim(2, 1, " A_QUEUE ", 1)"

/* Before the first. */
#define LOST \
	"UPDATE jqm.node SET lease_until = now() - interval '1 ms', lease_ms = 1000 WHERE id = 1"
#define RULE(rule) "; UPDATE jqm.job_instance SET on_node_loss = '" rule "'"

#define IS_LOST "CRASHED its node \"n1\" was lost"
#define NO_TRACE "CRASHED lost: its node has no trace of its process"

/* --- */

/* For cmocka: of the group (with a_job_set_up()), of each test. */
int race_group_set_up(void **state);
int race_set_up(void **state);
int race_tear_down(void **state);

/* The only live job, as for a race. */
int64_t race_job_in(const char *definition, const char *state);
void race_assert_job(int64_t id, const char *like);

/*
 * Run it, and once more with a first one that rolls back: then whatever the second does is as if it were alone.
 * Prints "FIRST at POINT, then SECOND at POINT -> outcome".  Fails the test when the second stands elsewhere, is
 * told something else, or when the job is not what it should be; and when any job is in two places, an attempt
 * is counted twice or not at all, or a runner of node 1 that was replaced could still say something.
 */
void race_run(const struct race *race);

#endif
