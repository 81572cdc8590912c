/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/node_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

#define KEEP_MS 30000
#define KEEP_FAILURE_MS 10000
#define REMEMBERED 32
#define DNS_SIZE 256
#define HOST_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:"

/* What this worker asked lately, round and round. */
static struct {
	char dns[DNS_SIZE];
	char host[INET6_ADDRSTRLEN + 2]; /* "" when there is none */
	int64_t until_ms; /* monotonic */
} remembered[REMEMBERED];
static size_t next_place;

/* Would a connection to it reach one host, the one that is meant? */
static bool
is_of_a_host(const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	uint32_t number;

	if (address->sa_family == AF_INET6)
		return !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr) &&
		       !IN6_IS_ADDR_MULTICAST(&v6->sin6_addr) &&
		       !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) &&
		       !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
	if (address->sa_family != AF_INET)
		return false;
	number = ntohl(v4->sin_addr.s_addr);
	return number >> 24 != 0 && number >> 16 != 0xa9fe && number >> 28 < 0xe;
}

static bool
write_host(const struct sockaddr *address, char *out, size_t size)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	char text[INET6_ADDRSTRLEN];

	if (!is_of_a_host(address))
		return false;
	if (address->sa_family == AF_INET)
		return inet_ntop(AF_INET, &v4->sin_addr, out, (socklen_t)size) != NULL;
	if (inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text)) == NULL)
		return false;
	(void)snprintf(out, size, "[%s]", text);
	return true;
}

/* The first that will do, in the order the system prefers; "" when there is none. */
static void
ask(const char *dns, char *out, size_t size)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	bool found = false;

	if (getaddrinfo(dns, NULL, &hints, &list) == 0)
		for (const struct addrinfo *at = list; at != NULL && !found; at = at->ai_next)
			found = write_host(at->ai_addr, out, size);
	if (!found)
		out[0] = '\0';
	if (list != NULL)
		freeaddrinfo(list);
}

static const char *
host_of(const char *dns)
{
	int64_t now_ms = clock_mono_ms();
	size_t at = next_place;

	for (size_t i = 0; i < REMEMBERED; i++)
		if (strcmp(remembered[i].dns, dns) == 0) {
			if (now_ms < remembered[i].until_ms)
				return remembered[i].host;
			at = i;
		}
	if (at == next_place)
		next_place = (next_place + 1) % REMEMBERED;
	(void)str_copy(remembered[at].dns, sizeof(remembered[at].dns), dns);
	ask(dns, remembered[at].host, sizeof(remembered[at].host));
	remembered[at].until_ms =
	    clock_mono_ms() + (remembered[at].host[0] == '\0' ? KEEP_FAILURE_MS : KEEP_MS);
	return remembered[at].host;
}

int
node_address_find(const char *dns, int port, char out[NODE_ADDRESS_SIZE], struct err *err)
{
	const char *host = "";

	if (port < 1 || port > UINT16_MAX)
		return err_set(err, ERR_BUSY, "port %d is none", port);
	/* No name server need be asked for what is no name. */
	if (dns[0] != '\0' && strlen(dns) < DNS_SIZE && strspn(dns, HOST_CHARS) == strlen(dns))
		host = host_of(dns);
	if (host[0] == '\0')
		return err_set(err, ERR_BUSY,
			       "\"%.100s\" has no address here at which one host could be reached",
			       dns);
	(void)snprintf(out, NODE_ADDRESS_SIZE, "%s:%d", host, port);
	return 0;
}
