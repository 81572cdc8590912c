/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/rate_limit.h: failed logins are counted, in memory the workers share: of a login at an address, of a
 * login at whatever addresses, of an address with whatever logins.
 *
 * Each may fail some times; from then on the wait doubles with each failure up to a longest one, and failures
 * are forgotten one by one as time passes.  Of IPv6 the first 64 bits count as address.  Who guesses a
 * login's password from one address does not hinder its owner at another one.  Who guesses it from very many
 * makes strangers wait, but nobody at an address the login is known from (that is authn_password.c's to ask).
 *
 * Each of the three has a table of its own: what is remembered for long, as failures of logins at an address are, would
 * drive out of a common one what is forgotten soon, and a flood of logins its own address with it.
 */
#ifndef FCGI_RATE_LIMIT_H
#define FCGI_RATE_LIMIT_H

#include <stdint.h>

#include "fcgi/shared_lock.h"

#define RATE_LIMIT_ROWS 512
#define RATE_LIMIT_ROW_LEN 8
#define RATE_LIMIT_KEY_BYTES 32
#define RATE_LIMIT_NETWORK_SIZE 64

enum rate_limit_scope { RATE_LIMIT_PAIR, RATE_LIMIT_LOGIN, RATE_LIMIT_ADDRESS };
#define RATE_LIMIT_SCOPES 3

struct rate_limit_rule {
	int free; /* failures without a wait */
	int64_t first_ms, longest_ms; /* the wait after the last of these; the longest one */
	int64_t forget_ms; /* one failure is forgotten in that time */
};
extern const struct rate_limit_rule rate_limit_rules[RATE_LIMIT_SCOPES];

struct rate_limit {
	struct shared_lock lock;
	_Atomic int64_t
	    quiet_from_ms; /* monotonic: from then on nothing of what was counted matters */
	unsigned char key[RATE_LIMIT_KEY_BYTES]; /* so that nobody can aim at a row */
	struct rate_limit_entry {
		unsigned char who[16];
		/* Monotonic; as many forget_ms as it lies ahead, so many failures are not forgotten. */
		int64_t forgotten_ms;
		int64_t wait_until_ms;
	} rows[RATE_LIMIT_SCOPES][RATE_LIMIT_ROWS][RATE_LIMIT_ROW_LEN];
};

/* Once, in shared zeroed memory, before the first fork.  0, or -1 when there is no randomness. */
int rate_limit_init(struct rate_limit *limit);

/* Seconds to wait before this login may be tried from this address, as far as the scope goes; 0: now. */
int rate_limit_wait_s(struct rate_limit *limit, enum rate_limit_scope scope, const char *login,
		      const char *address);

/* A login failed. */
void rate_limit_failed(struct rate_limit *limit, const char *login, const char *address);
/* It succeeded: what this login failed at this address is forgotten, the rest is not. */
void rate_limit_succeeded(struct rate_limit *limit, const char *login, const char *address);

/* The part of an address that one caller cannot change at will, as a text. */
void rate_limit_network(const char *address, char out[RATE_LIMIT_NETWORK_SIZE]);

#endif
