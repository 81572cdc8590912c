/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_load PORT AUTH_BASE64 CONNECTIONS REQUESTS METHOD PATH [CONTENT_TYPE BODY_FILE]: one request, sent
 * REQUESTS times in all over CONNECTIONS keep-alive connections, each sending its next one when its answer
 * has come.  AUTH "-": none.  Prints "requests_per_s p50_ms p99_ms own_us", the last its own processor time per
 * request; an answer other than 200 ends it.  From the environment:
 *	LOAD_CERTIFICATE=FILE	TLS, with that certificate and its key (PEM)
 *	LOAD_PER_S=N		not faster than so many a second
 *	LOAD_STRANGERS=1	each from another address of 127/8, over a connection of its own; any answer will do
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_time.h"

#define CONNECTIONS_MAX 64

struct connection {
	int fd;
	SSL *ssl; /* NULL: in clear */
	double sent_s;
	size_t len;
	char answer[65536];
};

static char request[1 << 20]; /* the same one each time */
static size_t request_len;
static SSL_CTX *tls; /* NULL: in clear */
static int strangers;

static void
fail(const char *what, const char *detail)
{
	(void)fprintf(stderr, "http_load: %s: %s\n", what, detail);
	exit(1);
}

/* The request's text; type and body may be NULL. */
static void
make_request(const char *auth, const char *method, const char *path, const char *type,
	     const char *file)
{
	static char body[(1 << 20) - 4096];
	size_t len = 0;
	int n;

	if (file != NULL) {
		FILE *in = fopen(file, "rb");

		if (in == NULL)
			fail("could not open", file);
		len = fread(body, 1, sizeof(body), in);
		(void)fclose(in);
		if (len == sizeof(body))
			fail("too large", file);
	}
	n = snprintf(request, 4096, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path);
	if (strcmp(auth, "-") != 0 && n > 0 && n < 2048)
		n += snprintf(request + n, 4096 - (size_t)n, "Authorization: Basic %s\r\n", auth);
	if (strangers && n > 0 && n < 3072)
		n += snprintf(request + n, 4096 - (size_t)n, "Connection: close\r\n");
	if (file != NULL && n > 0 && n < 2048)
		n += snprintf(request + n, 4096 - (size_t)n,
			      "Content-Type: %s\r\nContent-Length: %zu\r\n", type, len);
	if (n <= 0 || n > 4000)
		fail("too long", path);
	request_len = (size_t)n;
	memcpy(request + request_len, "\r\n", 2);
	memcpy(request + request_len + 2, body, len);
	request_len += 2 + len;
}

static double
own_cpu_s(void)
{
	struct rusage used;

	(void)getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void
make_tls(const char *file)
{
	tls = SSL_CTX_new(TLS_client_method());
	if (tls == NULL || SSL_CTX_use_certificate_chain_file(tls, file) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls, file, SSL_FILETYPE_PEM) != 1)
		fail("no certificate and key in", file);
}

/* 127.1.0.1 and on. */
static void
come_from_elsewhere(int fd)
{
	static uint32_t address = 0x7f010000;
	struct sockaddr_in from = { .sin_family = AF_INET };

	from.sin_addr.s_addr = htonl(++address);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == -1)
		fail("could not bind", "127/8");
}

static void
connect_to(struct connection *c, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd != -1 && strangers)
		come_from_elsewhere(c->fd);
	if (c->fd == -1 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		fail("could not connect", "127.0.0.1");
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (tls == NULL)
		return;
	c->ssl = SSL_new(tls);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
		fail("no TLS with", "127.0.0.1");
}

static void
hang_up(struct connection *c)
{
	SSL_free(c->ssl);
	c->ssl = NULL;
	(void)close(c->fd);
	c->fd = -1;
}

static ssize_t
put(struct connection *c, const char *data, size_t len)
{
	return c->ssl != NULL ? SSL_write(c->ssl, data, (int)len) : write(c->fd, data, len);
}

static ssize_t
get(struct connection *c, char *data, size_t len)
{
	return c->ssl != NULL ? SSL_read(c->ssl, data, (int)len) : read(c->fd, data, len);
}

static void
send_request(struct connection *c, int port)
{
	size_t sent = 0;

	if (c->fd == -1)
		connect_to(c, port);
	c->len = 0;
	c->sent_s = now_s();
	while (sent < request_len) {
		ssize_t n = put(c, request + sent, request_len - sent);

		if (n <= 0)
			fail("could not send", request);
		sent += (size_t)n;
	}
}

/* 1 when the answer is whole; the connection is closed here if the server said so. */
static int
receive(struct connection *c)
{
	ssize_t n = get(c, c->answer + c->len, sizeof(c->answer) - c->len - 1);
	const char *end, *length;

	if (n <= 0)
		fail("connection lost", c->answer);
	c->len += (size_t)n;
	c->answer[c->len] = '\0';
	if ((end = strstr(c->answer, "\r\n\r\n")) == NULL)
		return 0;
	if (!strangers && strncmp(c->answer, "HTTP/1.1 200", 12) != 0)
		fail("refused", c->answer);
	length = strstr(c->answer, "Content-Length: ");
	if (length != NULL) {
		if (c->len < (size_t)(end + 4 - c->answer) + strtoul(length + 16, NULL, 10))
			return 0;
	} else if (strstr(end, "\r\n0\r\n\r\n") == NULL) {
		return 0;
	}
	if (strstr(c->answer, "Connection: close") != NULL)
		hang_up(c);
	return 1;
}

/* May request number sent go out? */
static int
is_due(double begin, double per_s, long sent)
{
	return per_s == 0 || now_s() - begin >= (double)sent / per_s;
}

int
main(int argc, char **argv)
{
	static struct connection connections[CONNECTIONS_MAX];
	struct pollfd poll_fds[CONNECTIONS_MAX];
	long requests, sent = 0, done = 0, n;
	double *latency_s, begin, per_s;
	int port;

	if (argc != 7 && argc != 9) {
		(void)fprintf(
		    stderr,
		    "usage: http_load PORT AUTH CONNECTIONS REQUESTS METHOD PATH [TYPE FILE]\n");
		return 2;
	}
	strangers = getenv("LOAD_STRANGERS") != NULL;
	per_s = getenv("LOAD_PER_S") == NULL ? 0 : strtod(getenv("LOAD_PER_S"), NULL);
	if (getenv("LOAD_CERTIFICATE") != NULL)
		make_tls(getenv("LOAD_CERTIFICATE"));
	make_request(argv[2], argv[5], argv[6], argc == 9 ? argv[7] : NULL,
		     argc == 9 ? argv[8] : NULL);
	port = (int)strtol(argv[1], NULL, 10);
	n = strtol(argv[3], NULL, 10);
	requests = strtol(argv[4], NULL, 10);
	if (n < 1 || n > CONNECTIONS_MAX || requests < n)
		fail("wrong numbers", argv[3]);
	latency_s = calloc((size_t)requests, sizeof(*latency_s));
	if (latency_s == NULL)
		fail("out of memory", argv[4]);
	for (long i = 0; i < n; i++)
		connections[i].fd = -1;
	begin = now_s();
	while (done < requests) {
		for (long i = 0; i < n; i++) {
			struct connection *c = &connections[i];

			if (c->sent_s == 0 && sent < requests && is_due(begin, per_s, sent)) {
				sent++;
				send_request(c, port);
			}
			poll_fds[i] =
			    (struct pollfd){ .fd = c->sent_s > 0 ? c->fd : -1, .events = POLLIN };
		}
		if (poll(poll_fds, (nfds_t)n, per_s > 0 ? 1 : 30000) <= 0 && per_s == 0)
			fail("no answer within", "30 s");
		for (long i = 0; i < n; i++) {
			struct connection *c = &connections[i];
			int whole = 0;

			if (poll_fds[i].revents == 0)
				continue;
			do
				whole = receive(c);
			while (!whole && c->ssl != NULL && SSL_pending(c->ssl) > 0);
			if (!whole)
				continue;
			latency_s[done++] = now_s() - c->sent_s;
			c->sent_s = 0;
		}
	}
	begin = now_s() - begin;
	sort_doubles(latency_s, (size_t)requests);
	(void)printf("%.0f %.2f %.2f %.1f\n", (double)requests / begin,
		     latency_s[requests / 2] * 1000, latency_s[requests * 99 / 100] * 1000,
		     own_cpu_s() * 1e6 / (double)requests);
	free(latency_s);
	return 0;
}
