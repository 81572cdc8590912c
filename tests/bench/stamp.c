/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamp SOCKET [ANYTHING...]: the first thing it does is to read the clock; then it tells the reading to
 * whoever has bound SOCKET.  Linked statically, so that nothing of its own comes before.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "bench_time.h"

int
main(int argc, char **argv)
{
	double begun_s = now_s();
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (argc < 2 || strlen(argv[1]) >= sizeof(to.sun_path))
		return 2;
	memcpy(to.sun_path, argv[1], strlen(argv[1]));
	return sendto(fd, &begun_s, sizeof(begun_s), 0, (const struct sockaddr *)&to, sizeof(to)) ==
		       (ssize_t)sizeof(begun_s)
		   ? 0
		   : 1;
}
