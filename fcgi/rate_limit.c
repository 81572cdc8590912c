/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/rate_limit.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/random_token.h"

#define MINUTE_MS 60000
#define TEXT_BYTES_MAX 1280
#define ADDRESS_BYTES_MAX 64
#define ANY_LOGIN ""

int
rate_limit_init(struct rate_limit *limit)
{
	memset(limit->rows, 0, sizeof(limit->rows));
	shared_lock_init(&limit->lock);
	return random_bytes(limit->key, sizeof(limit->key));
}

/* The part of an address that one caller cannot change at will. */
static void
network_of(const char *address, char out[ADDRESS_BYTES_MAX])
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct in6_addr six;

	if (inet_pton(AF_INET6, address, &six) != 1) {
		(void)snprintf(out, ADDRESS_BYTES_MAX, "%.63s", address);
		return;
	}
	if (memcmp(six.s6_addr, mapped, sizeof(mapped)) == 0) {
		(void)inet_ntop(AF_INET, six.s6_addr + sizeof(mapped), out, ADDRESS_BYTES_MAX);
		return;
	}
	memset(six.s6_addr + 8, 0, 8);
	(void)inet_ntop(AF_INET6, &six, out, ADDRESS_BYTES_MAX);
}

/* Name of the pair; it also chooses the row.  All zero would be a free entry: never comes out. */
static void
who_is(const struct rate_limit *limit, const char *login, const char *address,
       unsigned char out[DIGEST_SIZE])
{
	char text[TEXT_BYTES_MAX], network[ADDRESS_BYTES_MAX];

	network_of(address, network);
	(void)snprintf(text, sizeof(text), "%s %s", network, login);
	if (digest_hmac_sha256(limit->key, sizeof(limit->key), text, strlen(text), out) == -1)
		memset(out, 0, DIGEST_SIZE); /* all such share one count: strict, not open */
	out[0] |= 1;
}

static void
take_lock(struct rate_limit *limit)
{
	if (shared_lock_take(&limit->lock) == SHARED_LOCK_ORPHANED)
		memset(limit->rows, 0, sizeof(limit->rows));
}

static struct rate_limit_entry *
row_of(struct rate_limit *limit, const unsigned char who[DIGEST_SIZE])
{
	return limit->rows[(who[30] << 8 | who[31]) % RATE_LIMIT_ROWS];
}

/* The entry of who, or NULL. */
static struct rate_limit_entry *
find(struct rate_limit *limit, const unsigned char who[DIGEST_SIZE])
{
	struct rate_limit_entry *row = row_of(limit, who);

	for (size_t i = 0; i < RATE_LIMIT_ROW_LEN; i++)
		if (memcmp(row[i].who, who, sizeof(row[i].who)) == 0)
			return &row[i];
	return NULL;
}

/* The entry of who, made in the place of the one that has the least to remember. */
static struct rate_limit_entry *
find_or_make(struct rate_limit *limit, const unsigned char who[DIGEST_SIZE])
{
	struct rate_limit_entry *entry = find(limit, who);
	struct rate_limit_entry *row = row_of(limit, who);

	if (entry != NULL)
		return entry;
	entry = row;
	for (size_t i = 1; i < RATE_LIMIT_ROW_LEN; i++)
		if (row[i].paid_until_ms < entry->paid_until_ms)
			entry = &row[i];
	memcpy(entry->who, who, sizeof(entry->who));
	entry->paid_until_ms = 0;
	return entry;
}

static int
wait_s(struct rate_limit *limit, const char *login, const char *address, int per_minute)
{
	unsigned char who[DIGEST_SIZE];
	const struct rate_limit_entry *entry;
	/* So far ahead one more failure still fits in the minute. */
	int64_t room_ms = MINUTE_MS - MINUTE_MS / per_minute;
	int64_t wait_ms = 0;

	who_is(limit, login, address, who);
	take_lock(limit);
	entry = find(limit, who);
	if (entry != NULL)
		wait_ms = entry->paid_until_ms - clock_mono_ms() - room_ms;
	shared_lock_release(&limit->lock);
	return wait_ms <= 0 ? 0 : (int)((wait_ms + 999) / 1000);
}

int
rate_limit_pair_wait_s(struct rate_limit *limit, const char *login, const char *address)
{
	return wait_s(limit, login, address, RATE_LIMIT_PAIR);
}

int
rate_limit_address_wait_s(struct rate_limit *limit, const char *address)
{
	return wait_s(limit, ANY_LOGIN, address, RATE_LIMIT_ADDRESS);
}

static void
count(struct rate_limit *limit, const char *login, const char *address, int per_minute)
{
	unsigned char who[DIGEST_SIZE];
	struct rate_limit_entry *entry;
	int64_t now_ms = clock_mono_ms();

	who_is(limit, login, address, who);
	take_lock(limit);
	entry = find_or_make(limit, who);
	if (entry->paid_until_ms < now_ms)
		entry->paid_until_ms = now_ms;
	entry->paid_until_ms += MINUTE_MS / per_minute;
	/* What was tried while the minute was used up costs no later one. */
	if (entry->paid_until_ms > now_ms + MINUTE_MS)
		entry->paid_until_ms = now_ms + MINUTE_MS;
	shared_lock_release(&limit->lock);
}

void
rate_limit_failed(struct rate_limit *limit, const char *login, const char *address)
{
	count(limit, login, address, RATE_LIMIT_PAIR);
	count(limit, ANY_LOGIN, address, RATE_LIMIT_ADDRESS);
}

void
rate_limit_succeeded(struct rate_limit *limit, const char *login, const char *address)
{
	unsigned char who[DIGEST_SIZE];
	struct rate_limit_entry *entry;

	who_is(limit, login, address, who);
	take_lock(limit);
	entry = find(limit, who);
	if (entry != NULL)
		memset(entry, 0, sizeof(*entry));
	shared_lock_release(&limit->lock);
}
