/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/conf_write.h: conf/jqm.ini of a home.
 *
 * jqm.ini is written once and then belongs to the administrator; later starts change it only where
 * the home, the sockets or the port moved since the last start (state/rendered remembers), or TLS was
 * turned on or off, and only those words.
 */
#ifndef UP_CONF_WRITE_H
#define UP_CONF_WRITE_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct home;

#define PORT_DEFAULT 1789

/* The port of the last start; 0 when there was none. */
int conf_last_port(const struct home *home);

/* Make or follow conf/jqm.ini, then check it as every program will.  node: NULL for our choice. */
int conf_write_ini(const struct home *home, int port, const char *node, struct err *err);

/* client:url begins with https or http from now on, if it is still the one we wrote. */
int conf_follow_tls(const struct home *home, bool tls, struct err *err);

/* "https" or "http", as client:url says. */
const char *conf_scheme(const struct home *home);

/* The name of the node, from conf/jqm.ini, in fresh memory; NULL with err. */
char *conf_node_name(const struct home *home, struct err *err);

#endif
