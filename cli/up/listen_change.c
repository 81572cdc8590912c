/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/listen_change.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"

#define LISTEN "\tlisten "
#define HOST_SIZE (INET6_ADDRSTRLEN + 2)

/* What a "listen" line of ours says: "127.0.0.1:1789" or "[::1]:1789". */
struct listens {
	char host[HOST_SIZE]; /* without brackets */
	bool v6;
	int port;
};

/* The next line from *at on; false: there is none. */
static bool
next(const char **at, struct listens *out)
{
	const char *line = strstr(*at, LISTEN), *colon;
	size_t len, host_len;

	if (line == NULL)
		return false;
	line += strlen(LISTEN);
	len = strcspn(line, " ;");
	*at = line + len;
	colon = memrchr(line, ':', len);
	if (colon == NULL)
		return next(at, out);
	out->v6 = line[0] == '[';
	line += out->v6 ? 1 : 0;
	host_len = (size_t)(colon - line) - (out->v6 ? 1 : 0);
	if (host_len >= sizeof(out->host))
		return next(at, out);
	memcpy(out->host, line, host_len);
	out->host[host_len] = '\0';
	out->port = (int)strtol(colon + 1, NULL, 10);
	return true;
}

static bool
is_all(const struct listens *l)
{
	return strcmp(l->host, "0.0.0.0") == 0 || strcmp(l->host, "::") == 0;
}

bool
listen_needs_restart(const char *old_conf, const char *new_conf)
{
	struct listens a, b;

	for (const char *i = old_conf; next(&i, &a);)
		for (const char *k = new_conf; next(&k, &b);)
			if (a.port == b.port && (is_all(&a) || is_all(&b)) &&
			    strcmp(a.host, b.host) != 0)
				return true;
	return false;
}

static bool
has_port(const char *conf, int port)
{
	struct listens l;

	for (const char *at = conf; at != NULL && next(&at, &l);)
		if (l.port == port)
			return true;
	return false;
}

/* An address that is not this machine's is nginx's to complain of. */
static int
check_one(const struct listens *l, struct err *err)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)l->port) };
	const struct sockaddr *address = l->v6 ? (const void *)&v6 : (const void *)&v4;
	socklen_t size = l->v6 ? sizeof(v6) : sizeof(v4);
	int fd, one = 1, rc = 0;

	if (inet_pton(l->v6 ? AF_INET6 : AF_INET, l->host,
		      l->v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1)
		return 0;
	fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return 0;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, address, size) == -1 && (errno == EADDRINUSE || errno == EACCES))
		rc =
		    err_errno(err, ERR_CONFLICT, "port %d of %s cannot be taken", l->port, l->host);
	fd_close(&fd);
	return rc;
}

int
listen_check_free(const char *old_conf, const char *new_conf, struct err *err)
{
	struct listens l;

	for (const char *at = new_conf; next(&at, &l);)
		if (!has_port(old_conf, l.port) && check_one(&l, err) == -1)
			return -1;
	return 0;
}
