/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests/bench/stamp_socket.h: where stamp tells when it began.
 */
#ifndef STAMP_SOCKET_H
#define STAMP_SOCKET_H

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench_time.h"

/* A socket bound to path that every account may write to.  -1: errno says why. */
static inline int
stamp_socket(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || strlen(path) >= sizeof(at.sun_path))
		return -1;
	memcpy(at.sun_path, path, strlen(path));
	(void)unlink(path);
	return bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1 || chmod(path, 0666) == -1
		   ? -1
		   : fd;
}

/* The next stamp; negative: none came within 10 s. */
static inline double
stamp_read(int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	double begun_s;

	if (poll(&one, 1, 10000) != 1 ||
	    recv(fd, &begun_s, sizeof(begun_s), 0) != (ssize_t)sizeof(begun_s))
		return -1;
	return begun_s;
}

/* "median p99 of N" in milliseconds; values are sorted here. */
static inline void
print_latency(double *values_s, size_t n)
{
	sort_doubles(values_s, n);
	(void)printf("%.2f %.2f\n", values_s[n / 2] * 1000, values_s[n * 99 / 100] * 1000);
}

#endif
