/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/listen_change.h: from one nginx configuration to the next: what becomes of the sockets. */
#ifndef UP_LISTEN_CHANGE_H
#define UP_LISTEN_CHANGE_H

#include <stdbool.h>

struct err;

/*
 * Must nginx be started anew to listen where new_conf says?  So it is when it holds an address of a port and shall hold all
 * addresses of that port, or the other way round; all else it takes up, or gives up, when it reads the configuration.
 */
bool listen_needs_restart(const char *old_conf, const char *new_conf);

/*
 * Are the ports that new_conf has and old_conf (NULL: none) has not free?  nginx's own test does not tell: it passes over
 * an address that somebody holds, and fails when it is started.  -1: ERR_CONFLICT naming the first that is not.
 */
int listen_check_free(const char *old_conf, const char *new_conf, struct err *err);

#endif
