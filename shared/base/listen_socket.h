/* SPDX-License-Identifier: Apache-2.0 */
/* base/listen_socket.h: a unix socket on which nginx is answered. */
#ifndef BASE_LISTEN_SOCKET_H
#define BASE_LISTEN_SOCKET_H

struct err;

struct listen_socket {
	int fd;
	int lock_fd; /* of "<path>.lock", locked as long as this process lives; -1: handed over */
	char *path; /* NULL: handed over */
};
#define LISTEN_SOCKET_INIT   \
	{                    \
		-1, -1, NULL \
	}

/*
 * Listen on a unix socket at path, mode 0660; a file left by a dead program is replaced without a
 * moment in which there is none.  path NULL: descriptor 0, which must be a listening socket; so is it when that
 * listens at path already.
 * Failure: -1; ERR_CONFLICT names the process that serves path already.
 */
int listen_socket_open(struct listen_socket *ls, const char *path, struct err *err);

/* Take the file away: nobody new can connect, who has connected will still be accepted. */
void listen_socket_unlink(struct listen_socket *ls);

/* Close and free. */
void listen_socket_close(struct listen_socket *ls);

#endif
