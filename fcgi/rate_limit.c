/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/rate_limit.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/random_token.h"

#define TEXT_BYTES_MAX 3200

/* A pair that goes on failing gets ten tries an hour, an address one every two seconds, the world one every
 * six for each login. */
const struct rate_limit_rule rate_limit_rules[RATE_LIMIT_SCOPES] = {
	[RATE_LIMIT_PAIR] = { 10, 5000, 900000, 360000 },
	[RATE_LIMIT_LOGIN] = { 100, 1000, 60000, 6000 },
	[RATE_LIMIT_ADDRESS] = { 60, 1000, 60000, 2000 },
};

int
rate_limit_init(struct rate_limit *limit)
{
	memset(limit->rows, 0, sizeof(limit->rows));
	shared_lock_init(&limit->lock);
	return random_bytes(limit->key, sizeof(limit->key));
}

void
rate_limit_network(const char *address, char out[RATE_LIMIT_NETWORK_SIZE])
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct in6_addr six;

	if (inet_pton(AF_INET6, address, &six) != 1) {
		(void)snprintf(out, RATE_LIMIT_NETWORK_SIZE, "%.63s", address);
		return;
	}
	if (memcmp(six.s6_addr, mapped, sizeof(mapped)) == 0) {
		(void)inet_ntop(AF_INET, six.s6_addr + sizeof(mapped), out,
				RATE_LIMIT_NETWORK_SIZE);
		return;
	}
	memset(six.s6_addr + 8, 0, 8);
	(void)inet_ntop(AF_INET6, &six, out, RATE_LIMIT_NETWORK_SIZE);
}

/* Name of an entry; it also chooses the row.  All zero would be a free one: never comes out. */
static void
who_is(const struct rate_limit *limit, enum rate_limit_scope scope, const char *login,
       const char *address, unsigned char out[DIGEST_SIZE])
{
	char text[TEXT_BYTES_MAX], network[RATE_LIMIT_NETWORK_SIZE];

	rate_limit_network(address, network);
	(void)snprintf(text, sizeof(text), "%d %s %s", (int)scope,
		       scope == RATE_LIMIT_LOGIN ? "" : network,
		       scope == RATE_LIMIT_ADDRESS ? "" : login);
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
row_of(struct rate_limit *limit, enum rate_limit_scope scope, const unsigned char who[DIGEST_SIZE])
{
	return limit->rows[scope][(who[30] << 8 | who[31]) % RATE_LIMIT_ROWS];
}

/* The entry of who, or NULL. */
static struct rate_limit_entry *
find(struct rate_limit *limit, enum rate_limit_scope scope, const unsigned char who[DIGEST_SIZE])
{
	struct rate_limit_entry *row = row_of(limit, scope, who);

	for (size_t i = 0; i < RATE_LIMIT_ROW_LEN; i++)
		if (memcmp(row[i].who, who, sizeof(row[i].who)) == 0)
			return &row[i];
	return NULL;
}

/* The entry of who, made in the place of the one that has the least to remember. */
static struct rate_limit_entry *
find_or_make(struct rate_limit *limit, enum rate_limit_scope scope,
	     const unsigned char who[DIGEST_SIZE])
{
	struct rate_limit_entry *entry = find(limit, scope, who);
	struct rate_limit_entry *row = row_of(limit, scope, who);

	if (entry != NULL)
		return entry;
	entry = row;
	for (size_t i = 1; i < RATE_LIMIT_ROW_LEN; i++)
		if (row[i].forgotten_ms < entry->forgotten_ms)
			entry = &row[i];
	memset(entry, 0, sizeof(*entry));
	memcpy(entry->who, who, sizeof(entry->who));
	return entry;
}

/* Most of the time nobody has failed lately, and nobody need be looked for. */
static bool
is_quiet(const struct rate_limit *limit)
{
	return limit->quiet_from_ms <= clock_mono_ms();
}

/* Under the lock. */
static void
not_quiet_before(struct rate_limit *limit, const struct rate_limit_entry *entry)
{
	if (limit->quiet_from_ms < entry->forgotten_ms)
		limit->quiet_from_ms = entry->forgotten_ms;
	if (limit->quiet_from_ms < entry->wait_until_ms)
		limit->quiet_from_ms = entry->wait_until_ms;
}

int
rate_limit_wait_s(struct rate_limit *limit, enum rate_limit_scope scope, const char *login,
		  const char *address)
{
	unsigned char who[DIGEST_SIZE];
	const struct rate_limit_entry *entry;
	int64_t wait_ms = 0;

	if (is_quiet(limit))
		return 0;
	who_is(limit, scope, login, address, who);
	take_lock(limit);
	entry = find(limit, scope, who);
	if (entry != NULL)
		wait_ms = entry->wait_until_ms - clock_mono_ms();
	shared_lock_release(&limit->lock);
	return wait_ms <= 0 ? 0 : (int)((wait_ms + 999) / 1000);
}

/* How long to wait after so many failures. */
static int64_t
wait_after(const struct rate_limit_rule *rule, int64_t failures)
{
	int64_t wait_ms = rule->first_ms;

	if (failures < rule->free)
		return 0;
	for (; failures > rule->free && wait_ms < rule->longest_ms; failures--)
		wait_ms *= 2;
	return wait_ms < rule->longest_ms ? wait_ms : rule->longest_ms;
}

static void
count(struct rate_limit *limit, enum rate_limit_scope scope, const char *login, const char *address)
{
	const struct rate_limit_rule *rule = &rate_limit_rules[scope];
	unsigned char who[DIGEST_SIZE];
	struct rate_limit_entry *entry;
	int64_t now_ms = clock_mono_ms(), most_ms;

	/* More failures than make the longest wait would only be remembered longer. */
	most_ms = (rule->free + 10) * rule->forget_ms;
	who_is(limit, scope, login, address, who);
	take_lock(limit);
	entry = find_or_make(limit, scope, who);
	if (entry->forgotten_ms < now_ms)
		entry->forgotten_ms = now_ms;
	entry->forgotten_ms += rule->forget_ms;
	if (entry->forgotten_ms > now_ms + most_ms)
		entry->forgotten_ms = now_ms + most_ms;
	entry->wait_until_ms =
	    now_ms + wait_after(rule, (entry->forgotten_ms - now_ms + rule->forget_ms - 1) /
					  rule->forget_ms);
	not_quiet_before(limit, entry);
	shared_lock_release(&limit->lock);
}

void
rate_limit_failed(struct rate_limit *limit, const char *login, const char *address)
{
	for (int scope = 0; scope < RATE_LIMIT_SCOPES; scope++)
		count(limit, (enum rate_limit_scope)scope, login, address);
}

void
rate_limit_succeeded(struct rate_limit *limit, const char *login, const char *address)
{
	unsigned char who[DIGEST_SIZE];
	struct rate_limit_entry *entry;

	if (is_quiet(limit))
		return;
	who_is(limit, RATE_LIMIT_PAIR, login, address, who);
	take_lock(limit);
	entry = find(limit, RATE_LIMIT_PAIR, who);
	if (entry != NULL)
		memset(entry, 0, sizeof(*entry));
	shared_lock_release(&limit->lock);
}
