/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/address_rule.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

#define RULES_MAX 1000
#define V4_BITS 32
#define V6_BITS 128
#define V4_BYTES 4

/* The first bits of an address; IPv4 has 4 bytes, IPv6 16. */
struct network {
	unsigned char bytes[16];
	int family, bits;
};

struct address_rules {
	struct network *allowed;
	size_t len;
};

static const struct network not_public_v4[] = {
	{ { 0 }, AF_INET, 8 }, /* this network */
	{ { 10 }, AF_INET, 8 }, /* private */
	{ { 100, 64 }, AF_INET, 10 }, /* shared with a carrier */
	{ { 127 }, AF_INET, 8 }, /* this machine */
	{ { 169, 254 }, AF_INET, 16 }, /* link-local */
	{ { 172, 16 }, AF_INET, 12 }, /* private */
	{ { 192, 0, 0 }, AF_INET, 24 }, /* protocols */
	{ { 192, 0, 2 }, AF_INET, 24 }, /* documentation */
	{ { 192, 88, 99 }, AF_INET, 24 }, /* relays of 6to4, no longer */
	{ { 192, 168 }, AF_INET, 16 }, /* private */
	{ { 198, 18 }, AF_INET, 15 }, /* benchmarks */
	{ { 198, 51, 100 }, AF_INET, 24 }, /* documentation */
	{ { 203, 0, 113 }, AF_INET, 24 }, /* documentation */
	{ { 224 }, AF_INET, 4 }, /* multicast */
	{ { 240 }, AF_INET, 4 }, /* reserved, broadcast */
};

/* What of IPv6 is public begins so; of that these are not. */
static const struct network global_v6 = { { 0x20 }, AF_INET6, 3 };
static const struct network not_public_v6[] = {
	{ { 0x20, 0x01 }, AF_INET6, 23 }, /* protocols, Teredo, benchmarks, ORCHID */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, AF_INET6, 32 }, /* documentation */
	{ { 0x3f, 0xff }, AF_INET6, 20 }, /* documentation */
};

/* IPv6 addresses that stand for an IPv4 address, and where that begins in them. */
static const struct {
	struct network network;
	size_t at;
} standing_for_v4[] = {
	{ { { [10] = 0xff, [11] = 0xff }, AF_INET6, 96 }, 12 }, /* ::ffff:1.2.3.4 */
	{ { { 0x00, 0x64, 0xff, 0x9b }, AF_INET6, 96 }, 12 }, /* 64:ff9b::1.2.3.4 */
	{ { { 0x20, 0x02 }, AF_INET6, 16 }, 2 }, /* 2002:102:304:: */
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static bool
is_in(const struct network *network, int family, const unsigned char *bytes)
{
	size_t whole = (size_t)network->bits / 8;
	int rest = network->bits % 8;
	unsigned mask = 0xffu << (8 - rest) & 0xffu;

	return network->family == family && memcmp(network->bytes, bytes, whole) == 0 &&
	       (rest == 0 || (network->bytes[whole] & mask) == (bytes[whole] & mask));
}

static bool
is_in_any(const struct network *networks, size_t len, int family, const unsigned char *bytes)
{
	for (size_t i = 0; i < len; i++)
		if (is_in(&networks[i], family, bytes))
			return true;
	return false;
}

static bool
allow_v4(const struct address_rules *rules, const unsigned char *bytes)
{
	return is_in_any(rules->allowed, rules->len, AF_INET, bytes) ||
	       !is_in_any(not_public_v4, LEN(not_public_v4), AF_INET, bytes);
}

bool
address_rules_allow(const struct address_rules *rules, const struct sockaddr *addr)
{
	const struct sockaddr_in *v4 = (const void *)addr;
	const struct sockaddr_in6 *v6 = (const void *)addr;
	const unsigned char *bytes;

	if (addr->sa_family == AF_INET)
		return allow_v4(rules, (const unsigned char *)&v4->sin_addr);
	if (addr->sa_family != AF_INET6)
		return false;
	bytes = v6->sin6_addr.s6_addr;
	for (size_t i = 0; i < LEN(standing_for_v4); i++)
		if (is_in(&standing_for_v4[i].network, AF_INET6, bytes))
			return allow_v4(rules, bytes + standing_for_v4[i].at);
	return is_in_any(rules->allowed, rules->len, AF_INET6, bytes) ||
	       (is_in(&global_v6, AF_INET6, bytes) &&
		!is_in_any(not_public_v6, LEN(not_public_v6), AF_INET6, bytes));
}

void
address_text(const struct sockaddr *addr, char out[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in *v4 = (const void *)addr;
	const struct sockaddr_in6 *v6 = (const void *)addr;
	const void *bytes =
	    addr->sa_family == AF_INET ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr;

	if ((addr->sa_family != AF_INET && addr->sa_family != AF_INET6) ||
	    inet_ntop(addr->sa_family, bytes, out, INET6_ADDRSTRLEN) == NULL)
		(void)str_copy(out, INET6_ADDRSTRLEN, "of no known family");
}

/* "10.1.0.0/16" or one address. */
static int
parse_network(char *text, struct network *out, struct err *err)
{
	char *slash = strchr(text, '/');
	int64_t bits;
	int most;

	*out = (struct network){ .family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET };
	most = out->family == AF_INET6 ? V6_BITS : V4_BITS;
	bits = most;
	if (slash != NULL)
		*slash = '\0';
	if (inet_pton(out->family, text, out->bytes) != 1 ||
	    (slash != NULL && num_int64(slash + 1, 0, most, &bits) == -1)) {
		if (slash != NULL)
			*slash = '/';
		return err_set(err, ERR_INVALID,
			       "\"%.*s\" is no network such as 10.1.0.0/16 or fd00::/8",
			       STR_CUT(text, 60));
	}
	out->bits = (int)bits;
	return 0;
}

struct address_rules *
address_rules_parse(const char *networks, struct err *err)
{
	struct address_rules *rules = calloc(1, sizeof(*rules));
	char *copy = str_dup(networks == NULL ? "" : networks), *save = NULL;
	int rc = 0;

	if (rules == NULL || (rules->allowed = calloc(RULES_MAX, sizeof(*rules->allowed))) == NULL)
		abort();
	for (char *word = strtok_r(copy, ", \t", &save); word != NULL && rc == 0;
	     word = strtok_r(NULL, ", \t", &save)) {
		if (rules->len == RULES_MAX)
			rc = err_set(err, ERR_INVALID, "more than %d networks", RULES_MAX);
		else
			rc = parse_network(word, &rules->allowed[rules->len++], err);
	}
	free(copy);
	if (rc == 0)
		return rules;
	address_rules_free(rules);
	return NULL;
}

void
address_rules_free(struct address_rules *rules)
{
	if (rules == NULL)
		return;
	free(rules->allowed);
	free(rules);
}
