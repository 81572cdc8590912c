/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/listen_on.h: where nginx of a node listens, and under which names others know it. */
#ifndef UP_LISTEN_ON_H
#define UP_LISTEN_ON_H

#include <stdbool.h>

struct buf;

/*
 * Append nginx's "listen" lines for a node's dns parameter: the addresses of that name, "0.0.0.0" or "::" for all;
 * the loopback always.  A name nobody knows is the loopback alone, and false is returned.
 * *beyond_out: others than this machine can reach it.
 */
bool listen_lines(const char *dns, int port, bool tls, struct buf *out, bool *beyond_out);

/* The names of a node's certificate, NULL-terminated; they borrow dns and host. */
#define LISTEN_NAMES_MAX 5
void listen_names(const char *dns, const char *host, const char *names[LISTEN_NAMES_MAX + 1]);

#endif
