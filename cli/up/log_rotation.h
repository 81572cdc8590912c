/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/log_rotation.h: logs of programs that do not set them aside themselves (PostgreSQL, nginx): done for
 * them, as node:log_max_bytes and node:log_keep of the home say.
 */
#ifndef UP_LOG_ROTATION_H
#define UP_LOG_ROTATION_H

#include "cli/up/sup.h"

/* Read from HOME/conf/jqm.ini what holds. */
int log_rotation_init(struct sup *sup, struct err *err);

/* Set aside what has become too large, and tell whoever has it open.  ms until the next look; -1: none. */
int log_rotation_due(struct sup *sup);

#endif
