/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/rate_limit.h: failed logins are counted, per login and address and per address, in memory the
 * workers share.
 *
 * Each pair of login and address may fail RATE_LIMIT_PAIR times a minute, each address
 * RATE_LIMIT_ADDRESS times over all logins (of IPv6 the first 64 bits count).  Who guesses a login's
 * password from one address does not hinder its owner at another one.
 */
#ifndef FCGI_RATE_LIMIT_H
#define FCGI_RATE_LIMIT_H

#include <stdint.h>

#include "fcgi/shared_lock.h"

#define RATE_LIMIT_PAIR 10
#define RATE_LIMIT_ADDRESS 60
#define RATE_LIMIT_ROWS 1024
#define RATE_LIMIT_ROW_LEN 8
#define RATE_LIMIT_KEY_BYTES 32

struct rate_limit {
	struct shared_lock lock;
	unsigned char key[RATE_LIMIT_KEY_BYTES]; /* so that nobody can aim at a row */
	struct rate_limit_entry {
		unsigned char who[16];
		/* Monotonic; each failure pushes it on by its share of a minute.  As far as it lies
		 * ahead, so much of the minute's allowance is used up. */
		int64_t paid_until_ms;
	} rows[RATE_LIMIT_ROWS][RATE_LIMIT_ROW_LEN];
};

/* Once, in shared zeroed memory, before the first fork.  0, or -1 when there is no randomness. */
int rate_limit_init(struct rate_limit *limit);

/* Seconds to wait before this login may be tried from this address; 0: now. */
int rate_limit_pair_wait_s(struct rate_limit *limit, const char *login, const char *address);
/* Seconds to wait before any login may be tried from this address; 0: now. */
int rate_limit_address_wait_s(struct rate_limit *limit, const char *address);

/* A login failed. */
void rate_limit_failed(struct rate_limit *limit, const char *login, const char *address);
/* It succeeded: its own failures are forgotten, those of the address are not. */
void rate_limit_succeeded(struct rate_limit *limit, const char *login, const char *address);

#endif
