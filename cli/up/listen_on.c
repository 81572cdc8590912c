/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/listen_on.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"

#define ADDRESSES_MAX 16
#define HOST_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

/* The addresses of a name, as texts nginx takes; loopback ones only counted. */
struct addresses {
	char texts[ADDRESSES_MAX][INET6_ADDRSTRLEN + 3];
	size_t len; /* beyond the loopback */
	size_t loopback;
	bool all, all_v6;
};

static bool
is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->sa_family == AF_INET)
		return (ntohl(v4->sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static void
add(struct addresses *out, const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	char text[INET6_ADDRSTRLEN];
	char *to;

	if (is_loopback(address)) {
		out->loopback++;
		return;
	}
	/* Of the link alone: its address means nothing without an interface. */
	if (out->len == ADDRESSES_MAX ||
	    (address->sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)))
		return;
	to = out->texts[out->len];
	if (address->sa_family == AF_INET) {
		out->all = out->all || v4->sin_addr.s_addr == htonl(INADDR_ANY);
		(void)inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
		(void)snprintf(to, sizeof(out->texts[0]), "%s", text);
	} else {
		out->all_v6 = out->all_v6 || IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
		(void)inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
		(void)snprintf(to, sizeof(out->texts[0]), "[%s]", text);
	}
	for (size_t i = 0; i < out->len; i++)
		if (strcmp(out->texts[i], to) == 0)
			return;
	out->len++;
}

/* false: nobody knows the name. */
static bool
resolve(const char *dns, struct addresses *out)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;

	memset(out, 0, sizeof(*out));
	/* No name server need be asked for what is no name. */
	if (dns[0] == '\0' || strspn(dns, HOST_CHARS ":") != strlen(dns))
		return false;
	if (getaddrinfo(dns, NULL, &hints, &list) != 0)
		return false;
	for (const struct addrinfo *at = list; at != NULL; at = at->ai_next)
		if (at->ai_family == AF_INET || at->ai_family == AF_INET6)
			add(out, at->ai_addr);
	freeaddrinfo(list);
	return out->len + out->loopback > 0;
}

static void
line(struct buf *out, const char *address, int port, const char *rest)
{
	buf_printf(out, "%slisten %s:%d%s;", out->len == 0 ? "" : "\n\t\t", address, port, rest);
}

bool
listen_lines(const char *dns, int port, bool tls, struct buf *out, bool *beyond_out)
{
	const char *rest = tls ? " ssl" : "";
	struct addresses addresses;
	bool known = resolve(dns, &addresses);

	*beyond_out = addresses.len > 0;
	if (addresses.all_v6) {
		line(out, "[::]", port, tls ? " ssl ipv6only=off" : " ipv6only=off");
		return known;
	}
	if (addresses.all) {
		line(out, "0.0.0.0", port, rest);
		return known;
	}
	/* The loopback first: jobs of the node call there. */
	line(out, "127.0.0.1", port, rest);
	for (size_t i = 0; i < addresses.len; i++)
		line(out, addresses.texts[i], port, rest);
	return known;
}

/* May it stand in a certificate: an address, or a host's name? */
static bool
is_name(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	char plain[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, text, address) == 1)
		return strcmp(text, "0.0.0.0") != 0;
	/* In its one plain form only: certificates are compared by it. */
	if (inet_pton(AF_INET6, text, address) == 1)
		return strcmp(text, "::") != 0 &&
		       inet_ntop(AF_INET6, address, plain, sizeof(plain)) != NULL &&
		       strcmp(plain, text) == 0;
	return text[0] != '\0' && strlen(text) <= 253 && strspn(text, HOST_CHARS) == strlen(text);
}

void
listen_names(const char *dns, const char *host, const char *names[LISTEN_NAMES_MAX + 1])
{
	const char *const wanted[LISTEN_NAMES_MAX] = { dns, host, "localhost", "127.0.0.1", "::1" };
	size_t n = 0;

	for (size_t i = 0; i < LISTEN_NAMES_MAX; i++) {
		bool there = !is_name(wanted[i]);

		for (size_t k = 0; k < n; k++)
			there = there || strcmp(names[k], wanted[i]) == 0;
		if (!there)
			names[n++] = wanted[i];
	}
	names[n] = NULL;
}
