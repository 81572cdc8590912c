/* SPDX-License-Identifier: Apache-2.0 */
/* Say HELLO to the keeper at a socket, and print whether it answers: "told" or "closed". */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "wire/keeper_wire.h"

int
main(int argc, char **argv)
{
	const struct {
		uint32_t len;
		uint16_t type, version;
	} hello = { sizeof(hello), KEEPER_HELLO, KEEPER_WIRE_VERSION };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { 20, 0 };
	char answer[64];
	ssize_t got;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (argc != 2 || fd == -1 || strlen(argv[1]) >= sizeof(address.sun_path))
		return 2;
	(void)strcpy(address.sun_path, argv[1]);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == -1 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) == -1) {
		perror("say_hello");
		return 2;
	}
	/* Refused at once, it may be closed before we have spoken. */
	if (send(fd, &hello, sizeof(hello), MSG_NOSIGNAL) == -1 && errno != EPIPE &&
	    errno != ECONNRESET)
		return 2;
	got = recv(fd, answer, sizeof(answer), 0);
	if (got == -1 && errno != ECONNRESET)
		return 2;
	(void)puts(got > 0 ? "told" : "closed");
	return 0;
}
