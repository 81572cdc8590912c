/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/auth_cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/random_token.h"

/* Longer ones are never kept: each request computes them anew. */
#define TEXT_BYTES_MAX 2048

int
auth_cache_init(struct auth_cache *cache, int64_t keep_ms)
{
	memset(cache->rows, 0, sizeof(cache->rows));
	shared_lock_init(&cache->lock);
	cache->keep_ms = keep_ms;
	return random_bytes(cache->key, sizeof(cache->key));
}

/* id NUL version NUL password, keyed: false when there is nothing to look for. */
static bool
digest_of(const struct auth_cache *cache, int64_t account_id, int64_t version, const char *password,
	  unsigned char out[DIGEST_SIZE])
{
	char text[TEXT_BYTES_MAX];
	int len;
	bool ok;

	if (cache->keep_ms == 0)
		return false;
	len = snprintf(text, sizeof(text), "%" PRId64 "%c%" PRId64 "%c%s", account_id, 0, version,
		       0, password);
	ok = len > 0 && (size_t)len < sizeof(text) &&
	     digest_hmac_sha256(cache->key, sizeof(cache->key), text, (size_t)len, out) == 0;
	explicit_bzero(text, sizeof(text));
	return ok;
}

static struct auth_cache_entry *
row_of(struct auth_cache *cache, const unsigned char digest[DIGEST_SIZE])
{
	return cache->rows[(digest[0] << 8 | digest[1]) % AUTH_CACHE_ROWS];
}

static void
take_lock(struct auth_cache *cache)
{
	if (shared_lock_take(&cache->lock) == SHARED_LOCK_ORPHANED)
		memset(cache->rows, 0, sizeof(cache->rows));
}

bool
auth_cache_has(struct auth_cache *cache, int64_t account_id, int64_t version, const char *password)
{
	unsigned char digest[DIGEST_SIZE];
	const struct auth_cache_entry *row;
	int64_t now_ms = clock_mono_ms();
	bool found = false;

	if (!digest_of(cache, account_id, version, password, digest))
		return false;
	row = row_of(cache, digest);
	take_lock(cache);
	for (size_t i = 0; i < AUTH_CACHE_ROW_LEN; i++)
		if (row[i].until_ms > now_ms &&
		    digest_equal(row[i].digest, digest, sizeof(digest)) == 1)
			found = true;
	shared_lock_release(&cache->lock);
	return found;
}

void
auth_cache_put(struct auth_cache *cache, int64_t account_id, int64_t version, const char *password)
{
	unsigned char digest[DIGEST_SIZE];
	struct auth_cache_entry *row, *oldest;

	if (!digest_of(cache, account_id, version, password, digest))
		return;
	row = oldest = row_of(cache, digest);
	take_lock(cache);
	for (size_t i = 1; i < AUTH_CACHE_ROW_LEN; i++)
		if (row[i].until_ms < oldest->until_ms)
			oldest = &row[i];
	memcpy(oldest->digest, digest, sizeof(oldest->digest));
	oldest->until_ms = clock_mono_ms() + cache->keep_ms;
	shared_lock_release(&cache->lock);
}
