/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/lib/keeper_watch.h: what can be seen of a keeper of lib/keeper_client.h and its jobs from
 * outside: outputs, processes, descriptors.  All waits have a deadline and fail the test.
 */
#ifndef TESTS_LIB_KEEPER_WATCH_H
#define TESTS_LIB_KEEPER_WATCH_H

#include <stddef.h>
#include <stdint.h>

struct kc;

/* Contents of DIR/JOB.out or .err; valid until the next call. */
const char *kc_output(struct kc *kc, int64_t job, const char *suffix);
void kc_wait_output(struct kc *kc, int64_t job, const char *text);

/* Living processes (no zombies) that carry the mark in environment or arguments. */
size_t kc_alive(const struct kc *kc);
void kc_wait_alive_in_state(const struct kc *kc, char state, size_t count);
void kc_wait_stopped(const struct kc *kc); /* some live, and all are stopped */
size_t kc_keeper_fds(const struct kc *kc); /* without those of files that have no name */
size_t kc_keeper_spares(const struct kc *kc); /* which these are */
/* Until the keeper has that many again: for a moment it may have a file of /proc or a group open. */
void kc_wait_keeper_fds(const struct kc *kc, size_t count);
size_t kc_keeper_children(const struct kc *kc);

#endif
