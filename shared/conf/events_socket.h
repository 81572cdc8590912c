/* SPDX-License-Identifier: Apache-2.0 */
/* conf/events_socket.h: where jqm-events answers nginx. */
#ifndef CONF_EVENTS_SOCKET_H
#define CONF_EVENTS_SOCKET_H

struct settings;

/* events:socket, else events.sock beside fcgi:socket; "" when that is not given either.  The caller frees it. */
char *events_socket_path(const struct settings *settings);

#endif
