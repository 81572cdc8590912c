/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/bench/stamp_socket.h: where a command tells when it began: stamp at a socket, a shell at a FIFO.
 */
#ifndef STAMP_SOCKET_H
#define STAMP_SOCKET_H

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench_time.h"

#define STAMP_FIFO_SUFFIX ".fifo"

static inline bool
stamp_is_fifo(const char *path)
{
	size_t len = strlen(path), suffix = strlen(STAMP_FIFO_SUFFIX);

	return len > suffix && strcmp(path + len - suffix, STAMP_FIFO_SUFFIX) == 0;
}

/* Made at path, for every account to write to: a FIFO if its name ends so, else a socket.  -1: errno says why. */
static inline int
stamp_open(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	(void)unlink(path);
	if (stamp_is_fifo(path)) /* open for writing too: it never ends */
		return mkfifo(path, 0666) == -1 || chmod(path, 0666) == -1
			   ? -1
			   : open(path, O_RDWR | O_CLOEXEC);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || strlen(path) >= sizeof(at.sun_path))
		return -1;
	memcpy(at.sun_path, path, strlen(path));
	return bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1 || chmod(path, 0666) == -1
		   ? -1
		   : fd;
}

/*
 * The next stamp; negative: none came within 10 s.  What a shell writes carries no time: it is the time at
 * which it is read, some 50 us late.
 */
static inline double
stamp_read(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	double begun_s;
	char text[sizeof(begun_s)];
	ssize_t got;

	if (poll(&one, 1, 10000) != 1 || (got = read(fd, text, sizeof(text))) < 1)
		return -1;
	if (got == 1) /* a shell's line */
		return now_s();
	memcpy(&begun_s, text, sizeof(begun_s));
	return got == (ssize_t)sizeof(begun_s) ? begun_s : -1;
}

/* "median p99 of N" in milliseconds; values are sorted here. */
static inline void
print_latency(double *values_s, size_t n)
{
	sort_doubles(values_s, n);
	(void)printf("%.2f %.2f\n", values_s[n / 2] * 1000, values_s[n * 99 / 100] * 1000);
}

#endif
