/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/lib/keeper_client.h: a real jqm-keeper in a directory of its own, and a runner's side of the
 * wire that keeps all it is told until a test asks.  All waits have a deadline and fail the test.
 * JQM_TEST_CGROUP names a group that is delegated to us, empty: keepers are started in it.
 */
#ifndef TESTS_LIB_KEEPER_CLIENT_H
#define TESTS_LIB_KEEPER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/keeper_wire.h"

#define KC_MSGS_MAX 8192
#define KC_DEADLINE_MS 60000 /* of all waits: a machine may be busy */

/* A few milliseconds, between two looks. */
void kc_nap(void);

struct kc {
	char dir[64]; /* everything of the test is below it */
	char socket[96];
	char table[96];
	char mark[48]; /* in the environment (KC_MARK=) and as last argument of all jobs */
	pid_t keeper;
	int fd; /* -1: not connected */
	struct keeper_msg msgs[KC_MSGS_MAX]; /* what was told; type 0: taken by kc_wait() */
	size_t count;
	bool closed; /* the keeper closed the connection */
};

/* A directory, a keeper with these more arguments (NULL-terminated list or NULL), a HELLO. */
struct kc *kc_new(const char *const *more_args);

/* End the keeper if it runs, remove the directory. */
void kc_free(struct kc *kc);

void kc_keeper_start(struct kc *kc, const char *const *more_args);
void kc_keeper_next(struct kc *kc, const char *const *more_args); /* and connect to it */
int kc_keeper_wait(struct kc *kc); /* its wait status */
void kc_keeper_kill(struct kc *kc); /* SIGKILL, waits */

/* Run jqm-keeper with the arguments to its end; exit code, output (both streams) in out. */
int kc_run_keeper(const char *const *args, char *out, size_t size);

int kc_socket(const struct kc *kc); /* a new connection, nothing said */
void kc_connect(struct kc *kc); /* and HELLO; forgets what the last connection told */
void kc_disconnect(struct kc *kc);
/* From here on kc talks to a keeper that runs as job 100 of its first one, and cannot use marks. */
void kc_connect_nested(struct kc *kc);
void kc_send(struct kc *kc, const struct keeper_msg *msg);

/* Take in one packet if one comes within wait_ms. */
bool kc_receive(struct kc *kc, int wait_ms);

/* The first message of that type about that job not yet taken; waits for it.  job 0: any. */
const struct keeper_msg *kc_wait(struct kc *kc, enum keeper_msg_type type, int64_t job);
const struct keeper_report *kc_ended(struct kc *kc, int64_t job);
/* Wait until the keeper closes the connection. */
void kc_wait_closed(struct kc *kc);
/* Number of messages of the type about the job told so far (not taken yet); does not wait. */
size_t kc_count(const struct kc *kc, enum keeper_msg_type type, int64_t job);

/* An order with everything valid: sh -c script MARK.  Strings live until the next call. */
struct keeper_msg kc_order(struct kc *kc, int64_t job, const char *script);
void kc_start(struct kc *kc, int64_t job, const char *script); /* kc_order() sent */
void kc_signal(struct kc *kc, int64_t job, int kind, int64_t grace_ms);
void kc_forget(struct kc *kc, int64_t job);

/* Path of tests/helpers/NAME. */
const char *kc_helper(const char *name);

/* For main(): become an unprivileged account when started as root, or end with a message. */
void kc_leave_root(void);

#endif
