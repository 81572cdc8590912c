/* SPDX-License-Identifier: Apache-2.0 */
/* base/daemon.h: what every program that stays does first and last, whatever it stays for. */
#ifndef BASE_DAEMON_H
#define BASE_DAEMON_H

#include <stdbool.h>
#include <sys/resource.h>

struct err;

/* True when we are root, which was said on standard error under the name of the program ("jqm-runner"). */
bool daemon_refuses_root(const char *program);

/* Let us open as many descriptors as the hard limit allows: how many that is. */
rlim_t daemon_raise_descriptors(void);

/* A descriptor, non-blocking, that can be read once we are told to end: SIGTERM, which must be blocked.  -1 with errno. */
int daemon_term_fd(void);

/* Write the number of our process to path, which everybody may read; NULL: nobody wants it.  0 or -1. */
int daemon_pid_write(const char *path, struct err *err);

/* Remove what daemon_pid_write() wrote; NULL: nothing. */
void daemon_pid_remove(const char *path);

#endif
