/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/open_home.h: the home a verb is about. */
#ifndef UP_OPEN_HOME_H
#define UP_OPEN_HOME_H

struct cli;
struct home;

/* Find it and, started by root, become its owner.  0, or -1 with the exit code (said). */
int open_home(struct cli *cli, struct home *home, int *code_out);

#endif
