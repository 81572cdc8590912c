/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/api_address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

#define SHOWN_MAX 100

/* As jqm.check_host(): labels of letters, digits, _ and -, none of which begins or ends with -. */
static bool
is_name(const char *host)
{
	const char *c = host;

	for (; *c != '\0'; c++) {
		bool at_end = c[1] == '\0' || c[1] == '.';
		bool at_begin = c == host || c[-1] == '.';

		if (*c == '.' ? at_begin
			      : !(isalnum((unsigned char)*c) || *c == '_' ||
				  (*c == '-' && !at_begin && !at_end)))
			return false;
	}
	return c != host;
}

static bool
is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET6, host, bytes) == 1;
}

/* len bytes at text. */
static int
take_host(const char *text, size_t len, bool bracketed, char host[API_HOST_SIZE], struct err *err)
{
	if (len == 0)
		return err_set(err, ERR_INVALID, "it names no host");
	if (len >= API_HOST_SIZE)
		return err_set(err, ERR_INVALID, "its host has more than %d characters",
			       API_HOST_SIZE - 1);
	(void)snprintf(host, API_HOST_SIZE, "%.*s", (int)len, text);
	if (bracketed ? !is_address(host) : !is_name(host))
		return err_set(err, ERR_INVALID,
			       "\"%.*s\" is neither the name of a host nor an address",
			       STR_CUT(host, SHOWN_MAX));
	return 0;
}

/* What is behind the host. */
static int
take_port(const char *at, int *port_out, struct err *err)
{
	size_t len = strcspn(at, "/?#");
	char text[8] = "";
	int64_t port;

	*port_out = 0;
	if (len == 0)
		return 0;
	if (at[0] != ':')
		return err_set(err, ERR_INVALID, "what follows its host is no port");
	if (len - 1 < sizeof(text))
		(void)snprintf(text, sizeof(text), "%.*s", (int)(len - 1), at + 1);
	if (num_int64(text, 1, 65535, &port) == -1)
		return err_set(err, ERR_INVALID, "its port is no number from 1 to 65535");
	*port_out = (int)port;
	return 0;
}

int
api_address_read(const char *url, char host[API_HOST_SIZE], int *port_out, struct err *err)
{
	const char *at = url;
	bool bracketed;
	size_t len;

	*port_out = 0;
	(void)str_copy(host, API_HOST_SIZE, "localhost");
	if (url[0] == '\0')
		return 0;
	if (str_starts(url, "http://") || str_starts(url, "https://"))
		at = strstr(url, "://") + 3;
	else
		return err_set(err, ERR_INVALID, "it does not begin with http:// or https://");
	bracketed = at[0] == '['; /* an IPv6 address: its colons are no port's */
	len = strcspn(at += bracketed, bracketed ? "]" : ":/?#");
	if (take_host(at, len, bracketed, host, err) == -1)
		return -1;
	if (bracketed && at[len] != ']')
		return err_set(err, ERR_INVALID, "a bracket is not closed");
	return take_port(at + len + bracketed, port_out, err);
}
