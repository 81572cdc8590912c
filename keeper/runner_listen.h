/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/runner_listen.h: the name of the socket at which a keeper waits for its runner. */
#ifndef KEEPER_RUNNER_LISTEN_H
#define KEEPER_RUNNER_LISTEN_H

struct err;

/*
 * Listen at path, mode 0600; *fd is the caller's, also after an error.  A socket nobody listens at is
 * replaced; -1 ERR_CONFLICT when somebody does, or when path is anything but a socket: that is left alone.
 */
int runner_listen(int *fd, const char *path, struct err *err);

#endif
