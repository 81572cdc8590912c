/* SPDX-License-Identifier: Apache-2.0 */
/* events/server.h: the loop of jqm-events. */
#ifndef EVENTS_SERVER_H
#define EVENTS_SERVER_H

struct err;

struct server_config {
	const char *conninfo;
	int listen_fd; /* a listening unix socket that does not block */
	int listeners_max;
};

/* Until TERM or INT.  0, or -1 when it could not begin. */
int server_run(const struct server_config *config, struct err *err);

#endif
