/* SPDX-License-Identifier: Apache-2.0 */
/* tests/client/suite/suite.h: what the tests of the library have in common, and their names. */
#ifndef CLIENT_SUITE_H
#define CLIENT_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <jqm.h>

extern struct jqm *client; /* the handle they all use */
extern struct jqm_error error; /* of the last call */

/* A call that works; what it says if not. */
#define works(call)                                                                           \
	do {                                                                                  \
		memset(&error, 0, sizeof(error));                                             \
		if ((call) != 0)                                                              \
			fail_msg("%s: %s: %s", #call, jqm_kind_name(error.kind), error.text); \
	} while (0)

/* A call that fails so, and says why. */
#define fails(expected, call)                                                                  \
	do {                                                                                   \
		memset(&error, 0, sizeof(error));                                              \
		assert_int_equal((call), -1);                                                  \
		if (error.kind != (expected) || error.text[0] == '\0')                         \
			fail_msg("%s: %s instead of %s: %s", #call, jqm_kind_name(error.kind), \
				 jqm_kind_name(expected), error.text);                         \
	} while (0)

/* A handle into client, as the environment says: 0, or -1. */
int open_client(void **state);

/* Monotonic seconds. */
double now_s(void);

/* Does the suite run over a database? */
bool is_database(void);

int64_t enqueue_request(const struct jqm_request *request);
int64_t enqueue(const char *name);

/* One that no node will take: the queue NOBODY has none. */
int64_t enqueue_waiting(void);

/* Its state now (jqm_job_free()). */
struct jqm_job *job(int64_t id);
void assert_state(int64_t id, const char *state);
void wait_state(int64_t id, const char *state);

int64_t queue_id(const char *name);

struct bytes {
	char data[4096];
	size_t len;
	size_t most; /* 0: all; else stop behind so many */
};

/* A sink into struct bytes. */
int take(void *arg, const void *data, size_t len);

void a_job_is_enqueued_runs_and_tells_how_it_ended(void **state);
void a_failure_has_its_exit_code_and_can_be_restarted_once(void **state);
void every_member_of_a_request_comes_back(void **state);
void the_same_idempotency_key_is_the_same_job(void **state);
void a_wrong_request_is_refused_and_says_why(void **state);
void many_are_enqueued_all_or_none(void **state);
void a_job_that_is_over_is_enqueued_again(void **state);
void a_waiting_job_obeys(void **state);
void a_running_job_obeys(void **state);
void what_is_not_there_is_not_found(void **state);
void many_obey_at_once(void **state);
void a_query_finds_what_it_says(void **state);
void a_wrong_query_is_refused(void **state);
void lists_without_a_query_have_what_they_say(void **state);
void an_answer_is_kept_as_it_came_until_the_next_call(void **state);
void what_is_said_of_a_job_is_read_back(void **state);
void files_and_logs_are_fetched(void **state);
void a_file_comes_by_what_names_it_with_its_name(void **state);
void a_log_is_followed_from_a_place_over_attempts(void **state);
void what_a_log_has_lost_is_told(void **state);
void a_job_gets_the_file_it_was_given(void **state);
void a_queue_obeys(void **state);
void definitions_are_read(void **state);
void a_schedule_is_made_read_changed_and_removed(void **state);
void a_secret_parameter_is_no_ones_to_read(void **state);
void no_pointer_is_an_error_and_no_crash(void **state);
void a_handle_that_is_none_or_closed_is_an_error(void **state);
void an_address_that_is_none_is_refused(void **state);
void a_freed_handle_leaves_no_descriptor_open(void **state);
void threads_with_handles_of_their_own_do_not_disturb_each_other(void **state);

#endif
