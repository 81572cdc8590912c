/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/port.h: is a TCP port of 127.0.0.1 free, who has it, does our web API answer on it? */
#ifndef UP_PORT_H
#define UP_PORT_H

struct err;

/* 0 when we could listen on it; -1: ERR_CONFLICT naming who does, ERR_DENIED when not allowed. */
int port_check_free(int port, struct err *err);

/* GET path as HTTP: the status code; -1 with err when there was no answer within timeout_ms. */
int port_http_status(int port, const char *path, int timeout_ms, struct err *err);

#endif
