/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start_latency PORT AUTH_BASE64 NAME SOCKET TIMES: enqueue NAME, a job that runs stamp SOCKET (or whose shell
 * writes a line to it, when it is a FIFO: stamp_socket.h), over HTTP, one at a time, each when the last one has begun.  Prints "median_ms p99_ms" from the answer to the request to
 * the first instruction of the command.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "stamp_socket.h"

static void
fail(const char *what, const char *detail)
{
	(void)fprintf(stderr, "start_latency: %s: %s\n", what, detail);
	exit(1);
}

static int
open_connection(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1)
		fail("could not connect", "127.0.0.1");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* Returns when the answer is whole: the server closes the connection after it. */
static double
enqueue(int port, const char *auth, const char *name)
{
	char text[4096];
	int fd = open_connection(port);
	ssize_t len = 0, n;
	double answered_s;

	n = snprintf(text, sizeof(text),
		     "POST /ws/simple/ji HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic %s\r\n"
		     "Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		     "Content-Length: %zu\r\n\r\napplicationname=%s",
		     auth, strlen("applicationname=") + strlen(name), name);
	if (write(fd, text, (size_t)n) != n)
		fail("could not send", name);
	while ((n = read(fd, text + len, sizeof(text) - 1 - (size_t)len)) > 0)
		len += n;
	answered_s = now_s();
	text[len] = '\0';
	(void)close(fd);
	if (strncmp(text, "HTTP/1.1 200", 12) != 0)
		fail("refused", text);
	return answered_s;
}

int
main(int argc, char **argv)
{
	long times = argc == 6 ? strtol(argv[5], NULL, 10) : 0;
	double *latency_s = times < 1 ? NULL : calloc((size_t)times, sizeof(*latency_s));
	int port, stamps;

	if (latency_s == NULL || (stamps = stamp_open(argv[4])) == -1)
		fail("usage", "start_latency PORT AUTH NAME SOCKET TIMES");
	port = (int)strtol(argv[1], NULL, 10);
	for (long i = 0; i < times; i++) {
		double answered_s = enqueue(port, argv[2], argv[3]);
		double begun_s = stamp_read(stamps);

		if (begun_s < 0)
			fail("no start within", "10 s");
		/* it may begin before the answer has come through nginx */
		latency_s[i] = begun_s > answered_s ? begun_s - answered_s : 0;
	}
	print_latency(latency_s, (size_t)times);
	free(latency_s);
	return 0;
}
