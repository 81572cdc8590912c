/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/auth_cache.h: passwords found right a moment ago, shared by the workers.
 *
 * What is kept is a keyed hash of account id, account version and password, under a key that exists
 * in the memory of this run only.  Any change of the account changes its version, and an account made
 * anew under an old login has another id, so the entry can no longer be found.  The table is of fixed size; when a row is full its oldest entry goes.
 */
#ifndef FCGI_AUTH_CACHE_H
#define FCGI_AUTH_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/shared_lock.h"

#define AUTH_CACHE_ROWS 512
#define AUTH_CACHE_ROW_LEN 4
#define AUTH_CACHE_KEY_BYTES 32

struct auth_cache {
	struct shared_lock lock;
	unsigned char key[AUTH_CACHE_KEY_BYTES];
	int64_t keep_ms; /* 0: nothing is ever kept */
	struct auth_cache_entry {
		unsigned char digest[32];
		int64_t until_ms; /* monotonic; 0: free */
	} rows[AUTH_CACHE_ROWS][AUTH_CACHE_ROW_LEN];
};

/* Once, in shared zeroed memory, before the first fork.  0, or -1 when there is no randomness. */
int auth_cache_init(struct auth_cache *cache, int64_t keep_ms);

/* Was this password of this version of the account found right within keep_ms? */
bool auth_cache_has(struct auth_cache *cache, int64_t account_id, int64_t version,
		    const char *password);
void auth_cache_put(struct auth_cache *cache, int64_t account_id, int64_t version,
		    const char *password);

#endif
