/* SPDX-License-Identifier: Apache-2.0 */
/* keeper/limits.h: how long a job may run: its own time, its node's lease. */
#ifndef KEEPER_LIMITS_H
#define KEEPER_LIMITS_H

#include <stdint.h>

struct keeper;

/* The job has just started: set its timers; takes over the two descriptors if it will need them. */
void limits_begin(struct keeper *keeper, int32_t at, int *out_fd, int *err_fd);

/* Look at a live job's clock, lease and logs; kills it when it is over its time.  Sets what is due. */
void limits_look(struct keeper *keeper, int32_t at, int64_t now_ms);

/* A paused job's clock stands still. */
void limits_pause(struct keeper *keeper, int32_t at, int64_t now_ms);
void limits_resume(struct keeper *keeper, int32_t at, int64_t now_ms);

#endif
